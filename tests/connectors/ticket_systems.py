"""Settings of the ticket systems that tests copy to."""

from connectors.tickets.settings import TicketSystemSettings
from tests.servers.request_tracker import QUEUE
from tests.standins import glpi, jira, osticket, servicenow, zammad

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the examples of Standard Webhooks


def zammad_settings(url: str, **more: object) -> TicketSystemSettings:
    values = {"token": zammad.TOKEN, "queue": "Users", "requester": "portal@example.org"}
    return TicketSystemSettings(kind="zammad", url=url, **values | more)  # type: ignore[arg-type]


def glpi_settings(url: str, **more: object) -> TicketSystemSettings:
    values = {"token": glpi.TOKEN, "app_token": glpi.APP_TOKEN}
    return TicketSystemSettings(kind="glpi", url=f"{url}/apirest.php", **values | more)  # type: ignore[arg-type]


def rt_settings(url: str, token: str, **more: object) -> TicketSystemSettings:
    values = {"token": token, "queue": QUEUE}
    return TicketSystemSettings(kind="request-tracker", url=url, **values | more)  # type: ignore[arg-type]


def hook_settings(url: str, **more: object) -> TicketSystemSettings:
    return TicketSystemSettings(kind="webhook", url=f"{url}/in", **{"secret": SECRET} | more)  # type: ignore[arg-type]


def jira_settings(url: str, **more: object) -> TicketSystemSettings:
    values = {"user": jira.USER, "token": jira.TOKEN, "queue": f"{jira.DESK}/{jira.FORM}"}
    return TicketSystemSettings(kind="jira-service-management", url=url, **values | more)  # type: ignore[arg-type]


def servicenow_settings(url: str, **more: object) -> TicketSystemSettings:
    values = {"user": servicenow.USER, "token": servicenow.TOKEN, "queue": servicenow.GROUP}
    return TicketSystemSettings(kind="servicenow", url=url, **values | more)  # type: ignore[arg-type]


def osticket_settings(url: str, **more: object) -> TicketSystemSettings:
    values = {"token": osticket.TOKEN, "address": "desk@example.org", "requester": "portal@example.org"}
    return TicketSystemSettings(kind="osticket", url=url, **values | more)  # type: ignore[arg-type]
