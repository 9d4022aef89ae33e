"""Everything that differs between two installations: one TOML file, the environment, and secret files."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.freeipa.settings import FreeIpaSettings
from connectors.siem.settings import SiemSettings
from connectors.smtp import SmtpSettings
from connectors.tickets.settings import TicketSystemSettings
from portal.auditors.settings import AuditUnit
from portal.directory_kinds import Directory
from portal.settings_aftercare import Aftercare
from portal.settings_callers import CallerCheck
from portal.settings_desk import Desk
from portal.settings_duty import Approvals, Calendar, Reviews, Shifts
from portal.settings_extension import Extension
from portal.settings_limits import Limits
from portal.settings_mail_in import MailIn
from portal.settings_mailbox import MailboxSystem, MailRules, check_places
from portal.settings_part import LANGUAGES, Language, Part, Words
from portal.settings_record import Exports, Retention, Watching
from portal.settings_sealer import Anchors, Sealer
from portal.settings_worker import AfterChange, Hook, Notices

ROLES = ("sponsor", "coordinator", "tier2", "supervisor", "auditor", "admin")
Role = Literal["sponsor", "coordinator", "tier2", "supervisor", "auditor", "admin"]
EXAMPLE_SECRETS = ("change-me", "changeme", "secret", "example")


def _secret(value: str) -> str:
    if len(value) < 32 or any(example in value.lower() for example in EXAMPLE_SECRETS):
        raise ValueError("must be 32 or more random characters; make some with: openssl rand -hex 32")
    return value


def _zone(value: str) -> str:
    ZoneInfo(value)
    return value


def _https(value: str) -> str:
    if value and not value.startswith("https://"):
        raise ValueError("must begin with https://")
    return value


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Stage = Literal["sponsor", "coordinators", "tier2", "supervisors"]
Secret = Annotated[str, Field(repr=False), AfterValidator(_secret)]


class Organisation(Part):
    """Who runs this installation: shown on every page and in every mail."""

    name: Words
    """The organisation's name. This, hours and place may differ by language: { en = "...", nb = "..." }."""
    phone: str = ""
    """The service desk's telephone number, as people dial it."""
    hours: Words = ""
    """When the service desk answers, for example "Monday to Friday 8 to 16"."""
    place: Words = ""
    """Where to go in person, for example "the library, ground floor"."""


class Rule(Part):
    """What it takes to be given one action. An action without a rule is not offered."""

    channels: int = Field(default=1, ge=1, le=4)
    """How many independent channels must have been proved."""
    fresh_minutes: int | None = Field(default=None, ge=1)
    """How old the newest proof may be; unset: as old as the session."""
    approval: Annotated[tuple[Stage, ...], BeforeValidator(_one_or_many)] = ()
    """Who has to agree first, in turn: "sponsor", whom the account names, or a queue such as "coordinators"."""
    caller_points: int | None = Field(default=None, ge=1)
    """How many points of the caller check the service desk needs to do it for a caller; unset: it does not."""


class Recovery(Part):
    """The way back in for people who cannot sign in."""

    factors: tuple[str, ...] = ("mailed_code", "totp", "recovery_code")
    """The proofs offered; everybody sees the same list."""
    minutes: int = Field(default=30, ge=5, le=120)
    """How long a walk, and what was proved in it, stays good."""
    code_minutes: int = Field(default=10, ge=2, le=30)
    """How long a mailed code works."""
    cooling_hours: int = Field(default=48, ge=1, le=720)
    """How long a changed private address waits, after its owner was told, before it is in force."""


class Passwords(Part):
    """Rules of the portal's own, on top of the directory's."""

    min_length: int = Field(default=15, ge=8, le=64)
    """The least number of characters: 15 where it is the only proof, 8 beside a second factor (NIST SP 800-63B-4)."""
    words: tuple[str, ...] = ()
    """Words nobody may build a password on: names of the organisation, its town, its products."""
    breach_file: Path | None = None
    """Passwords that have turned up in leaks: a file made by `portal breaches build`, looked up on this machine."""
    breach_service: Annotated[str, AfterValidator(_https)] = ""
    """The same from a service: "https://api.pwnedpasswords.com/range/". It is told five digits of a hash, no more."""
    breach_service_ca_file: Path | None = None
    """PEM file of the authority behind a service of one's own; unset: the system's authorities."""


class SignIn(Part):
    """Who must prove more than a password."""

    second_factor_roles: tuple[Role, ...] = ("coordinator", "tier2", "supervisor", "auditor", "admin")
    """Roles that are given only after a second factor."""
    ask_directory: bool = False
    """Ask on the pages before a sign-in which directory people belong to, by its label; they may leave it open."""
    failure_milliseconds: int = Field(default=400, ge=0, le=5000)
    """Every failed sign-in takes this long, so that its time tells nothing about the account."""


class OwnData(Part):
    """What people change about themselves: private addresses, telephone, SSH keys. docs/own-data.md says how."""

    mail_domains: tuple[str, ...] = ()
    """Domains of mailboxes that open with the same password: no private address may lie there."""
    phone_country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    """Country of telephone numbers typed without one, as in NO; empty: everybody types + and the country."""
    ssh_rsa_bits: int = Field(default=3072, ge=2048)
    """The least size of an RSA key; shorter ones are not added (NIST SP 800-57: 2048 is good until 2030)."""
    ssh_keys: int = Field(default=20, ge=1, le=200)
    """How many SSH keys one person may have."""


class Sessions(Part):
    """How long a sign-in lasts."""

    idle_minutes: int = Field(default=60, ge=5)
    """Without a click for this long, the session ends."""
    idle_minutes_privileged: int = Field(default=15, ge=5)
    """The same for everybody with a role."""
    hours: int = Field(default=12, ge=1, le=24)
    """The longest a session lasts, in use or not."""


class Audit(Part):
    """The record that can be proved."""

    origin: str
    """The log's name, `<host>/audit`; part of every signature, so it can never change."""
    key: Secret
    """Encrypts what may be erased: the disclosures and the pseudonyms."""
    signing_key: Path | None = None
    """PEM file with the Ed25519 key that signs checkpoints, made by `portal init`; unset: the sealer has its own."""
    verifier_key: str = ""
    """Where the sealer has its own file: the key it is verified with, as `portal audit key` prints it there."""

    @model_validator(mode="after")
    def _can_be_verified(self) -> Self:
        if not self.signing_key and not self.verifier_key:
            raise ValueError("signing_key, verifier_key: give one of them")
        return self

    schema_version: Literal["1.8.0", "1.9.0"] = "1.8.0"
    """Version of OCSF whose ids new entries carry; 1.9.0 is not released yet."""
    units: tuple[AuditUnit, ...] = ()
    """Parts of the organisation with auditors of their own; none: every auditor sees everything."""


class Settings(BaseSettings):
    """All settings. Environment variables override the file: PORTAL_LOG_LEVEL, PORTAL_PASSWORDS__MIN_LENGTH."""

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_", env_nested_delimiter="__", extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    public_url: str
    """The address people use, "https://account.example.org". Links are built from it, never from a request."""
    listen: str = "127.0.0.1:8080"
    """Address and port the web server listens on."""
    workers: int = Field(default=0, ge=0)
    """Web processes; 0: one for each processor core."""
    proxies: int = Field(default=0, ge=0, le=3)
    """Reverse proxies in front whose X-Forwarded-For is to be believed."""
    organisation: Organisation
    languages: tuple[Language, ...] = LANGUAGES
    """Languages offered; the first one is used when nothing else is known."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The zone times are shown in."""
    state: Path
    """A folder for the job queue and made files; the database too, if it is SQLite."""
    database: str
    """SQLAlchemy address: "sqlite:////var/lib/sparekey/portal.db" or "postgresql+psycopg://user@host/portal"."""
    secret_key: Secret
    """Protects sessions, links and factor secrets. Losing it means enrolling every factor again."""
    audit: Audit
    sealer: Sealer = Sealer()
    anchors: Anchors = Anchors()
    directories: tuple[Directory, ...] = ()
    """The LDAP directories accounts live in."""
    freeipa: tuple[FreeIpaSettings, ...] = ()
    """The FreeIPA installations accounts live in, beside or in place of directories."""
    mail: SmtpSettings
    mailboxes: tuple[MailboxSystem, ...] = ()
    """The mail systems people's mailboxes lie in, or parts of them; the first that can do something does it."""
    mailbox: MailRules = MailRules()
    roles: dict[Role, tuple[str, ...]] = {}
    """Role -> DNs of the groups that give it."""
    rules: dict[str, Rule] = {}
    """Action -> rule. What has no rule is not offered."""
    recovery: Recovery = Recovery()
    sign_in: SignIn = SignIn()
    passwords: Passwords = Passwords()
    own_data: OwnData = OwnData()
    sessions: Sessions = Sessions()
    desk: Desk = Desk()
    caller_check: CallerCheck = CallerCheck()
    aftercare: Aftercare = Aftercare()
    mail_in: MailIn = MailIn()
    ticket_system: TicketSystemSettings | None = None
    """Another ticket system that gets a copy of each ticket."""
    limits: Limits = Limits()
    extensions: tuple[Extension, ...] = ()
    """How long accounts may be kept longer, the first that is for an account's kind; none: half a year at a time."""
    approvals: Approvals = Approvals()
    calendars: tuple[Calendar, ...] = ()
    """When people are at work, the first that is for a queue; none: Monday to Friday 8 to 16, no holidays."""
    shifts: Shifts = Shifts()
    reviews: Reviews = Reviews()
    notices: Notices = Notices()
    after_change: AfterChange = AfterChange()
    hooks: tuple[Hook, ...] = ()
    """Commands of your own before and after actions."""
    siem: tuple[SiemSettings, ...] = ()
    """Receivers of every entry of the record: a SIEM, a collector, a file."""
    retention: Retention = Retention()
    watching: Watching = Watching()
    exports: Exports = Exports()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @model_validator(mode="after")
    def _public_url_is_safe(self) -> Self:
        url = urlsplit(self.public_url)
        loopback = url.hostname in ("localhost", "127.0.0.1", "::1")
        if url.scheme != "https" and not (url.scheme == "http" and loopback):
            raise ValueError("public_url must begin with https:// (http:// only for this very machine)")
        if not url.hostname or url.path not in ("", "/") or url.query:
            raise ValueError("public_url must be scheme and host only, such as https://account.example.org")
        return self

    @model_validator(mode="after")
    def _accounts_have_homes(self) -> Self:
        names = [home.name for home in self.homes]
        if not names:
            raise ValueError("directories, freeipa: at least one is needed")
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError(f"directories, freeipa: each needs a name of its own (now: {', '.join(names)})")
        if self.sign_in.ask_directory and not all(home.label for home in self.homes):
            raise ValueError("sign_in.ask_directory: every directory needs a label then")
        check_places(self.mailboxes, names, [one.name for one in self.directories])
        return self

    @property
    def homes(self) -> tuple[Directory | FreeIpaSettings, ...]:
        """Everything accounts live in."""
        return (*self.directories, *self.freeipa)

    @property
    def base(self) -> str:
        """The public address without a slash at the end."""
        return self.public_url.rstrip("/")

    @property
    def extension_rules(self) -> tuple[Extension, ...]:
        return self.extensions or (Extension(),)

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def walk_age(self) -> timedelta:
        return timedelta(minutes=self.recovery.minutes)
