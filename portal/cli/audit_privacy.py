"""`portal audit erase`, `prune` and `sweep`: forgetting people, and what has had its time."""

import time
from typing import TYPE_CHECKING

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load

if TYPE_CHECKING:
    from portal.database import Database

SEALED_WITHIN = 60  # seconds to wait for the sealer

wait_option = click.option(
    "--wait", default=60, show_default=True, help="Seconds to wait for whoever reads the database as it was before."
)


@click.command()
@settings_option
@wait_option
@click.argument("people", nargs=-1, required=True)
def erase(people: tuple[str, ...], wait: int) -> None:
    """Forget the personal values the log keeps about PEOPLE (logins or account ids). Proofs stay valid.

    Writes the database's files anew, so that nothing is left in them. Nobody can write meanwhile: do it at a quiet
    hour.
    """
    from sqlalchemy import delete

    from portal.assembly import assemble
    from portal.record.tables import export

    parts = assemble(load())
    for person in people:
        account_id = person if ":" in person else parts.accounts.find(person).id
        with parts.database.write() as tx:
            number = parts.log.erase(tx, account_id)
        if number is None:
            raise click.ClickException(f"The log knows nobody by the name {person}.")
        click.echo(f"{person}: erased; entry {number} says so.")
    with parts.database.write() as tx:
        tx.execute(delete(export))  # a file made before may name them
    for receiver in parts.settings.siem:
        if receiver.personal:
            click.echo(f"Erase it there too: the receiver {receiver.name} was told of every entry ({receiver.url}).")
    _sweep(parts.database, wait)
    click.echo("The database holds nothing of it any more. Backups made before still do.")


@click.command()
@settings_option
@wait_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
def prune(wait: int, *, dry_run: bool) -> None:
    """Take out of the log what [retention] says is too old. May be stopped at any time and run again."""
    from audit.prune import Ages, Prune
    from portal.assembly import assemble

    parts = assemble(load())
    rules = parts.settings.retention
    database, now = parts.database, parts.clock()
    work = Prune(parts.log, database.read, database.write, Ages(rules.days, rules.kinds), now)
    for one in work.plan():
        what = f"personal values of {one.kind}" if one.kind else "entries"
        click.echo(f"{what} below entry {one.told}" + (f" ({one.done} have gone before)" if one.done else ""))
    if dry_run:
        return
    work.tell()
    until = time.monotonic() + SEALED_WITHIN
    while (number := work.unsigned()) is not None:
        if time.monotonic() > until:
            raise click.ClickException(f"Entry {number} tells of it, but is not signed yet. Run it again once it is.")
        time.sleep(0.5)
    gone = 0
    for one in work.run():
        click.echo(f"{one.kind or 'entries'}: {one.done} of {one.told}")
        gone += 1
    if gone:
        _sweep(database, wait)
    click.echo("Done." if gone else "There is nothing to take out.")


@click.command()
@settings_option
@wait_option
def sweep(wait: int) -> None:
    """Write the database's files anew without what was deleted, where `erase` or `prune` could not."""
    from portal.assembly import assemble

    _sweep(assemble(load()).database, wait)
    click.echo("The database's files hold nothing any more that was deleted.")


def _sweep(database: "Database", wait: int) -> None:
    from portal.forgetting import StillHeld, sweep_away

    try:
        sweep_away(database, seconds=wait)
    except StillHeld as held:
        raise click.ClickException(
            f"It is deleted, but still lies in the database's files: {held} (a backup under way?). "
            "Once that has ended, run `portal audit sweep`."
        ) from held
