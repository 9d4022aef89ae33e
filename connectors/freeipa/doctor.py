"""What `portal check` looks at in a FreeIPA: each server, the service account, and each of its rights.

FreeIPA itself tells the rights over an entry (`ipa user-show LOGIN --all --rights`), so nothing has to be tried out.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.capabilities import Finding, Severity
from connectors.errors import ConnectorError
from connectors.freeipa.client import Client, Command
from connectors.freeipa.entry import Entry
from connectors.freeipa.people import People
from connectors.freeipa.settings import FreeIpaSettings
from connectors.freeipa.wire import Answer, Lost

SKEW = timedelta(minutes=2)
PRIVILEGE = "Sparekey"
_ADD = f"ipa privilege-add-permission '{PRIVILEGE}' --permissions="
_STATE = ("krbloginfailedcount", "krblastfailedauth", "krblastadminunlock", "krblastpwdchange", "krbpwdpolicyreference")
_READ_STATE = f"{_ADD}'System: Read User Kerberos Login Attributes'"
_READ_POLICY = f"{_ADD}'System: Read Group Password Policy'"
_SET_PASSWORD = f"{_ADD}'System: Change User password'"
_UNLOCK = f"{_ADD}'System: Unlock User'"
_WRITTEN = (  # attribute, what for, the grant, whether nothing works without it
    ("userpassword", "set passwords", _SET_PASSWORD, True),
    (
        "krbpasswordexpiration",
        "move the end of a password: who was given one must change it again",
        _SET_PASSWORD,
        False,
    ),
    ("krblastadminunlock", "unlock", _UNLOCK, True),
    ("krbloginfailedcount", "unlock", _UNLOCK, True),
    ("nsaccountlock", "disable accounts", _UNLOCK, True),
)


def examine(
    settings: FreeIpaSettings, client: Client, people: People, clock: Callable[[], datetime]
) -> Iterator[Finding]:
    """Yield findings; nothing is changed. Each server is tried, the rest is asked of the first that lets us in."""
    let_in = False
    for url in settings.urls:
        try:
            answer = client.try_service_account(url.rstrip("/"))
        except Lost as lost:
            yield _unreachable(settings, url, lost)
            continue
        yield _ok("connection", f"{url}: reached, encryption verified")
        yield from _examine_clock(url, answer, clock())
        let_in = (yield from _signed_in(settings, url, answer)) or let_in
    if not let_in:
        return
    try:
        yield from _look_around(settings, client, people)
    except ConnectorError as error:
        yield _fault("commands", f"the directory went away or does not answer: {error.detail}", "")


def _unreachable(settings: FreeIpaSettings, url: str, lost: Lost) -> Finding:
    text = str(lost)
    if not lost.untrusted:
        return _fault("connection", text, f"Is the server running, and does a firewall let this machine reach {url}?")
    if "mismatch" in text or "not valid for" in text:
        return _fault("TLS", text, "urls: use a name that stands in the server's certificate.")
    trusted = settings.ca_file or "the system's authorities"
    remedy = f"ca_file: name a copy of the server's /etc/ipa/ca.crt (trusted now: {trusted})."
    return _fault("TLS", text, remedy)


def _examine_clock(url: str, answer: Answer, now: datetime) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return
    if abs(theirs - now) > SKEW:
        ahead = round((theirs - now).total_seconds())
        yield _warning("clock", f"{url}: its clock is {ahead} s ahead of ours", "timedatectl set-ntp true")


def _signed_in(settings: FreeIpaSettings, url: str, answer: Answer) -> Generator[Finding, None, bool]:
    if answer.status == 200:
        yield _ok("service account", f"{url}: {settings.user} signs in")
        return True
    reason = answer.headers.get("X-IPA-Rejection-Reason", f"status {answer.status}")
    remedy = {
        "password-expired": f"ipa user-mod {settings.user} --password-expiration=20560101000000Z",
        "krbprincipal-expired": f"ipa user-mod {settings.user} --principal-expiration=",
        "user-locked": f"ipa user-unlock {settings.user}; ipa user-enable {settings.user}",
    }.get(reason, f"user, password: check them with: kinit {settings.user}")
    yield _fault("service account", f"{url}: {settings.user} may not sign in: {reason}", remedy)
    return False


def _look_around(settings: FreeIpaSettings, client: Client, people: People) -> Iterator[Finding]:
    everybody = {"pkey_only": True, "sizelimit": 0, "timelimit": 0}
    found = client.call(Command(method="user_find", options=everybody), seconds=settings.list_timeout)
    count = len(found.get("result", ()))
    if found.get("truncated"):
        remedy = "ipa config-mod --searchrecordslimit=-1 --searchtimelimit=60"
        yield _warning("size limit", f"only {count} people are listed; who ends soon would be incomplete", remedy)
    sample = people.sample()
    if not sample:
        yield _fault("people", "nobody can be found who is not protected", "protected_groups, protected_users")
        return
    yield _ok("people", f"{count} people")
    shown = Entry.of(client.call(_with_rights(sample))["result"])
    rights: Mapping[str, str] = {name.lower(): str(r) for name, r in shown.raw.get("attributelevelrights", {}).items()}
    yield from _reading(settings, people, shown, rights)
    yield from _writing(shown, rights)
    yield from _over_administrators(settings, client)
    if settings.ask_every_server:
        yield from _servers(client, sample)


def _with_rights(login: str) -> Command:
    return Command(method="user_show", args=(login,), options={"all": True, "rights": True})


def _reading(settings: FreeIpaSettings, people: People, shown: Entry, rights: Mapping[str, str]) -> Iterator[Finding]:
    hidden = [name for name in _STATE if "r" not in rights.get(name, "")]
    if hidden:
        yield _fault("right to read the state", f"{', '.join(hidden)} cannot be read", _READ_STATE)
    else:
        yield _ok("right to read the state", "locks and policies are seen")
    lost = [name for name in settings.recovery_mail_attributes if "r" not in rights.get(name.lower(), "")]
    if lost:
        remedy = _own_permission("read recovery addresses", lost, "{read,search,compare}", shown)
        yield _warning("recovery addresses", f"{', '.join(lost)} cannot be read: no code can go there", remedy)
    policy = people.policies.of(shown.text("krbpwdpolicyreference"), shown.text("uid"))
    if policy.readable:
        told = f"{policy.name}: at least {policy.min_length} characters, {policy.history} old passwords remembered"
        yield _ok("password rules", told)
    else:
        yield _fault(
            "password rules", "no policy can be read: nobody can be told the rules, no lock seen", _READ_POLICY
        )


def _writing(shown: Entry, rights: Mapping[str, str]) -> Iterator[Finding]:
    extend = _own_permission("extend accounts", ["krbprincipalexpiration"], "write", shown)
    for name, purpose, grant, needed in (*_WRITTEN, ("krbprincipalexpiration", "extend accounts", extend, True)):
        if "w" in rights.get(name, ""):
            yield _ok(f"right to write {name}", f"may {purpose}")
        else:
            yield (_fault if needed else _warning)(f"right to write {name}", f"may not {purpose}", grant)


def _over_administrators(settings: FreeIpaSettings, client: Client) -> Iterator[Finding]:
    for group in settings.protected_groups:
        options = {"in_group": [group], "pkey_only": True, "sizelimit": 1}
        for result in client.call(Command(method="user_find", options=options)).get("result", ()):
            login = Entry.of(result).text("uid")
            rights = client.call(_with_rights(login))["result"].get("attributelevelrights", {})
            if login != settings.user and "w" in str(rights.get("userpassword", "")):
                message = f"has the right to set the password of {login}, who is in {group}: too much"
                yield _warning("right over administrators", message, f"ipa user-show {settings.user} --all")


def _servers(client: Client, login: str) -> Iterator[Finding]:
    for server in client.call(Command(method="user_status", args=(login,))).get("result", ()):
        entry = Entry.of(server)
        if not entry.text("krbloginfailedcount"):
            remedy = "ask_every_server = false, or start that server again: reading an account waits for it."
            yield _warning("servers", f"{entry.text('server')}: locks there are not seen", remedy)


def _own_permission(name: str, attributes: list[str], right: str, shown: Entry) -> str:
    accounts = shown.text("dn").partition(",cn=users,")[2]
    permission = f"{PRIVILEGE}: {name}"
    attrs = " ".join(f"--attrs={attribute}" for attribute in attributes)
    ours = f"--filter='(!(memberOf=cn=admins,cn=groups,{accounts}))'"
    return f"ipa permission-add '{permission}' --type=user --right={right} {attrs} {ours}\n{_ADD}'{permission}'"


def _ok(subject: str, message: str) -> Finding:
    return Finding(severity=Severity.OK, subject=subject, message=message)


def _fault(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy)


def _warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, subject=subject, message=message, remedy=remedy)
