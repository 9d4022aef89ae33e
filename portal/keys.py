"""One installation secret, and the separate keys made from it for each purpose."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, URLSafeSerializer


class Keys:
    """Derives keys by HKDF (RFC 5869), so that a key for one purpose says nothing about another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._boxes: dict[str, Fernet] = {}
        self._derive = lru_cache(maxsize=64)(self._derived)  # a few are needed in every request

    def raw(self, purpose: str) -> bytes:
        """32 bytes for this purpose."""
        return self._derive(purpose)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"sparekey/{purpose}".encode()).derive(self._secret)

    def seal(self, purpose: str, value: Any) -> bytes:
        """Encrypt anything JSON can hold, so that the database does not show it."""
        return self._box(purpose).encrypt(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())

    def open(self, purpose: str, sealed: bytes) -> Any:
        """Decrypt what `seal` made; raise ValueError if it was altered or made with another key."""
        try:
            return json.loads(self._box(purpose).decrypt(sealed))
        except InvalidToken as error:
            raise ValueError(f"{purpose}: not sealed with this installation's key") from error

    def digest(self, purpose: str, value: str) -> str:
        """A keyed fingerprint: equal for equal values, telling nothing about them. 32 hex digits."""
        return hmac.new(self.raw(purpose), value.encode(), hashlib.sha256).hexdigest()[:32]

    def sign(self, purpose: str, value: Any) -> str:
        """A token for a link: the value in clear, signed."""
        return str(self._signer(purpose).dumps(value))

    def unsign(self, purpose: str, token: str) -> Any:
        """The value of a token made by `sign`; None if it was not made here."""
        try:
            return self._signer(purpose).loads(token)
        except BadSignature:
            return None

    def _box(self, purpose: str) -> Fernet:
        if purpose not in self._boxes:
            self._boxes[purpose] = Fernet(base64.urlsafe_b64encode(self.raw(purpose)))
        return self._boxes[purpose]

    def _signer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self.raw(f"link/{purpose}"), salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
        )
