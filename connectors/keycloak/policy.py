"""The realm's password policy, which Keycloak writes as one text: length(12) and digits(1) and notUsername."""

import re
from collections.abc import Mapping
from datetime import timedelta

from connectors.account import PasswordRules
from connectors.characters import CharacterClass

_RULE = re.compile(r"(\w+)(?:\(([^()]*)\))?")
_CLASSES = {
    "digits": CharacterClass.DIGIT,
    "upperCase": CharacterClass.UPPER,
    "lowerCase": CharacterClass.LOWER,
    "specialChars": CharacterClass.SIGN,
}
_SEEN = frozenset({*_CLASSES, "length", "maxLength", "passwordHistory", "forceExpiredPasswordChange", "hashAlgorithm",
                   "hashIterations", "recoveryCodesWarningThreshold", "maxAuthAge"})  # fmt: skip


def rules_of(policy: str) -> PasswordRules:
    """What of it can be said in our words; a pattern or a list of words is the server's own check."""
    parts = _parts(policy)
    days = _number(parts, "forceExpiredPasswordChange")
    return PasswordRules(
        min_length=_number(parts, "length"),
        max_length=_number(parts, "maxLength") or None,
        history=_number(parts, "passwordHistory"),
        max_age=timedelta(days=days) if days else None,
        at_least={kind: number for name, kind in _CLASSES.items() if (number := _number(parts, name))},
        quality_checked=not parts.keys() <= _SEEN,
    )


def _parts(policy: str) -> Mapping[str, str]:
    return {name: value or "" for part in policy.split(" and ") for name, value in _RULE.findall(part)[:1]}


def _number(parts: Mapping[str, str], name: str) -> int:
    value = parts.get(name, "")
    return int(value) if value.isdecimal() else 0
