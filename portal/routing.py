"""In which directories a name is looked for, and under which names there. Pure: no directory is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.belonging import Belonging


@dataclass(frozen=True)
class Place:
    """A directory to look in, and the names to look for there, one after the other."""

    directory: str
    names: tuple[str, ...]


def places(claim: str, directories: Mapping[str, Belonging]) -> tuple[Place, ...]:
    """Those the form of the name points to, else all. What is typed decides alone, never what a directory holds."""
    sure = [Place(d, names) for d, belonging in directories.items() if (names := _names(claim, d, belonging))]
    if sure:
        return tuple(sure)
    plain = "@" not in claim and "\\" not in claim
    open_to_all = [d for d, belonging in directories.items() if not (plain and belonging.login_pattern)]
    return tuple(Place(d, (claim,)) for d in open_to_all or directories)


def within(directory: str, claim: str) -> str:
    """The same name, said to belong to this directory: its own name is a realm, too."""
    return f"{directory}\\{claim}" if directory else claim


def _names(claim: str, directory: str, belonging: Belonging) -> tuple[str, ...]:
    """What the name is called there; nothing if its form does not point there."""
    realm, _, rest = claim.partition("\\")
    if rest and realm.casefold() == directory.casefold():
        return _names(rest, directory, belonging) or (rest,)
    realms = {name.casefold() for name in belonging.realms}
    if rest:
        return (rest,) if realm.casefold() in realms else ()
    local, _, domain = claim.rpartition("@")
    if local:
        address = (claim,) if domain.casefold() in {name.casefold() for name in belonging.mail_domains} else ()
        return (*address, local) if domain.casefold() in realms else address
    fits = belonging.login_pattern and re.fullmatch(belonging.login_pattern, claim, re.IGNORECASE)
    return (claim,) if fits else ()
