"""The numbers by which other systems know the changes that were asked of them, for whoever keeps a record."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_CHARACTERS = 64  # a UUID has 36

_kept: ContextVar[list[str] | None] = ContextVar("request_numbers", default=None)


@contextmanager
def numbers_kept() -> Iterator[list[str]]:
    """A list that fills while the block lasts; blocks within have lists of their own."""
    numbers: list[str] = []
    before = _kept.set(numbers)
    try:
        yield numbers
    finally:
        _kept.reset(before)


def keep_number(number: str) -> None:
    """Note one, if it is asked for."""
    numbers = _kept.get()
    if numbers is not None and 0 < len(number) <= MOST_CHARACTERS and number.isprintable():
        numbers.append(number)
