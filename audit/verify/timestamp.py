"""Checks a timestamp (RFC 3161) with the program openssl, which most machines have: by when a checkpoint existed."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.verify.proofs import VerifyFailed

NOTE, TOKEN, CONSISTENCY = "timestamped", "timestamp.tsr", "timestamp.consistency"  # files of exports and packs
_MOMENT = re.compile(r"^Time stamp: (\w{3} +\d+ \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE)


def stamped_at(note: bytes, token: bytes, authority: Path) -> datetime:
    """When the authority, whose certificates `authority` holds (PEM), saw this note; raises VerifyFailed.

    The authority's certificate must have been valid then; whether it still is says nothing of the time.
    """
    if not authority.is_file():
        raise VerifyFailed(f"{authority} with the certificates of the timestamp's authority cannot be read")
    with TemporaryDirectory() as folder:
        data, answer = Path(folder, NOTE), Path(folder, TOKEN)
        data.write_bytes(note)
        answer.write_bytes(token)
        told = _MOMENT.search(_openssl("-reply", "-in", str(answer), "-text") or "")
        if told is None:
            raise VerifyFailed("the timestamp cannot be read")
        moment = datetime.strptime(f"{told[1]} {told[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        at = str(int(moment.timestamp()))
        files = ("-data", str(data), "-in", str(answer), "-CAfile", str(authority.resolve()))
        if _openssl("-verify", *files, "-attime", at) is None:
            raise VerifyFailed("the timestamp is not of this authority, or not of this checkpoint")
    return moment


def _openssl(*arguments: str) -> str | None:
    """What `openssl ts` says; None where it says no."""
    try:
        done = subprocess.run(  # noqa: S603 - paths of our own
            ["openssl", "ts", *arguments],  # noqa: S607 - wherever the auditor's machine has it
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise VerifyFailed("to check the timestamp, the program openssl must be there") from None
    return done.stdout if done.returncode == 0 else None
