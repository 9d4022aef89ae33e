"""The static files as browsers get them: bundled, packed and named after their content, made once and kept."""

import gzip
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from portal.web.stylesheet import only_used

PREFIX = "/static/"
IMMUTABLE = re.compile(
    r"^/static/[a-z_]+\.[0-9a-f]{12}\.[a-z]+$"
)  # WhiteNoise: such an address never changes its content
PORTAL = Path(__file__).parent.parent
STATIC = PORTAL / "static"
TEMPLATES = PORTAL.parent / "templates"
SHEETS = ("tokens", "frame", "things", "forms", "tables", "screens")  # later ones win, so the order counts
WORD = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True)
class Assets:
    """The finished files.

    `folder` is for WhiteNoise's `add_files(folder, prefix="static/")`; beside each file lie its .br and .gz forms.
    `names` maps the names used in pages to the names on disk.
    """

    folder: Path
    names: dict[str, str]

    def url(self, name: str) -> str:
        """The address of a file, such as `sparekey.css`; KeyError if there is none of that name."""
        return PREFIX + self.names[name]


def build(cache: Path) -> Assets:
    """The static files, built into a folder below `cache` unless exactly these are there already.

    Several processes may call it at once: each builds aside, the first to move its folder into place wins.
    """
    sources = dict(_sources())
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + body + b"\0" for name, body in sorted(sources.items())))
    folder = cache / f"static-{digest.hexdigest()[:16]}"
    if not folder.is_dir():
        _move_into_place(_written(sources, cache), folder)
    names = json.loads((folder / "names.json").read_text())
    return Assets(folder / "files", names)


def _sources() -> Iterator[tuple[str, bytes]]:
    """Everything the result depends on, this code and the words of the pages included."""
    bootstrap = files("flask_bootstrap") / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
    yield "bootstrap", bootstrap.read_bytes()
    yield "code", Path(__file__).read_bytes() + (Path(__file__).parent / "stylesheet.py").read_bytes()
    for name in SHEETS:
        yield f"sheet/{name}", (STATIC / "css" / f"{name}.css").read_bytes()
    for path in sorted(STATIC.glob("*.*")):
        yield f"file/{path.name}", path.read_bytes()
    words = {word for path in sorted(TEMPLATES.rglob("*.html")) for word in WORD.findall(path.read_text())}
    words |= {word for path in sorted(STATIC.glob("*.js")) for word in WORD.findall(path.read_text())}
    yield "words", " ".join(sorted(words)).encode()


def _written(sources: dict[str, bytes], cache: Path) -> Path:
    """A fresh folder with all files, their packed forms and names.json."""
    cache.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="static-", suffix=".part", dir=cache))
    (made / "files").mkdir()
    finished = {name.removeprefix("file/"): body for name, body in sources.items() if name.startswith("file/")}
    finished["sparekey.css"] = _stylesheet(sources)
    names = {name: _named(name, body) for name, body in finished.items()}
    for name, body in finished.items():
        path = made / "files" / names[name]
        path.write_bytes(body)
        path.with_name(path.name + ".br").write_bytes(brotli.compress(body))
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, mtime=0))
    (made / "names.json").write_text(json.dumps(names, indent=1))
    return made


def _stylesheet(sources: dict[str, bytes]) -> bytes:
    """Bootstrap's rules for what the pages use, then ours."""
    bootstrap = only_used(sources["bootstrap"].decode(), set(sources["words"].decode().split()))
    ours = "".join(sources[f"sheet/{name}"].decode() for name in SHEETS)
    return (bootstrap + "\n" + re.sub(r"/\*.*?\*/|(?<=\n)\s+", "", ours, flags=re.DOTALL)).encode()


def _named(name: str, body: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}"


def _move_into_place(made: Path, folder: Path) -> None:
    try:
        made.replace(folder)
    except OSError:  # another process was first, and its folder holds the same
        shutil.rmtree(made)
        if not folder.is_dir():
            raise
