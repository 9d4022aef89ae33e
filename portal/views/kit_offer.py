"""Which changes go together on one form, for oneself and for somebody absent, and what takes each of them back."""

from collections.abc import Iterable

from connectors.account import Account
from portal.action import Action
from portal.actions.end_share import EndShare
from portal.actions.forward_absent import ForwardAbsent
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.set_absence import SetAbsence
from portal.actions.set_auto_reply import SetAutoReply
from portal.actions.set_forwarding import SetForwarding
from portal.actions.share_absent import ShareAbsent
from portal.actions.share_mailbox import ShareMailbox
from portal.mailboxes.auto_replies import AutoReplying
from portal.mailboxes.forwarding import Forwarding
from portal.mailboxes.sharing import Sharing
from portal.views.own import offered

Kinds = tuple[type[AutoReplying], type[Forwarding], type[Sharing]]
OWN: Kinds = (SetAutoReply, SetForwarding, ShareMailbox)
STAFF: Kinds = (SetAbsence, ForwardAbsent, ShareAbsent)
BACK = (RemoveAutoReply, RemoveForwarding, EndShare)


def kit_offered(kinds: Kinds, account: Account) -> bool:
    """Whether there is more than one change to put together."""
    return len(ready(kinds, account)) > 1


def ready(kinds: Kinds, account: Account) -> list[type[Action]]:
    """Those that are offered, and can be taken back."""
    pairs: Iterable[tuple[type[Action], type[Action]]] = zip(kinds, BACK, strict=True)
    return [kind for kind, back in pairs if offered(kind, account) and offered(back, account)]
