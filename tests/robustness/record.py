"""What the record and the directory say after the storm, and whether they agree."""

import tempfile
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from audit import pseudonyms, reading
from audit.reading import Entry
from portal.tables import operation
from tests.servers.deployment import Deployment, Person
from tests.servers.running import wait_until


@dataclass(frozen=True)
class Story:
    """What the record holds about resets of one person."""

    intents: int
    outcomes: tuple[str, ...]
    recovered: int  # outcomes read back from the directory after a crash
    operations: tuple[str, ...]


def settle(made: Deployment) -> int:
    """Let the portal's own recovery look at once at everything still open; return how much it closed."""
    recovery = copy(made.parts().recovery)
    recovery._grace = timedelta()
    return recovery.settle()


def entries(made: Deployment, account_id: str) -> list[Entry]:
    """Everything the record holds about an account, oldest first."""
    log = made.parts().log
    with made.parts().database.read() as db:
        subject = pseudonyms.find(db, log.keyring, account_id)
        if subject is None:
            return []
        found = reading.read(db, log.keyring, reading.find(db, reading.Wanted(500, subject=subject)))
    return found[::-1]


def story(made: Deployment, person: Person, kind: str = "password_reset", action: str = "reset_password") -> Story:
    about = [entry for entry in entries(made, person.account.id) if entry.kind == kind]
    with made.parts().database.read() as db:
        query = select(operation.c.outcome).where(operation.c.account_id == person.account.id)
        rows = [str(row.outcome) for row in db.execute(query.where(operation.c.action == action))]
    return Story(
        intents=sum(entry.phase == "intent" for entry in about),
        outcomes=tuple(str(entry.outcome) for entry in about if entry.phase == "outcome"),
        recovered=sum(bool(entry.event["unmapped"].get("recovered")) for entry in about),
        operations=tuple(rows),
    )


def open_operations(made: Deployment) -> int:
    with made.parts().database.read() as db:
        query = select(func.count()).select_from(operation).where(operation.c.closed.is_(None))
        return int(db.execute(query).scalar_one())


def verify_inside(made: Deployment) -> str:
    """What `portal audit verify` says; it must end well. The worker signs first a moment after it began."""
    said = []

    def signed() -> bool:
        said.append(made.portal("audit", "verify"))
        return "never signed" not in said[-1].stdout + said[-1].stderr

    wait_until(signed, seconds=20, what="a first checkpoint")
    assert said[-1].returncode == 0, said[-1].stdout + said[-1].stderr
    return said[-1].stdout


def verify_outside(made: Deployment) -> str:
    """What an auditor's own `python -m audit verify` says of an export; it must end well."""
    key = made.portal("audit", "key").stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        exported = made.portal("audit", "export", "--tiles", f"{folder}/log")
        assert exported.returncode == 0, exported.stdout + exported.stderr
        assert (Path(folder) / "log" / "checkpoint").exists()
        done = made.portal("verify", f"{folder}/log", "--key", key, module="audit")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_sealed(made: Deployment) -> None:
    """Wait until the worker has signed everything the record holds."""

    def sealed() -> bool:
        with made.parts().database.read() as db:
            size = made.parts().log.size(db)
        return made.portal("audit", "checkpoint").stdout.splitlines()[1:2] == [str(size)]

    wait_until(sealed, seconds=20, what="a checkpoint over everything")
