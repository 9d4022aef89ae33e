"""`portal run` and `portal worker`: the web server and the jobs."""

import os

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load

THREADS = 4  # a web process: the interpreter runs one at a time, the others wait for the directory
GENTLE = 10  # the worker's nice value: mail may wait a second, somebody before a page should not


@click.command()
@settings_option
def run() -> None:
    """Serve the pages until SIGINT or SIGTERM."""
    from granian import Granian  # the server is not needed by the other commands, which should start fast
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from portal.logs import prepare
    from portal.web import assets

    settings = load()
    prepare(settings.log_level)
    assets.build(settings.state / "assets")  # once, before the web processes look for it
    host, _, port = settings.listen.rpartition(":")
    Granian(
        "wsgi:app",
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.WSGI,
        workers=settings.workers or os.cpu_count() or 1,
        blocking_threads=THREADS,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_access=False,
        log_level=LogLevels(settings.log_level),
        websockets=False,
    ).serve()


@click.command()
@settings_option
def worker() -> None:
    """Look people up, send mails, settle what a crash left open, and seal the record."""
    from portal.work import work

    os.nice(GENTLE)
    work(load())
