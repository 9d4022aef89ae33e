"""The transparency log: what was done to accounts, kept so that nobody can change it unseen.

Nothing is imported here, so that `python -m audit verify` needs no more than the standard library and `cryptography`.
"""
