"""What an evidence pack consists of, and the one way to write it as a zip file."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from audit.verify.proofs import VerifyFailed

Files = Mapping[str, bytes]
MANIFEST = "manifest.json"  # names every file that is not below, with its SHA-256
CHECKPOINT = "checkpoint"
HANDED_OUT = "handed-out.json"  # the entry of the log that tells of this pack, with the manifest's SHA-256
HANDED_OUT_PROOF = "handed-out.tlog-proof"
_ENTRY = re.compile(r"entries/(\d{8,})\.(json|disclosed|tlog-proof)")
_MODE = 0o100644 << 16
_UNIX = 3


def entry_file(number: int, kind: str) -> str:
    """The path of an entry (`json`), of its disclosures (`disclosed`) or its proof (`tlog-proof`)."""
    return f"entries/{number:08d}.{kind}"


def entries_of(paths: Iterable[str]) -> list[int]:
    """The numbers of the entries in a pack, in their order."""
    return sorted(int(match[1]) for path in paths if (match := _ENTRY.fullmatch(path)) and match[2] == "json")


def write_zip(files: Files) -> bytes:
    """The pack as a zip file: sorted, not compressed, without times, so that the same files are the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        for path in sorted(files):
            member = zipfile.ZipInfo(path)  # of 1980-01-01
            member.create_system, member.external_attr = _UNIX, _MODE
            zipped.writestr(member, files[path])
    return written.getvalue()


def read_pack(place: Path) -> dict[str, bytes]:
    """The files of a pack: a zip file, or the folder it was unpacked into. Raises VerifyFailed."""
    try:
        if place.is_dir():
            found = [path for path in place.rglob("*") if not path.is_dir() and path.name[0] != "."]  # .DS_Store
            return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}
        content = place.read_bytes()
    except OSError as error:
        raise VerifyFailed(f"the pack cannot be read: {error}") from None
    return read_zip(content)


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of a zip file that `write_zip` wrote; raises VerifyFailed for any other, however it differs."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            members = zipped.infolist()
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise VerifyFailed("the zip file is damaged: a pack is not compressed")
            files = {member.filename: zipped.read(member) for member in members}
    except VerifyFailed:
        raise
    except Exception as error:  # zipfile raises a dozen kinds, one for each way to be damaged
        raise VerifyFailed(f"the zip file is damaged: {error}") from None
    if write_zip(files) != content:
        raise VerifyFailed("the zip file is not as it was written")
    return files
