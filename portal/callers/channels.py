"""How somebody came to the service desk without signing in: as good as said, until a check says more."""

from flask_babel import lazy_gettext as _l

CHANNELS = {
    "phone": _l("By telephone"),
    "desk": _l("At the counter"),
    "letter": _l("By letter"),
    "mail": _l("By mail; a sender can be forged"),
}
