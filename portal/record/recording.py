"""The record as an installation's settings want it."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

from audit.log import AuditLog
from portal.auditors.units import Units
from portal.keys import Keys
from portal.settings.installation import Settings


def record_of(settings: Settings, clock: Callable[[], datetime], units: Units) -> AuditLog:
    return AuditLog(
        origin=settings.audit.origin,
        key=Keys(settings.audit.key).raw("audit"),
        clock=clock,
        version=version("sparekey"),
        schema=settings.audit.schema_version,
        unit_of=units.of,
    )
