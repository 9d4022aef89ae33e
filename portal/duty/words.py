"""What people call the queues."""

from flask_babel import lazy_gettext as _l

QUEUE_NAMES = {
    "coordinators": _l("Service desk"),
    "tier2": _l("Second line"),
    "supervisors": _l("Supervisors"),
}
