"""Mailboxes, lists and shared boxes as all installations together know them, and what is asked before they change."""
