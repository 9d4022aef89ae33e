"""Microsoft Entra ID by Microsoft Graph."""

from connectors.graph.directory import MicrosoftDirectory
from connectors.graph.settings import GraphAccess, MicrosoftSettings

__all__ = ["GraphAccess", "MicrosoftDirectory", "MicrosoftSettings"]
