"""How templates get their sentences and each other: a page takes dozens of both, so the way there is kept short.

Flask-Babel asks for the request, the language and the catalogue anew for every sentence, and jinja2 compares all its
globals in Python for every import: together a seventh of all function calls of a reset.
"""

from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask.templating import Environment
from flask_babel import get_domain, get_locale
from jinja2 import FileSystemBytecodeCache, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

_CATALOGUES: dict[str, NullTranslations] = {}


class Templates(Environment):
    """Gives each template its globals as one plain dictionary. A global set after a template is loaded is not in it."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


class KeptPages(FileSystemBytecodeCache):
    """What templates are compiled to, as files; a full disk costs time, not the page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def prepare(app: Flask, folder: Path) -> None:
    """Give the templates their sentences; what they are compiled to is kept in `folder` from one start to the next."""
    kept = folder / f"{version('jinja2')}-{version('sparekey')}"  # jinja2 itself looks whether a template has changed
    kept.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = KeptPages(str(kept))
    app.jinja_env.globals |= {"_": _text, "gettext": _text, "ngettext": _counted}


@pass_context
def _text(context: Context, text: str, /, **values: Any) -> str:
    return _filled(context, _catalogue().ugettext(text), values)


@pass_context
def _counted(context: Context, one: str, many: str, num: int, /, **values: Any) -> str:
    return _filled(context, _catalogue().ungettext(one, many, num), {"num": num, **values})


def _filled(context: Context, text: str, values: Mapping[str, Any]) -> str:
    if not context.eval_ctx.autoescape:
        return text % values
    return Markup(text) % values if values else Markup(text % values)  # noqa: S704  (our own texts)


def _catalogue() -> NullTranslations:
    """The sentences in the language of whoever reads this page."""
    locale = get_locale()
    language = locale.language if locale else ""
    if language not in _CATALOGUES:
        _CATALOGUES[language] = get_domain().get_translations()
    return _CATALOGUES[language]
