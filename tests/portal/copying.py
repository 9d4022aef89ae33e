"""A portal that copies its tickets to a stand-in, and hands for both sides."""

from datetime import timedelta

from connectors.tickets.settings import TicketSystemSettings
from portal.identity import Principal
from portal.settings.installation import Settings
from portal.tickets.copies import Copy
from portal.tickets.ticket import Wish
from portal.work import couriers_of
from tests.portal.site import Site

CAROL = Principal(
    account_id="main:carol", login="carol", name="Carol", roles=frozenset({"coordinator"}), session="s", source="::1"
)
PERSON = Principal(account_id="main:alice", login="alice", name="Alice")


def copied_to(settings: Settings, system: TicketSystemSettings) -> Settings:
    return Settings.model_validate({**dict(settings), "ticket_system": system})


def open_ticket(site: Site, number: int = 0, **more: object) -> int:
    """A ticket of somebody whose wish nobody else has."""
    values = {"requester_id": None, "claim": f"alice{number}", "action": "reset_password", "reason": "no_factor_left"}
    with site.parts.database.write() as tx:
        return site.parts.counter.open(tx, Wish(**values | more), actor=PERSON)  # type: ignore[arg-type]


def copy_of(site: Site, number: int) -> Copy:
    with site.parts.database.read() as db:
        found = site.parts.copies.get(db, number)
    assert found is not None
    return found


def look(site: Site) -> None:
    """What the worker does once a minute."""
    with site.app.app_context():
        couriers_of(site.parts, site.letters).copying.look()


def work_on(site: Site, *, minutes: int = 16, times: int = 6) -> None:
    """Let the worker go on until all that can be done is done."""
    for _ in range(times):
        site.work()
        site.clock.move(timedelta(minutes=minutes))
    site.work()
