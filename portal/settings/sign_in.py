"""Which identity providers are believed: whether their settings fit with the rest."""

from collections.abc import Container, Sequence

from connectors.oidc.settings import ProviderSettings
from portal.settings.part import ROLES


def check_providers(providers: Sequence[ProviderSettings], directories: Container[str]) -> None:
    """Raises ValueError for names that mean two things, or none."""
    if len({one.name for one in providers}) < len(providers) or len({one.issuer for one in providers}) < len(providers):
        raise ValueError("providers: each needs a name and an issuer of its own")
    for one in providers:
        if unknown := sorted(set(one.roles) - set(ROLES)):
            raise ValueError(f"providers: {one.name}: there is no role {', '.join(unknown)}")
        for named in (one.match_directory, one.groups_directory):
            if named and named not in directories:
                raise ValueError(f"providers: {one.name}: there is no directory {named}")
