"""What all directories have in common that are reached with a token: where it is kept, and that they are closed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from connectors.oauth import TokenFiles


class Closable(Protocol):
    def close(self) -> None: ...


KEY = bytes(range(32))
D = TypeVar("D", bound=Closable)


def now() -> datetime:
    return datetime.now(UTC)


def tokens(folder: Path) -> TokenFiles:
    return TokenFiles(folder / "tokens", KEY)


@contextmanager
def builder(make: Callable[..., D]) -> Iterator[Callable[..., D]]:
    """Makes any number, each with settings of its own; all are closed with the block."""
    with ExitStack() as made:

        def build(**settings: Any) -> D:
            directory = make(**settings)
            made.callback(directory.close)
            return directory

        yield build
