"""FreeIPA by its JSON-RPC: the same commands as its own command line."""

from connectors.freeipa.directory import FreeIpa
from connectors.freeipa.settings import FreeIpaSettings

__all__ = ["FreeIpa", "FreeIpaSettings"]
