"""The sealer's word to everybody else: when it last found the log sound, and why it signs no more if it does not."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from audit.reading import milliseconds
from audit.statements import Statement
from audit.tables import sealer

_READ = select(sealer.c.sound, sealer.c.whole, sealer.c.refused).where(sealer.c.id == 1)
READ = Statement(_READ)


@dataclass(frozen=True)
class Word:
    """What the sealer has said last."""

    sound: datetime  # a look at everything new
    whole: datetime  # a look at every entry
    refused: str


def told(row: tuple[int, int, str] | None) -> Word | None:
    """The word in a row that `READ` found; None if no sealer has ever run here."""
    return None if row is None else Word(_moment(row[0]), _moment(row[1]), row[2])


def read(tx: Connection) -> Word | None:
    """What the sealer has said last; None if none has ever run here."""
    row = tx.execute(_READ).one_or_none()
    return None if row is None else told((row[0], row[1], row[2]))


def sound(tx: Connection, now: datetime, *, whole: bool = False) -> None:
    """Nothing is wrong; `whole`: with any entry."""
    moment = milliseconds(now)
    _say(tx, {"sound": moment, "refused": ""} | ({"whole": moment} if whole else {}))


def refused(tx: Connection, why: str) -> None:
    """The log is not what was signed."""
    _say(tx, {"refused": why})


def _say(tx: Connection, values: dict[str, object]) -> None:
    if tx.execute(update(sealer).where(sealer.c.id == 1).values(values)).rowcount == 0:
        tx.execute(insert(sealer).values({"id": 1, "sound": 0, "whole": 0, "refused": ""} | values))


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1000, UTC)
