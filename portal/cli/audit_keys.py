"""`portal audit`: the keys that sign the record, and a new record in the place of one that was lost."""

from datetime import timedelta
from pathlib import Path

import click

from audit.notes import BadNote, VerifierKey
from portal.cli.settings_option import settings_option
from portal.settings.file import load

BOTH_SIGN = timedelta(days=30)


@click.command(name="new-key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--post-quantum", is_flag=True, help="An ML-DSA-44 key, to sign beside the other.")
def new_key(file: Path, *, post_quantum: bool) -> None:
    """Make a signing key in a new file. Existing ones are never replaced."""
    from audit.keys import generate_key, generate_post_quantum_key

    generate_post_quantum_key(file) if post_quantum else generate_key(file)
    click.echo(f"Written: {file}")


@click.command(name="rotate-key")
@settings_option
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--announce", metavar="KEY", help="Where the sealer has its own file: the new verifier key, made there.")
def rotate_key(file: Path | None, announce: str | None) -> None:
    """Make a new signing key in FILE and write into the record which it is. Both keys sign for 30 days."""
    from audit.event import SYSTEM, Event
    from audit.keys import generate_key, verifier_key
    from portal.assembly import assemble

    if (file is None) == (announce is None):
        raise click.UsageError("Name a new FILE, or a key with --announce.")
    parts = assemble(load())
    own = parts.settings.audit
    if file:
        announce = verifier_key(generate_key(file), own.origin)
    try:
        announced = VerifierKey.parse(announce or "")
    except BadNote as error:
        raise click.ClickException(str(error)) from None
    if announced.name != own.origin:
        raise click.ClickException(f"That key is of {announced.name}, not of {own.origin}.")
    with parts.database.write() as tx:
        event = Event(kind="log_key_changed", actor=SYSTEM, statement=str(announced))
        number = parts.log.record(tx, event, "success")
    until = (parts.clock() + BOTH_SIGN).date()
    click.echo(f"Entry {number} names the new key:\n{announced}\n\nNow change the sealer's settings and restart it:")
    click.echo(f'  signing_key = "{file or "the new file"}"')
    click.echo(f'  [sealer]\n  old_signing_key = "{own.signing_key or "the file before"}"\n  old_until = {until}')
    click.echo("Give the new key to the auditors, and to each witness: portal witness log FOLDER KEY")


@click.command(name="new-origin")
@settings_option
@click.option("--reason", required=True, help="Why the record begins anew, for the auditors.")
@click.option(
    "--export", "folder", type=click.Path(path_type=Path), required=True, help="A new folder for what is left."
)
@click.option(
    "--last",
    type=click.Path(path_type=Path, exists=True),
    help="The last published checkpoint, if this installation has none: from a mail, a witness or an export.",
)
def new_origin(reason: str, folder: Path, last: Path | None) -> None:
    """Begin a new record after a restore, or after its key was lost. First set audit.origin to its new name."""
    from audit.anchor import checkpoint_of
    from audit.beginning import AttemptsOpen, begin_anew
    from audit.export import NotSigned, export_tiles
    from audit.seal_state import SealState
    from portal.assembly import assemble
    from portal.record.feeds import begin_again

    parts = assemble(load())
    sealed = None if last else SealState(parts.settings.state / "sealed.json").load()
    old = checkpoint_of(last.read_bytes()) if last else sealed.checkpoint if sealed else None
    if old is None:
        raise click.ClickException("Name the last published checkpoint with --last.")
    if old.origin == parts.settings.audit.origin:
        raise click.ClickException(f"First set audit.origin to a new name, such as {old.origin}-2.")
    folder.mkdir(parents=True)
    with parts.database.read() as db:
        try:
            click.echo(f"{export_tiles(db, folder).size} entries of the old record written to {folder}")
        except NotSigned:
            click.echo("The old record was never signed: nothing to write.")
    try:
        with parts.database.write() as tx:
            begin_anew(tx, parts.log, old, reason)
            begin_again(tx)
    except AttemptsOpen:
        raise click.ClickException(
            "Attempts are still open: let `portal worker` run for a minute, then again."
        ) from None
    click.echo(f"{parts.settings.audit.origin} begins; its entry 0 quotes {old.origin} at {old.size} entries.")
