"""The throw-away servers themselves: they start, hold what they should, stop and start again."""

from contextlib import closing

import psycopg
import pytest
import requests

from tests.servers.databases import LentDatabases
from tests.servers.ds389 import Ds389
from tests.servers.oidc import OidcProvider
from tests.servers.people import PASSWORD, State, dn_of
from tests.servers.postgres import Postgres
from tests.servers.slapd import Slapd


def test_a_fresh_directory_lets_alice_in_and_no_wrong_password(slapd_server: Slapd) -> None:
    assert slapd_server.binds(dn_of("alice"), PASSWORD)
    assert not slapd_server.binds(dn_of("alice"), "wrong")


def test_a_locked_person_is_not_let_in_until_made_anew(slapd_server: Slapd) -> None:
    login = slapd_server.person(state=State.LOCKED)
    assert not slapd_server.binds(dn_of(login), PASSWORD)
    slapd_server.person(login)
    assert slapd_server.binds(dn_of(login), PASSWORD)


def test_a_stopped_directory_starts_again_with_all_it_held(own_slapd: Slapd) -> None:
    login = own_slapd.person()
    own_slapd.stop()
    assert not own_slapd.running
    own_slapd.start()
    assert own_slapd.binds(dn_of(login), PASSWORD)


def test_a_fresh_389_directory_server_holds_the_same_people(ds389_server: Ds389) -> None:
    assert ds389_server.binds(dn_of("alice"), PASSWORD)
    assert not ds389_server.binds(dn_of("alice"), "wrong")
    login = ds389_server.person(state=State.LOCKED)
    assert not ds389_server.binds(dn_of(login), PASSWORD)
    ds389_server.person(login)
    assert ds389_server.binds(dn_of(login), PASSWORD)


def test_the_openid_provider_takes_a_portal_and_says_where_one_signs_out(oidc_provider: OidcProvider) -> None:
    said = requests.get(f"{oidc_provider.issuer}/.well-known/openid-configuration", timeout=10).json()
    assert said["end_session_endpoint"] and said["backchannel_logout_session_supported"]
    own = "http://localhost:8080"
    assert oidc_provider.client(redirect=f"{own}/back", after_sign_out=f"{own}/out", backchannel=f"{own}/ended").secret


def test_each_database_is_new_and_empty(postgres_server: Postgres, postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


@pytest.fixture
def lent(postgres_server: Postgres) -> LentDatabases:
    """Databases with one row that is there from the start, and a trigger that lets nobody delete."""
    model = postgres_server.new_database()
    with psycopg.connect(model.replace("+psycopg", "")) as connection:
        connection.execute("""
            CREATE TABLE entry (id serial PRIMARY KEY, word text);
            INSERT INTO entry (word) VALUES ('first');
            CREATE TABLE note (id serial PRIMARY KEY, entry integer REFERENCES entry);
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse();
        """)
    return LentDatabases(postgres_server, model)


def test_a_lent_database_comes_back_empty_under_another_name_whoever_is_still_connected(lent: LentDatabases) -> None:
    url = lent.lend()
    with closing(psycopg.connect(url.replace("+psycopg", ""))) as left_over:
        left_over.execute("INSERT INTO entry (word) VALUES ('second'); INSERT INTO note (entry) VALUES (2)")
        left_over.commit()
        left_over.execute("SELECT pg_advisory_lock(1)")
        lent.take_back(url)
    again = lent.lend()
    assert again != url
    with psycopg.connect(again.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT * FROM entry").fetchall() == [(1, "first")]
        assert connection.execute("INSERT INTO note (entry) VALUES (1) RETURNING id").fetchone() == (1,)


def test_a_database_whose_tables_were_changed_is_not_lent_again(lent: LentDatabases) -> None:
    url = lent.lend()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE entry DISABLE TRIGGER keep")
    lent.take_back(url)
    with (
        psycopg.connect(lent.lend().replace("+psycopg", "")) as connection,
        pytest.raises(psycopg.errors.RaiseException),
    ):
        connection.execute("DELETE FROM entry")
