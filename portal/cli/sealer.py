"""`portal sealer` and `portal witness`: the two processes that make a change of the record visible."""

import os
import signal
import sys
import threading
from datetime import UTC, datetime

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load_sealer


def utc_now() -> datetime:
    return datetime.now(UTC)  # without importing all the parts: this process has few needs


@click.command()
@settings_option
@click.option("--with-starter", is_flag=True, hidden=True, help="End when the process that started this one ends.")
def sealer(*, with_starter: bool) -> None:
    """Sign the record as it grows. Exit 3: it is no longer what was signed; somebody must look."""
    from audit.keys import KeyFileRefused
    from connectors.smtp import Smtp
    from portal.database import Database
    from portal.logs import prepare
    from portal.record.sealer_alarm import Alarm
    from portal.record.sealing import Sealing, sealer_of

    settings, stop = load_sealer(), threading.Event()
    prepare(settings.log_level)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if with_starter:
        threading.Thread(target=_until_the_starter_ends, args=(stop,), daemon=True).start()
    engine = Database(settings.database).engine
    alarm = Alarm(settings, engine, Smtp(settings.mail), utc_now)
    try:
        sealing = Sealing(sealer_of(settings, utc_now), engine, alarm, utc_now)
    except (KeyFileRefused, OSError) as error:
        raise click.ClickException(str(error)) from None
    sys.exit(sealing.run(stop))


def _until_the_starter_ends(stop: threading.Event) -> None:
    starter = os.getppid()
    while not stop.wait(0.5):
        if os.getppid() != starter:
            stop.set()


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def witness(arguments: tuple[str, ...]) -> None:
    """Watch over a log from elsewhere: new, log, run, show (the same as python -m audit witness)."""
    from audit.witness import command as witness_command

    sys.exit(witness_command.main(arguments, utc_now, "portal witness"))
