"""My SSH keys: which there are, one more, one less."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from flask_wtf import FlaskForm

from connectors.account import Account
from portal.actions.add_ssh_key import AddSshKey
from portal.actions.remove_ssh_key import RemoveSshKey
from portal.own_data.ssh_keys import Fault, NotAKey, SshKey, parse, stored
from portal.results import Denied, Done, Result
from portal.views import me, parts
from portal.views.answers import result_page
from portal.views.own import is_proved, offered
from portal.views.sign_in import needs_fresh_proof

views = Blueprint("ssh_keys", __name__, url_prefix="/account/keys")
FAULTS = {
    Fault.LINES: _l("A public key is one line. Paste it whole, without line breaks, and one at a time."),
    Fault.OPTIONS: _l("There are options before the key. Leave them out: the line begins with the kind of key."),
    Fault.CERTIFICATE: _l("That is a certificate. Paste the public key itself, from the file that ends in .pub."),
    Fault.KIND: _l("Keys of that kind are no longer safe, or not known. Make a new one: ssh-keygen -t ed25519"),
    Fault.BROKEN: _l("That is not a public key, or a part of it is missing. Copy the whole line again."),
}
COMMANDS = ("ssh-keygen -t ed25519", "cat ~/.ssh/id_ed25519.pub")  # the same on Linux, macOS and in PowerShell


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """One key as the page shows it."""

    name: str
    comment: str
    fingerprint: str
    remove_url: str | None


@views.get("")
@login_required
def index() -> ResponseReturnValue:
    account = _account()
    lines = [_line(key, removable=offered(RemoveSshKey, account)) for key in account.ssh_keys]
    can_add = offered(AddSshKey, account) and len(lines) < parts().settings.own_data.ssh_keys
    return render_template(
        "account/ssh_keys.html",
        keys=sorted(lines, key=lambda line: (line.comment.lower(), line.fingerprint)),
        add_url=url_for(".add") if can_add else None,
        most=parts().settings.own_data.ssh_keys,
    )


@views.route("/add", methods=["GET", "POST"])
@login_required
def add() -> ResponseReturnValue:
    account = _account()
    if not offered(AddSshKey, account):
        abort(404)
    if not is_proved(AddSshKey):
        return needs_fresh_proof()
    form = AddSshKey.Form()
    leaked = False
    if form.validate_on_submit():
        try:
            key = _new_key(form.key.data, account)
        except NotAKey as no:
            leaked = no.fault is Fault.PRIVATE
            form.key.errors = [_fault_words(no.fault)]
        else:
            if isinstance(key, str):
                form.key.errors = [key]
            else:
                action = AddSshKey(account_id=account.id, key=key.line, fingerprint=key.fingerprint)
                return _answer(parts().desk.submit(me(), action, account))
    if leaked:
        form.key.data = ""  # it must not travel once more
    return render_template(
        "account/add_ssh_key.html", form=form, leaked=leaked, commands=COMMANDS, cancel_url=url_for(".index")
    ), 422 if form.errors else 200


@views.route("/<key>/remove", methods=["GET", "POST"])
@login_required
def remove(key: str) -> ResponseReturnValue:
    account = _account()
    line = next((line for line in account.ssh_keys if _id(line) == key), None)
    if line is None or not offered(RemoveSshKey, account):
        abort(404)
    if not is_proved(RemoveSshKey):
        return needs_fresh_proof()
    shown, form = _line(line), FlaskForm()
    if form.validate_on_submit():
        action = RemoveSshKey(account_id=account.id, key=line, fingerprint=shown.fingerprint)
        return _answer(parts().desk.submit(me(), action, account))
    return render_template(
        "actions/ask.html",
        form=form,
        title=_("Remove this SSH key?"),
        explanation=_("Whoever has its other half can no longer sign in with it. Open connections stay open."),
        facts=[(_("Kind"), shown.name), (_("Comment"), shown.comment), (_("Fingerprint"), shown.fingerprint)],
        submit=_("Remove it"),
        deciders=[],
        cancel_url=url_for(".index"),
    )


def _account() -> Account:
    """Mine, freshly read; 404 where its directory holds no keys."""
    account = parts().accounts.read(me().account_id)
    if not offered(AddSshKey, account) and not offered(RemoveSshKey, account):
        abort(404)
    return account


def _new_key(text: str, account: Account) -> SshKey | str:
    """The key to add, or in words why it is not added though it is one. Raises NotAKey."""
    settings = parts().settings.own_data
    key = parse(text, least_rsa_bits=settings.ssh_rsa_bits)
    known = [known for line in account.ssh_keys if (known := stored(line))]
    if any((one.kind, one.blob) == (key.kind, key.blob) for one in known):
        return _("You have this key already.")
    if len(account.ssh_keys) >= settings.ssh_keys:
        return _("You have as many keys as there may be. Remove one first.")
    return key


def _fault_words(fault: Fault) -> str:
    if fault is Fault.PRIVATE:
        return _("That was a private key. It was not added, and we have not kept it.")
    if fault is Fault.SHORT:
        bits = parts().settings.own_data.ssh_rsa_bits
        return _(
            "That RSA key is too short: %(bits)s bits are needed. Make a new one: ssh-keygen -t ed25519", bits=bits
        )
    return str(FAULTS[fault])


def _line(line: str, *, removable: bool = False) -> KeyLine:
    key = stored(line)
    return KeyLine(
        name=f"{key.name} {key.bits}" if key else _("Not readable"),
        comment=key.comment if key else line[:60],
        fingerprint=key.fingerprint if key else "",
        remove_url=url_for(".remove", key=_id(line)) if removable else None,
    )


def _id(line: str) -> str:
    """A key's name in addresses: which one it is, and nothing of it."""
    return parts().keys.digest("ssh-key", line)


def _answer(result: Result) -> ResponseReturnValue:
    if isinstance(result, Done):
        return redirect(url_for(".index"))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return needs_fresh_proof()
    return result_page(result, None, retry_url=url_for(".index"), onward=(_("Back to my SSH keys"), url_for(".index")))
