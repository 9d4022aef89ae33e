"""Somebody's turns as iCalendar (RFC 5545), for the calendar on their phone."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from portal.duty.plan import Turn

LONGEST = 75  # octets of a line (RFC 5545, 3.1)


def calendar(name: str, host: str, turns: Iterable[tuple[Turn, str]], now: datetime) -> str:
    """A calendar of these turns, each with the words that name it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sparekey//Shifts//EN", f"X-WR-CALNAME:{_text(name)}"]
    for turn, words in turns:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{turn.shift}-{turn.day.isoformat()}@{host}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(turn.starts)}",
            f"DTEND:{_moment(turn.ends)}",
            f"SUMMARY:{_text(words)}",
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for line in (*lines, "END:VCALENDAR") for part in _folded(line))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """Escaped as RFC 5545, 3.3.11 says."""
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> Iterator[str]:
    """Long lines go on after a blank; no character is cut in two."""
    part, room = "", LONGEST
    for sign in line:
        if (size := len(sign.encode())) > room:
            yield part
            part, room = " ", LONGEST - 1
        part, room = part + sign, room - size
    yield part
