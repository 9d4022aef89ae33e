"""The OAuth client: one token for everybody, patience with whoever is busy, and honesty about lost answers."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509

from connectors.errors import Forbidden, Outage, Unavailable, Unconfirmed
from connectors.graph import MicrosoftDirectory, MicrosoftSettings
from connectors.oauth import Token, TokenFiles, TokenRefused, checked_url
from connectors.oauth.grants import JwtBearer
from connectors.wire import retry_after
from tests.connectors.microsoft_lab import certificate, directory_on, microsoft_settings
from tests.connectors.token_lab import KEY, now
from tests.servers.running import free_port
from tests.standins.http import BUSY, DROPPED, SERVER_ERROR, SLOW
from tests.standins.microsoft import MicrosoftStandin
from tests.standins.microsoft_tokens import CLIENT, SECRET

PROCESSES = 4


@pytest.fixture
def tenant() -> Iterator[MicrosoftStandin]:
    with MicrosoftStandin() as tenant:
        yield tenant


@pytest.fixture
def directory(tenant: MicrosoftStandin, tmp_path: Path) -> Iterator[MicrosoftDirectory]:
    directory = directory_on(tenant, tmp_path)
    yield directory
    directory.close()


def _find(url: dict[str, str], folder: str, login: str, times: int) -> int:
    """In a process of its own: look somebody up again and again."""
    settings = MicrosoftSettings(name="cloud", client_id=CLIENT, client_secret=SECRET, timeout=8.0, **url)
    directory = MicrosoftDirectory(settings, now, TokenFiles(Path(folder), KEY))
    return sum(directory.find(login).login == login for _ in range(times))


def test_many_processes_fetch_one_token_and_after_it_was_revoked_one_more(
    tenant: MicrosoftStandin, tmp_path: Path
) -> None:
    login = tenant.person()
    with get_context("spawn").Pool(PROCESSES) as crew:
        for expected in (1, 2):
            work = [(tenant.settings(), str(tmp_path / "tokens"), login, 3)] * PROCESSES
            assert crew.starmap(_find, work) == [3] * PROCESSES
            assert tenant.tokens.issued == expected
            tenant.tokens.revoke_all()


def test_threads_of_one_process_fetch_one_token(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    login = tenant.person()
    with ThreadPoolExecutor(8) as crew:
        assert len({account.id for account in crew.map(lambda _: directory.find(login), range(24))}) == 1
    assert tenant.tokens.issued == 1


def test_a_token_is_replaced_shortly_before_it_ends(tmp_path: Path) -> None:
    at = [datetime(2026, 11, 22, 12, tzinfo=UTC)]
    with MicrosoftStandin(lambda: at[0]) as tenant:
        directory, login = directory_on(tenant, tmp_path, lambda: at[0]), tenant.person()
        for minutes, issued in ((0, 1), (58, 1), (59, 2), (90, 2)):
            at[0] = datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(minutes=minutes)
            directory.find(login)
            assert tenant.tokens.issued == issued


def test_no_token_lies_in_clear_and_nobody_else_can_read_the_file(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, tmp_path: Path
) -> None:
    directory.find(tenant.person())
    (file,) = (tmp_path / "tokens").glob("*.token")
    value = next(iter(tenant.tokens._good))
    assert value.encode() not in file.read_bytes()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert TokenFiles(tmp_path / "tokens", bytes(32)).load("any") is None


def test_a_file_that_was_tampered_with_costs_a_new_token_and_nothing_else(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory, tmp_path: Path
) -> None:
    login = tenant.person()
    directory.find(login)
    (file,) = (tmp_path / "tokens").glob("*.token")
    for text in (b"", b"garbage", file.read_bytes()[:-4] + b"AAAA"):
        file.write_bytes(text)
        directory.find(login)
    assert tenant.tokens.issued == 4


def test_neither_tokens_nor_secrets_show_when_something_is_printed(directory: MicrosoftDirectory) -> None:
    _, key = certificate()
    grant = JwtBearer("https://x", "me", key, "1", "scope", "alice")
    shown = repr([directory.settings, directory.settings.grant(), Token("abc-token", now()), grant])
    assert SECRET not in shown and "abc-token" not in shown and "PRIVATE" not in shown


def test_somebody_busy_is_waited_for_within_the_limit(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    account = directory.find(tenant.person())
    tenant.faults.append(BUSY)
    directory.sign_out_everywhere(account)
    assert tenant.sessions[account.dn] == 0


def test_somebody_busy_for_longer_is_unavailable_and_says_until_when(
    tenant: MicrosoftStandin, directory: MicrosoftDirectory
) -> None:
    account = directory.find(tenant.person())
    tenant.faults.append(BUSY)
    tenant.retry_after = "120"
    with pytest.raises(Unavailable) as caught:
        directory.sign_out_everywhere(account)
    assert (caught.value.outage, caught.value.wait) == (Outage.BUSY, timedelta(minutes=2))
    assert tenant.sessions[account.dn] == 2


@pytest.mark.parametrize("fault", [DROPPED, SERVER_ERROR, SLOW])
def test_a_change_whose_answer_is_lost_is_unconfirmed_and_not_sent_again(
    tenant: MicrosoftStandin, tmp_path: Path, fault: str
) -> None:
    directory = directory_on(tenant, tmp_path, timeout=1.0)
    account = directory.find(tenant.person())
    tenant.faults.append(fault)
    with pytest.raises(Unconfirmed) as caught:
        directory.sign_out_everywhere(account)
    assert sum(path.endswith("revokeSignInSessions") for _, path, _, _ in tenant.requests) == 1
    assert account.login not in caught.value.detail


def test_nothing_listens_there(tenant: MicrosoftStandin, tmp_path: Path) -> None:
    directory = directory_on(tenant, tmp_path, url=f"http://127.0.0.1:{free_port()}/v1.0")
    tenant.tokens.permissions.clear()
    with pytest.raises(Unavailable):
        directory.find("alice@example.org")


def test_a_wrong_secret_is_said_once_and_not_tried_again_at_once(tenant: MicrosoftStandin, tmp_path: Path) -> None:
    directory = directory_on(tenant, tmp_path, client_secret="wrong")
    for _ in range(3):
        with pytest.raises(TokenRefused) as caught:
            directory.find("alice@example.org")
        assert caught.value.outage is Outage.PORTAL_REFUSED
        assert (caught.value.error, "7000215" in caught.value.description) == ("invalid_client", True)
    assert len(tenant.requests) == 1


def test_a_busy_token_endpoint_is_worth_another_try(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    tenant.tokens.busy = True
    with pytest.raises(Unavailable) as caught:
        directory.find("alice@example.org")
    assert caught.value.outage is Outage.BUSY
    tenant.tokens.busy = False
    assert directory.find(tenant.person())


def test_a_certificate_lets_in_without_any_secret_on_the_way(tenant: MicrosoftStandin, tmp_path: Path) -> None:
    pem, key = certificate()
    tenant.tokens.certificate = x509.load_pem_x509_certificate(pem.encode())
    directory = directory_on(tenant, tmp_path, certificate=pem, private_key=key)
    assert directory.find(tenant.person())
    other, other_key = certificate()
    with pytest.raises(TokenRefused, match="700027"):
        directory_on(tenant, tmp_path / "b", certificate=other, private_key=other_key).find("alice@example.org")


def test_a_next_page_in_another_place_is_not_followed(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    directory.find(tenant.person())
    with pytest.raises(Unavailable, match="another place"):
        directory._api.get("https://attacker.example/v1.0/users")
    with pytest.raises(Unavailable, match="another place"):
        directory._api.get(f"{tenant.url}.attacker.example/v1.0/users")


def test_a_redirect_is_not_followed(tenant: MicrosoftStandin, directory: MicrosoftDirectory) -> None:
    with pytest.raises(Forbidden, match="redirected"):
        directory._api.get("reports/getMailboxUsageDetail(period='D7')")


def test_whoever_waits_for_a_token_that_another_fetches_gives_up_in_time(tmp_path: Path) -> None:
    store, inside, done = TokenFiles(tmp_path / "t", KEY), threading.Event(), threading.Event()

    def hold() -> None:
        with store.locked("key", 1):
            inside.set()
            done.wait(5)

    threading.Thread(target=hold, daemon=True).start()
    inside.wait(5)
    with pytest.raises(Unavailable, match="too long"), store.locked("key", 0.1):
        pass
    done.set()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("-3", 0),
        ("86400", 900),  # nobody is left alone for a day
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("soon", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_both_forms_of_retry_after_are_understood(value: str, seconds: int | None) -> None:
    wait = retry_after({"Retry-After": value}, datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("url", ["http://graph.example.org", "ftp://x", "https://", "https://a@b/c", "graph"])
def test_an_address_that_would_send_the_token_in_clear_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        checked_url("url", url)


def test_settings_say_what_is_missing(tenant: MicrosoftStandin) -> None:
    pem, key = certificate()
    for different, words in (
        ({"client_secret": ""}, "client_secret, or certificate"),
        ({"certificate": pem, "private_key": key, "client_secret": "x"}, "not both"),
        ({"certificate": pem, "private_key": "no key", "client_secret": ""}, "private_key"),
        ({"tenant": "a/b"}, "tenant"),
        ({"without": ("passwords",)}, "without"),
        ({"name": "a:b"}, "name"),
    ):
        with pytest.raises(ValueError, match=words):
            microsoft_settings(tenant, **different)
