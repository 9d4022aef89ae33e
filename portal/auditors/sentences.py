"""One sentence for each entry: what happened to whom, by whom, and in which ticket it was agreed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from audit.body import index_row
from audit.event import ANONYMOUS, SYSTEM
from audit.people import Known
from audit.reading import Entry
from audit.remarks import Remark
from portal.auditors.kinds import SENTENCES
from portal.auditors.names import Names
from portal.explaining.explain import CATALOGUE
from portal.factors import FACTORS

STATES = {"success": "done", "failure": "no", "pending": "wait", "unknown": "unsure"}
OWN_DOING = ("ticket_opened", "login", "logout", "proof", "substitute_named", "substitute_ended")
TRYING = ("login", "proof")


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One entry in a list of them."""

    index: int
    at: datetime
    text: str
    detail: str
    state: str
    result: str
    reviewed: bool
    asked: bool


class Wording:
    """Words for these entries; the names of all whom they are about are looked up together."""

    def __init__(self, names: Names, entries: Iterable[Entry], more: Iterable[str] = ()) -> None:
        rows = [index_row(entry.event) for entry in entries]
        who = {one for row in rows for one in (row["actor"], row["subject"]) if one} | set(more)
        self._known = names.of(who)
        self._unknown = names.unknown(who - self._known.keys())

    def person(self, pseudonym: str | None) -> str:
        """What somebody is called."""
        if pseudonym is None:
            return _("somebody who has not proved who it is")
        if pseudonym == SYSTEM:
            return _("the portal itself")
        if pseudonym == ANONYMOUS:
            return _("somebody who is not signed in")
        if pseudonym in self._unknown:
            return _("a name that no account has")
        known = self.known(pseudonym)
        return known.name or known.login if known else _("somebody whose name is not known any more")

    def known(self, pseudonym: str | None) -> Known | None:
        """Login and name, if they are known."""
        return self._known.get(pseudonym or "")

    def line(self, entry: Entry, remarks: Sequence[Remark] = ()) -> LogLine:
        """The entry as one line of a list."""
        return LogLine(
            index=entry.index,
            at=entry.time,
            text=self.sentence(entry),
            detail=". ".join(part for part in (*proofs_of(entry), *came_from(entry), *why(entry)) if part),
            state=state_of(entry),
            result=result_of(entry),
            reviewed=any(remark.kind == "reviewed" for remark in remarks),
            asked=any(remark.kind == "question" for remark in remarks),
        )

    def sentence(self, entry: Entry) -> str:
        """What happened, to whom, by whom."""
        row = index_row(entry.event)
        if row["subject"] in self._unknown and entry.kind in TRYING:
            return _("Somebody tried to sign in with a name that no account has")
        ticket = entry.event["unmapped"].get("ticket", "")
        said = str(SENTENCES[entry.kind][_not_done(entry)])
        values = {"person": self.person(row["subject"]), "actor": self.person(row["actor"]), "ticket": ticket}
        what = said % {**values, "thing": _thing(entry)}
        if entry.phase == "intent":
            what = _("Begun: %(what)s", what=what)
        elif entry.outcome == "pending":
            what = _("Handed over as ticket %(ticket)s, not done yet: %(what)s", ticket=ticket, what=what)
        elif entry.outcome == "unknown":
            what = _("Nobody knows yet whether this is so: %(what)s", what=what)
        if "%(actor)s" not in said and entry.kind not in OWN_DOING:
            what = self._by(what, row)
        if ticket and "%(ticket)s" not in said and entry.outcome == "success":
            what = _("%(what)s, as agreed in ticket %(ticket)s", what=what, ticket=ticket)
        return what[:1].upper() + what[1:]

    def _by(self, what: str, row: dict[str, Any]) -> str:
        if row["actor"] == row["subject"]:
            return _("%(what)s, by the same person", what=what)
        if row["actor"] == ANONYMOUS:
            return what
        return _("%(what)s, by %(actor)s", what=what, actor=self.person(row["actor"]))


def result_words() -> dict[str, str]:
    """How something ended, as a tag says it."""
    return {"success": _("Done"), "failure": _("Not done"), "pending": _("Waits"), "unknown": _("Not sure")}


def state_of(entry: Entry) -> str:
    """The colour of how it ended; none for an intent."""
    return STATES[entry.outcome] if entry.outcome else ""


def result_of(entry: Entry) -> str:
    """How it ended, as a tag says it."""
    return result_words()[entry.outcome] if entry.outcome else _("Begun")


def kind_title(kind: str) -> str:
    """A kind of entry in a list of kinds: its sentence with gaps."""
    return str(SENTENCES[kind][0]) % dict.fromkeys(("person", "actor", "ticket", "thing"), "…")


def proofs_of(entry: Entry) -> list[str]:
    """How somebody proved who it is, where the entry says so."""
    given = [factor["factor_type"] for factor in entry.event.get("auth_factors", [])]
    return [", ".join(str(FACTORS[name].title) for name in given if name in FACTORS)]


def why(entry: Entry) -> list[str]:
    """The reason of the portal, and the one somebody gave."""
    code = [str(CATALOGUE[entry.reason].title).rstrip(".")] if entry.reason in CATALOGUE else []
    said = entry.disclosures.get("reason", "")
    return [*code, _("“%(words)s”", words=said) if said else ""]


def came_from(entry: Entry) -> list[str]:
    """The network address, while it is kept."""
    source = entry.disclosures.get("source", "")
    return [_("From %(place)s", place=source)] if source else []


def _not_done(entry: Entry) -> bool:
    if entry.kind == "approval_decided":
        return bool(entry.event.get("comment") == "denied")
    return entry.outcome == "failure"


def _thing(entry: Entry) -> str:
    """What it was about, besides people: a setting, a hook, an entry."""
    resources = entry.event.get("web_resources") or [{}]
    entity = entry.event.get("entity") or {}
    return str(entry.disclosures.get("object") or resources[0].get("uid") or entity.get("uid") or "")
