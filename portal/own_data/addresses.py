"""Private addresses and telephone numbers as people type them: brought into one form, or refused for a reason."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from connectors.account import Account
from portal.settings.people import OwnData

MOST_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3


class NotUsable(Exception):
    """The message says why, to the person."""


def address(text: str, account: Account, settings: OwnData) -> str:
    """The address in the form in which directories hold it; raises NotUsable.

    Whether somebody else has it too is not asked: the answer would tell of them, and the code proves who reads there.
    """
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise NotUsable(_("That is not an e-mail address. It looks like name@example.com.")) from None
    plain = valid.ascii_email or valid.normalized  # a domain beyond ASCII as mail servers write it (RFC 5891)
    if len(plain) > MOST_CHARACTERS:
        raise NotUsable(_("That is longer than an e-mail address can be."))
    domain = plain.rpartition("@")[2].casefold()
    ours = {own.casefold().removeprefix("@") for own in settings.mail_domains}
    if _mailbox(plain) == _mailbox(account.mail or "") or domain in ours:
        raise NotUsable(
            _("That mailbox opens with the password you might forget. Take one that has nothing to do with us.")
        )
    if plain.casefold() in {held.casefold() for held in account.recovery_mail}:
        raise NotUsable(_("You have that address already."))
    return plain


def phone(text: str, settings: OwnData) -> str:
    """The number in international form (E.164), an empty one if none is typed; raises NotUsable."""
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, settings.phone_country or None)
    except phonenumbers.NumberParseException:
        said = _("That is not a telephone number. Begin with + and the country, as in +47 55 50 10 10.")
        raise NotUsable(said) from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise NotUsable(_("There is no such telephone number. Check its digits and the country at the front."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def readable(number: str) -> str:
    """A stored number in groups; as it is, if it is no number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _mailbox(plain: str) -> str:
    """Where it arrives: case does not count, nor what stands behind a plus (RFC 5233)."""
    local, _at, domain = plain.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
