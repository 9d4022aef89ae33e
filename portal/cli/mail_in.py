"""`portal mail-in`: takes one mail from standard input, as a mail server's pipe or LMTP transport hands it over."""

import sys

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps it and comes back
MOST = 32 * 1024 * 1024  # bytes read; a mail server's own limit is lower


@click.command("mail-in")
@settings_option
def mail_in() -> None:
    """Make a note or a ticket of the mail on standard input; exit 75 if the mail server should try again later."""
    from sqlalchemy.exc import SQLAlchemyError

    from portal.app import create_app
    from portal.parts import Parts

    app = create_app(load())
    parts: Parts = app.extensions["parts"]
    with app.test_request_context():
        try:
            verdict = parts.front.intake.take(sys.stdin.buffer.read(MOST))
        except SQLAlchemyError:
            click.echo("the database does not answer", err=True)
            sys.exit(TRY_AGAIN)
    click.echo(f"{verdict.word} {verdict.ticket or verdict.why}".strip())
    sys.exit(TRY_AGAIN if verdict.word == "later" else 0)
