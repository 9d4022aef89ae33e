"""A worker that only copies tickets, by a clock that runs faster: leases and lags pass in seconds, a kill is a kill."""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from portal.app import create_app
from portal.letters import Letters
from portal.parts import Parts, utc_now
from portal.settings.file import load
from portal.work import couriers_of


def quick_clock(began: datetime, speed: int) -> Callable[[], datetime]:
    """The same in every process that is told the same beginning."""
    return lambda: began + (utc_now() - began) * speed


def work(settings_path: Path, began: datetime, speed: int) -> None:
    """Run until killed."""
    settings = load(settings_path)
    app = create_app(settings, clock=quick_clock(began, speed))
    parts: Parts = app.extensions["parts"]
    carriers = {"ticket_copy": couriers_of(parts, Letters(app, settings)).carriers()["ticket_copy"]}
    with app.app_context():
        while True:
            if not parts.outbox.run(carriers):
                time.sleep(0.1)


if __name__ == "__main__":
    work(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]))
