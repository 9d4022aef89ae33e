"""Signed notes (C2SP signed-note v1): texts with signature lines, and the keys that verify them."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

    SigningKey = Ed25519PrivateKey | MLDSA44PrivateKey

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_44 = 0x06
_PUBLIC = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}  # bytes of a public key
_NAME = re.compile(r"[^\s+]+")
_LIMIT = 1_000_000  # bytes of a note, as the specification recommends a limit
_MOST_SIGNATURES = 100


class BadNote(ValueError):
    """A note or key is not well formed, or a signature of a known key does not fit."""


def encode64(raw: bytes) -> str:
    """Base 64 with padding, in one line."""
    return base64.b64encode(raw).decode()


def decode64(text: str) -> bytes:
    """The bytes behind base 64 text in its one canonical form; raises BadNote for any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("this is not base 64") from None
    if encode64(raw) != text:
        raise BadNote("base 64 in a form that is not canonical")
    return raw


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name: `name+id+base64(type || key)` in text."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; raises BadNote if its parts do not belong together."""
        name, _, rest = text.strip().partition("+")
        key_id, _, material = rest.partition("+")
        raw = decode64(material)
        if not _NAME.fullmatch(name) or not raw or len(raw) - 1 != _PUBLIC.get(raw[0]):
            raise BadNote("this is not a verifier key for Ed25519 or ML-DSA-44")
        key = cls(name, raw[0], raw[1:])
        if key.id.hex() != key_id:
            raise BadNote("the key id does not match the key")
        return key

    @classmethod
    def of(cls, key: "SigningKey", name: str, type: int = 0) -> Self:
        """The verifier key that belongs to a signing key; raises BadNote for a name that cannot stand in a note."""
        if not _NAME.fullmatch(name):
            raise BadNote("a key's name has no spaces and no plus sign")
        usual = ED25519 if isinstance(key, Ed25519PrivateKey) else ML_DSA_44
        return cls(name, type or usual, key.public_key().public_bytes_raw())

    def check(self, message: bytes, signature: bytes) -> None:
        """Raises BadNote unless the signature is this key's over the message."""
        try:
            self._public().verify(signature, message)
        except InvalidSignature:
            raise BadNote(f"the signature of {self.name} does not fit the text") from None

    def _public(self) -> "Ed25519PublicKey | MLDSA44PublicKey":
        if self.type != ML_DSA_44:
            return Ed25519PublicKey.from_public_bytes(self.public)
        try:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
        except ImportError:  # an auditor's laptop may have an older one, which is enough for all other keys
            raise BadNote("to check this key, install a newer version of the package cryptography") from None
        return MLDSA44PublicKey.from_public_bytes(self.public)


@dataclass(frozen=True)
class Signature:
    """One signature line: who is said to have signed, the key's id, and what the key type puts behind it."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"\u2014 {self.name} {encode64(self.key_id + self.signature)}\n"

    def by(self, keys: Iterable[VerifierKey]) -> VerifierKey | None:
        """The key among `keys` that this line claims to be made with."""
        return next((key for key in keys if key.name == self.name and key.id == self.key_id), None)


@dataclass(frozen=True)
class Note:
    """A text, ending in a newline, and the signature lines under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Read a note without judging its signatures; raises BadNote if it is malformed."""
        if len(content) > _LIMIT:
            raise BadNote("the note is too long")
        try:
            whole = content.decode()
        except UnicodeDecodeError:
            raise BadNote("the note is not UTF-8") from None
        if any(character < " " and character != "\n" for character in whole):
            raise BadNote("the note holds control characters")
        text, gap, below = whole.rpartition("\n\n")
        lines = below.split("\n")
        if not gap or lines.pop() != "" or not 1 <= len(lines) <= _MOST_SIGNATURES:
            raise BadNote("the note has no signature lines")
        return cls(text + "\n", tuple(signature_line(line) for line in lines))


def signature_line(line: str) -> Signature:
    """Read one signature line, without its newline; raises BadNote."""
    dash, _, rest = line.partition(" ")
    name, _, material = rest.partition(" ")
    raw = decode64(material)
    if dash != "\u2014" or not _NAME.fullmatch(name) or len(raw) < 5:
        raise BadNote("a signature line is malformed")
    return Signature(name, raw[:4], raw[4:])


def sign(key: Ed25519PrivateKey, name: str, text: str) -> Signature:
    """The signature of a log's own key over a note's text."""
    return Signature(name, VerifierKey.of(key, name).id, key.sign(text.encode()))


def require_signature(note: Note, key: VerifierKey) -> None:
    """Raises BadNote unless the note carries a good signature, and no bad one, of this key over its text."""
    mine = [line for line in note.signatures if line.by([key])]
    if not mine:
        raise BadNote(f"the note is not signed by {key.name} with the key given")
    for line in mine:
        key.check(note.text.encode(), line.signature)
