"""Putting all parts together, once. The only place that knows how each is made."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.capabilities import Capability
from connectors.smtp import Smtp
from portal.accounts import Accounts
from portal.approvals import Approvals
from portal.auditors.parts import auditing
from portal.auditors.units import Units
from portal.books import Books
from portal.callers.front_desk import front_desk
from portal.callers.links import PasswordLinks
from portal.consequences import Consequences
from portal.database import Database
from portal.desk import Desk
from portal.duty.absences import Absences
from portal.duty.bridges import Bridges
from portal.duty.due import Due
from portal.duty.parts import duty_of
from portal.duty.silence import Silence
from portal.elsewhere.errands import Elsewhere
from portal.extending.extension import guard
from portal.extending.lapses import Lapses
from portal.extending.notices import Notices
from portal.extending.sponsors import Sponsors
from portal.factor import Shelf
from portal.factors import FACTORS
from portal.hooks import Hooks
from portal.jobs import Jobs, queue
from portal.kept import Kept
from portal.keys import Keys
from portal.kit import Kits
from portal.limits import Limits, TableStorage
from portal.mailboxes.forward_guard import ForwardGuard, one_after_another
from portal.mailboxes.fullness import Fullness
from portal.mailboxes.guard import MailboxGuard
from portal.outbox import Outbox
from portal.outside import connectors_of, longest_request
from portal.own_data.address_changes import AddressChanges
from portal.owners import Owners
from portal.parts import Clock, Parts, utc_now
from portal.passwords.breaches import Leaks
from portal.passwords.spreading import Spreading
from portal.passwords.watch import Watch
from portal.post import Post
from portal.providers.links import ProviderLinks
from portal.providers.parts import providers_of
from portal.record.recording import record_of
from portal.record.sealed import Sealed
from portal.recovery import Recovery
from portal.settings.installation import Settings
from portal.sign_in.enrolment import OwnFactors, OwnSessions
from portal.sign_in.prover import Prover
from portal.sign_in.sessions import Sessions
from portal.sign_in.signing_in import SignIn
from portal.sign_in.signing_out import SignOut
from portal.sign_in.walks import Walks
from portal.tickets.copies import Copies
from portal.tickets.counter import Counter
from portal.tickets.service_desk import service_desk
from portal.tickets.store import Tickets
from portal.timers.timers import Timers
from portal.web.links import Links

MARGIN = timedelta(seconds=10)  # beyond all time limits of one request, before an open intent counts as left behind


def assemble(settings: Settings, *, clock: Clock = utc_now) -> Parts:
    """Build all parts from the settings. Connects nothing yet."""
    Path(settings.state).mkdir(parents=True, exist_ok=True)
    keys = Keys(settings.secret_key)
    database = Database(settings.database)
    units = Units(settings.audit.units)
    log = record_of(settings, clock, units)
    own_factors, mail = OwnFactors(keys, clock), Smtp(settings.mail)
    jobs = Jobs(queue(settings.database, settings.state))
    outbox = Outbox(database, keys, clock, jobs.wake)
    books = Books(database=database, log=log, keys=keys, outbox=outbox, clock=clock)
    address_changes = AddressChanges(keys, outbox, clock, timedelta(hours=settings.recovery.cooling_hours))
    password_links = PasswordLinks(settings.caller_check, keys, outbox, clock)
    own: list[tuple[str, Capability]] = [
        ("factors", own_factors),
        ("sessions", OwnSessions()),
        ("addresses", address_changes),
        ("lapses", lapses := Lapses(clock)),
        ("password links", password_links),
        ("providers", provider_links := ProviderLinks(clock)),
        ("mail", mail),
    ]
    connectors = connectors_of(settings, keys, clock, mail, own)
    kept = Kept(database, keys, clock)
    accounts = Accounts(connectors, {home.name: home for home in settings.homes}, kept, units.note)
    limits = Limits(settings.limits, TableStorage(database, clock))
    shelf = Shelf(database=database, keys=keys, outbox=outbox, accounts=accounts, connectors=connectors, clock=clock)
    factors = {name: kind(shelf) for name, kind in FACTORS.items()}
    walks = Walks(books, age=settings.walk_age)
    links = Links(settings.base, keys)
    zone = ZoneInfo(settings.time_zone)
    due = Due(settings.calendars, zone, desk=settings.desk, approvals=settings.approvals)
    name = settings.ticket_system.identity if settings.ticket_system else ""
    copies = Copies(name, books)
    tickets = Tickets(keys, clock, due, settings.desk, copies.changed)
    absences = Absences(books, zone=zone, tickets=tickets)
    counter = Counter(books, tickets=tickets)
    hooks = Hooks(settings.hooks, books)
    watch = Watch(books, settings=settings.after_change, accounts=accounts, counter=counter)
    spreading = Spreading(books, connectors=connectors, counter=counter)
    post = Post(books=books, links=links)
    elsewhere = Elsewhere(
        settings.passwords_also,
        {one.name: one.label or one.name for one in settings.systems},
        log=log,
        connectors=connectors,
        counter=counter,
        clock=clock,
    )
    timers = Timers(keys, clock)
    consequences = Consequences(
        post=post,
        outbox=outbox,
        hooks=hooks,
        watch=watch,
        spreading=spreading,
        elsewhere=elsewhere,
        address_changes=address_changes,
        tickets=tickets,
        timers=timers,
        desk=settings.desk.mail,
        clock=clock,
    )
    sponsors = Sponsors(connectors, settings.roles)
    owners = Owners(connectors, accounts, sponsors, settings.roles)
    sealed = Sealed(database, settings.sealer.limit_minutes, clock)
    forwards = ForwardGuard(settings, accounts, connectors)
    desk = Desk(
        books,
        accounts=accounts,
        connectors=connectors,
        rules=settings.rules,
        counter=counter,
        consequences=consequences,
        elsewhere=elsewhere,
        hooks=hooks,
        sponsors=sponsors,
        owners=owners,
        guard=one_after_another(
            guard(settings.extension_rules, zone), forwards, MailboxGuard(settings.mailbox, connectors, zone)
        ),
        sealed=sealed,
    )
    bridges = Bridges(books, settings=settings.approvals, zone=zone, tickets=tickets, accounts=accounts, desk=desk)
    return Parts(
        settings=settings,
        clock=clock,
        keys=keys,
        database=database,
        log=log,
        connectors=connectors,
        accounts=accounts,
        jobs=jobs,
        outbox=outbox,
        post=post,
        limits=limits,
        leaks=Leaks(settings.passwords),
        factors=factors,
        own_factors=own_factors,
        address_changes=address_changes,
        lapses=lapses,
        sessions=Sessions(database=database, keys=keys, settings=settings, clock=clock),
        sign_out=SignOut(books, limits=limits, links=links),
        walks=walks,
        prover=Prover(books, factors=factors, limits=limits, walks=walks),
        sign_in=SignIn(
            books,
            accounts=accounts,
            connectors=connectors,
            limits=limits,
            failure_seconds=settings.sign_in.failure_milliseconds / 1000,
        ),
        links=links,
        due=due,
        copies=copies,
        tickets=tickets,
        counter=counter,
        service_desk=service_desk(settings.desk, books, tickets=tickets, counter=counter, due=due),
        sponsors=sponsors,
        owners=owners,
        timers=timers,
        fullness=Fullness(settings.mailbox.nearly_full, books, connectors=connectors, accounts=accounts),
        forwards=forwards,
        desk=desk,
        kits=Kits(desk=desk, database=database, timers=timers, grace=longest_request(settings) + MARGIN, clock=clock),
        elsewhere=elsewhere,
        sealed=sealed,
        approvals=Approvals(books, tickets=tickets, accounts=accounts, desk=desk, absences=absences),
        absences=absences,
        duty=duty_of(
            settings, books, due=due, absences=absences, connectors=connectors, sponsors=sponsors, counter=counter
        ),
        silence=Silence(books, tickets=tickets, absences=absences, bridges=bridges),
        bridges=bridges,
        recovery=Recovery(
            books,
            accounts=accounts,
            connectors=connectors,
            counter=counter,
            consequences=consequences,
            elsewhere=elsewhere,
            grace=longest_request(settings) + MARGIN,
        ),
        front=front_desk(
            settings, books, tickets=tickets, counter=counter, due=due, accounts=accounts, limits=limits, links=links
        ),
        password_links=password_links,
        providers=providers_of(settings, database=database, keys=keys, links=provider_links, clock=clock),
        hooks=hooks,
        watch=watch,
        notices=Notices(books, settings=settings.notices, zone=zone, connectors=connectors, kept=kept),
        spreading=spreading,
        auditing=auditing(books, units=units, accounts=accounts, counter=counter),
        mail=mail,
    )
