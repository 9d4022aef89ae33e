"""Whether a server's clock agrees with the portal's: by the one locks and ends are kept, by the other they are told."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.capabilities import Finding
from connectors.findings import fine, say, warning
from connectors.ldap.entry import Entry, generalized_time
from connectors.ldap.link import Link

TOLERANCE = timedelta(minutes=1)

_TELLS_THE_TIME = (
    ("", "currentTime"),  # Active Directory, Samba
    ("cn=monitor", "currenttime"),  # 389 Directory Server
    ("cn=Current,cn=Time,cn=Monitor", "monitorTimestamp"),  # OpenLDAP with the monitor database
)
_TIMES = ("entryCSN", "pwdChangedTime", "whenChanged", "modifyTimestamp")
_REMEDY = "Let a time service (chrony, systemd-timesyncd) set the clocks of the portal and of every directory server."


def examine_clock(link: Link, now: datetime) -> Iterator[Finding]:
    """Ask the server for the time, where it tells it and we may read it."""
    for dn, attribute in _TELLS_THE_TIME:
        for entry in link.read(dn, (attribute,)).entries:
            theirs = entry.moment(attribute)
            if theirs is not None:
                yield _compared(link.url, theirs - now)
                return
    yield fine(
        say("clock"), say("%(url)s: does not tell its time, so only one that is ahead would be seen", url=link.url)
    )


def examine_times(entries: Iterable[Entry], now: datetime, base: str) -> Iterator[Finding]:
    """Where no server tells the time, one that is ahead is still seen: it has dated changes in our future."""
    newest = max((moment for entry in entries for moment in _moments(entry)), default=now)
    if newest - now > TOLERANCE:
        message = say(
            "%(base)s: the newest change is dated %(span)s in the portal's future",
            base=base,
            span=_minutes(newest - now),
        )
        yield warning(say("clock"), message, _REMEDY)


def _moments(entry: Entry) -> Iterator[datetime]:
    for attribute in _TIMES:
        for value in entry.values(attribute):
            if moment := generalized_time(value.partition(b"#")[0]):
                yield moment


def _compared(url: str, ahead: timedelta) -> Finding:
    if abs(ahead) <= TOLERANCE:
        return fine(say("clock"), say("%(url)s: agrees with the portal's", url=url))
    span = _minutes(abs(ahead))
    if ahead > timedelta():
        message = say("%(url)s: its clock is %(span)s ahead of the portal's", url=url, span=span)
    else:
        message = say("%(url)s: its clock is %(span)s behind the portal's", url=url, span=span)
    return warning(say("clock"), message, _REMEDY)


def _minutes(span: timedelta) -> str:
    return f"{round(span.total_seconds() / 60)} min"
