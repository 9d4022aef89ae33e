"""`portal notices`: who would be told, and of what, on which day. Changes nothing."""

from datetime import date

import click
from rich.console import Console
from rich.table import Table

from portal.cli.settings_option import settings_option
from portal.settings.file import load


@click.command()
@settings_option
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to look at; default: today.")
def notices(on: object) -> None:
    """Show who would get a mail before their account or password ends. Sends nothing."""
    from portal.assembly import assemble

    parts = assemble(load())
    plan = parts.notices.plan(date.fromisoformat(f"{on:%Y-%m-%d}") if on else parts.today())
    table = Table("Name", "Login", "What", "Ends on", "Days left", "Mail", "Goes out")
    held = {"": "yes", "no_address": "no address", "ceiling": "later: ceiling", "paused": "later: paused"}
    for one in plan.lines:
        what = (one.account.name, one.account.login, one.kind, one.ends_on.isoformat(), str(one.days_left))
        table.add_row(*what, one.account.mail or "private address" * bool(one.account.recovery_mail), held[one.held])
    Console().print(table)
    click.echo(f"{table.row_count} in all; at most {parts.settings.notices.most_a_day} go out in a day.")
    for name in plan.silent:
        click.echo(f"The directory {name} did not answer: its people are missing.", err=True)
