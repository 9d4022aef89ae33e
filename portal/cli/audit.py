"""`portal audit`: check, export and prove the record, and forget people in it."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.audit_index import index
from portal.cli.audit_keys import new_key, new_origin, rotate_key
from portal.cli.audit_privacy import erase, prune, sweep
from portal.cli.settings_option import settings_option
from portal.settings.file import SettingsError, load, load_sealer

if TYPE_CHECKING:
    from portal.parts import Parts


@click.group()
def audit() -> None:
    """The record that can be proved."""


for command in (erase, prune, sweep, index, new_key, rotate_key, new_origin):
    audit.add_command(command)


def _parts() -> "Parts":
    from portal.assembly import assemble

    return assemble(load())


@audit.command()
@settings_option
@click.option(
    "--checkpoint",
    "saved",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="A checkpoint saved earlier; may be given several times.",
)
@click.option("--key", help="The verifier key you were given; without it the key of this installation is used.")
@click.option("--processes", type=click.IntRange(1), help="By default one for each core, and for a small record one.")
def verify(saved: tuple[Path, ...], key: str | None, processes: int | None) -> None:
    """Recompute the whole record from its entries. Exit 0 if it is sound, 1 if not."""
    from audit.database_check import verify_by_many
    from audit.verify.command import lines
    from audit.verify.proofs import VerifyFailed
    from portal.database import open_engine

    parts = _parts()
    earlier = [file.read_bytes() for file in saved]
    try:
        report = verify_by_many(
            partial(open_engine, parts.settings.database),
            key or verifier_key_of(parts),
            earlier,
            now=parts.clock(),
            processes=processes,
        )
    except VerifyFailed as failure:
        click.echo(f"FAIL: {failure}")
        sys.exit(1)
    for line in lines(report):
        click.echo(line)


@audit.command()
@settings_option
@click.option("--tiles", "folder", type=click.Path(path_type=Path), required=True, help="Write the log as files here.")
def export(folder: Path) -> None:
    """Write the whole log as files any tlog-tiles reader can check."""
    from audit.export import export_tiles

    with _parts().database.engine.connect() as db:
        checkpoint = export_tiles(db, folder)
    click.echo(f"{checkpoint.size} entries written to {folder}")


@audit.command()
@settings_option
@click.argument("index", type=int)
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="The folder for the two files.")
def prove(index: int, out: Path) -> None:
    """Write one entry and the proof that it is in the log, for `python -m audit verify --proof FILE --entry FILE`."""
    from audit.export import proof

    with _parts().database.engine.connect() as db:
        text, entry = proof(db, index)
    (out / f"entry-{index}.json").write_bytes(entry)
    (out / f"entry-{index}.tlog-proof").write_text(text)
    click.echo(f"{out / f'entry-{index}.json'}\n{out / f'entry-{index}.tlog-proof'}")


@audit.command()
@settings_option
def checkpoint() -> None:
    """Print the newest signed checkpoint, to be kept somewhere else."""
    from audit import serving

    with _parts().database.read() as db:
        note = serving.checkpoint(db)
    click.echo(note.decode() if note else "Nothing has been signed yet.", nl=False)


@audit.command()
@settings_option
def policy() -> None:
    """Print the policy for `python -m audit verify --policy`: compare its keys with those you have on paper."""
    parts = _parts()
    witnesses = parts.settings.sealer.witnesses
    click.echo(f"log {verifier_key_of(parts)}")
    for number, witness in enumerate(witnesses, start=1):
        click.echo(f"witness W{number} {witness.key}")
    names = " ".join(f"W{number}" for number in range(1, len(witnesses) + 1))
    click.echo(f"group witnesses any {names}\nquorum witnesses" if witnesses else "quorum none")


@audit.command()
@settings_option
def key() -> None:
    """Print the verifier key. Give it to the auditors on paper or in a signed mail."""
    from audit.keys import load_key, verifier_key

    try:
        own = load_sealer()  # also from a file that only the sealer can read
    except SettingsError:
        click.echo(verifier_key_of(_parts()))
    else:
        click.echo(verifier_key(load_key(own.signing_key), own.origin))


def verifier_key_of(parts: "Parts") -> str:
    """The verifier key of this installation's signing key."""
    from audit.keys import load_key, verifier_key

    own = parts.settings.audit
    return verifier_key(load_key(own.signing_key), own.origin) if own.signing_key else own.verifier_key
