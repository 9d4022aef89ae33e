"""The page where somebody chooses a new password: the rules that bind them, what a try broke, a suggestion."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms.widgets import PasswordInput

from connectors.account import Account, PasswordRules
from connectors.capabilities import TellsPasswordRules
from connectors.errors import Refusal
from portal.explaining.explain import Next, explain
from portal.passwords.demands import judged, normal, problems, refused, rule_lines, too_young
from portal.passwords.passphrases import Suggestion, suggest
from portal.passwords.strength import Strength, strength_of
from portal.results import Failed, Result
from portal.views import parts
from portal.web.pages import in_language


class Choosing:
    """One person's choice, from the first look at the rules to the word of the directory. Raises what it raises."""

    def __init__(self, account: Account) -> None:
        directory = parts().connectors.able_to(TellsPasswordRules, account)
        rules = directory.password_rules(account) if directory else PasswordRules()
        self.account = account
        others = [(in_language(name), asked) for name, asked in parts().elsewhere.rules(account)]
        self.lines = rule_lines(rules, parts().settings.passwords, account, parts().leaks, others)
        self.possible_from: datetime | None = too_young(rules, parts().clock())
        self._suggestion: Suggestion | None = None
        self._strength: Strength | None = None

    def submitted(self, form: FlaskForm) -> bool:
        """Whether a whole form came in; a wish for a suggestion is answered on the same page, and kept nowhere."""
        if request.method == "POST" and "suggest" in request.form:
            self._suggestion = suggest(self.lines)
            if self._suggestion:
                self.lines = judged(self._suggestion.text, self.lines)
                for field in (form["new_password"], form["new_password_again"]):
                    field.data, field.widget = self._suggestion.text, PasswordInput(hide_value=False)
            return False
        return bool(form.validate_on_submit())

    def accepts(self, form: Any) -> bool:
        """Whether it is worth asking the directory; otherwise the page says what is wrong."""
        new = form.new_password.data = normal(form.new_password.data)
        broken: list[str] = problems(new, self.lines)
        if not broken and "password" in form and normal(form.password.data) == new:
            broken = [Refusal.SAME_AS_NOW]
        if broken:
            self._say(form, broken)
        return not broken

    def mendable(self, form: Any, result: Result) -> bool:
        """Whether another password mends it: then back to the same page, nothing lost."""
        if not (isinstance(result, Failed) and explain(result.reason).next is Next.FIX):
            return False
        self._say(form, [result.reason])
        self.lines = refused(self.lines, result.reason)
        return True

    def context(self) -> dict[str, Any]:
        """What the page shows."""
        return {"rules": self.lines, "suggestion": self._suggestion, "strength": self._strength}

    def _say(self, form: Any, broken: list[str]) -> None:
        new = form.new_password.data
        words = {"breached": _leaked(parts().leaks.seen(new) or 0)} if "breached" in broken else {}
        self.lines = [replace(line, words=words.get(line.code)) for line in judged(new, self.lines)]
        self._strength = strength_of(new, self.account)
        field = form.password if broken == [Refusal.WRONG_PASSWORD] else form.new_password
        told = [f"{words.get(code) or explain(code).title} {explain(code).advice}" for code in broken]
        field.errors = [*field.errors, *told]


def _leaked(times: int) -> str:
    """That a password has leaked, with the number where somebody counted."""
    if not times:
        return ""
    return ngettext(
        "That password has turned up in %(num)d known leak, so attackers try it early.",
        "That password has turned up in %(num)d known leaks, so attackers try it early.",
        times,
    )
