"""The auditor's policy (C2SP tlog-policy): which log, which witnesses, and how many of them must have seen it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from audit.checkpoints import cosigned_at
from audit.notes import COSIGNATURE, ED25519, ML_DSA_44, BadNote, Note, VerifierKey


class BadPolicy(ValueError):
    """The policy cannot be read; the message names the line."""


@dataclass
class Policy:
    """Logs and witnesses by key, groups of names with how many of each are needed, and the name that must hold."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy; raises BadPolicy."""
        policy = cls()
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                policy._take(words[0], words[1:])
            except (BadNote, BadPolicy, ValueError, IndexError) as error:
                raise BadPolicy(f"line {number} of the policy: {error}") from None
        if not policy.quorum:
            raise BadPolicy("the policy names no quorum")
        return policy

    def _take(self, word: str, rest: list[str]) -> None:
        match word:
            case "log":
                self.logs.append(_key(rest[0], ED25519, ML_DSA_44))
            case "witness":
                self._name(rest[0])
                self.witnesses[rest[0]] = _key(rest[1], COSIGNATURE)
            case "group":
                name, count, members = rest[0], rest[1], rest[2:]
                self._name(name)
                self._known(members)
                needed = {"any": 1, "all": len(members)}.get(count) or int(count)
                if not 1 <= needed <= len(members) or len(set(members)) < len(members):
                    raise BadPolicy("a group needs from one to all of its different members")
                self.groups[name] = (needed, members)
            case "quorum":
                if self.quorum or len(rest) != 1:
                    raise BadPolicy("there is one quorum")
                self._known([] if rest[0] == "none" else rest)
                self.quorum = rest[0]
            case _:
                raise BadPolicy(f"{word} is unknown")

    def _name(self, name: str) -> None:
        if name == "none" or name in self.witnesses or name in self.groups:
            raise BadPolicy(f"the name {name} is taken")

    def _known(self, names: list[str]) -> None:
        for name in names:
            if name not in self.witnesses and name not in self.groups:
                raise BadPolicy(f"{name} was not named before")

    def cosigned(self, note: Note) -> dict[str, datetime]:
        """When each witness of the policy cosigned the note; raises BadNote at a cosignature that does not fit."""
        times = {name: cosigned_at(note, key) for name, key in self.witnesses.items()}
        return {name: time for name, time in times.items() if time is not None}

    def holds(self, names: set[str]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum == "none" or self._holds(self.quorum, names)

    def _holds(self, name: str, names: set[str]) -> bool:
        if name in self.witnesses:
            return name in names
        needed, members = self.groups[name]
        return sum(self._holds(member, names) for member in members) >= needed


def _key(text: str, *types: int) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.type not in types:
        raise BadPolicy("a witness's key and a log's key are not the same thing")
    return key
