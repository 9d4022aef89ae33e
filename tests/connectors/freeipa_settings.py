"""How the tests configure the connector for the small FreeIPA."""

from connectors.freeipa import FreeIpaSettings
from tests.servers.freeipa import FreeIpaServer
from tests.servers.freeipa_realm import SERVICE, SERVICE_PASSWORD


def freeipa_settings(server: FreeIpaServer) -> FreeIpaSettings:
    """As an administrator would who followed docs/freeipa.md."""
    return FreeIpaSettings(
        name="main", urls=(server.url,), ca_file=server.ca_file, user=SERVICE, password=SERVICE_PASSWORD
    )
