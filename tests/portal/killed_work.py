"""Work on the record in a process of its own, so that it can be killed at any moment."""

import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from audit import prune as pruning
from audit.log import AuditLog
from audit.prune import Ages, Prune
from portal.app import create_app
from portal.database import Database
from portal.evidence import exporting
from portal.evidence.exporting import Exporting
from portal.parts import utc_now
from portal.settings.installation import Settings

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


def killed(work: Callable[..., None], longest: float, chance: random.Random, *arguments: Any) -> bool:
    """Begin the work and kill it within so many seconds; whether it was still at it."""
    ready = _context.Event()
    process: BaseProcess = _context.Process(target=work, args=(ready, *arguments))
    process.start()
    ready.wait(60)
    process.join(chance.uniform(0, longest))
    at_it = process.exitcode is None
    if process.pid and at_it:
        os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    return at_it


def finished(work: Callable[..., None], *arguments: Any) -> None:
    """Let it come to its end."""
    ready = _context.Event()
    process = _context.Process(target=work, args=(ready, *arguments))
    process.start()
    process.join(300)
    assert process.exitcode == 0


def prune(ready: Any, url: str, key: bytes, now: datetime) -> None:
    """Take out what was told."""
    pruning.CHUNK = 256
    database = Database(url)
    log = AuditLog(origin="test.invalid/audit", key=key, clock=lambda: now, version="1")
    work = Prune(log, database.read, database.write, Ages(365), now)
    ready.set()
    list(work.run())
    os._exit(0)


def export(ready: Any, settings: Settings, later: float) -> None:
    """Make the files that wait, as a worker that begins `later` seconds from now: what a dead one claimed is free."""
    exporting.A_TIME = 20
    app = create_app(settings, clock=lambda: utc_now() + timedelta(seconds=later))
    parts = app.extensions["parts"]
    carriers = {"export": Exporting(parts).carry, "notice": lambda *_: None}
    ready.set()
    with app.app_context():
        while parts.outbox.run(carriers):
            pass
    os._exit(0)
