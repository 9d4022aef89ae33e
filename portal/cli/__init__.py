"""The command `portal`: everything an administrator does outside the browser."""

import os
import sys
from pathlib import Path

import click

from portal.cli.audit import audit
from portal.cli.breaches import breaches
from portal.cli.check import check
from portal.cli.database import database
from portal.cli.init import init
from portal.cli.notices import notices
from portal.cli.sealer import sealer, witness
from portal.cli.serve import run, worker
from portal.cli.settings_page import settings_page
from portal.settings_file import SettingsError


class Portal(click.Group):
    """Settings that cannot be used end the command with every mistake listed, not with a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(str(error), err=True)
            sys.exit(2)


@click.group(cls=Portal)
@click.version_option(package_name="sparekey")
@click.option("--settings", type=click.Path(path_type=Path), help="The settings file; default: PORTAL_SETTINGS.")
def main(settings: Path | None) -> None:
    """Sparekey: self-service account administration with a record that can be proved."""
    if settings:
        os.environ["PORTAL_SETTINGS"] = str(settings.resolve())


@main.command()
@click.option("--port", type=int, help="Port of the portal; default 8080, or the next free one.")
@click.option(
    "--facts", type=click.Path(path_type=Path), help="Write addresses, logins and secrets to this file, as JSON."
)
@click.option("--state", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
def demo(port: int | None, facts: Path | None, state: Path) -> None:
    """Try everything on this machine: a directory with invented people, a mailbox page, portal and worker."""
    from portal.demo import run_demo  # needs the extra `demo`, which an installation does not have

    run_demo(port, facts, state)


for command in (run, worker, sealer, witness, check, init, settings_page, database, audit, breaches, notices):
    main.add_command(command)
