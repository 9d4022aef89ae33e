"""`--settings FILE` also works behind the command's own name."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def _note(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value:
        os.environ["PORTAL_SETTINGS"] = str(value.resolve())


def settings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--settings FILE` to a command."""
    return click.option(
        "--settings",
        type=click.Path(path_type=Path),
        callback=_note,
        expose_value=False,
        is_eager=True,
        help="The settings file; default: PORTAL_SETTINGS.",
    )(command)
