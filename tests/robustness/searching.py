"""Looks for a secret in files, however it may have been written down."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it is and in the encodings something careless would write, UTF-16 and JSON escapes included."""
    plain = secret.encode()
    yield plain
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    yield from (quote(secret, safe="").encode(), quote_plus(secret).encode())
    yield from (secret.encode("utf-16-le"), secret.encode("unicode_escape"))
    yield from (hashlib.new(name, plain).hexdigest().encode() for name in ("md5", "sha1", "sha256"))
    for before in range(3):  # base64 looks different for each place in a group of three
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            written = encode(b"\0" * before + plain).rstrip(b"=")
            yield written[(0, 2, 3)[before] : len(written) - (0 if (before + len(plain)) % 3 == 0 else 1)]


def found(secrets: Iterable[str], files: Iterable[Path]) -> list[tuple[str, str]]:
    """Which secrets stand in which files. Digits between other digits are a number, not a code."""
    parts = {secret: {form for form in forms(secret) if len(form) > 5} for secret in secrets}
    hits = []
    for file in files:
        content = file.read_bytes()
        hits += [(secret, file.name) for secret in parts if any(_stands(part, content) for part in parts[secret])]
    return hits


def _stands(part: bytes, content: bytes) -> bool:
    if part not in content:
        return False
    return re.search(rb"(?<![0-9])" + re.escape(part) + rb"(?![0-9])", content) is not None
