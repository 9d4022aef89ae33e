"""The whole portal in this process, on a real directory and a real mail server, with a clock that tests move."""

import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.routing import Rule

from audit.keys import generate_key
from connectors.smtp import SmtpSettings
from portal.database import Database
from portal.demo.mail import Mailbag, MailSink
from portal.jobs import queue
from portal.parts import utc_now
from portal.schema import upgrade_schema
from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import RULES, MovableClock, OpenSite, Site
from tests.servers.databases import LentDatabases
from tests.servers.postgres import Postgres
from tests.servers.slapd import Slapd


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of this version, to be copied: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "portal.db"
    upgrade_schema(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(scope="session")
def lent_databases(postgres_server: Postgres) -> LentDatabases:
    """The same on PostgreSQL."""
    model = postgres_server.new_database()
    upgrade_schema(model)
    queue(model, Path())  # makes its own tables
    return LentDatabases(postgres_server, model)


@pytest.fixture
def sqlite_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """An empty SQLite database with the tables of this version, where the kind makes no difference."""
    shutil.copyfile(empty_sqlite, tmp_path / "portal.db")
    return f"sqlite:///{tmp_path / 'portal.db'}"


@pytest.fixture
def postgresql_url(lent_databases: LentDatabases) -> Iterator[str]:
    """The same on PostgreSQL."""
    url = lent_databases.lend()
    yield url
    lent_databases.take_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with the tables of this version, once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Every portal has the same addresses, and half its start is Werkzeug compiling two functions for each of them."""
    builders: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.subdomain, str(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the style sheet and the pages' code are kept from one portal to the next, as over a restart."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def state_folder(tmp_path: Path, made_once: Path) -> Path:
    """The portal's own folder."""
    folder = tmp_path / "state"
    folder.mkdir()
    for name in ("assets", "pages"):
        (made_once / name).mkdir(exist_ok=True)
        (folder / name).symlink_to(made_once / name, target_is_directory=True)
    return folder


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(utc_now())


@pytest.fixture
def mailbag(tmp_path: Path) -> Iterator[Mailbag]:
    bag = Mailbag(tmp_path / "mail.db", utc_now)
    yield bag
    bag.close()


@pytest.fixture
def sink(mailbag: Mailbag) -> Iterator[MailSink]:
    with MailSink(mailbag) as running:
        yield running


@pytest.fixture
def settings(database_url: str, slapd_server: Slapd, sink: MailSink, tmp_path: Path, state_folder: Path) -> Settings:
    """Settings as an administrator would write them for the test's own directory, database and mail server."""
    key = tmp_path / "signing.pem"
    generate_key(key)
    return Settings.model_validate(
        {
            "public_url": "http://localhost:8080",
            "organisation": {"name": "Nordvik", "phone": "55 50 10 10", "hours": "8 to 16", "place": "the library"},
            "state": state_folder,
            "database": database_url,
            "secret_key": secrets.token_hex(32),
            "audit": {"origin": "test.invalid/audit", "key": secrets.token_hex(32), "signing_key": key},
            "sealer": {"limit_minutes": 0},  # here nobody seals unless a test says so, and hours pass in no time
            "directories": (settings_for(slapd_server),),
            "mail": SmtpSettings(host="127.0.0.1", port=sink.port, security="none", sender="no-reply@example.org"),
            "roles": {
                role: (f"cn={group},{slapd_server.groups_base}",)
                for role, group in (("coordinator", "coordinators"), ("auditor", "auditors"), ("admin", "admins"))
            },
            "rules": RULES,
            "passwords": {"min_length": 12},
            "sign_in": {"failure_milliseconds": 0},
            "desk": {"mail": ("desk@example.org",)},
        }
    )


@pytest.fixture
def directory_server(slapd_server: Slapd) -> Any:
    """Where `Site.person` makes people; a module about another directory names that one here."""
    return slapd_server


@pytest.fixture
def open_site(clock: MovableClock, mailbag: Mailbag, directory_server: Any) -> Iterator[OpenSite]:
    """Opens the portal with settings of a test's own."""
    opened: list[Site] = []

    def open_site(settings: Settings) -> Site:
        opened.append(Site(settings, clock, mailbag, directory_server))
        return opened[-1]

    yield open_site
    for site in opened:
        site.close()


@pytest.fixture
def site(settings: Settings, open_site: OpenSite) -> Site:
    """The portal, and what a test needs to walk through it."""
    return open_site(settings)


@pytest.fixture
def later(clock: MovableClock) -> Callable[..., None]:
    """Let time pass: later(minutes=5)."""
    return lambda **passed: clock.move(timedelta(**passed))
