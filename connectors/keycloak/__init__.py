"""A realm of Keycloak by its Admin REST API (keycloak.org/docs-api/latest/rest-api)."""

from connectors.keycloak.directory import KeycloakDirectory
from connectors.keycloak.settings import KeycloakSettings

__all__ = ["KeycloakDirectory", "KeycloakSettings"]
