"""Tickets: what the portal hands to people, and how they work on it."""

from portal.tickets.store import AlreadyDecided, Note, Ticket, TicketNotFound, Tickets

__all__ = ["AlreadyDecided", "Note", "Ticket", "TicketNotFound", "Tickets"]
