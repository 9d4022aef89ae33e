"""What the doctor says of a ticket system that does not do what it should."""

from connectors.capabilities import Finding, Severity
from connectors.errors import ConnectorError, Forbidden, Outage, Unavailable


def fault(error: ConnectorError, grant: str) -> Finding:
    """The finding for what went wrong; `grant` mends a missing right."""
    remedy = "ticket_system.url: is it running, and does a firewall let this machine reach it?"
    if isinstance(error, Unavailable) and error.outage is Outage.PORTAL_REFUSED:
        remedy = "ticket_system.ca_file: name the PEM file of the authority that signed its certificate."
    elif isinstance(error, Forbidden):
        remedy = f"ticket_system.token, or {grant}"
    message = f"{error.detail}; tickets wait here until they can be copied"
    return Finding(severity=Severity.FAULT, subject="ticket system", message=message, remedy=remedy)


def fine(message: str) -> Finding:
    return Finding(severity=Severity.OK, subject="ticket system", message=message)


def lacking(message: str, remedy: str) -> Finding:
    """It lets us in, and copies would fail all the same."""
    return Finding(severity=Severity.FAULT, subject="ticket system", message=message, remedy=remedy)
