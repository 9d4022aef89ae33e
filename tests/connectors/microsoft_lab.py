"""A tenant for tests, and the portal's way into it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.graph import MicrosoftDirectory, MicrosoftSettings
from tests.connectors.token_lab import now, tokens
from tests.standins.microsoft import MicrosoftStandin
from tests.standins.microsoft_tokens import CLIENT, SECRET


def microsoft_settings(tenant: MicrosoftStandin, /, **different: Any) -> MicrosoftSettings:
    given = {"client_secret": SECRET} if "certificate" not in different else {}
    own = {"name": "cloud", "client_id": CLIENT, "login_domains": ("example.org",), "timeout": 2.0}
    return MicrosoftSettings(**{**own, **given, **tenant.settings(), **different})


def directory_on(
    tenant: MicrosoftStandin, folder: Path, clock: Callable[[], datetime] = now, **different: Any
) -> MicrosoftDirectory:
    return MicrosoftDirectory(microsoft_settings(tenant, **different), clock, tokens(folder))


def certificate(days: int = 90) -> tuple[str, str]:
    """A certificate and its key, both PEM."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sparekey")])
    draft = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    draft = draft.not_valid_before(now() - timedelta(days=400)).not_valid_after(now() + timedelta(days=days))
    signed = draft.sign(key, hashes.SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return signed.public_bytes(Encoding.PEM).decode(), pem.decode()
