"""Two directories behind one portal: who is meant is settled by proofs, never guessed, and told to no stranger."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from audit import reading
from connectors.account import Account
from connectors.capabilities import SetsPassword
from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for
from tests.portal.site import NEW, Browser, Person, Site
from tests.servers.people import PASSWORD, State
from tests.servers.slapd import Slapd

OTHER = "Another-passw0rd-7"
RESET = {"new_password": NEW, "new_password_again": NEW}


@pytest.fixture
def settings(settings: Settings, slapd_server: Slapd, own_slapd: Slapd) -> Settings:
    """The staff's directory is the run's; the students' can be stopped."""
    staff = replace(settings_for(slapd_server), name="staff", label="Staff", realms=("NORDVIK",))
    students = replace(
        settings_for(own_slapd), name="students", label={"en": "Students", "nb": "Studenter"},
        mail_domains=("students.test",), realms=("stud.test",),
    )  # fmt: skip
    return settings.model_copy(update={"directories": (staff, students)})


@pytest.fixture
def students(own_slapd: Slapd) -> Iterator[Slapd]:
    """Their server, running again for the next test."""
    yield own_slapd
    if not own_slapd.running:
        own_slapd.start()


def namesake(site: Site, students: Slapd, password: str, **attributes: str) -> tuple[Person, Person]:
    """One name, two accounts: of the staff with the usual password, of the students with this one."""
    employee = site.person()
    students.person(employee.login, userPassword=password, **attributes)
    account = site.parts.accounts.find(f"students\\{employee.login}")
    return employee, Person(employee.login, account, _enrol(site, account))


def _enrol(site: Site, account: Account) -> str:
    own = site.parts.own_factors
    with site.parts.database.write() as tx:
        factor_id, secret = own.begin_totp(tx, account.id, "Phone")
        own.within(tx).confirm_factor(account, factor_id)
    return secret


def signed_in_as(browser: Browser) -> str:
    with browser.client.session_transaction() as session:
        return str(session["principal"]["account_id"])


def test_the_password_decides_which_of_two_namesakes_it_is(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, OTHER)
    for person, password in ((employee, PASSWORD), (student, OTHER)):
        browser = site.browser().sign_in(person, password)
        assert browser.path == "/account"
        assert signed_in_as(browser) == person.account.id
    assert ("login", "record", "failure", "wrong") not in site.entries(employee) + site.entries(student)


def test_one_password_for_both_is_asked_about_after_it_was_right(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, PASSWORD)
    browser = site.browser().sign_in(employee)
    assert browser.path == "/sign-in/which"
    assert [text in browser.text for text in ("Staff", "Students")] == [True, True]
    assert browser.send({}).status == 422
    browser.send({"account": student.account.id})
    assert browser.path == "/account"
    assert signed_in_as(browser) == student.account.id
    assert site.entries(employee) == []
    assert browser.open("/sign-in/which").path == "/account"


def test_a_password_changed_before_the_choice_lets_nobody_in_by_the_old_one(site: Site, students: Slapd) -> None:
    employee, _student = namesake(site, students, PASSWORD)
    browser = site.browser().sign_in(employee)
    assert browser.path == "/sign-in/which"
    directory = site.parts.connectors.able_to(SetsPassword, employee.account)
    assert directory
    directory.set_password(employee.account, NEW)
    browser.send({"account": employee.account.id})
    assert browser.path == "/sign-in"


def test_an_account_that_was_not_proved_cannot_be_chosen(site: Site, students: Slapd) -> None:
    employee, _ = namesake(site, students, PASSWORD)
    browser = site.browser().sign_in(employee)
    assert browser.send({"account": site.person().account.id}).status == 422
    assert browser.open("/account").path == "/sign-in"


def test_the_choice_waits_ten_minutes(site: Site, students: Slapd, later: Callable[..., None]) -> None:
    employee, student = namesake(site, students, PASSWORD)
    browser = site.browser().sign_in(employee)
    later(minutes=11)
    assert browser.send({"account": student.account.id}).path == "/sign-in"


def test_an_account_that_was_switched_off_meanwhile_is_not_let_in(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, PASSWORD)
    browser = site.browser().sign_in(employee)
    students.replace(student.account.dn, {"pwdAccountLockedTime": "000001010000Z"})
    assert browser.send({"account": student.account.id}).path == "/sign-in"


def test_the_chosen_account_may_have_to_change_its_password_first(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, PASSWORD)
    students.replace(student.account.dn, {"pwdReset": "TRUE"})
    browser = site.browser().sign_in(employee).send({"account": student.account.id})
    assert browser.path == "/sign-in/expired"
    assert browser.send({"password": PASSWORD, **RESET}).path == "/account"
    assert students.binds(student.account.dn, NEW)
    assert site.binds(employee, PASSWORD)


def test_right_passwords_of_one_do_not_lock_the_other_out(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, OTHER)
    for _ in range(6):  # the directory locks after five
        assert site.browser().sign_in(employee).path == "/account"
        assert site.browser().sign_in(student, OTHER).path == "/account"
    for server, person in ((site.directory, employee), (students, student)):
        assert len(server.entry(person.account.dn).get("pwdFailureTime", [])) <= 1


@pytest.mark.parametrize("form", ["NORDVIK\\{}", "nordvik\\{}", "staff\\{}"])
def test_a_name_that_says_where_it_belongs_needs_no_other_directory(site: Site, students: Slapd, form: str) -> None:
    alice = site.person()
    students.stop()
    browser = site.browser().open("/sign-in").send({"login": form.format(alice.login), "password": PASSWORD})
    assert browser.path == "/account"
    assert browser.open("/sign-in").path == "/account"


@pytest.mark.parametrize("form", ["students\\{}", "{}@stud.test", "{}@students.test"])
def test_each_form_of_a_students_name_is_looked_for_where_it_belongs(site: Site, students: Slapd, form: str) -> None:
    login = students.person()
    students.replace(f"uid={login},{students.people_base}", {"mail": f"{login}@students.test"})
    browser = site.browser().open("/sign-in").send({"login": form.format(login), "password": PASSWORD})
    assert browser.path == "/account"
    assert signed_in_as(browser).startswith("students:")


def test_people_of_one_directory_are_served_while_the_other_is_down(site: Site, students: Slapd) -> None:
    alice = site.person()
    students.stop()
    assert site.browser().sign_in(alice).path == "/account"
    browser = site.browser().recover(alice)
    assert browser.send(RESET).result == "done"
    assert site.binds(alice, NEW)


def test_who_may_be_in_the_directory_that_is_down_is_told_so_whoever_it_is(site: Site, students: Slapd) -> None:
    alice = site.person()
    students.stop()
    pages = set()
    for login in (alice.login, f"{alice.login}x"):
        assert site.browser().open("/sign-in").send({"login": login, "password": "wrong"}).status == 503
        browser = site.browser().open("/recover").send({"login": login})
        site.work()
        browser.send({"factor": "totp"}).send({"code": "000000"})
        assert (browser.status, browser.result) == (503, "failed")
        pages.add(browser.text)
    assert len(pages) == 1
    assert browser.send(form=0).result == "pending"


def test_wrong_passwords_count_while_the_other_directory_is_down(site: Site, students: Slapd) -> None:
    alice = site.person(pwdPolicySubentry=f"cn=services,ou=policies,{site.directory.base}")
    students.stop()
    statuses = [
        site.browser().open("/sign-in").send({"login": alice.login, "password": "wrong"}).status for _ in range(11)
    ]
    assert statuses == [503] * 10 + [429]


def test_a_walk_goes_on_when_the_other_directory_is_back(site: Site, students: Slapd) -> None:
    _, student = namesake(site, students, OTHER)
    students.stop()
    browser = site.browser().open("/recover").send({"login": student.login})
    site.work()
    browser.send({"factor": "totp"}).send({"code": site.totp(student)})
    assert browser.status == 503
    students.start()
    site.clock.move(timedelta(minutes=2))
    site.work()
    browser.open("/recover/choose").send({"factor": "totp"}).send({"code": site.totp(student)})
    assert browser.step == "choose"
    assert "Proved" in browser.text


def test_in_the_way_back_in_the_proof_decides(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, OTHER)
    browser = site.browser().open("/recover").send({"login": student.login})
    site.work()
    browser.send({"factor": "totp"}).send({"code": site.totp(student)})
    browser.send({"factor": "recovery_code"}).send({"code": employee.codes[0]})  # of the other account
    assert browser.status == 422
    browser.open("/recover/choose").send({"factor": "mailed_code"})
    site.work()
    browser.send({"code": site.code(student)})
    assert browser.send(RESET).result == "done"
    assert students.binds(student.account.dn, NEW)
    assert site.binds(employee, PASSWORD)
    assert ("password_reset", "intent", None, "") not in site.entries(employee)


def test_each_account_gets_a_code_of_its_own(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, OTHER)
    codes = {}
    for person, label in ((employee, "Staff"), (student, "Students")):
        browser = site.browser().open("/recover").send({"login": person.login}).send({"factor": "mailed_code"})
        site.work()
        mails = [m for m in site.mails(f"{person.login}@elsewhere.test") if f"({label})" in m.text]
        codes[label] = mails[-1].subject[:7]
        browser.send({"code": codes[label]})
        assert browser.step == "choose"
        browser.send({"factor": "totp"}).send({"code": site.totp(person)})
        assert browser.step == "ask"
        site.clock.move(timedelta(minutes=1))
    assert codes["Staff"] != codes["Students"]


def test_a_lost_user_name_is_told_for_each_account(site: Site, students: Slapd) -> None:
    employee, student = namesake(site, students, OTHER)
    site.browser().open("/recover/login-name").send({"address": f"{student.login}@elsewhere.test"})
    site.work()
    assert len(site.mails(f"{employee.login}@elsewhere.test")) == 2


def _walk(site: Site, login: str) -> list[str]:
    """Everything a stranger sees who knows the name and proves nothing."""
    browser = site.browser().open("/sign-in").send({"login": login, "password": "wrong-and-long"})
    seen = [browser.text]
    seen.append(browser.open("/recover").send({"login": login}).text)
    site.work()
    for factor, code in (("totp", "000000"), ("mailed_code", "000000"), ("recovery_code", "aaaa-bbbb-cccc-dddd")):
        seen.append(browser.open("/recover/choose").send({"factor": factor}).text)
        site.work()
        seen.append(browser.send({"code": code}).text)
    seen.append(browser.open("/recover/password").text)
    return [text.replace(login, "LOGIN") for text in seen]


def test_strangers_cannot_tell_in_how_many_directories_somebody_is(site: Site, students: Slapd) -> None:
    in_both, _ = namesake(site, students, OTHER)
    same_password, _ = namesake(site, students, PASSWORD)
    twice = students.person(mail="twice@example.test")
    students.person(mail=f"{twice}@example.org")
    expected = _walk(site, site.person().login)
    for login in (in_both.login, same_password.login, students.person(), f"{in_both.login}x"):
        assert _walk(site, login) == expected
    assert _walk(site, f"{twice}@example.org") == _walk(site, f"{in_both.login}x@example.org")


def test_the_same_work_is_done_whoever_exists(site: Site, students: Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many accounts are tried as directories were asked: the time of an answer tells nothing either."""
    in_both, _ = namesake(site, students, OTHER)
    factor = type(site.parts.factors["totp"])
    verify, tried = factor.verify, []

    def counted(*given: object) -> object:
        tried.append(given)
        return verify(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(factor, "verify", counted)
    counts = []
    for login in (in_both.login, site.person().login, students.person(), "nobody-at-all"):
        browser = site.browser().open("/recover").send({"login": login})
        site.work()
        tried.clear()
        browser.send({"factor": "totp"}).send({"code": "000000"})
        counts.append(len(tried))
    assert counts == [2, 2, 2, 2]


def test_two_entries_in_one_directory_end_in_a_ticket(site: Site, students: Slapd) -> None:
    first = students.person()
    students.person(mail=f"{first}@example.org")
    browser = site.browser().open("/recover").send({"login": f"{first}@example.org"})
    site.work()
    browser.open("/recover/stuck").send({"text": "There are two of me."})
    assert browser.result == "pending"


class TestWithAChoice:
    """The installation asks where people belong."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"sign_in": settings.sign_in.model_copy(update={"ask_directory": True})})

    def test_everybody_is_asked_and_may_leave_it_open(self, site: Site) -> None:
        alice = site.person()
        for path in ("/sign-in", "/recover"):
            text = site.browser().open(path).text
            assert [word in text for word in ("Staff", "Students", "I do not know")] == [True] * 3
        assert site.browser().sign_in(alice).path == "/account"

    def test_the_choice_speaks_the_persons_language(self, site: Site) -> None:
        assert "Studenter" in site.browser().open("/recover?language=nb").text

    def test_only_the_chosen_directory_is_asked(self, site: Site, students: Slapd) -> None:
        employee, student = namesake(site, students, PASSWORD)
        fields = {"login": employee.login, "password": PASSWORD, "directory": "students"}
        browser = site.browser().open("/sign-in").send(fields)
        assert signed_in_as(browser) == student.account.id
        students.stop()
        browser = site.browser().open("/sign-in").send(fields | {"directory": "staff"})
        assert signed_in_as(browser) == employee.account.id

    def test_no_other_directory_can_be_chosen(self, site: Site) -> None:
        browser = site.browser().open("/recover").send({"login": "alice", "directory": "elsewhere"})
        assert (browser.status, browser.step) == (422, "identify")


@pytest.mark.parametrize("state", [State.LOCKED, State.DISABLED])
def test_a_stopped_namesake_changes_nothing(site: Site, students: Slapd, state: State) -> None:
    employee = site.person()
    students.person(employee.login, state=state)
    assert signed_in_as(site.browser().sign_in(employee)) == employee.account.id


def test_a_list_of_namesakes_that_the_service_desk_sees_is_on_record(site: Site, students: Slapd) -> None:
    employee, _student = namesake(site, students, OTHER)
    carol, desk = site.person(groups=("coordinators",)), site.browser()
    desk.sign_in(carol).prove(carol, "totp").open("/desk/people/find").send({"claim": employee.login})
    assert [text in desk.text for text in ("Staff", "Students")] == [True, True]
    with site.parts.database.read() as db:
        seen = reading.find(db, reading.Wanted(5, kinds=("people_listed",)))
    assert len(seen) == 1
