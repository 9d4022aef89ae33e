"""Public SSH keys as people paste them and directories hold them: one line of authorized_keys (sshd(8))."""

import base64
import binascii
import hashlib
import warnings
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from cryptography.utils import CryptographyDeprecationWarning

MOST_CHARACTERS = 8192  # of one line; an RSA key of 16384 bits needs 2800
MOST_COMMENT = 100
_NAMES = {
    "ssh-ed25519": "ED25519",
    "ssh-rsa": "RSA",
    "ssh-dss": "DSA",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
    "sk-ssh-ed25519@openssh.com": "ED25519-SK",
    "sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA-SK",
}
_PRIVATE = ("PRIVATE KEY", "PuTTY-User-Key-File", "PRIVATE-KEY")


class Fault(StrEnum):
    """Why a text is no key that may be added."""

    PRIVATE = "private"
    LINES = "lines"
    OPTIONS = "options"
    CERTIFICATE = "certificate"
    KIND = "kind"  # DSA, or one nobody knows
    SHORT = "short"
    BROKEN = "broken"


class NotAKey(Exception):
    """The text cannot be added. Holds nothing of the text: it may be a private key."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class SshKey:
    """A public key. Two are the same if `kind` and `blob` are, whatever their comments."""

    kind: str  # ssh-ed25519 and so on
    blob: str  # base64
    comment: str
    bits: int

    @property
    def line(self) -> str:
        """As it is stored."""
        return f"{self.kind} {self.blob} {self.comment}".rstrip()

    @property
    def name(self) -> str:
        """Its kind as ssh-keygen -l names it."""
        return _NAMES.get(self.kind, self.kind)

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen -l prints it."""
        return fingerprint(self.blob)


def fingerprint(blob: str) -> str:
    digest = hashlib.sha256(base64.b64decode(blob)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def parse(text: str, *, least_rsa_bits: int) -> SshKey:
    """One key that may be added; raises NotAKey."""
    if any(mark in text for mark in _PRIVATE):
        raise NotAKey(Fault.PRIVATE)
    line = text.strip()
    if len(line.splitlines()) != 1 or line.startswith("----"):
        raise NotAKey(Fault.LINES)
    kind, _, rest = line.partition(" ")
    if kind not in _NAMES or kind == "ssh-dss":
        raise NotAKey(_fault_of(line, kind))
    blob, _, comment = rest.strip().partition(" ")
    bits = _bits(kind, blob)
    if kind == "ssh-rsa" and bits < least_rsa_bits:
        raise NotAKey(Fault.SHORT)
    printable = "".join(c for c in comment.strip() if c.isprintable())
    return SshKey(kind=kind, blob=blob, comment=printable[:MOST_COMMENT].strip(), bits=bits)


def stored(line: str) -> SshKey | None:
    """A key as a directory holds it, perhaps with options before it or of a kind we would not add; None: no key."""
    words = line.split()
    for at, word in enumerate(words[:-1]):
        if word in _NAMES:
            try:
                bits = _bits(word, words[at + 1])
            except NotAKey:
                return None
            return SshKey(kind=word, blob=words[at + 1], comment=" ".join(words[at + 2 :]), bits=bits)
    return None


def _fault_of(line: str, kind: str) -> Fault:
    if "-cert-v0" in kind:
        return Fault.CERTIFICATE
    if kind != "ssh-dss" and any(f" {name} " in line for name in _NAMES):
        return Fault.OPTIONS
    return Fault.KIND if kind.startswith(("ssh-", "ecdsa-", "sk-")) else Fault.BROKEN


def _bits(kind: str, blob: str) -> int:
    """The size of the key, after really reading it; raises NotAKey."""
    try:
        base64.b64decode(blob, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # DSA, which is only listed
            key = load_ssh_public_key(f"{kind} {blob}".encode("ascii"))
    except (ValueError, UnicodeEncodeError, binascii.Error, UnsupportedAlgorithm):
        raise NotAKey(Fault.BROKEN) from None
    match key:
        case RSAPublicKey() | EllipticCurvePublicKey() | DSAPublicKey():
            return key.key_size
        case Ed25519PublicKey():
            return 256
    raise NotAKey(Fault.KIND)
