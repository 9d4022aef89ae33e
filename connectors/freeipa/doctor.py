"""What `portal check` looks at in a FreeIPA: each server, the service account, and each of its rights.

FreeIPA itself tells the rights over an entry (`ipa user-show LOGIN --all --rights`), so nothing has to be tried out.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.access import EnablesAccount
from connectors.capabilities import Capability, DisablesAccount, Finding, SetsEndDate, SetsPassword, UnlocksAccount
from connectors.errors import ConnectorError
from connectors.findings import fault, fine, say, warning
from connectors.freeipa.client import Client, Command
from connectors.freeipa.entry import Entry
from connectors.freeipa.people import People
from connectors.freeipa.settings import FreeIpaSettings
from connectors.wire import Answer, Lost

SKEW = timedelta(minutes=2)
PRIVILEGE = "Sparekey"
_ADD = f"ipa privilege-add-permission '{PRIVILEGE}' --permissions="
_STATE = ("krbloginfailedcount", "krblastfailedauth", "krblastadminunlock", "krblastpwdchange", "krbpwdpolicyreference")
_READ_STATE = f"{_ADD}'System: Read User Kerberos Login Attributes'"
_READ_POLICY = f"{_ADD}'System: Read Group Password Policy'"
_SET_PASSWORD = f"{_ADD}'System: Change User password'"
_UNLOCK = f"{_ADD}'System: Unlock User'"
_Written = tuple[str, str, str, tuple[type[Capability], ...]]
_WRITTEN: tuple[_Written, ...] = (  # attribute, what for, the grant, and what cannot be done without it
    ("userpassword", say("set passwords"), _SET_PASSWORD, (SetsPassword,)),
    (
        "krbpasswordexpiration",
        say("move the end of a password: who was given one must change it again"),
        _SET_PASSWORD,
        (),
    ),
    ("krblastadminunlock", say("unlock"), _UNLOCK, (UnlocksAccount,)),
    ("krbloginfailedcount", say("unlock"), _UNLOCK, (UnlocksAccount,)),
    ("nsaccountlock", say("disable accounts"), _UNLOCK, (DisablesAccount, EnablesAccount)),
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
        yield fine(say("connection"), say("%(url)s: reached, encryption verified", url=url))
        yield from _examine_clock(url, answer, clock())
        let_in = (yield from _signed_in(settings, url, answer)) or let_in
    if not let_in:
        message = say("no server lets the portal in: nothing can be done for anybody")
        yield fault(say("server"), message, "", stops=(Capability,))
        return
    try:
        yield from _look_around(settings, client, people)
    except ConnectorError as error:
        yield fault(
            say("commands"), say("the directory went away or does not answer: %(detail)s", detail=error.detail), ""
        )


def _unreachable(settings: FreeIpaSettings, url: str, lost: Lost) -> Finding:
    text = str(lost)
    if not lost.untrusted:
        return fault(
            say("connection"), text, f"Is the server running, and does a firewall let this machine reach {url}?"
        )
    if "mismatch" in text or "not valid for" in text:
        return fault(say("TLS"), text, "urls: use a name that stands in the server's certificate.")
    trusted = settings.ca_file or "the system's authorities"
    remedy = f"ca_file: name a copy of the server's /etc/ipa/ca.crt (trusted now: {trusted})."
    return fault(say("TLS"), text, remedy)


def _examine_clock(url: str, answer: Answer, now: datetime) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return
    if abs(theirs - now) > SKEW:
        ahead = round((theirs - now).total_seconds())
        yield warning(
            say("clock"),
            say("%(url)s: its clock is %(ahead)s s ahead of ours", url=url, ahead=ahead),
            "timedatectl set-ntp true",
        )


def _signed_in(settings: FreeIpaSettings, url: str, answer: Answer) -> Generator[Finding, None, bool]:
    if answer.status == 200:
        yield fine(say("service account"), say("%(url)s: %(user)s signs in", url=url, user=settings.user))
        return True
    reason = answer.headers.get("X-IPA-Rejection-Reason", f"status {answer.status}")
    remedy = {
        "password-expired": f"ipa user-mod {settings.user} --password-expiration=20560101000000Z",
        "krbprincipal-expired": f"ipa user-mod {settings.user} --principal-expiration=",
        "user-locked": f"ipa user-unlock {settings.user}; ipa user-enable {settings.user}",
    }.get(reason, f"user, password: check them with: kinit {settings.user}")
    yield fault(
        say("service account"),
        say("%(url)s: %(user)s may not sign in: %(reason)s", url=url, user=settings.user, reason=reason),
        remedy,
    )
    return False


def _look_around(settings: FreeIpaSettings, client: Client, people: People) -> Iterator[Finding]:
    everybody = {"pkey_only": True, "sizelimit": 0, "timelimit": 0}
    found = client.call(Command(method="user_find", options=everybody), seconds=settings.list_timeout)
    count = len(found.get("result", ()))
    if found.get("truncated"):
        remedy = "ipa config-mod --searchrecordslimit=-1 --searchtimelimit=60"
        yield warning(
            say("size limit"),
            say("only %(count)s people are listed; who ends soon would be incomplete", count=count),
            remedy,
        )
    sample = people.sample()
    if not sample:
        yield fault(say("people"), say("nobody can be found who is not protected"), "protected_groups, protected_users")
        return
    yield fine(say("people"), say("%(count)s people", count=count))
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
        yield fault(
            say("right to read the state"), say("%(names)s cannot be read", names=", ".join(hidden)), _READ_STATE
        )
    else:
        yield fine(say("right to read the state"), say("locks and policies are seen"))
    lost = [name for name in settings.recovery_mail_attributes if "r" not in rights.get(name.lower(), "")]
    if lost:
        remedy = _own_permission("read recovery addresses", lost, "{read,search,compare}", shown)
        yield warning(
            say("recovery addresses"),
            say("%(names)s cannot be read: no code can go there", names=", ".join(lost)),
            remedy,
        )
    policy = people.policies.of(shown.text("krbpwdpolicyreference"), shown.text("uid"))
    if policy.readable:
        told = say(
            "%(name)s: at least %(min_length)s characters, %(history)s old passwords remembered",
            name=policy.name,
            min_length=policy.min_length,
            history=policy.history,
        )
        yield fine(say("password rules"), told)
    else:
        yield fault(
            say("password rules"),
            say("no policy can be read: nobody can be told the rules, no lock seen"),
            _READ_POLICY,
        )


def _writing(shown: Entry, rights: Mapping[str, str]) -> Iterator[Finding]:
    extend = _own_permission("extend accounts", ["krbprincipalexpiration"], "write", shown)
    extends: _Written = ("krbprincipalexpiration", say("extend accounts"), extend, (SetsEndDate,))
    for name, purpose, grant, stops in (*_WRITTEN, extends):
        subject = say("right to write %(name)s", name=name)
        if "w" in rights.get(name, ""):
            yield fine(subject, say("may %(purpose)s", purpose=purpose))
        elif stops:
            yield fault(subject, say("may not %(purpose)s", purpose=purpose), grant, stops=stops)
        else:
            yield warning(subject, say("may not %(purpose)s", purpose=purpose), grant)


def _over_administrators(settings: FreeIpaSettings, client: Client) -> Iterator[Finding]:
    for group in settings.protected_groups:
        options = {"in_group": [group], "pkey_only": True, "sizelimit": 1}
        for result in client.call(Command(method="user_find", options=options)).get("result", ()):
            login = Entry.of(result).text("uid")
            rights = client.call(_with_rights(login))["result"].get("attributelevelrights", {})
            if login != settings.user and "w" in str(rights.get("userpassword", "")):
                message = say(
                    "has the right to set the password of %(login)s, who is in %(group)s: too much",
                    login=login,
                    group=group,
                )
                yield warning(say("right over administrators"), message, f"ipa user-show {settings.user} --all")


def _servers(client: Client, login: str) -> Iterator[Finding]:
    for server in client.call(Command(method="user_status", args=(login,))).get("result", ()):
        entry = Entry.of(server)
        if not entry.text("krbloginfailedcount"):
            remedy = "ask_every_server = false, or start that server again: reading an account waits for it."
            yield warning(
                say("servers"), say("%(server)s: locks there are not seen", server=entry.text("server")), remedy
            )


def _own_permission(name: str, attributes: list[str], right: str, shown: Entry) -> str:
    accounts = shown.text("dn").partition(",cn=users,")[2]
    permission = f"{PRIVILEGE}: {name}"
    attrs = " ".join(f"--attrs={attribute}" for attribute in attributes)
    ours = f"--filter='(!(memberOf=cn=admins,cn=groups,{accounts}))'"
    return f"ipa permission-add '{permission}' --type=user --right={right} {attrs} {ours}\n{_ADD}'{permission}'"
