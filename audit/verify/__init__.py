"""Verifying a log without trusting whoever keeps it: the standard library and `cryptography` suffice."""
