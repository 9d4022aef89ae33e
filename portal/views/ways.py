"""Where my mail goes: what is sent on, and who may look into the mailbox, each with its end and a way to stop it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from connectors.account import Account
from connectors.mailbox import Forward, Right, Share, Source
from portal.actions.end_share import EndShare
from portal.actions.remove_forwarding import RemoveForwarding
from portal.mailboxes.forward_guard import Place
from portal.mailboxes.mailbox import last_day
from portal.mailboxes.shares import BoxSystems
from portal.mailboxes.sharing import RIGHTS
from portal.timers.mailbox import Ends
from portal.views import parts
from portal.views.own import offered
from portal.web.pages import day, moment


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way by which mail leaves, as the page shows it."""

    target: str
    state: str  # done: inside; wait: outside; no: in a circle
    words: str
    detail: str
    remove_url: str | None


def way_of(forward: Forward, account: Account) -> Way:
    guard, ours = parts().forwards, forward.source is Source.PORTAL and offered(RemoveForwarding, account)
    if guard.comes_back(forward.target, account):
        state, words = "no", _("Comes back: a circle")
    elif "@" in forward.target and guard.place(forward.target) is Place.INSIDE:
        state, words = "done", _("Inside")
    else:
        state, words = "wait", _("Outside")
    return Way(
        target=forward.target,
        state=state,
        words=words,
        detail=" ".join(_details(forward)),
        remove_url=url_for("mailbox.remove_forward", key=key_of(forward.target)) if ours else None,
    )


def readers(account: Account, ends: Ends) -> list[Way]:
    """Those who may look into my mailbox, as ways by which mail leaves."""
    own = (account.mail or "").casefold()
    shares = BoxSystems(parts().connectors, account).shares().mine
    return [_reader(one, account, ends) for one in shares if one.box.casefold() == own and one.right is not Right.SEND]


def _reader(share: Share, account: Account, ends: Ends) -> Way:
    return Way(
        target=share.who,
        state="done" if parts().forwards.place(share.who) is Place.INSIDE else "wait",
        words=_("May use your mailbox"),
        detail=share_words(share, ends),
        remove_url=share_end_url(share) if offered(EndShare, account) else None,
    )


def share_words(share: Share, ends: Ends) -> str:
    """What somebody may do there, and until when."""
    end = ends.shares.get((share.system, share.box.casefold(), share.who.casefold()))
    last = last_day(end, parts().settings.time_zone)
    until = [_("Ends %(day)s.", day=day(last))] if last else []
    return " ".join([str(RIGHTS[share.right]), *until])


def share_key(share: Share) -> str:
    """Its name in the addresses of pages."""
    return key_of(f"{share.system} {share.box} {share.who}".casefold())


def share_end_url(share: Share) -> str:
    """Where it is ended."""
    return url_for("sharing.end", key=share_key(share))


def in_force(forward: Forward) -> bool:
    """Whether it is in force."""
    now = parts().clock()
    if forward.unconfirmed or forward.overruled:
        return False
    return (forward.starts is None or forward.starts <= now) and (forward.ends is None or now < forward.ends)


def _details(forward: Forward) -> list[str]:
    now = parts().clock()
    copy = _("A copy stays here.") if forward.keep_copy else _("Nothing stays here.")
    if forward.source is Source.FILTER:
        where = _("By a rule of your own, “%(name)s”; change it in your mail program.", name=forward.rule)
        return [where]
    if forward.source is Source.SERVER:
        return [copy, _("Set by those who run the mail system; only they can change it.")]
    said = [_("Nothing goes there now: another way comes first.")] if forward.overruled else [copy]
    if forward.unconfirmed:
        said.append(_("Nothing is sent until somebody opens the link in the mail that went there."))
    if forward.starts and forward.starts > now:
        said.append(_("Begins %(time)s.", time=moment(forward.starts, now)))
    if last := last_day(forward.ends, parts().settings.time_zone):
        over = forward.ends is not None and forward.ends <= now
        said.append(_("Ended %(day)s.", day=day(last)) if over else _("Ends %(day)s.", day=day(last)))
    return said


def key_of(address: str) -> str:
    """An address's name in the addresses of pages: which one it is, and nothing of it."""
    return parts().keys.digest("mail", address)
