"""A checkpoint as people keep it: on paper, in a mail, in another machine's log. Whoever has one can find out later."""

from audit.checkpoints import Checkpoint
from audit.notes import Note

_GROUP, _IN_A_LINE = 8, 4  # digits, and groups of them, so that two sheets can be compared by eye


def checkpoint_of(note: bytes) -> Checkpoint:
    """What a signed note commits to; raises audit.notes.BadNote. Nothing of it is verified."""
    return Checkpoint.parse(Note.parse(note).text)


def printed(note: bytes) -> list[str]:
    """The lines to print on every export and report: the log's name, its size, and its root in groups of digits."""
    kept = checkpoint_of(note)
    digits = kept.root.hex()
    groups = [digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP)]
    rows = [" ".join(groups[i : i + _IN_A_LINE]) for i in range(0, len(groups), _IN_A_LINE)]
    return [kept.origin, str(kept.size), *rows]


def in_one_line(note: bytes) -> str:
    """The same for another machine's log."""
    kept = checkpoint_of(note)
    return f"{kept.origin} {kept.size} {kept.root.hex()}"
