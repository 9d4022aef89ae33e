"""The portal with identity providers that lie when they are told to."""

from collections.abc import Callable, Iterator

import pytest

from portal.settings.installation import Settings
from tests.portal.providers.visit import METADATA, Visit, known_as
from tests.portal.site import MovableClock, Person, Site
from tests.standins.hostile_provider import HostileProvider


@pytest.fixture
def liar(clock: MovableClock) -> Iterator[HostileProvider]:
    with HostileProvider(clock, METADATA) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, liar: HostileProvider) -> Settings:
    return settings.model_copy(update={"providers": known_as(liar)})


@pytest.fixture
def visit(site: Site, liar: HostileProvider) -> Callable[[], Visit]:
    numbers = iter(range(1, 250))
    return lambda: Visit(site, liar, site.browser(), next(numbers))


@pytest.fixture
def alice(site: Site) -> Person:
    """Linked with whoever has her name at each of the providers."""
    alice = site.person()
    with site.parts.database.write() as tx:
        links = site.parts.providers.links.within(tx)
        for provider in site.settings.providers:
            links.link_provider(alice.account, provider.issuer, alice.login, alice.login)
    return alice
