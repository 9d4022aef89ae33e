"""Google Workspace by its web interfaces, as a service account to which the domain has delegated some of its rights."""

from connectors.google.directory import GoogleDirectory
from connectors.google.settings import GoogleSettings

__all__ = ["GoogleDirectory", "GoogleSettings"]
