"""The password itself: something in memory, checked where it lives."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from connectors.account import PasswordVerdict
from connectors.capabilities import ChecksPassword
from connectors.errors import AccountNotFound
from portal.factor import Factor, Subject
from portal.web.forms import current_password


class Form(FlaskForm):
    code = current_password()


class Password(Factor):
    name = "password"
    title = _l("Password")
    channel = "memory"
    Form = Form

    def verify(self, subject: Subject, answer: str) -> str | None:
        try:
            account = self.shelf.accounts.read(subject.account_id)
        except AccountNotFound:
            return None
        directory = self.shelf.connectors.able_to(ChecksPassword, account)
        if directory is None:
            return None
        right = directory.check_password(account, answer).verdict is PasswordVerdict.RIGHT
        return f"password:{subject.account_id}" if right else None
