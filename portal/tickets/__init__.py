"""Tickets: what the portal hands to people, and how they work on it."""

from portal.tickets.store import Tickets
from portal.tickets.ticket import AlreadyDecided, Note, Ticket, TicketNotFound

__all__ = ["AlreadyDecided", "Note", "Ticket", "TicketNotFound", "Tickets"]
