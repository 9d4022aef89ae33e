"""Everything that differs between two installations: one TOML file, the environment, and secret files."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.encryption import keeps_secrets
from connectors.freeipa.settings import FreeIpaSettings
from connectors.ldap.settings import LdapSettings
from connectors.oidc.settings import ProviderSettings
from connectors.siem.settings import SiemSettings
from connectors.smtp import SmtpSettings
from connectors.tickets.settings import TicketSystemSettings
from portal.settings.aftercare import Aftercare
from portal.settings.callers import CallerCheck
from portal.settings.desk import Desk
from portal.settings.directory_kinds import Directory
from portal.settings.duty import Approvals, Calendar, Reviews, Shifts
from portal.settings.extension import Extension
from portal.settings.limits import Limits
from portal.settings.mail_in import MailIn
from portal.settings.mailbox import MailboxSystem, MailRules, check_places
from portal.settings.part import LANGUAGES, Language, Part, Role, Secret, Words
from portal.settings.people import OwnData, Passwords, Recovery, Sessions, SignIn
from portal.settings.record import Audit, Exports, Retention, Watching
from portal.settings.sealer import Anchors, Sealer
from portal.settings.sign_in import check_providers
from portal.settings.systems import PasswordAlso, check_systems
from portal.settings.worker import AfterChange, Hook, Notices


def _zone(value: str) -> str:
    ZoneInfo(value)
    return value


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Stage = Literal["sponsor", "owner", "coordinators", "tier2", "supervisors"]


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
    """Who agrees first, in turn: "sponsor" of the account, "owner" of a list or box, or a queue: "coordinators"."""
    caller_points: int | None = Field(default=None, ge=1)
    """How many points of the caller check the service desk needs to do it for a caller; unset: it does not."""


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
    """Seals sessions, links, factors, tickets and shifts; without it none of them can be read any more."""
    audit: Audit
    sealer: Sealer = Sealer()
    anchors: Anchors = Anchors()
    directories: tuple[Directory, ...] = ()
    """The directories accounts live in."""
    freeipa: tuple[FreeIpaSettings, ...] = ()
    """The FreeIPA installations accounts live in, beside or in place of directories."""
    passwords_also: tuple[PasswordAlso, ...] = ()
    """Other systems with the same people and passwords. docs/several-systems.md says how."""
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
    providers: tuple[ProviderSettings, ...] = ()
    """Identity providers people may sign in with, beside their password."""
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
        if not keeps_secrets(self.public_url):
            raise ValueError("public_url must begin with https:// (http:// only for this very machine)")
        if url.path not in ("", "/") or url.query:
            raise ValueError("public_url must be scheme and host only, such as https://account.example.org")
        return self

    @model_validator(mode="after")
    def _accounts_have_homes(self) -> Self:
        names = [one.name for one in self.systems]
        if not names:
            raise ValueError("directories, freeipa: at least one is needed")
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError(f"directories, freeipa: each needs a name of its own (now: {', '.join(names)})")
        if self.sign_in.ask_directory and not all(home.label for home in self.homes):
            raise ValueError("sign_in.ask_directory: every directory needs a label then")
        check_places(self.mailboxes, names, [one.name for one in self.ldap])
        check_providers(self.providers, names)
        check_systems(self.passwords_also, names)
        return self

    @property
    def systems(self) -> tuple[Directory | FreeIpaSettings, ...]:
        """Every directory, those included that only hold people's other accounts."""
        return (*self.directories, *self.freeipa)

    @property
    def homes(self) -> tuple[Directory | FreeIpaSettings, ...]:
        """Everything accounts live in."""
        others = {rule.system for rule in self.passwords_also}
        return tuple(one for one in self.systems if one.name not in others)

    @property
    def ldap(self) -> tuple[LdapSettings, ...]:
        """Those of the directories that speak LDAP."""
        return tuple(one for one in self.directories if isinstance(one, LdapSettings))

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
