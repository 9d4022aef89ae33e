"""The settings of a directory are those of its kind: `kind` decides which. Add a kind by adding a line to each."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from connectors.belonging import Belonging
from connectors.google.settings import GoogleSettings
from connectors.graph.settings import MicrosoftSettings
from connectors.keycloak.settings import KeycloakSettings
from connectors.ldap.active_directory_settings import ActiveDirectorySettings
from connectors.ldap.ds389_settings import Ds389Settings
from connectors.ldap.settings import LdapSettings
from connectors.scim.settings import ScimSettings

LDAP_DIRECTORIES: dict[str, type[LdapSettings]] = {
    "openldap": LdapSettings,
    "active-directory": ActiveDirectorySettings,
    "389ds": Ds389Settings,
}
"""The section of the settings file for each kind of directory that speaks LDAP: they differ in little."""

OTHER_DIRECTORIES: dict[str, type[Belonging]] = {
    "google": GoogleSettings,
    "microsoft": MicrosoftSettings,
    "keycloak": KeycloakSettings,
    "scim": ScimSettings,
}
"""The same for those that speak something else, with settings of their own."""


def _kind(given: Any) -> Any:
    return given.get("kind", LdapSettings.kind) if isinstance(given, dict) else getattr(given, "kind", None)


Directory = Annotated[
    Annotated[LdapSettings, Tag("openldap")]
    | Annotated[ActiveDirectorySettings, Tag("active-directory")]
    | Annotated[Ds389Settings, Tag("389ds")]
    | Annotated[GoogleSettings, Tag("google")]
    | Annotated[MicrosoftSettings, Tag("microsoft")]
    | Annotated[KeycloakSettings, Tag("keycloak")]
    | Annotated[ScimSettings, Tag("scim")],
    Discriminator(_kind),
]
