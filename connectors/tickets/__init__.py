"""Other ticket systems that get copies of our tickets: one file for each kind."""

from collections.abc import Callable
from datetime import datetime

from connectors.capabilities import SendsMail
from connectors.ticket_copies import CopiesTickets
from connectors.tickets.glpi import Glpi
from connectors.tickets.jira import JiraServiceManagement
from connectors.tickets.mail import MailedCopies
from connectors.tickets.osticket import OsTicket
from connectors.tickets.request_tracker import RequestTracker
from connectors.tickets.servicenow import ServiceNow
from connectors.tickets.settings import TicketSystemSettings
from connectors.tickets.webhook import Webhook
from connectors.tickets.zammad import Zammad

_KINDS: dict[str, Callable[[TicketSystemSettings, Callable[[], datetime]], CopiesTickets]] = {
    "request-tracker": RequestTracker,
    "zammad": Zammad,
    "glpi": Glpi,
    "jira-service-management": JiraServiceManagement,
    "servicenow": ServiceNow,
    "osticket": OsTicket,
    "webhook": Webhook,
}


def ticket_system(
    settings: TicketSystemSettings, clock: Callable[[], datetime], mail: SendsMail, sender: str
) -> CopiesTickets:
    """The connector for the ticket system of the settings."""
    if settings.kind == "mail":
        return MailedCopies(settings, mail, sender, clock)
    return _KINDS[settings.kind](settings, clock)
