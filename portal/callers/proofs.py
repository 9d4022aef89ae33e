"""What callers can prove who they are with, by name."""

from flask_babel import lazy_gettext as _l

PROOFS = {
    "call_back": _l("Called back"),
    "mailed_code": _l("A code read aloud"),
    "manager": _l("Their manager"),
    "id_seen": _l("A card with their picture"),
    "questions": _l("What few others know"),
}
