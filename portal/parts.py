"""Everything the portal is made of, put together once. The only place that knows which parts there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from audit.log import AuditLog
from connectors import Connectors
from connectors.capabilities import SendsMail
from portal.accounts import Accounts
from portal.address_changes import AddressChanges
from portal.approvals import Approvals
from portal.auditors.parts import Auditing
from portal.breaches import Leaks
from portal.callers.front_desk import FrontDesk
from portal.callers.links import PasswordLinks
from portal.database import Database
from portal.desk import Desk
from portal.duty.absences import Absences
from portal.duty.bridges import Bridges
from portal.duty.due import Due
from portal.duty.parts import Duty
from portal.duty.silence import Silence
from portal.elsewhere.errands import Elsewhere
from portal.enrolment import OwnFactors
from portal.factor import Factor
from portal.forward_guard import ForwardGuard
from portal.fullness import Fullness
from portal.hooks import Hooks
from portal.jobs import Jobs
from portal.keys import Keys
from portal.kit import Kits
from portal.lapses import Lapses
from portal.limits import Limits
from portal.links import Links
from portal.notices import Notices
from portal.outbox import Outbox
from portal.owners import Owners
from portal.post import Post
from portal.prover import Prover
from portal.providers.parts import Providers
from portal.recovery import Recovery
from portal.sealed import Sealed
from portal.sessions import Sessions
from portal.settings import Settings
from portal.signing_in import SignIn
from portal.signing_out import SignOut
from portal.sponsors import Sponsors
from portal.spreading import Spreading
from portal.tickets.copies import Copies
from portal.tickets.counter import Counter
from portal.tickets.service_desk import ServiceDesk
from portal.tickets.store import Tickets
from portal.timers.timers import Timers
from portal.walks import Walks
from portal.watch import Watch

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts, by what they do."""

    settings: Settings
    clock: Clock
    keys: Keys
    database: Database
    log: AuditLog
    connectors: Connectors
    accounts: Accounts
    jobs: Jobs
    outbox: Outbox
    post: Post
    limits: Limits
    leaks: Leaks
    factors: dict[str, Factor]
    own_factors: OwnFactors
    address_changes: AddressChanges
    lapses: Lapses
    sessions: Sessions
    sign_out: SignOut
    walks: Walks
    prover: Prover
    sign_in: SignIn
    links: Links
    due: Due
    copies: Copies
    tickets: Tickets
    counter: Counter
    service_desk: ServiceDesk
    sponsors: Sponsors
    owners: Owners
    timers: Timers
    fullness: Fullness
    forwards: ForwardGuard
    desk: Desk
    kits: Kits
    elsewhere: Elsewhere
    sealed: Sealed
    approvals: Approvals
    silence: Silence
    bridges: Bridges
    absences: Absences
    duty: Duty
    recovery: Recovery
    front: FrontDesk
    password_links: PasswordLinks
    providers: Providers
    hooks: Hooks
    watch: Watch
    notices: Notices
    spreading: Spreading
    auditing: Auditing
    mail: SendsMail

    def today(self) -> date:
        """The organisation's day, in which accounts end."""
        return self.clock().astimezone(ZoneInfo(self.settings.time_zone)).date()
