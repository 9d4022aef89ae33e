"""Looks everything over before a person finds out, for the command and for the page."""
