"""My ways to prove it is me, and where I am signed in. Everything sensitive asks for a fresh proof first."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from portal.actions.close_session import CloseSession
from portal.actions.close_sessions import CloseSessions
from portal.post import masked
from portal.results import Denied, Done, Result
from portal.sign_in.enrolment import Enrolled
from portal.views import me, parts
from portal.views.account import views
from portal.views.answers import result_page
from portal.views.cloud_access import access_urls
from portal.views.devices import DeviceLine, FactorLine, agent_words
from portal.views.provider_links import links_to_add, links_to_show
from portal.web.pages import moment

ICONS = {"totp": "phone", "recovery_code": "paper"}


@views.get("/security")
@login_required
def security() -> ResponseReturnValue:
    account = parts().accounts.read(me().account_id)
    with parts().database.read() as db:
        enrolled = parts().own_factors.of(db, account.id)
        links = parts().providers.links.of(db, account.id)
    lines = [_factor_line(f) for f in enrolled]
    if account.recovery_mail:
        addresses = ", ".join(masked(a) for a in account.recovery_mail)
        lines.append(FactorLine(_("Code to your private address"), addresses, "mail"))
    lines += links_to_show(links)
    sessions = parts().sessions.of(account.id, current=me().session)
    devices = [
        DeviceLine(
            agent_words(s.agent),
            s.source,
            s.seen,
            s.current,
            url_for(".close_session", session_id=s.id),
            _provider_title(s.provider),
        )
        for s in sessions
    ]
    channels = {parts().factors[f.kind].channel for f in enrolled if f.on} | (
        {"mail"} if account.recovery_mail else set()
    )
    return render_template(
        "account/security.html",
        ways=len(channels),
        factors=lines,
        additions=[
            (_("Authenticator app"), _("Six digits on your phone, without a network"), "phone", url_for(".add_totp")),
            (_("Recovery codes"), _("Ten codes on paper, for when the phone is gone"), "paper", url_for(".new_codes")),
            *links_to_add(links),
        ],
        sessions=devices,
        close_others_url=url_for(".close_sessions") if len(devices) > 1 else None,
        **access_urls(account),
    )


@views.post("/security/sessions/<session_id>/close")
@login_required
def close_session(session_id: str) -> ResponseReturnValue:
    return security_answer(parts().desk.submit(me(), CloseSession(account_id=me().account_id, session_id=session_id)))


@views.post("/security/sessions/close")
@login_required
def close_sessions() -> ResponseReturnValue:
    return security_answer(parts().desk.submit(me(), CloseSessions(account_id=me().account_id, keep=me().session)))


def _provider_title(name: str | None) -> str | None:
    """Where a session began; one that has left the settings keeps its short name."""
    provider = parts().providers.get(name) if name else None
    return provider.settings.title if provider else name


def _factor_line(enrolled: Enrolled) -> FactorLine:
    used = (
        _("last used %(when)s", when=moment(enrolled.last_used, parts().clock()))
        if enrolled.last_used
        else _("not used yet")
    )
    if enrolled.left is not None:
        used = ngettext("%(num)d code left", "%(num)d codes left", enrolled.left) + ", " + used
    doings = [(_("Rename"), url_for(".rename_factor", factor_id=enrolled.id), False)]
    turn, words = ("off", _("Switch off")) if enrolled.on else ("on", _("Switch on"))
    doings.append((words, url_for(".switch_factor", factor_id=enrolled.id, turn=turn), False))
    doings.append((_("Remove"), url_for(".remove_factor", factor_id=enrolled.id), True))
    state = None if enrolled.on else ("wait", _("Switched off"))
    title = f"{parts().factors[enrolled.kind].title}: {enrolled.name}"
    return FactorLine(title, used, ICONS[enrolled.kind], state, doings)


def security_answer(result: Result) -> ResponseReturnValue:
    """Back to the list where it was done; where the rule wants a fresher proof, there; else say why not."""
    if isinstance(result, Done):
        return redirect(url_for("account.security"))
    if isinstance(result, Denied) and result.reason in ("fresh_proof", "more_proof"):
        return redirect(url_for("sign_in.fresh", next=url_for("account.security")))
    return result_page(result, None, onward=(_("Back to my account"), url_for("account.security")))
