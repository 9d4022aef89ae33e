"""`portal breaches`: make the list of leaked passwords, and look one up."""

from pathlib import Path

import click
from rich.progress import DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from portal.cli.settings_option import settings_option
from portal.passwords.demands import normal
from portal.settings.file import load


@click.group()
def breaches() -> None:
    """Passwords that have turned up in leaks, which nobody may choose."""


@breaches.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--at-least", default=0, show_default=True, help="Leave out what turned up less often than this.")
def build(source: Path, target: Path, at_least: int) -> None:
    """Make TARGET, the file for passwords.breach_file, from SOURCE.

    SOURCE is the published list of Pwned Passwords (lines of SHA-1:COUNT, in any order) or one plain word a line.
    While it runs it needs twice the room of the result beside TARGET.
    """
    from portal.passwords.breach_build import build as make

    columns = (TextColumn("{task.description}"), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns) as shown:
        task = shown.add_task("reading", total=source.stat().st_size)
        total = make(source, target, at_least=at_least, progress=lambda octets: shown.advance(task, octets))
    click.echo(f"{total} passwords in {target} ({target.stat().st_size / 1e6:.1f} MB)")


@breaches.command()
@settings_option
def check() -> None:
    """Ask for a password, without showing it, and say whether it is known. Nothing is kept or logged."""
    from portal.passwords.breaches import Leaks

    leaks = Leaks(load().passwords)
    if not leaks.known:
        raise click.ClickException("No list: set passwords.breach_file or passwords.breach_service.")
    times = leaks.seen(normal(click.prompt("Password", hide_input=True)))
    if times is None:
        click.echo("Not known.")
    else:
        click.echo(f"Known: it turned up {times} times." if times else "Known; how often was not counted.")
