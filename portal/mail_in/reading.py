"""Reads the mailbox of the settings, once a minute, and takes in what nobody has read."""

import structlog

from connectors.errors import ConnectorError
from connectors.inbox import open_inbox
from portal.jobs import going_on
from portal.mail_in.intake import MailIntake
from portal.settings.mail_in import MailIn

AT_ONCE = 50  # mails a minute
logger = structlog.get_logger("mail_in")


def look(settings: MailIn, intake: MailIntake) -> int:
    """Take in what there is; returns how many. A mailbox that does not answer is looked at a minute later."""
    if not settings.host:
        return 0
    taken = 0
    try:
        with open_inbox(
            settings.host, settings.port, settings.user, settings.password, settings.folder, settings.ca_file
        ) as inbox:
            for uid in inbox.unread(AT_ONCE):
                # One byte more than is looked at tells that there was more.
                mail, word = inbox.read(uid, settings.most_kilobytes * 1024 + 1), "later"
                with going_on("mail in", uid=uid):
                    word = intake.take(mail).word
                if word != "later":
                    inbox.done(uid)
                    taken += 1
    except ConnectorError as error:
        logger.warning("inbox_not_read", error=type(error).__name__, detail=error.detail)
    return taken
