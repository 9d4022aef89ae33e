"""`portal audit index`: make the record findable, what is new or all of it anew."""

import click

from portal.cli.settings_option import settings_option
from portal.settings.file import load


@click.command()
@settings_option
@click.option("--rebuild", is_flag=True, help="Forget what was made before, and make all of it anew.")
def index(rebuild: bool) -> None:
    """Make every entry findable on /log. The worker does so by itself; this is for a restore or a large import."""
    from rich.progress import Progress

    from portal.assembly import assemble

    making = assemble(load()).auditing.index
    if rebuild:
        making.clear()
    entries = making.behind()
    with Progress(transient=True) as progress:
        task = progress.add_task("Making entries findable", total=entries)
        making.run(lambda left: progress.update(task, completed=entries - left))
    click.echo(f"{entries} entries were made findable.")
