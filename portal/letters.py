"""Mails: the template in the receiver's language, made into a message that can be sent twice without harm."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Flask
from flask_babel import force_locale

from portal.settings.installation import Settings
from portal.web.pages import in_language


class _Headers(HeaderRegistry):
    """The standard library makes a new class for every header of every message; one for each name will do."""

    __getitem__ = lru_cache(maxsize=64)(HeaderRegistry.__getitem__)


class _AsWritten(EmailPolicy):
    """Printable ASCII goes out as it is: taking it apart and folding it again was a third of what a letter cost.

    But Content-Type and its like are read back again and again while the letter is put together.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        plain = isinstance(value, str) and value.isascii() and value.isprintable()
        if plain and not name.startswith("Content-"):
            return name, value
        return super().header_store_parse(name, value)


# Sentences are not cut in the middle (RFC 5322 2.1.1 allows 998).
POLICY = _AsWritten(linesep=SMTP.linesep, max_line_length=998, header_factory=_Headers())


class Letters:
    """Writes mails. Subject and text come from one template, `templates/mail/<name>.txt`."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    def language(self, wished: str | None) -> str:
        """The language offered here that comes nearest to a BCP 47 tag such as "nb-NO" or "no"."""
        tag = (wished or "").lower().replace("_", "-").partition("-")[0]
        tag = "nb" if tag in ("no", "nn") else tag
        return tag if tag in self._settings.languages else self._settings.languages[0]

    def write(self, template: str, language: str | None, values: Mapping[str, Any]) -> tuple[str, str]:
        """Subject and text."""
        locale = self.language(language)
        with self._app.app_context(), force_locale(locale):
            page = self._app.jinja_env.get_template(f"mail/{template}.txt")
            written = page.render(
                organisation=self._app.extensions["organisation"],
                home_url=self._settings.base,
                devices=[in_language(device, locale) for device in self._settings.after_change.devices],
                **values,
            )
        head, _, body = written.strip().partition("\n\n")
        return head.removeprefix("Subject:").strip(), body.strip() + "\n"

    def message(self, *, to: str, subject: str, text: str, id_: str, at: datetime, language: str) -> EmailMessage:
        """A message whose id follows from `id_` and the receiver, so that a copy is recognised (RFC 5322 3.6.4)."""
        message = EmailMessage(policy=POLICY)
        host = self._settings.base.partition("//")[2].partition(":")[0]
        name = in_language(self._settings.organisation.name, language)
        message["From"] = str(Address(name, addr_spec=self._settings.mail.sender))
        message["To"] = to
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{uuid5(NAMESPACE_URL, f'{id_}/{to}')}@{host}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to this
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = language
        message.set_content(text, cte="quoted-printable")
        return message
