"""What a small FreeIPA knows and does: people, policies, the KDC's checks, and the commands of ipaserver/plugins."""

import secrets
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.people import PASSWORD, State

BASE = "dc=example,dc=org"
USERS, GROUPS = f"cn=users,cn=accounts,{BASE}", f"cn=groups,cn=accounts,{BASE}"
SERVICE, SERVICE_PASSWORD = "sparekey", "the-service-secret"
SERVERS = ("ipa1.example.org", "ipa2.example.org")
TIMES = frozenset({"krbpasswordexpiration", "krbprincipalexpiration", "krblastpwdchange", "krblastfailedauth",
                   "krblastadminunlock"})  # fmt: skip
READ, WRITE = "rsc", "rscwo"
POLICY = {
    "cn": "global_policy", "krbmaxpwdlife": "90", "krbminpwdlife": "0", "krbpwdhistorylength": "5",
    "krbpwdmindiffchars": "0", "krbpwdminlength": "10", "krbpwdmaxfailure": "5", "krbpwdfailurecountinterval": "900",
    "krbpwdlockoutduration": "86400",
}  # fmt: skip
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SHOWN = {"all", "rights", "raw", "no_members", "version"}
_OPTIONS = {
    "user_show": _SHOWN,
    "user_find": _SHOWN
    | {"uid", "uidnumber", "mail", "manager", "in_group", "pkey_only", "sizelimit", "timelimit", "preserved"},
    "user_mod": _SHOWN | {"userpassword", "krbpasswordexpiration", "krbprincipalexpiration", "random"},
    "user_status": _SHOWN,
    "user_unlock": {"version"},
    "user_disable": {"version"},
    "user_enable": {"version"},
    "pwpolicy_show": _SHOWN | {"user"},
    "session_logout": {"version"},
}


class Failed(Exception):
    """A command's error: code, name and message as ipalib/errors.py has them."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code, self.name, self.message = code, name, message


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


def when(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


class Realm:
    """People with lower-case attributes; `rights` are those of the service account over anybody but administrators."""

    password = PASSWORD

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, dict[str, str]] = {"global_policy": dict(POLICY)}
        self.rights = dict.fromkeys(
            ("userpassword", "krbpasswordexpiration", "krbprincipalexpiration", "nsaccountlock", "krbloginfailedcount",
             "krblastadminunlock"), WRITE,
        ) | dict.fromkeys(("krblastfailedauth", "krblastpwdchange", "krbpwdpolicyreference", "mailalternateaddress"), READ)  # fmt: skip  # noqa: E501
        self.policy_is_readable = True
        self.list_limit: int | None = None
        self.down: set[str] = set()
        self.fail_next: dict[str, Failed] = {}  # by command
        self.commands: list[str] = []
        self.lock = threading.RLock()
        self.person(SERVICE, password=SERVICE_PASSWORD)
        self.person("admin", groups=["admins"])

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: Any) -> str:
        """Somebody new, or an existing one anew; an attribute given as an empty text is left out."""
        login, now = login or f"u{secrets.token_hex(6)}", datetime.now(UTC)
        number = self.people.get(login, {}).get("uidnumber") or str(1_234_000_000 + len(self.people))
        name = login.capitalize()
        entry: dict[str, Any] = {
            "dn": f"uid={login},{USERS}", "uid": login, "uidnumber": number, "ipauniqueid": str(uuid.uuid4()),
            "cn": name, "sn": name, "givenname": name, "mail": f"{login}@example.org", "nsaccountlock": False,
            "mailalternateaddress": f"{login}@elsewhere.test", "krblastpwdchange": stamp(now - _DAY),
            "krbpasswordexpiration": stamp(now + 30 * _DAY), "groups": ["ipausers"], "indirect": [], "history": [],
            "failures": {}, "password": PASSWORD, "preserved": False, "policy": "global_policy",
        }  # fmt: skip
        entry |= _in_state(state, now) | {key.lower(): value for key, value in attributes.items()}
        entry["displayname"] = entry["cn"]
        self.people[login] = {key: value for key, value in entry.items() if value != ""}
        return login

    # What the KDC and the directory check.

    def rejection(self, login: str, password: str) -> str:
        """Why a sign-in with this password is rejected, or an empty text; in the KDC's order."""
        with self.lock:
            entry, now = self.people.get(login), datetime.now(UTC)
            if entry is None or entry["preserved"]:
                return "invalid-password"
            if entry["nsaccountlock"] or self.is_locked(entry):
                return "user-locked"
            if "krbprincipalexpiration" in entry and when(entry["krbprincipalexpiration"]) < now:
                return "krbprincipal-expired"
            if password != entry["password"]:
                self._count(entry)
                return "invalid-password"
            if "krbpasswordexpiration" in entry and when(entry["krbpasswordexpiration"]) < now:
                return "password-expired"
            entry["failures"].pop(SERVERS[0], None)
            return ""

    def is_locked(self, entry: dict[str, Any]) -> bool:
        """Each server goes by its own count."""
        policy = self.policies[entry["policy"]]
        count, at = entry["failures"].get(SERVERS[0], (0, ""))
        since_unlock = at > entry.get("krblastadminunlock", "")
        lasts = int(policy["krbpwdlockoutduration"])
        lapsed = at and lasts and when(at) + timedelta(seconds=lasts) <= datetime.now(UTC)
        return bool(count >= int(policy["krbpwdmaxfailure"]) and since_unlock and not lapsed)

    def change_own(self, login: str, old: str, new: str) -> tuple[str, str]:
        """X-IPA-Pwchange-Result, and the policy's words."""
        with self.lock:
            if self.people.get(login, {}).get("password") != old:
                rejected = self.rejection(login, old)
                return ("invalid-password" if rejected == "invalid-password" else "error"), ""
            if self.rejection(login, old) not in ("", "password-expired"):
                return "error", ""
            entry, now = self.people[login], datetime.now(UTC)
            policy = self.policies[entry["policy"]]
            given = entry["krblastpwdchange"] == entry.get("krbpasswordexpiration")
            young = when(entry["krblastpwdchange"]) + int(policy["krbminpwdlife"]) * _HOUR > now
            if young and not given:
                return "policy-error", "Constraint violation: Too soon to change password"
            if len(new) < int(policy["krbpwdminlength"]):
                return "policy-error", "Constraint violation: Password is too short"
            if problem := self._keep(entry, new, now):
                return "policy-error", f"Constraint violation: {problem}"
            entry["krbpasswordexpiration"] = stamp(now + int(policy["krbmaxpwdlife"]) * _DAY)
            return "ok", ""

    def _keep(self, entry: dict[str, Any], new: str, now: datetime) -> str:
        remembered = int(self.policies[entry["policy"]]["krbpwdhistorylength"])
        if new in [entry["password"], *entry["history"]][: remembered + 1]:
            return "Password reuse not permitted"
        entry["history"] = [entry["password"], *entry["history"]][:remembered]
        entry["password"], entry["krblastpwdchange"] = new, stamp(now)
        return ""

    def _count(self, entry: dict[str, Any]) -> None:
        count, _ = entry["failures"].get(SERVERS[0], (0, ""))
        entry["failures"][SERVERS[0]] = (count + 1, stamp(datetime.now(UTC)))

    # Commands.

    def run(self, method: str, args: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.commands.append(method)
            if method not in _OPTIONS:
                raise Failed(905, "CommandError", f"unknown command '{method}'")
            if unknown := set(options) - _OPTIONS[method]:
                raise Failed(3005, "OptionError", f"Unknown option: {', '.join(sorted(unknown))}")
            if method in self.fail_next:
                raise self.fail_next.pop(method)
            command: Callable[..., dict[str, Any]] = getattr(self, f"_{method}")
            return command(*args, **options)

    def _user_show(self, uid: str, **options: Any) -> dict[str, Any]:
        entry = self._named(uid)
        shown = self._shown(entry)
        if options.get("rights"):
            shown["attributelevelrights"] = {name: self._over(entry, name) for name in self.rights} | {"uid": READ}
        return {"result": shown, "value": uid, "summary": None}

    def _user_find(self, *_: str, **options: Any) -> dict[str, Any]:
        wanted = {name: options[name] for name in ("uid", "uidnumber", "mail", "manager") if name in options}
        found = [
            entry
            for entry in self.people.values()
            if not entry["preserved"]
            and all(str(value).lower() == str(entry.get(name, "")).lower() for name, value in wanted.items())
            and set(options.get("in_group", ())) <= {*entry["groups"], *entry["indirect"]}
        ]
        limit = options.get("sizelimit", 100) or self.list_limit or len(found)
        shown = [
            {"uid": [e["uid"]], "dn": e["dn"]} if options.get("pkey_only") else self._shown(e) for e in found[:limit]
        ]
        for one in shown if options.get("no_members", True) else ():
            one.pop("memberof_group", None)
        return {"result": shown, "count": len(shown), "truncated": len(found) > limit, "summary": ""}

    def _user_mod(self, uid: str, **options: Any) -> dict[str, Any]:
        entry, now = self._named(uid), datetime.now(UTC)
        changes = {name: value for name, value in options.items() if name not in _SHOWN}
        for name in changes:
            self._need(entry, name)
        if all(entry.get(name, "") == value for name, value in changes.items()):
            raise Failed(4202, "EmptyModlist", "no modifications to be performed")
        if "userpassword" in changes:
            if problem := self._keep(entry, changes.pop("userpassword"), now - timedelta(seconds=1)):
                raise Failed(4203, "DatabaseError", f"Constraint violation: {problem}")
            changes["krbpasswordexpiration"] = entry["krblastpwdchange"]  # whatever was sent along
        for name, value in changes.items():
            entry[name] = value
            if not value:
                del entry[name]
        return {"result": self._shown(entry), "value": uid, "summary": f'Modified user "{uid}"'}

    def _user_status(self, uid: str, **_: Any) -> dict[str, Any]:
        entry = self._named(uid)
        counts = []
        for server in SERVERS:
            if server in self.down:
                counts.append({"dn": entry["dn"], "server": f"{server} failed: cannot connect"})
                continue
            count, at = entry["failures"].get(server, (0, ""))
            counts.append(
                {"dn": entry["dn"], "server": server, "krbloginfailedcount": [str(count)], "now": "",
                 "krblastfailedauth": [when(at).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "N/A"]}
            )  # fmt: skip
        return {"result": counts, "count": len(counts), "truncated": False, "summary": "Account disabled: False"}

    def _user_unlock(self, uid: str, **_: Any) -> dict[str, Any]:
        entry = self._named(uid)
        self._need(entry, "krblastadminunlock")
        entry["krblastadminunlock"] = stamp(datetime.now(UTC))
        entry["failures"].pop(SERVERS[0], None)
        return {"result": True, "value": uid, "summary": f'Unlocked account "{uid}"'}

    def _user_disable(self, uid: str, **_: Any) -> dict[str, Any]:
        entry = self._named(uid)
        self._need(entry, "nsaccountlock")
        if entry["nsaccountlock"]:
            raise Failed(4010, "AlreadyInactive", "This entry is already disabled")
        entry["nsaccountlock"] = True
        return {"result": True, "value": uid, "summary": f'Disabled user account "{uid}"'}

    def _user_enable(self, uid: str, **_: Any) -> dict[str, Any]:
        entry = self._named(uid)
        self._need(entry, "nsaccountlock")
        if not entry["nsaccountlock"]:
            raise Failed(4009, "AlreadyActive", "This entry is already enabled")
        entry["nsaccountlock"] = False
        return {"result": True, "value": uid, "summary": f'Enabled user account "{uid}"'}

    def _pwpolicy_show(self, *_: str, user: str, **__: Any) -> dict[str, Any]:
        if not self.policy_is_readable:
            raise Failed(4001, "NotFound", "global_policy: password policy not found")
        policy = self.policies[self._named(user)["policy"]]
        return {"result": {name: [value] for name, value in policy.items()}, "value": None, "summary": None}

    def _session_logout(self, **_: Any) -> dict[str, Any]:
        return {"result": None}

    def _named(self, uid: str) -> dict[str, Any]:
        if uid.lower() not in self.people:
            raise Failed(4001, "NotFound", f"{uid}: user not found")
        return self.people[uid.lower()]

    def _over(self, entry: dict[str, Any], attribute: str) -> str:
        return READ if "admins" in entry["groups"] and attribute != "mail" else self.rights.get(attribute, "")

    def _need(self, entry: dict[str, Any], attribute: str) -> None:
        if "w" not in self._over(entry, attribute):
            said = f"Insufficient 'write' privilege to the '{attribute}' attribute of entry '{entry['dn']}'."
            raise Failed(2100, "ACIError", f"Insufficient access: {said}")

    def _shown(self, entry: dict[str, Any]) -> dict[str, Any]:
        """An entry as --all shows it: everything in lists, times wrapped in their type."""
        hidden = ("password", "history", "failures", "groups", "indirect", "policy", "dn", "nsaccountlock", "preserved")
        shown: dict[str, Any] = {}
        for name, value in entry.items():
            if name not in hidden:
                values = value if isinstance(value, list) else [value]
                shown[name] = [{"__datetime__": one} if name in TIMES else one for one in values]
        count, at = entry["failures"].get(SERVERS[0], (0, ""))
        shown["krbloginfailedcount"] = [str(count)]
        if at:
            shown["krblastfailedauth"] = [{"__datetime__": at}]
        shown["krbpwdpolicyreference"] = [f"cn={entry['policy']},cn=EXAMPLE.ORG,cn=kerberos,{BASE}"]
        shown |= {"memberof_group": list(entry["groups"]), "dn": entry["dn"]}
        shown |= {"memberofindirect_group": list(entry["indirect"])} if entry["indirect"] else {}
        return shown | {"nsaccountlock": entry["nsaccountlock"], "preserved": entry["preserved"], "has_password": True}


def _in_state(state: State, now: datetime) -> dict[str, Any]:
    match state:
        case State.LOCKED:
            return {"failures": {SERVERS[0]: (5, stamp(now - _HOUR))}}
        case State.DISABLED:
            return {"nsaccountlock": True}
        case State.MUST_CHANGE:
            return {"krbpasswordexpiration": stamp(now - _DAY)}
        case State.EXPIRED:
            return {"krblastpwdchange": stamp(now - 91 * _DAY), "krbpasswordexpiration": stamp(now - _DAY)}
        case State.ENDED:
            return {"krbprincipalexpiration": stamp(now - 10 * _DAY)}
        case State.YOUNG:
            return {"krblastpwdchange": stamp(now), "policy": "young"}
        case _:
            return {}
