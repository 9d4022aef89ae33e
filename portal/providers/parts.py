"""The identity providers of an installation, with what the portal keeps about them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connectors.oidc import Provider
from portal.database import Database
from portal.keys import Keys
from portal.providers.links import ProviderLinks
from portal.providers.questions import Questions
from portal.settings.installation import Settings


@dataclass(frozen=True, kw_only=True)
class Providers:
    by_name: dict[str, Provider]  # in the order of the settings
    links: ProviderLinks
    questions: Questions

    def get(self, name: str) -> Provider | None:
        return self.by_name.get(name)

    def of_issuer(self, issuer: str) -> Provider | None:
        return next((one for one in self.by_name.values() if one.settings.issuer == issuer), None)


def providers_of(
    settings: Settings, *, database: Database, keys: Keys, links: ProviderLinks, clock: Callable[[], datetime]
) -> Providers:
    """Asks none of them anything yet."""
    return Providers(
        by_name={one.name: Provider(one, clock) for one in settings.providers},
        links=links,
        questions=Questions(database=database, keys=keys, clock=clock),
    )
