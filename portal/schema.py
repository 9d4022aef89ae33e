"""Makes the tables and brings older ones to this version, with Alembic, which the web server starts without."""

from pathlib import Path
from typing import TYPE_CHECKING

from portal.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade_schema(url: str) -> None:
    """Bring the database at `url` to the newest version."""
    from alembic import command

    database = Database(url)
    with database.engine.execution_options(write=True).connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    database.engine.dispose()


def is_current(database: Database) -> bool:
    """Whether the tables are those of this version."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with database.engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    return here == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
