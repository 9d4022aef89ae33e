"""What `portal check` looks at in a Google Workspace: each scope of the delegation, and the administrator's rights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.access import EnablesAccount, SignsOutEverywhere
from connectors.capabilities import Capability, DisablesAccount, Finding, FindsAccounts, SetsPassword
from connectors.errors import ConnectorError
from connectors.findings import Sentence, fault, fine, say, warning
from connectors.google.delegated import Delegated, part
from connectors.google.key import ServiceKey
from connectors.google.people import USERS
from connectors.google.scopes import Scope
from connectors.google.settings import GoogleSettings
from connectors.oauth import TokenRefused

_CONSOLE = "admin.google.com > Security > Access and data control > API controls > Domain-wide delegation"


@dataclass(frozen=True)
class Need:
    """A scope, what it is for, and what cannot be done without it; nothing: only something is left out."""

    scope: Scope
    purpose: Sentence
    stops: tuple[type[Capability], ...] = ()


def examine(settings: GoogleSettings, google: Delegated) -> Iterator[Finding]:
    """Yield findings; nothing is changed."""
    without, needs = settings.without, [Need(Scope.READ_USERS, say("find people"), (FindsAccounts,))]
    if not {"password", "disable"} <= set(without):
        stops = (SetsPassword, DisablesAccount, EnablesAccount)
        needs.append(Need(Scope.WRITE_USERS, say("set passwords and suspend accounts"), stops))
    if "sign_out" not in without:
        needs.append(Need(Scope.SECURITY, say("sign people out everywhere"), (SignsOutEverywhere,)))
    if settings.read_groups:
        needs.append(Need(Scope.GROUPS, say("read groups"), (FindsAccounts,)))
    missing = set[Scope]()
    for need, finding in of_scopes(needs, settings.admin, settings.service_key, google):
        missing |= {need.scope} if finding.stops else set()
        yield finding
    if Scope.READ_USERS not in missing:
        yield from _of_administrator(settings, google)


def of_scopes(
    needs: Sequence[Need], subject: str, key: ServiceKey, google: Delegated
) -> Iterator[tuple[Need, Finding]]:
    """Ask for a token for each scope by itself: an answer to several at once would not tell which is missing."""
    every = ",".join(need.scope for need in needs)
    for need in needs:
        subject_ = say("scope %(scope)s", scope=need.scope.rpartition("/")[2])
        try:
            google.try_token(subject, need.scope)
        except TokenRefused as refused:
            lacking = refused.error == "unauthorized_client"
            message = say("missing: cannot %(purpose)s", purpose=need.purpose) if lacking else refused.detail
            remedy = (
                f"{_CONSOLE}\nclient id {key.client_id}, scopes:\n{every}" if lacking else _remedy(refused, subject)
            )
            say_it = fault(subject_, message, remedy, stops=need.stops) if need.stops else warning(
                subject_, message, remedy
            )  # fmt: skip
            yield need, say_it
        except ConnectorError as error:
            yield need, fault(subject_, error.detail, "", stops=need.stops)
        else:
            yield need, fine(subject_, say("may %(purpose)s", purpose=need.purpose))


def _remedy(refused: TokenRefused, subject: str) -> str:
    """As Google's guide for service accounts names the causes."""
    words = refused.description.casefold()
    if "signature" in words:
        return "key: this key was deleted in the Google Cloud console; make another and put its file in place."
    if "timeframe" in words or "short-lived" in words:
        return "timedatectl set-ntp true"
    return f"{subject}: is there somebody by that address, and not suspended?"


def _of_administrator(settings: GoogleSettings, google: Delegated) -> Iterator[Finding]:
    subject = say("administrator")
    try:
        with google.api(settings.url, settings.admin, Scope.READ_USERS) as api:
            user = api.get(f"{USERS}/{part(settings.admin)}", {"projection": "basic"})
    except ConnectorError as error:
        remedy = f"Enable the Admin SDK API in the project, and give {settings.admin} the role of docs/google.md."
        yield fault(subject, error.detail, remedy, stops=(Capability,))
        return
    if user.get("isAdmin"):
        message = say("%(admin)s is a super administrator: far more than is needed", admin=settings.admin)
        yield warning(subject, message, "Give another account a role of its own, as docs/google.md says, and name it.")
    elif not user.get("isDelegatedAdmin"):
        message = say("%(admin)s has no role of an administrator", admin=settings.admin)
        yield fault(subject, message, "admin.google.com > Account > Admin roles", stops=(Capability,))
    else:
        yield fine(subject, say("%(admin)s has a role of its own", admin=settings.admin))
