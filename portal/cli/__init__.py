"""The command `portal`: everything an administrator does outside the browser."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from portal.settings.file import SettingsError

COMMANDS = {  # each is imported when it is asked for: the web server starts in three quarters of the time
    "run": "serve:run",
    "worker": "serve:worker",
    "sealer": "sealer:sealer",
    "witness": "sealer:witness",
    "check": "check:check",
    "init": "init:init",
    "settings": "settings_page:settings_page",
    "db": "database:database",
    "audit": "audit:audit",
    "breaches": "breaches:breaches",
    "notices": "notices:notices",
    "mail-in": "mail_in:mail_in",
}


class Portal(click.Group):
    """Settings that cannot be used end the command with every mistake listed, not with a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"portal.cli.{module}"), name)
        return command

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
