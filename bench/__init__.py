"""Measures what a reset costs beside the bare directory and database; nothing here is a test."""
