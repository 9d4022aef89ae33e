"""Nothing is changed that cannot be put on record, or that nobody would sign; looking goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from portal.actions.anything_else import AnythingElse
from portal.doctor.doctor import examine
from portal.results import Pending
from portal.settings.installation import Settings
from tests.portal.site import NEW, Site
from tests.servers.people import PASSWORD

RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sealer": settings.sealer.model_copy(update={"limit_minutes": 10})})


@contextmanager
def read_only(site: Site) -> Iterator[None]:
    """The database takes no writes any more, as after a failover to a copy, or on a disk mounted read-only."""
    engine = site.parts.database.engine
    if engine.dialect.name == "sqlite":
        with _each_connection(site, "PRAGMA query_only = ON", "PRAGMA query_only = OFF"):
            yield
        return
    name = engine.url.database
    for value in ("on", "off"):
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            db.execute(text("SET default_transaction_read_only = off"))
            db.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}'))
        engine.dispose()
        if value == "on":
            yield


@contextmanager
def _each_connection(site: Site, begin: str, end: str) -> Iterator[None]:
    engine = site.parts.database.engine

    def pressed(connection: object, *_: object) -> None:
        connection.execute(begin)  # type: ignore[attr-defined]

    event.listen(engine, "connect", pressed)
    group = site.parts.database._group
    assert group
    group._drop()
    engine.dispose()
    yield
    event.remove(engine, "connect", pressed)
    group._drop()
    engine.dispose()


def test_a_database_that_is_read_only_stops_changes_and_nothing_else(site: Site) -> None:
    alice, bob = site.person(), site.person()
    resetting, looking = site.browser().recover(alice), site.browser().sign_in(bob)
    asked = resetting.page
    with read_only(site):
        resetting.send(RESET)
        assert resetting.status == 503
        assert "Nothing can be changed right now" in resetting.text
        assert site.binds(alice, PASSWORD)
        assert looking.open("/account").status == 200
        assert looking.open("/account/history").status == 200
    resetting.page = asked
    assert resetting.send(RESET).result == "done"
    assert [kind for kind, *_ in site.entries(alice)].count("password_reset") == 2


def test_being_seen_is_not_worth_a_page(site: Site, later: Callable[..., None]) -> None:
    looking = site.browser().sign_in(site.person())
    later(minutes=5)
    with read_only(site):
        assert looking.open("/account").status == 200


def test_while_nobody_seals_nothing_is_changed(site: Site, later: Callable[..., None]) -> None:
    alice = site.person()
    resetting = site.browser().recover(alice)
    later(minutes=11)
    asked = resetting.page
    resetting.send(RESET)
    assert (resetting.status, resetting.result) == (503, "failed")
    assert "could not be put on record" in resetting.text
    assert site.binds(alice, PASSWORD)
    assert "password_reset" not in {kind for kind, *_ in site.entries(alice)}
    health = site.app.test_client()
    assert health.get("/readyz").json["record"] == "not sealed"  # type: ignore[index]
    assert "sparekey_audit_unsealed_seconds 66" in health.get("/metrics").text

    assert "has signed nothing for too long" in str([finding.message for _, finding in examine(site.parts)])

    site.work()  # the sealer is back
    resetting.page = asked
    assert resetting.send(RESET).result == "done"
    assert health.get("/readyz").json["record"] == "sealed"  # type: ignore[index]


def test_the_limit_counts_from_the_first_entry_where_no_sealer_ever_ran(site: Site, later: Callable[..., None]) -> None:
    assert site.parts.sealed.late().total_seconds() == 0
    site.browser().sign_in(site.person())
    later(minutes=9)
    assert site.parts.sealed.allows_changes()
    later(minutes=2)
    assert not site.parts.sealed.allows_changes()


def test_looking_and_asking_people_go_on_meanwhile(site: Site, later: Callable[..., None]) -> None:
    bob = site.person()
    signed_in = site.browser().sign_in(bob)
    later(minutes=11)
    assert signed_in.open("/account").status == 200
    wish = AnythingElse(account_id=bob.account.id, subject="Plankton", text="?")
    assert isinstance(site.parts.desk.submit(bob.principal(at=site.clock()), wish), Pending)
