"""An exported log is read by programs that share nothing with ours.

One was written from the texts of C2SP alone, and reads it in every run; one uses the packages the Go project keeps its
own log with.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_samples import VKEY
from cryptography.exceptions import InvalidSignature
from plain_reader import NotTheLog, read_log
from sqlalchemy import Engine

from audit.export import export_tiles
from audit.sealer import Sealer
from audit.store import bodies

READER = Path(__file__).parent / "reader" / "main.go"
PACKAGES = Path("/usr/share/gocode")  # where Debian's golang-golang-x-mod-dev puts them


def read(folder: Path) -> "subprocess.CompletedProcess[str]":
    outside = os.environ | {"GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOFLAGS": "", "GOCACHE": str(folder / "go")}
    command = ["go", "run", str(READER), str(folder / "log"), str(VKEY)]
    return subprocess.run(command, env=outside, capture_output=True, text=True, timeout=300)


@pytest.fixture
def exported(engine: Engine, fill: Callable[[int], None], sealer: Sealer, tmp_path: Path) -> Path:
    fill(700)
    sealer.seal(engine)
    with engine.begin() as tx:
        export_tiles(tx, tmp_path / "log")
    return tmp_path


def test_whoever_follows_the_public_texts_reads_every_entry(exported: Path, engine: Engine) -> None:
    with engine.begin() as tx:
        written = bodies(tx, 0, 700)
    assert read_log(exported / "log", str(VKEY)) == written


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/001", "tile/0/002.p/188", "tile/1/000.p/2"])
def test_whoever_follows_the_public_texts_sees_a_changed_file(exported: Path, path: str) -> None:
    file = exported / "log" / path
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)
    with pytest.raises((NotTheLog, InvalidSignature, ValueError)):
        read_log(exported / "log", str(VKEY))


@pytest.mark.campaign
@pytest.mark.skipif(
    shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod").exists(),
    reason="Go and its packages are not installed (Debian: golang-go golang-golang-x-mod-dev)",
)
@pytest.mark.skipif(
    os.environ.get("SPAREKEY_CAMPAIGN") != "1", reason="compiling it takes longer than the test is worth"
)
def test_the_go_projects_packages_find_every_entry_in_its_place(exported: Path) -> None:
    said = read(exported)
    assert (said.returncode, said.stdout) == (0, "OK: portal.example/audit, 700 entries\n"), said.stderr
    bundle = exported / "log" / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes().replace(b"Sparekey", b"Sparekex", 1))
    assert read(exported).returncode != 0
