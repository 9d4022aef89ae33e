"""Tells people that the record is no longer what was signed, or cannot be written: in the log and by mail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import structlog
from babel.support import NullTranslations, Translations
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from audit import word
from connectors.capabilities import SendsMail
from connectors.errors import ConnectorError
from portal.settings.sealer import SealerSettings

PATIENCE = timedelta(minutes=2)  # trouble that lasts longer than a restart of the database is told by mail
TEXTS = Path(__file__).parent.parent / "translations"


class Alarm:
    """One mail for each trouble, not one a second."""

    def __init__(
        self, settings: SealerSettings, engine: Engine, mail: SendsMail, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._mail = mail
        self._clock = clock
        self._since: datetime | None = None
        self._told = False
        self._log = structlog.get_logger("sealer")

    def refused(self, why: str) -> None:
        """The record is not what was signed."""
        self._log.error("seal_refused", why=why)
        try:
            with self._engine.begin() as tx:
                word.refused(tx, why)
        except (OSError, SQLAlchemyError) as error:
            self._log.error("refusal_not_noted", error=type(error).__name__)
        _ = self._catalogue().gettext
        self._send(
            _("The record is no longer what was signed"),
            _(
                "The sealer has stopped: what the record holds now does not continue what it signed before. "
                "Somebody or something has changed it, or an older copy of the database was put back. "
                "Nothing more is signed until somebody has looked, and before long nothing more is changed either."
            ),
            why,
        )

    def trouble(self, error: Exception) -> None:
        """The database did not let the sealer work; that may pass."""
        now = self._clock()
        if self._since is None:
            self._since = now
            self._log.error("sealer_waits", error=type(error).__name__)
        if self._told or now - self._since < PATIENCE:
            return
        self._told = True
        _ = self._catalogue().gettext
        self._send(
            _("The record cannot be written"),
            _(
                "The sealer has not been able to work for some minutes: the database does not answer, cannot be "
                "written to, or its disk is full. Until that is mended nothing is changed, so that nothing happens "
                "without its record."
            ),
            type(error).__name__,
        )

    def well(self) -> None:
        """It works, again or still."""
        if self._since is not None:
            self._log.warning("sealer_works_again")
        self._since, self._told = None, False

    def _catalogue(self) -> NullTranslations:
        return Translations.load(TEXTS, [self._settings.language])

    def _send(self, subject: str, text: str, why: str) -> None:
        message = EmailMessage()
        message["Subject"] = f"{subject}: {self._settings.origin}"
        message["From"] = self._settings.mail.sender
        message["Date"] = format_datetime(self._clock())
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to this
        message.set_content(f"{text}\n\n{why}\n")
        for address in self._settings.sealer.alarms:
            del message["To"]
            message["To"] = address
            try:
                self._mail.send(message)
            except ConnectorError as error:
                self._log.error("alarm_not_sent", error=type(error).__name__)
