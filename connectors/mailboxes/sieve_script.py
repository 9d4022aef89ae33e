"""The one Sieve script that is the portal's own (RFC 5228): written from plain data, and read back without a guess.

Its second line carries the data; it counts only if they make exactly this script again, so it can never say other than
what the server does. Whoever changes what is written here gives it a new number and keeps a reader for the old one.
Texts stand in quoted strings, where nothing but the quote and the backslash means anything: neither `variables` nor
`encoded-character` is ever required, so that "${…}" stays what somebody typed.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from connectors.mailbox import AutoReply, Forward

NAME = "sparekey"
_NUMBER = 1
_NEVER_HERE = ("aliases", "overruled")  # what only other mail systems tell of a forward
_HEAD = "# Written by Sparekey; changes made here are lost. Rules of your own are kept in scripts of their own."
_DATA = re.compile(rf"# {NAME} {_NUMBER} (\{{.*\}})")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u0085\u2028\u2029]")
_LINE_END = re.compile(r"\r\n?|\u2028|\u2029")
_ADDRESS = re.compile(r"[^\s\"\\<>(),;:\x00-\x20\x7f]+@[A-Za-z0-9.-]+")


class NotWritable(ValueError):
    """Something that can be part of no script."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """Everything the portal does to a person's mail, and whose rules come after it."""

    reply: AutoReply | None = None
    forwards: tuple[Forward, ...] = ()
    addresses: tuple[str, ...] = ()  # the person's own, to which an auto reply answers
    inside: tuple[str, ...] = ()  # domains of the organisation
    before: str = ""  # the script that ran before; it still does

    @property
    def empty(self) -> bool:
        return self.reply is None and not self.forwards


def needed(script: Script) -> list[str]:
    """The extensions a server must have for it."""
    dated = [script.reply, *script.forwards]
    wanted = {
        "vacation": script.reply is not None,
        "copy": any(forward.keep_copy for forward in script.forwards),
        "date": any(one and (one.starts or one.ends) for one in dated),
        "relational": any(one and (one.starts or one.ends) for one in dated),
        "include": bool(script.before),
    }
    return [name for name, so in wanted.items() if so]


def write(script: Script) -> str:
    """The script as text, with line feeds. Raises NotWritable."""
    lines = [_HEAD, f"# {NAME} {_NUMBER} {_data(script)}"]
    if extensions := needed(script):
        lines.append(f"require {_strings(extensions)};")
    if script.reply:
        lines += _when(script.reply, _replies(script.reply, script))
    for forward in script.forwards:
        copy = " :copy" if forward.keep_copy else ""
        lines += _when(forward, [f"redirect{copy} {_string(_address(forward.target))};"])
    for forward in script.forwards:
        if not forward.keep_copy:
            lines += _when(forward, ["stop;"])  # or rules of the person's own would keep a copy after all
    if script.before:
        lines.append(f"include :personal :optional {_string(script.before)};")
    return "\n".join(lines) + "\n"


def read(text: str) -> Script | None:
    """What the portal wrote; None if this is not, to the letter, a script of its own."""
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    marked = _DATA.fullmatch(text.split("\n")[1]) if text.count("\n") > 1 else None
    if marked is None:
        return None
    try:
        script = _script(json.loads(marked.group(1)))
        return script if write(script) == text else None
    except (ValueError, TypeError, KeyError):
        return None


def one_line(text: str) -> str:
    """For a header: no line ends and no other control characters."""
    return " ".join(_CONTROLS.sub(" ", _LINE_END.sub(" ", text)).split())


def plain(text: str) -> str:
    """For a body: lines end in line feeds, and there are no other control characters than these."""
    return _CONTROLS.sub("", _LINE_END.sub("\n", text).replace("\t", " ")).strip()


def _replies(reply: AutoReply, script: Script) -> list[str]:
    everybody = _vacation(reply, reply.text, script.addresses)
    if not script.inside or not (reply.inside_only or reply.outside_text):
        return everybody
    inside = [f'if address :domain :is "from" {_strings(script.inside)} {{', *everybody, "}"]
    if reply.inside_only:
        return inside
    return [*inside, "else {", *_vacation(reply, reply.outside_text, script.addresses), "}"]


def _vacation(reply: AutoReply, text: str, addresses: Iterable[str]) -> list[str]:
    # One handle for one absence: a text that is improved meanwhile is not sent to everybody once more.
    handle = f"{NAME}-{reply.starts.astimezone(UTC):%Y%m%d%H%M}" if reply.starts else NAME
    own = [_address(address) for address in addresses]
    parts = [
        f"vacation :days {int(reply.days)} :handle {_string(handle)}",
        f":subject {_string(one_line(reply.subject))}" if one_line(reply.subject) else "",
        f":addresses {_strings(own)}" if own else "",
        f"{_string(plain(text))};",
    ]
    return [part for part in parts if part]


def _when(dated: AutoReply | Forward, deeds: list[str]) -> list[str]:
    tests = [_side(dated.starts, "ge", "gt")] if dated.starts else []
    tests += [_side(dated.ends, "lt", "lt")] if dated.ends else []
    if not tests:
        return deeds
    return [f"if allof ({', '.join(tests)}) {{", *deeds, "}"]


def _side(moment: datetime, time: str, day: str) -> str:
    """Before or after a moment, by day and time of day in UTC: both compare as text (RFC 5260, 4)."""
    at = moment.astimezone(UTC)
    now = 'currentdate :zone "+0000"'
    on_the_day = f'allof ({now} :is "date" "{at:%Y-%m-%d}", {now} :value "{time}" "time" "{at:%H:%M:%S}")'
    return f'anyof ({now} :value "{day}" "date" "{at:%Y-%m-%d}", {on_the_day})'


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _strings(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or len(text) > 254:
        raise NotWritable("that is no mail address")
    return text


def _data(script: Script) -> str:
    def written(value: Any) -> Any:
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)

    data = asdict(script)
    for forward in data["forwards"]:
        for name in _NEVER_HERE:
            del forward[name]
    return json.dumps(data, ensure_ascii=True, default=written, sort_keys=True)


def _script(data: dict[str, Any]) -> Script:
    reply = data["reply"]
    return Script(
        reply=AutoReply(**_timed(AutoReply, reply)) if reply else None,
        forwards=tuple(Forward(**_timed(Forward, one)) for one in data["forwards"]),
        addresses=tuple(data["addresses"]),
        inside=tuple(data["inside"]),
        before=str(data["before"]),
    )


def _timed(kind: type[AutoReply | Forward], data: dict[str, Any]) -> dict[str, Any]:
    known = {one.name: data[one.name] for one in fields(kind) if one.name not in ("source", "rule", *_NEVER_HERE)}
    return known | {name: datetime.fromisoformat(known[name]) for name in ("starts", "ends") if known[name]}
