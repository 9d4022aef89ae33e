"""Runs migrations on the connection it is given."""

from alembic import context

from audit.tables import metadata as audit_metadata
from portal.aftercare import tables as _aftercare  # noqa: F401 - as are these
from portal.auditors import tables as _auditors  # noqa: F401 - they join the others' metadata
from portal.callers import tables as _callers  # noqa: F401 - their tables belong to the same metadata
from portal.duty import tables as duty_tables  # noqa: F401 - the same
from portal.elsewhere import tables as _elsewhere  # noqa: F401 - the same
from portal.extending import foreseen as _foreseen  # noqa: F401 - its table, too
from portal.mail_in import tables as _mail_in  # noqa: F401 - the same
from portal.providers import sessions as _provider_sessions  # noqa: F401 - the same
from portal.providers import tables as _providers  # noqa: F401 - the same
from portal.record import tables as record_tables  # noqa: F401 - its tables are in the same metadata
from portal.tables import metadata
from portal.tickets import tables as ticket_tables  # noqa: F401 - the same
from portal.timers import tables as _timers  # noqa: F401 - the same

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[metadata, audit_metadata],
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
