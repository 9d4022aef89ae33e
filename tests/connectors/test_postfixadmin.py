"""PostfixAdmin's connector on a real PostgreSQL, as a user with no more rights than the manual gives."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from connectors.account import Account
from connectors.capabilities import Severity
from connectors.errors import AccountNotFound, Forbidden, Obstacle, Refusal, Refused, Unavailable
from connectors.mailbox import AutoReply, Forward, Forwards, Quota, SetsAutoReply, SetsQuota
from connectors.mailboxes.postfixadmin import PostfixAdmin
from connectors.mailboxes.postfixadmin_database import PostfixAdminSettings
from portal.parts import utc_now
from tests.servers.postgres import Postgres
from tests.servers.running import free_port

GIB = 1024**3
AWAY = AutoReply(subject="Away: Bcc: me", text="Back soon.\n", ends=datetime(2026, 12, 9, tzinfo=UTC), days=3)
TABLES = """
CREATE TABLE mailbox (username text PRIMARY KEY, password text NOT NULL DEFAULT '', name text NOT NULL DEFAULT '',
  quota bigint NOT NULL DEFAULT 0, active boolean NOT NULL DEFAULT true, modified timestamptz DEFAULT now());
CREATE TABLE alias (address text PRIMARY KEY, goto text NOT NULL, domain text NOT NULL,
  created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), active boolean NOT NULL DEFAULT true);
CREATE TABLE quota2 (username text PRIMARY KEY, bytes bigint NOT NULL DEFAULT 0, messages integer NOT NULL DEFAULT 0);
CREATE TABLE vacation (email text PRIMARY KEY, subject text NOT NULL, body text NOT NULL, cache text NOT NULL
  DEFAULT '', domain text NOT NULL, created timestamptz DEFAULT now(), active boolean NOT NULL DEFAULT true,
  activefrom timestamptz DEFAULT '2000-01-01', activeuntil timestamptz DEFAULT '2038-01-18',
  interval_time integer NOT NULL DEFAULT 0, modified timestamptz DEFAULT now());
CREATE TABLE vacation_notification (on_vacation text REFERENCES vacation (email) ON DELETE CASCADE, notified text,
  notified_at timestamptz DEFAULT now(), PRIMARY KEY (on_vacation, notified));
"""
MANUAL = (Path(__file__).parents[2] / "docs/mailboxes.md").read_text().partition("<!-- postfixadmin -->")[2]
GRANTS = [line for line in MANUAL.partition("```\n")[0].splitlines() if line.startswith("GRANT")]


class Site:
    """One database of PostfixAdmin, and the portal's user there."""

    def __init__(self, server: Postgres) -> None:
        self.server, self.url, self.user = server, server.new_database(), f"portal_{secrets.token_hex(4)}"
        self.engine: Engine = create_engine(self.url, poolclass=NullPool)
        self.run(f"{TABLES}\nCREATE ROLE {self.user} LOGIN")
        self.grant()
        self.portal_url = self.url.replace("postgres@", f"{self.user}@")

    def run(self, statements: str) -> None:
        with self.engine.begin() as db:
            for one in filter(str.strip, statements.split(";")):
                db.execute(text(one))

    def grant(self) -> None:
        assert len(GRANTS) == 4
        self.run("\n".join(line.replace("TO portal", f"TO {self.user}") for line in GRANTS))

    def goto(self, address: str) -> str:
        with self.engine.connect() as db:
            return str(db.execute(text("SELECT goto FROM alias WHERE address = :a"), {"a": address}).scalar())

    def person(self, *, quota: int = GIB, used: int = 5) -> Account:
        login = secrets.token_hex(4)
        address = f"{login}@pfa.test"
        self.run(f"INSERT INTO mailbox (username, quota) VALUES ('{address}', {quota})")
        self.run(f"INSERT INTO alias (address, goto, domain) VALUES ('{address}', '{address}', 'pfa.test')")
        self.run(f"INSERT INTO quota2 (username, bytes) VALUES ('{address}', {used})")
        return Account(id=f"d:{login}", directory="d", dn=login, login=login, name=login, mail=address)

    def connector(self, **more: str) -> PostfixAdmin:
        settings = {"database": self.portal_url, "vacation_domain": "autoreply.pfa.test"} | more
        return PostfixAdmin(PostfixAdminSettings(name="pfa", timeout=2, **settings), utc_now)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(postgres_server: Postgres) -> Iterator[Site]:
    made = Site(postgres_server)
    yield made
    postgres_server.drop_database(made.url)
    with create_engine(postgres_server.url(), poolclass=NullPool).connect() as db:
        db.execute(text(f"DROP ROLE {made.user}"))
        db.commit()


def test_forwards_with_and_without_a_copy(site: Site) -> None:
    person, post = site.person(), site.connector()
    mine = person.mail or ""
    post.add_forward(person, Forward(target="home@else.test"))
    assert site.goto(mine) == f"{mine},home@else.test"
    post.add_forward(person, Forward(target="Home@else.test", keep_copy=False))
    assert site.goto(mine) == "Home@else.test"
    assert post.read_mailbox(person).forwards == (Forward(target="Home@else.test", keep_copy=False),)
    post.remove_forward(person, "home@ELSE.test")
    assert site.goto(mine) == mine  # not nowhere
    post.remove_forward(person, mine)
    assert site.goto(mine) == mine


def test_an_auto_reply_is_read_back_as_it_was_set_and_leaves_no_trace(site: Site) -> None:
    person, post = site.person(), site.connector()
    mine = person.mail or ""
    post.add_forward(person, Forward(target="home@else.test"))
    post.set_auto_reply(person, AWAY)
    assert site.goto(mine) == f"{mine},home@else.test,{mine.replace('@', '#')}@autoreply.pfa.test"
    seen = post.read_mailbox(person)
    assert seen.auto_reply == AutoReply(subject="Away: Bcc: me", text="Back soon.", ends=AWAY.ends, days=3)
    assert [one.target for one in seen.forwards] == ["home@else.test"]
    site.run(f"INSERT INTO vacation_notification VALUES ('{mine}', 'bob@else.test')")
    post.set_auto_reply(person, AutoReply(subject="Two\nlines", text="Now\r\nmore"))
    assert (seen := post.read_mailbox(person).auto_reply) is not None
    assert (seen.subject, seen.text, seen.starts, seen.ends) == ("Two lines", "Now\nmore", None, None)
    post.set_auto_reply(person, None)
    assert site.goto(mine) == f"{mine},home@else.test"
    assert post.read_mailbox(person).auto_reply is None
    with site.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM vacation_notification")).scalar() == 0


def test_without_a_domain_for_it_no_auto_reply_is_offered(site: Site) -> None:
    assert site.connector().offers(SetsAutoReply)
    assert not site.connector(vacation_domain="").offers(SetsAutoReply)


def test_addresses_come_and_go_and_nobody_takes_anothers(site: Site) -> None:
    person, other, post = site.person(), site.person(), site.connector()
    alias = f"a.{person.login}@pfa.test"
    post.add_alias(person, alias)
    post.add_alias(person, alias)
    assert post.read_mailbox(person).aliases == (alias,)
    for taken in (alias, person.mail or ""):
        with pytest.raises(Refused) as caught:
            post.add_alias(other, taken)
        assert caught.value.refusal is Refusal.ADDRESS_TAKEN
    site.run(f"UPDATE alias SET goto = '{person.mail},{other.mail}' WHERE address = '{alias}'")
    post.remove_alias(person, alias)
    assert site.goto(alias) == other.mail
    post.remove_alias(other, alias)
    post.remove_alias(other, other.mail or "")
    assert post.read_mailbox(other).aliases == ()
    assert site.goto(other.mail or "") == other.mail


def test_an_address_that_only_holds_this_one_is_no_alias(site: Site) -> None:
    person = site.person()
    site.run(f"INSERT INTO alias (address, goto, domain) VALUES ('l{person.login}@pfa.test', 'x{person.mail}', 'p')")
    assert site.connector().read_mailbox(person).aliases == ()


def test_how_full_and_more_room(site: Site) -> None:
    person, post = site.person(used=7), site.connector()
    post.set_quota(person, 2 * GIB)
    assert post.read_mailbox(person).quota == Quota(used=7, limit=2 * GIB)
    assert dict(post.fullness())[person.mail or ""] == Quota(used=7, limit=2 * GIB)


def test_who_has_no_mailbox_there_is_not_found(site: Site) -> None:
    nobody = Account(id="d:n", directory="d", dn="n", login="n", name="n", mail="nobody@pfa.test")
    for ask in (site.connector().read_mailbox, lambda a: site.connector().add_alias(a, "x@pfa.test")):
        with pytest.raises(AccountNotFound):
            ask(nobody)


def test_the_doctor_names_the_missing_right_and_it_is_really_missing(site: Site) -> None:
    person, post = site.person(), site.connector()
    [good] = post.examine()
    assert good.severity is Severity.OK
    site.run(f"REVOKE UPDATE ON mailbox FROM {site.user}; REVOKE DELETE ON alias FROM {site.user}")
    try:
        faults = list(post.examine())
        with pytest.raises(Forbidden) as caught:
            post.set_quota(person, GIB)
    finally:
        site.grant()
    assert {found.severity for found in faults} == {Severity.FAULT}
    assert [(Forwards in f.stops, SetsQuota in f.stops) for f in faults] == [(True, False), (False, True)]
    assert "ON alias TO" in faults[0].remedy
    assert caught.value.obstacle is Obstacle.NO_RIGHT


def test_a_database_that_is_not_there_is_unavailable(site: Site) -> None:
    gone = site.connector(database=f"postgresql+psycopg://portal@127.0.0.1:{free_port()}/postfix")
    with pytest.raises(Unavailable):
        gone.read_mailbox(site.person())
    with pytest.raises(ValueError, match="database"):
        site.connector(database="no address")
