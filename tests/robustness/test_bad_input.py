"""Whatever is sent to whatever address: a clear page with a status of the sender's mistake, never one of ours."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from bs4 import BeautifulSoup
from werkzeug.routing import Rule

from connectors.account import PasswordVerdict
from connectors.capabilities import ChecksPassword
from portal.app import MOST_BYTES, create_app
from tests.robustness.browser import Browser
from tests.servers.deployment import Deployment, Person

FIELDS = (
    "login", "password", "new_password", "new_password_again", "code", "factor", "text", "subject", "reason",
    "decision", "version", "address", "label", "shown", "phone", "step",
    "claim", "kind", "channel", "good", "days", "how",
)  # fmt: skip
NASTY = {
    "empty": "",
    "blank": "   ",
    "NUL": "ali\0ce",
    "filter": "*)(uid=*))(|(uid=*",
    "DN": 'uid=alice,ou=people,dc=example,dc=org\\2c+#<>;"=',
    "line breaks": "alice\r\nBcc: everybody@example.org\r\n\r\nhello",
    "control": "\x1b[31m\x07\x7f",
    "format": "{0.__class__} %(x)s %s ${7*7} {{7*7}}",
    "markup": "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE walk; --",
    "direction": "\u202egnp.\u2066\ufeff\u200b",
    "not a number": "²",
    "far too big": "9" * 40,
    "long": "å" * 2000,
    "emoji": "👩‍👩‍👧‍👧" * 20,
}
PLACES = {
    "number": ["0", "7", "9" * 30, "-1", "x"],
    "version": ["0", "9" * 30],
    "account_id": ["main:x", "x", "main:" + "9" * 300, "%00", "é/../.."],
    "factor": ["totp", "password", "nothing", "%00"],
    "factor_id": ["0" * 32, "../..", "%0d%0aX: y"],
    "provider": ["example", "prove", "%00"],
    "link_id": ["0" * 32, "'--"],
    "session_id": ["0" * 32, "'--"],
    "key": ["0" * 32, "new", "%ff%fe", "é"],
    "token": ["x", "a.b.c", "%ff", "W10.aaaa", "é" * 300],
    "name": ["change-password", "change_password", "nothing", "%00"],
    "deed": ["unlock", "extend", "nothing", "%00"],
    "into": ["0", "7", "9" * 30],
    "export_id": ["0" * 32, "x", "%00"],
    "view_id": ["0" * 32, "x", "%00"],
    "text_id": ["0" * 32, "x", "%00"],
    "turn": ["on", "sideways"],
    "shift": ["0", "7", "9" * 30, "x"],
    "day": ["2026-11-23", "today", "0000-00-00", "%00"],
    "index": ["0", "9" * 30, "-1", "x"],
    "search_id": ["0" * 32, "'--", "%00"],
    "path": ["0/000", "64/000", "-1/0", "entries/000", "0/x999/x999/999", "0/" + "9" * 40, "%00"],
}

CONCERNS = {  # whose forms these are; a stranger tries them all
    "stranger": "",
    "walking": "recover.",
    "owner": (
        "account.",
        "ssh_keys.",
        "contact.",
        "mailbox",
        "auto_reply.",
        "forwarding.",
        "sharing.",
        "kit.",
        "lists.",
        "app_passwords.",
        "asking.",
        "approvals.",
        "tickets.",
        "aftercare.rate",
        "sign_in.choose",
        "sign_in.prove",
        "sign_in.expired",
    ),
    "staff": (
        "desk.",
        "people.",
        "callers.",
        "new_ticket.",
        "aftercare.follow_up",
        "shifts.",
        "shift_plan.",
        "handover.",
        "ratings.",
    ),
}


@pytest.fixture(scope="module")
def rules(running: Deployment) -> list[Rule]:
    """Every address the portal has."""
    return [rule for rule in create_app(running.settings()).url_map.iter_rules() if rule.endpoint != "static"]


@pytest.fixture(scope="module")
def visitors(running: Deployment) -> dict[str, Callable[[], Browser]]:
    """A stranger, somebody in the middle of a walk, somebody signed in, and a coordinator."""
    person, carol = running.person(), running.person(groups=("coordinators",))
    signed_in, staff = Browser(running.url), Browser(running.url)
    signed_in.sign_in(person)
    staff.sign_in(carol)
    assert staff.open("/desk").status == 200

    def walking() -> Browser:
        at = Browser(running.url)
        at.recover(running.person())
        return at

    def keep(at: Browser) -> Callable[[], Browser]:
        return lambda: at

    walker = walking()
    return {"stranger": keep(Browser(running.url)), "walking": keep(walker), "owner": keep(signed_in),
            "staff": keep(staff)}  # fmt: skip


def _addresses(rule: Rule) -> Iterator[str]:
    """The rule with each of its places filled with strange values; as it is if it has none."""
    if not rule.arguments:
        yield rule.rule
        return
    for number in range(max(len(PLACES[a]) for a in rule.arguments)):
        path = rule.rule
        for argument in rule.arguments:
            values = PLACES[argument]
            start, end = path.rindex("<", 0, path.index(f"{argument}>")), path.index(f"{argument}>") + len(argument) + 1
            path = path[:start] + quote(values[number % len(values)], safe="%/") + path[end:]
        yield path


def _wrong(answer: requests.Response, what: str) -> list[str]:
    """What is wrong with an answer to nonsense; nothing, if all is well."""
    if answer.status_code >= 500:
        return [f"{what}: {answer.status_code}"]
    if answer.is_redirect:
        goes_to = answer.headers["Location"]
        return [] if goes_to.startswith("/") and not goes_to.startswith("//") else [f"{what}: leads to {goes_to}"]
    found = [f"{what}: header {name}" for name in ("Bcc", "X") if name in answer.headers]
    if answer.headers.get("content-type", "").startswith("text/html"):
        tree = BeautifulSoup(answer.text, "html.parser")
        if len(tree.find_all("h1")) != 1 or tree.main is None:
            found.append(f"{what}: {answer.status_code} without a page")
        if "<script>alert(1)" in answer.text or "onerror=alert(1)>" in answer.text:
            found.append(f"{what}: markup comes through")
    return found


def _clear(answer: requests.Response, what: str) -> None:
    assert _wrong(answer, what) == []


def _token(at: Browser) -> str:
    at.open("/recover" if not at.cookie() else "/recover/login-name")
    return at.token()


@pytest.mark.parametrize("visitor", ["stranger", "walking", "owner", "staff"])
def test_no_address_answers_with_a_mistake_of_ours(
    running: Deployment, rules: list[Rule], visitors: dict[str, Callable[[], Browser]], visitor: str
) -> None:
    at = visitors[visitor]()
    wrong = []
    for path in (path for rule in rules for path in _addresses(rule)):
        answer = at.http.get(running.url + path, params={"page": "9" * 30, "next": "//x"}, allow_redirects=False)
        wrong += _wrong(answer, f"GET {path}")
    assert wrong == []


@pytest.mark.parametrize("visitor", ["stranger", "walking", "owner", "staff"])
def test_no_form_answers_with_a_mistake_of_ours(
    running: Deployment, rules: list[Rule], visitors: dict[str, Callable[[], Browser]], visitor: str
) -> None:
    at = visitors[visitor]()
    token, wrong = _token(at), []
    for rule in (r for r in rules if "POST" in (r.methods or ()) and r.endpoint.startswith(CONCERNS[visitor])):
        if visitor == "walking" and rule.endpoint in ("recover.stuck", "recover.keep", "recover.unlock"):
            continue  # they end the walk
        for number, path in enumerate(_addresses(rule)):
            for name, body in _bodies(token):
                if number == 0 or name == "arrays":
                    wrong += _wrong(_post(at, path, body), f"POST {path} {name}")
    assert wrong == []


def _bodies(token: str) -> Iterator[tuple[str, Any]]:
    """Every field with the same strange value, fields twice, and bytes that are no text."""
    for name, value in NASTY.items():
        yield name, {"csrf_token": token, **dict.fromkeys(FIELDS, value)}
    yield "arrays", [("csrf_token", token), *((field, value) for field in FIELDS for value in ("a", "b"))]
    yield "decision", {"csrf_token": token, "decision": "approve", "version": "²", "reason": "x"}
    yield "far version", {"csrf_token": token, "decision": "approve", "version": "9" * 40, "reason": "x"}
    yield "invalid UTF-8", f"csrf_token={token}&".encode() + b"login=%ff%fe&code=\xff\xfe&text=\xc3\x28"


def _post(at: Browser, path: str, fields: Any, **headers: str) -> requests.Response:
    typed = {"Content-Type": "application/x-www-form-urlencoded"} if isinstance(fields, bytes) else {}
    return at.http.post(at.url + path, data=fields, headers=typed | headers, allow_redirects=False, timeout=20)


@pytest.mark.parametrize("kind", [
    "application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "nonsense", "",
    "application/x-www-form-urlencoded; charset=utf-7",
])  # fmt: skip
def test_an_unknown_kind_of_content_is_a_mistake_of_the_sender(running: Deployment, kind: str) -> None:
    at = Browser(running.url)
    at.open("/recover")
    answer = at.http.post(f"{running.url}/recover", data=b'{"login": ["alice"]}\0--x', headers={"Content-Type": kind})
    assert 400 <= answer.status_code < 500
    _clear(answer, kind)


@pytest.mark.parametrize("path", ["/recover", "/sign-in", "/recover/login-name"])
def test_ten_megabytes_are_too_much(running: Deployment, path: str) -> None:
    at = Browser(running.url)
    at.open("/recover")
    for size in (10_000_000, MOST_BYTES + 1):
        answer = _post(at, path, {"csrf_token": at.token(), "login": "x" * size}, Connection="close")
        assert answer.status_code == 413
        _clear(answer, path)


def test_a_thousand_fields_are_too_many(running: Deployment) -> None:
    at = Browser(running.url)
    at.open("/recover")
    answer = at.http.post(f"{running.url}/recover", files=[(f"f{n}", ("", "x")) for n in range(1000)])
    assert answer.status_code == 413


@pytest.mark.parametrize("header", ["Accept-Language", "Cookie", "User-Agent", "X-Forwarded-For", "Origin", "Range"])
@pytest.mark.parametrize("value", ["x" * 4000, "*;q=abc, xx-\x7f, en;q=-1", "sparekey=%00é; language=<b>", "null"])
def test_a_strange_header_harms_nothing(running: Deployment, header: str, value: str) -> None:
    answer = requests.get(f"{running.url}/recover", headers={header: value.encode("latin-1")}, timeout=10)
    _clear(answer, header)


def test_names_with_metacharacters_are_just_names_that_nobody_has(running: Deployment) -> None:
    """Injected into a filter these would find somebody, and a code would be mailed."""
    person = running.person()
    before = len(running.mails())
    for claim in (f"{person.login[:-1]}*", f"*)(uid={person.login}", f"{person.login})(objectClass=*", "*"):
        at = Browser(running.url)
        at.identify(claim)
        at.send({"factor": "mailed_code"})
        assert at.send({"code": "000000"}).status == 422
    ordinary = Browser(running.url)
    ordinary.identify(person.login)
    ordinary.send({"factor": "mailed_code"})
    running.code(person)
    assert len(running.mails()) == before + 1


def test_a_password_with_strange_signs_is_taken_whole_or_refused(running: Deployment) -> None:
    strange = (
        "blue harbour\r\nlantern 9",
        "Blåbær-på-høyloft-9👩‍👧",
        " blue harbour lantern 9 ",
        "{SSHA}AAAAAAAAAAAAAAAA",
    )
    for password in strange:
        person, at = running.person(), Browser(running.url)
        at.recover(person)
        done = at.choose(password).about("result") == "done"
        assert _lets_in(running, person, password) == done
        assert done or at.page.status == 422
    person, at = running.person(), Browser(running.url)
    at.recover(person)
    assert at.choose(f"blue\0{secrets.token_hex(8)}").status == 422


def _lets_in(made: Deployment, person: Person, password: str) -> bool:
    """Whether the directory takes exactly these characters; its own client would prepare them first."""
    directory = dict(made.parts().connectors.all_able_to(ChecksPassword))["staff"]
    return directory.check_password(person.account, password).verdict is PasswordVerdict.RIGHT
