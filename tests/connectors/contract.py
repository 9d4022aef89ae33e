"""What every directory must do, whatever server is behind it.

A subclass provides three fixtures:

- `settings`: the LdapSettings of a directory that is up, with StartTLS on an ldap:// address of 127.0.0.1, under a
  default policy of at least 10 characters, 5 old passwords remembered, locked after 5 failures;
- `people`: an object with `password`, everybody's password at the start; `person(login="", *, state=State.ORDINARY,
  **attributes)`, which makes a fresh person in a state, or an existing one anew, and returns the login; and
  `put(dn, attributes)` for entries of another shape;
- `other_ca_file`: the certificate of an authority that did not sign the server's.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from connectors.account import Account, PasswordCheck
from connectors.account import PasswordVerdict as Verdict
from connectors.errors import AccountAmbiguous, AccountNotFound, Refusal, Refused
from connectors.ldap import LdapDirectory, LdapSettings
from tests.servers.people import State
from tests.servers.proxy import Proxy

NEW = "A-new-passw0rd-2"
NEWER = "A-newer-passw0rd-3"


class People(Protocol):
    """Makes people in the directory under test, without the connector."""

    password: str

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str: ...

    def put(self, dn: str, attributes: dict[str, str | list[str]]) -> None: ...


class DirectoryContract:
    """Subclass it and provide the fixtures named on top."""

    @pytest.fixture
    def clock(self) -> Callable[[], datetime]:
        return lambda: datetime.now(UTC)

    @pytest.fixture
    def directory(self, settings: LdapSettings, clock: Callable[[], datetime]) -> Iterator[LdapDirectory]:
        directory = LdapDirectory(settings, clock)
        yield directory
        directory.close()

    @pytest.fixture
    def through_proxy(
        self, settings: LdapSettings, clock: Callable[[], datetime], proxy_to: Callable[[int], Proxy]
    ) -> tuple[LdapDirectory, Proxy]:
        """The same directory behind a proxy that can cut and swallow, with short time limits."""
        proxy = proxy_to(urlsplit(settings.urls[0]).port or 389)
        url = f"ldap://127.0.0.1:{proxy.port}"
        quick = replace(settings, urls=(url,), connect_timeout=0.5, receive_timeout=0.5)
        return LdapDirectory(quick, clock), proxy

    # --- finding -------------------------------------------------------------------------------------------------

    def test_somebody_is_found_by_login_and_by_mail_address(self, directory: LdapDirectory, people: People) -> None:
        login = people.person()
        found = directory.find(login)
        assert found.login == login
        assert directory.find(f"{login}@example.org") == found
        assert directory.read(found.id) == found

    def test_an_account_carries_what_the_entry_says(self, directory: LdapDirectory, people: People) -> None:
        login = people.person(preferredLanguage="nb", employeeType="contractor", departmentNumber="42")
        account = directory.find(login)
        assert (account.mail, account.recovery_mail) == (f"{login}@example.org", (f"{login}@elsewhere.test",))
        assert (account.language, account.kind, account.unit) == ("nb", "contractor", "42")
        assert account.id.startswith(f"{directory.settings.name}:")

    def test_somebody_without_mail_is_found_and_has_none(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(mail="", mailAlternateAddress=""))
        assert (account.mail, account.recovery_mail) == (None, ())

    @pytest.mark.parametrize(
        "claim",
        ["nobody-by-that-name", "", " ", "*", "a*", "u(", ")(uid=*", "*)(objectClass=*", "a\0b", "x" * 257, "\\2a",
         "uid=alice,dc=x", "a,b=c+d\"<>;", "\ud800", "ø", "alice)(|(uid=*"],
    )  # fmt: skip
    def test_a_name_that_is_none_finds_nobody(self, directory: LdapDirectory, people: People, claim: str) -> None:
        people.person()
        with pytest.raises(AccountNotFound):
            directory.find(claim)

    def test_two_people_with_one_address_are_not_guessed_between(
        self, directory: LdapDirectory, people: People
    ) -> None:
        first = people.person()
        people.person(mail=f"{first}@example.org")
        with pytest.raises(AccountAmbiguous):
            directory.find(f"{first}@example.org")

    @pytest.mark.parametrize("account_id", ["", "x", "main:", "other:1", "main:*", "main:*)(uid=*"])
    def test_an_id_that_is_none_reads_nobody(self, directory: LdapDirectory, account_id: str) -> None:
        with pytest.raises(AccountNotFound):
            directory.read(account_id.replace("main", directory.settings.name))

    def test_names_beyond_ascii_come_through(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person(cn="李 小龍", sn="李", givenName="小龍"))
        assert (account.name, account.given_name) == ("李 小龍", "小龍")

    # --- passwords -----------------------------------------------------------------------------------------------

    def test_the_right_password_is_right_and_another_is_wrong(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        assert directory.check_password(account, people.password) == PasswordCheck(verdict=Verdict.RIGHT)
        assert directory.check_password(account, people.password + "x").verdict is Verdict.WRONG

    @pytest.mark.parametrize("password", ["", "\0", "Passw0rd-of-old-1\0", "\ud800"])
    def test_an_empty_or_unsendable_password_proves_nothing(
        self, directory: LdapDirectory, people: People, password: str
    ) -> None:
        account = directory.find(people.person())
        assert directory.check_password(account, password).verdict is Verdict.WRONG

    def test_after_a_reset_the_new_password_works_and_the_old_does_not(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT
        assert directory.check_password(account, people.password).verdict is Verdict.WRONG

    @pytest.mark.parametrize(
        "password", ["pässwörd-ø-李小龍", "with spaces  inside ", "quote\"s'n\\slashes", "x" * 128]
    )
    def test_a_password_is_stored_as_it_was_typed(
        self, directory: LdapDirectory, people: People, password: str
    ) -> None:
        account = directory.find(people.person())
        directory.set_password(account, password)
        assert directory.check_password(account, password).verdict is Verdict.RIGHT
        assert directory.check_password(account, password.strip() + "!").verdict is Verdict.WRONG

    def test_an_own_change_with_the_old_password_works(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT
        assert directory.check_password(account, people.password).verdict is Verdict.WRONG

    @pytest.mark.parametrize("old", ["not-the-old-one", "", "\0"])
    def test_an_own_change_with_a_wrong_old_password_changes_nothing(
        self, directory: LdapDirectory, people: People, old: str
    ) -> None:
        account = directory.find(people.person())
        assert _refusal(lambda: directory.change_password(account, old, NEW)) is Refusal.WRONG_PASSWORD
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    @pytest.mark.parametrize(
        ("new", "refusal"),
        [("short", Refusal.TOO_SHORT), ("", Refusal.TOO_SHORT), ("has-a-nul-\0-in-it", Refusal.POLICY)],
    )
    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_a_refused_password_leaves_the_old_one_working(
        self, directory: LdapDirectory, people: People, new: str, refusal: Refusal, by: str
    ) -> None:
        account = directory.find(people.person())
        assert _refusal(lambda: _change(directory, account, people.password, new, by)) is refusal
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    @pytest.mark.parametrize("by", ["reset", "own change"])
    def test_an_earlier_password_is_refused_as_such(self, directory: LdapDirectory, people: People, by: str) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)
        assert _refusal(lambda: _change(directory, account, NEW, people.password, by)) is Refusal.IN_HISTORY
        assert _refusal(lambda: _change(directory, account, NEW, NEW, by)) in (
            Refusal.SAME_AS_NOW,
            Refusal.IN_HISTORY,
        )
        assert directory.check_password(account, NEW).verdict is Verdict.RIGHT

    def test_somebody_gone_since_found_is_not_found(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        gone = replace(account, dn=account.dn.replace(account.login, f"{account.login}-gone"))
        with pytest.raises(AccountNotFound):
            directory.set_password(gone, NEW)

    def test_the_rules_are_told_before_anybody_types(self, directory: LdapDirectory, people: People) -> None:
        rules = directory.password_rules(directory.find(people.person()))
        assert (rules.min_length, rules.history, rules.possible_from) == (10, 5, None)
        assert rules.own_change_allowed

    # --- states --------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("state", "verdict"),
        [
            (State.LOCKED, Verdict.LOCKED),
            (State.DISABLED, Verdict.DISABLED),
            (State.MUST_CHANGE, Verdict.MUST_CHANGE),
            (State.EXPIRED, Verdict.EXPIRED),
            (State.ENDED, Verdict.ENDED),
        ],
    )
    def test_the_right_password_of_somebody_in_trouble_tells_the_trouble(
        self, directory: LdapDirectory, people: People, state: State, verdict: Verdict
    ) -> None:
        account = directory.find(people.person(state=state))
        assert directory.check_password(account, people.password).verdict is verdict

    def test_the_state_says_what_is_the_matter(self, directory: LdapDirectory, people: People) -> None:
        states = {state: directory.find(people.person(state=state)).state for state in State.__members__.values()
                  if state in (State.ORDINARY, State.LOCKED, State.DISABLED, State.MUST_CHANGE, State.ENDED)}  # fmt: skip
        assert [s for s, state in states.items() if state.locked_at] == [State.LOCKED]
        assert [s for s, state in states.items() if state.disabled] == [State.DISABLED]
        assert [s for s, state in states.items() if state.must_change] == [State.MUST_CHANGE]
        assert [s for s, state in states.items() if state.ended] == [State.ENDED]

    def test_an_expired_password_has_its_date(self, directory: LdapDirectory, people: People) -> None:
        expires = directory.find(people.person(state=State.EXPIRED)).state.password_expires_at
        assert expires is not None and expires < datetime.now(UTC)

    def test_five_wrong_passwords_lock_and_an_unlock_lets_in_again(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        for _ in range(5):
            directory.check_password(account, "wrong")
        assert directory.check_password(account, people.password).verdict is Verdict.LOCKED
        locked_at = directory.read(account.id).state.locked_at
        assert locked_at is not None and datetime.now(UTC) - locked_at < timedelta(minutes=1)
        directory.unlock_account(directory.read(account.id))
        assert directory.read(account.id).state.locked_at is None
        assert directory.check_password(account, people.password).verdict is Verdict.RIGHT

    def test_unlocking_somebody_who_is_not_locked_changes_nothing(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person())
        directory.unlock_account(account)
        assert directory.read(account.id) == account

    @pytest.mark.parametrize("state", [State.LOCKED, State.MUST_CHANGE, State.EXPIRED])
    def test_a_reset_is_all_that_somebody_in_trouble_needs(
        self, directory: LdapDirectory, people: People, state: State
    ) -> None:
        account = directory.find(people.person(state=state))
        directory.set_password(account, NEW)
        assert directory.check_password(directory.read(account.id), NEW).verdict is Verdict.RIGHT
        after = directory.read(account.id).state
        assert (after.locked_at, after.must_change, after.disabled) == (None, False, False)

    @pytest.mark.parametrize("state", [State.MUST_CHANGE, State.EXPIRED])
    def test_an_own_change_works_with_a_password_that_must_be_changed(
        self, directory: LdapDirectory, people: People, state: State
    ) -> None:
        account = directory.find(people.person(state=state))
        assert _refusal(lambda: directory.change_password(account, "wrong", NEW)) is Refusal.WRONG_PASSWORD
        directory.change_password(account, people.password, NEW)
        assert directory.check_password(directory.read(account.id), NEW).verdict is Verdict.RIGHT

    @pytest.mark.parametrize(
        ("state", "refusal"),
        [(State.LOCKED, Refusal.LOCKED), (State.DISABLED, Refusal.DISABLED), (State.ENDED, Refusal.ENDED)],
    )
    def test_an_own_change_is_refused_to_whoever_may_not_sign_in(
        self, directory: LdapDirectory, people: People, state: State, refusal: Refusal
    ) -> None:
        account = directory.find(people.person(state=state))
        assert _refusal(lambda: directory.change_password(account, people.password, NEW)) is refusal

    def test_neither_a_reset_nor_an_unlock_undoes_what_an_administrator_disabled(
        self, directory: LdapDirectory, people: People
    ) -> None:
        account = directory.find(people.person(state=State.DISABLED))
        assert _refusal(lambda: directory.set_password(account, NEW)) is Refusal.DISABLED
        assert _refusal(lambda: directory.unlock_account(account)) is Refusal.DISABLED
        assert directory.read(account.id).state.disabled

    def test_a_disabled_account_lets_nobody_in(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.disable_account(account)
        assert directory.read(account.id).state.disabled
        assert directory.check_password(directory.read(account.id), people.password).verdict is Verdict.DISABLED

    def test_each_write_makes_a_new_revision(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        revisions = [account.state.revision]
        for write in (
            lambda: directory.set_password(account, NEW),
            lambda: directory.change_password(account, NEW, NEWER),
            lambda: directory.disable_account(account),
        ):
            write()
            revisions.append(directory.read(account.id).state.revision)
        assert len(set(revisions)) == 4

    def test_a_change_moves_the_date_of_the_password(self, directory: LdapDirectory, people: People) -> None:
        account = directory.find(people.person())
        directory.set_password(account, NEW)
        changed_at = directory.read(account.id).state.password_changed_at
        assert changed_at is not None
        assert timedelta(seconds=-2) < datetime.now(UTC) - changed_at < timedelta(minutes=1)


def _refusal(attempt: Callable[[], None]) -> Refusal:
    with pytest.raises(Refused) as caught:
        attempt()
    return caught.value.refusal


def _change(directory: LdapDirectory, account: Account, old: str, new: str, by: str) -> None:
    if by == "reset":
        directory.set_password(account, new)
    else:
        directory.change_password(account, old, new)
