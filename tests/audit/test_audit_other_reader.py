"""An exported log is read by other people's program: the packages the Go project keeps its own log with."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_samples import VKEY
from sqlalchemy import Engine

from audit.export import export_tiles
from audit.sealer import Sealer

READER = Path(__file__).parent / "reader" / "main.go"
PACKAGES = Path("/usr/share/gocode")  # where Debian's golang-golang-x-mod-dev puts them


def read(folder: Path) -> "subprocess.CompletedProcess[str]":
    outside = os.environ | {"GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOFLAGS": "", "GOCACHE": str(folder / "go")}
    command = ["go", "run", str(READER), str(folder / "log"), str(VKEY)]
    return subprocess.run(command, env=outside, capture_output=True, text=True, timeout=300)


@pytest.mark.campaign
@pytest.mark.skipif(
    shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod").exists(),
    reason="Go and its packages are not installed (Debian: golang-go golang-golang-x-mod-dev)",
)
@pytest.mark.skipif(
    os.environ.get("SPAREKEY_CAMPAIGN") != "1", reason="compiling it takes longer than the test is worth"
)
def test_the_go_projects_packages_find_every_entry_in_its_place(
    engine: Engine, fill: Callable[[int], None], sealer: Sealer, tmp_path: Path
) -> None:
    fill(700)
    sealer.seal(engine)
    with engine.begin() as tx:
        export_tiles(tx, tmp_path / "log")

    said = read(tmp_path)
    assert (said.returncode, said.stdout) == (0, "OK: portal.example/audit, 700 entries\n"), said.stderr
    bundle = tmp_path / "log" / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes().replace(b"Sparekey", b"Sparekex", 1))
    assert read(tmp_path).returncode != 0
