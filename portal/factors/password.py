"""The password itself: something in memory, checked where it lives."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from connectors.account import PasswordVerdict
from connectors.capabilities import ChecksPassword, FindsAccounts
from connectors.errors import AccountNotFound
from portal.factor import Factor, Subject
from portal.forms import current_password


class Form(FlaskForm):
    code = current_password()


class Password(Factor):
    name = "password"
    title = _l("Password")
    channel = "memory"
    Form = Form

    def verify(self, subject: Subject, answer: str) -> str | None:
        home = subject.account_id.partition(":")[0]
        directory = dict(self.shelf.connectors.all_able_to(FindsAccounts)).get(home)
        if not isinstance(directory, ChecksPassword):
            return None
        try:
            account = directory.read(subject.account_id)
        except AccountNotFound:
            return None
        right = directory.check_password(account, answer).verdict is PasswordVerdict.RIGHT
        return f"password:{subject.account_id}" if right else None
