"""Settings of people's passwords in several systems. docs/several-systems.md says how."""

from collections.abc import Container, Sequence
from typing import Annotated

from pydantic import AfterValidator

from portal.settings.part import Part


def _name(value: str) -> str:
    rest = value.replace("{login}", "").replace("{mail}", "")
    if rest == value or "{" in rest or "}" in rest:
        raise ValueError('must hold {login} or {mail}, as in "{login}@example.org", and nothing else in braces')
    return value


class PasswordAlso(Part):
    """One more system in which people of a directory have the same password: a new one is set there, too."""

    of: str
    """Name of the directory these people's accounts live in."""
    system: str
    """Name of the directory with their other account. Nobody is looked for there: it only gets new passwords."""
    account: Annotated[str, AfterValidator(_name)] = "{login}"
    """What the other account is called: "{login}", "{mail}", or more, as in "{login}@example.org"."""


def check_systems(rules: Sequence[PasswordAlso], directories: Container[str]) -> None:
    """Raises ValueError for systems that are not there, or that could go round in circles."""
    homes, systems = {rule.of for rule in rules}, {rule.system for rule in rules}
    for name in sorted(homes | systems):
        if name not in directories:
            raise ValueError(f"passwords_also: there is no directory {name}")
    if both := sorted(homes & systems):
        raise ValueError(f"passwords_also: people either live in {both[0]}, or have their other account there")
    if len({(rule.of, rule.system) for rule in rules}) < len(rules):
        raise ValueError("passwords_also: each system stands there once for each directory")
