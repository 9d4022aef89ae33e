"""Everything the portal is made of, put together once. The only place that knows which parts there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from audit.log import AuditLog
from connectors import Connectors
from connectors.capabilities import SendsMail
from portal.accounts import Accounts
from portal.approvals import Approvals
from portal.auditors.parts import Auditing
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
from portal.extending.lapses import Lapses
from portal.extending.notices import Notices
from portal.extending.sponsors import Sponsors
from portal.factor import Factor
from portal.hooks import Hooks
from portal.jobs import Jobs
from portal.keys import Keys
from portal.kit import Kits
from portal.limits import Limits
from portal.mailboxes.forward_guard import ForwardGuard
from portal.mailboxes.fullness import Fullness
from portal.outbox import Outbox
from portal.own_data.address_changes import AddressChanges
from portal.owners import Owners
from portal.passwords.breaches import Leaks
from portal.passwords.spreading import Spreading
from portal.passwords.watch import Watch
from portal.post import Post
from portal.providers.parts import Providers
from portal.record.sealed import Sealed
from portal.recovery import Recovery
from portal.settings.installation import Settings
from portal.sign_in.enrolment import OwnFactors
from portal.sign_in.prover import Prover
from portal.sign_in.sessions import Sessions
from portal.sign_in.signing_in import SignIn
from portal.sign_in.signing_out import SignOut
from portal.sign_in.walks import Walks
from portal.tickets.copies import Copies
from portal.tickets.counter import Counter
from portal.tickets.service_desk import ServiceDesk
from portal.tickets.store import Tickets
from portal.timers.timers import Timers
from portal.web.links import Links

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
