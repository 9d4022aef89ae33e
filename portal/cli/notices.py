"""`portal notices`: who would be told, and of what, on which day. Changes nothing."""

from datetime import date

import click
from rich.console import Console
from rich.table import Table

from portal.cli.settings_option import settings_option
from portal.settings_file import load


@click.command()
@settings_option
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to look at; default: today.")
def notices(on: object) -> None:
    """Show who would get a mail before the end of the account. Sends nothing."""
    from portal.parts import assemble

    parts = assemble(load())
    day = date.fromisoformat(f"{on:%Y-%m-%d}") if on else parts.today()
    table = Table("Name", "Login", "Last day", "Days left", "Mail")
    for one in parts.notices.planned(day):
        address = one.account.mail or "private address" if one.addressed else "none: not told"
        table.add_row(one.account.name, one.account.login, one.ends_on.isoformat(), str(one.days_left), address)
    Console().print(table)
    click.echo(f"{table.row_count} in all; at most {parts.settings.notices.most_a_day} go out in a day.")
