"""Signs what the record has grown by. Refusing to is an alarm, never silent."""

import structlog

from audit.keys import load_key
from audit.sealer import Sealer, SealRefused
from portal.parts import Parts

logger = structlog.get_logger("sealer")


def sealer_of(parts: Parts) -> Sealer:
    """The sealer with this installation's key; what it signed last is kept in a file of its own."""
    settings = parts.settings
    key = load_key(settings.audit.signing_key)
    return Sealer(settings.audit.origin, key, settings.state / "sealed.json", parts.clock)


def seal(parts: Parts, sealer: Sealer) -> None:
    """Sign if there is something new; log the refusal if the record is no longer what was signed."""
    try:
        sealer.seal(parts.database.engine)
    except SealRefused as refused:
        logger.error("seal_refused", why=str(refused))
