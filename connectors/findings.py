"""How findings are put into words: in English for the command line, and so that a page can say them in any language."""

from collections.abc import Mapping

from connectors.capabilities import Capability, Finding, Severity


class Sentence(str):
    """A finished English sentence that still knows its words, with places to fill in, and what fills them."""

    __slots__ = ("values", "words")
    words: str
    values: Mapping[str, object]


def say(words: str, /, **values: object) -> Sentence:
    """Fill in `%(name)s`. The words are collected for translation; a value may be such a sentence itself."""
    return said(words, values)


def said(words: str, values: Mapping[str, object]) -> Sentence:
    """A sentence whose words were written down before, by `say`."""
    sentence = Sentence(words % values)
    sentence.words, sentence.values = words, values
    return sentence


def fine(subject: str, message: str, remedy: str = "") -> Finding:
    return Finding(severity=Severity.OK, subject=subject, message=message, remedy=remedy)


def warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, subject=subject, message=message, remedy=remedy)


def fault(
    subject: str, message: str, remedy: str, *, base: str = "", stops: tuple[type[Capability], ...] = ()
) -> Finding:
    """Something that is offered cannot work."""
    return Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=remedy, base=base, stops=stops)
