"""The process that signs the record: what differs between two installations, and its file if it has one of its own."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from audit.notes import COSIGNATURE, BadNote, VerifierKey
from connectors.encryption import keeps_secrets
from connectors.smtp import SmtpSettings
from portal.settings.part import Language, Part

if TYPE_CHECKING:
    from portal.settings.installation import Settings


def _address(value: str) -> str:
    if not keeps_secrets(value):
        raise ValueError("must begin with https:// (http:// only for this very machine)")
    return value


def _witness_key(value: str) -> str:
    try:
        if VerifierKey.parse(value).type != COSIGNATURE:
            raise ValueError("is a log's key; a witness prints its own with: portal witness show FOLDER")
    except BadNote as error:
        raise ValueError(str(error)) from None
    return value


class Witness(Part):
    """Somebody elsewhere who remembers what was signed; at least one should not be run by your own administrators."""

    url: Annotated[str, AfterValidator(_address)]
    """Its address, without /add-checkpoint."""
    key: Annotated[str, AfterValidator(_witness_key)]
    """Its verifier key, as it prints it."""


class Sealer(Part):
    """The process that signs the record."""

    limit_minutes: int = Field(default=10, ge=0)
    """When nothing was signed for this long, nothing is changed either; 0: changes never wait for the sealer."""
    witnesses: tuple[Witness, ...] = ()
    """Who is shown each checkpoint before it is published."""
    alarms: tuple[str, ...] = ()
    """Addresses told when the record is no longer what was signed, or cannot be written; none: those of the desk."""
    old_signing_key: Path | None = None
    """After a rotation: the key before, which signs beside the new one."""
    old_until: date | None = None
    """The last day it does so; `portal audit rotate-key` says which."""
    post_quantum_key: Path | None = None
    """PEM file with an ML-DSA-44 key that signs beside the other; made by `portal audit new-key --post-quantum`."""

    @model_validator(mode="after")
    def _the_old_key_ends(self) -> Self:
        if (self.old_signing_key is None) != (self.old_until is None):
            raise ValueError("old_signing_key, old_until: give both or neither")
        return self


def _reachable(value: str) -> str:
    url = urlsplit(value)
    if not url.hostname or url.scheme not in ("https", "http"):
        raise ValueError("must begin with https:// or http://")
    return value


class Timestamp(Part):
    """An authority (RFC 3161) outside that stamps the day's checkpoint."""

    url: Annotated[str, AfterValidator(_reachable)]
    """Its address; http:// is common and will do, since what it answers is signed."""
    ca_file: Path
    """PEM file with the certificates its answers are proved by; auditors need the same file."""


class Anchors(Part):
    """Where the newest checkpoint is left once a day, so that nobody here can take it back."""

    mail: tuple[str, ...] = ()
    """Addresses of the auditors."""
    syslog: str = ""
    """The machine's own log, "/dev/log", or host:port of another one (UDP)."""
    timestamp: Timestamp | None = None


class SealerSettings(Part):
    """All the sealer needs: a file of its own, which nobody else need be able to read, or parts of portal.toml."""

    origin: str
    """The log's name, as in [audit]."""
    database: str
    """SQLAlchemy address, as in portal.toml; the user may be one that can only read entries and write checkpoints."""
    state: Path
    """A folder for what was signed last; nobody else may write there."""
    signing_key: Path
    """PEM file with the Ed25519 key that signs checkpoints."""
    mail: SmtpSettings
    """The mail server for alarms."""
    language: Language = "en"
    """Of alarms."""
    sealer: Sealer = Sealer()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """The sealer's part of the portal's settings; raises ValueError if they name no signing key."""
        if settings.audit.signing_key is None:
            raise ValueError("audit.signing_key: is not set here, so the sealer needs a settings file of its own")
        alarms = settings.sealer.alarms or settings.desk.mail
        return cls(
            origin=settings.audit.origin,
            database=settings.database,
            state=settings.state,
            signing_key=settings.audit.signing_key,
            mail=settings.mail,
            language=settings.languages[0],
            sealer=settings.sealer.model_copy(update={"alarms": alarms}),
            log_level=settings.log_level,
        )
