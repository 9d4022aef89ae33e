"""`portal db`: the tables."""

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load


@click.group(name="db")
def database() -> None:
    """The database."""


@database.command()
@settings_option
def upgrade() -> None:
    """Make the tables, or bring them to this version. Running it again changes nothing."""
    from portal.schema import upgrade_schema

    settings = load()
    settings.state.mkdir(parents=True, exist_ok=True)
    upgrade_schema(settings.database)
    click.echo("The database is at this version.")
