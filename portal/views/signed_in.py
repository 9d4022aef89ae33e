"""The session of somebody signed in: who it says it is, how it begins, where it goes on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from sqlalchemy import Connection

from audit.event import Event
from connectors.account import Account
from portal.identity import Principal, roles_of
from portal.sign_in.walks import Walk
from portal.views import me, parts, source

BY_PROVIDER = "provider"  # the factor of what an identity provider has proved
FRESH = timedelta(minutes=5)


def load_principal(account_id: str) -> Principal | None:
    """Who the session says is signed in; None once it says somebody else or nobody."""
    kept: dict[str, Any] | None = session.get("principal")
    if not kept or kept["account_id"] != account_id:
        return None
    return Principal(
        account_id=account_id,
        login=kept["login"],
        name=kept["name"],
        language=kept["language"],
        channels=frozenset(kept["channels"]),
        factors=tuple(kept["factors"]),
        roles=frozenset(kept["roles"]),
        units=None if kept.get("units", ()) is None else tuple(kept.get("units", ())),
        fields=tuple(kept.get("fields", ())),
        proved_at=datetime.fromisoformat(kept["proved_at"]),
        session=parts().sessions.fingerprint(session.key),  # type: ignore[attr-defined]
        source=source(),
    )


def begin_session(walk: Walk, account: Account | None = None) -> ResponseReturnValue:
    """Give the session a new key and the person their roles."""
    account = account or parts().accounts.read(walk.account_id or "")
    earlier: Mapping[str, Any] = session.get("principal", {}) if walk.purpose == "step_up" else {}
    onward, linking = session.pop("next", None), session.get("linking")
    provider = _provider_of(walk, account)
    session.clear()
    if provider:
        session["provider"] = provider
    if linking and onward == linking["url"]:
        session["linking"] = linking  # they came to prove this account for it, and go on to its page now
    channels = walk.channels | set(earlier.get("channels", ()))
    session["principal"] = {
        "account_id": account.id,
        "login": account.login,
        "name": account.name,
        "language": account.language,
        "channels": sorted(channels),
        "factors": sorted({p.factor for p in walk.proofs} | set(earlier.get("factors", ()))),
        "roles": sorted(roles_of(account, parts().settings.roles, provider.get("roles", ()))),
        "units": parts().auditing.units.seen_by(account.groups),
        "fields": parts().settings.desk.fields_of(account.groups),
        "proved_at": parts().clock().isoformat(),
    }
    session.rotate()  # type: ignore[attr-defined]
    principal = _principal_of(session["principal"])
    login_user(principal)
    with parts().database.write() as tx:
        parts().walks.close_within(tx, walk.id)
        if walk.purpose == "sign_in":
            _record(tx, "login", principal, provider.get("name", ""))
    return redirect(onward or url_for("account.index"))


def _provider_of(walk: Walk, account: Account) -> dict[str, Any]:
    """What an identity provider said of this very account at this sign-in, or at the one a fresh proof adds to."""
    if walk.purpose == "step_up":
        return dict(session.get("provider", {}))
    said = session.get("by_provider", {})
    by_provider = any(proof.factor == BY_PROVIDER for proof in walk.proofs)
    return dict(said) if by_provider and said.get("account_id") == account.id else {}


def is_fresh() -> bool:
    """Whether the newest proof is new enough for what has no page of its own to ask again on."""
    proved_at = me().proved_at
    return proved_at is not None and parts().clock() - proved_at <= FRESH


def _principal_of(kept: Mapping[str, Any]) -> Principal:
    return Principal(
        account_id=kept["account_id"],
        login=kept["login"],
        name=kept["name"],
        factors=tuple(kept["factors"]),
        channels=frozenset(kept["channels"]),
        roles=frozenset(kept["roles"]),
        source=source(),
    )


def record(kind: str, principal: Principal) -> None:
    with parts().database.write() as tx:
        _record(tx, kind, principal)


def _record(tx: Connection, kind: str, principal: Principal, object_: str = "") -> None:
    event = Event(
        kind=kind,
        actor=principal.account_id,
        target=principal.account_id,
        session=principal.session,
        source=source(),
        factors=principal.factors,
        object=object_,
    )
    parts().log.record(tx, event, "success")


def own_path(wish: str | None) -> str | None:
    """A path of our own to go on to, rebuilt from its parts; None for anything that could lead elsewhere."""
    if not wish or not wish.startswith("/") or any(c in wish for c in "\\\r\n\t\x00") or wish.startswith("//"):
        return None
    split = urlsplit(wish)
    return None if split.scheme or split.netloc else split.path
