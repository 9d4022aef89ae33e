"""Reads the settings file and the secret files it names, and reports all mistakes together."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from portal.settings.installation import Settings
from portal.settings.sealer import SealerSettings

T = TypeVar("T", bound=BaseModel)


class SettingsError(Exception):
    """The settings cannot be used. The message lists every mistake, one a line."""


def load(path: Path | str | None = None) -> Settings:
    """Read the settings file (default: PORTAL_SETTINGS); raise SettingsError with all mistakes together."""
    file, raw = _read(path)
    return _checked(file, raw, Settings)


def load_sealer(path: Path | str | None = None) -> SealerSettings:
    """What the sealer needs, from a file of its own or from the portal's; raises SettingsError."""
    file, raw = _read(path)
    if "public_url" not in raw:
        return _checked(file, raw, SealerSettings)
    try:
        return SealerSettings.of(_checked(file, raw, Settings))
    except ValueError as error:
        raise SettingsError(f"{file}: {error}") from None


def _read(path: Path | str | None) -> tuple[Path, dict[str, Any]]:
    name = str(path or os.environ.get("PORTAL_SETTINGS", ""))
    if not name:
        raise SettingsError("no settings: give --settings FILE or set PORTAL_SETTINGS (make one with: portal init)")
    file = Path(name)
    try:
        return file, tomllib.loads(file.read_text())
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from error


def _checked(file: Path, raw: dict[str, Any], kind: type[T]) -> T:
    mistakes: list[str] = []
    values = _with_secret_files(raw, file.parent, (), mistakes)
    os.environ.pop("PORTAL_SETTINGS", None)  # names the file; not itself a setting
    try:
        settings = kind(**values)
    except ValidationError as error:
        mistakes += [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
    finally:
        os.environ["PORTAL_SETTINGS"] = str(file)
    if mistakes:
        raise SettingsError("\n".join([f"{file}: {len(mistakes)} to mend", *(f"  {m}" for m in mistakes)]))
    return settings


def _with_secret_files(value: Any, folder: Path, at: tuple[str, ...], mistakes: list[str]) -> Any:
    """Replace each `{ file = "…" }` by the file's first line; note files that are missing or open to everybody."""
    if isinstance(value, dict) and set(value) == {"file"}:
        return _secret_file(folder / value["file"], ".".join(at), mistakes)
    if isinstance(value, dict):
        return {k: _with_secret_files(v, folder, (*at, k), mistakes) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_secret_files(v, folder, (*at, str(i)), mistakes) for i, v in enumerate(value)]
    return value


def _secret_file(path: Path, at: str, mistakes: list[str]) -> str:
    try:
        if path.stat().st_mode & (stat.S_IRWXO):
            mistakes.append(f"{at}: everybody can read {path}; mend it with: chmod o-rwx {path}")
        return path.read_text().strip()
    except OSError as error:
        mistakes.append(f"{at}: {path}: {error.strerror}")
        return "x" * 32  # stands in so that the other mistakes are found too
