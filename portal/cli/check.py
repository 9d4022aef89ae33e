"""`portal check`: connects everything, says what works and what is missing, and how to mend it."""

import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.text import Text

from connectors.capabilities import Finding, Severity
from portal.cli.settings_option import settings_option
from portal.settings_file import load

SIGNS = {Severity.OK: ("ok", "green"), Severity.WARNING: ("look", "yellow"), Severity.FAULT: ("FAULT", "bold red")}


@click.command()
@settings_option
def check() -> None:
    """Look over settings, database, directories, mail and the record. Changes nothing; exit 1 for a fault."""
    from portal.doctor import examine
    from portal.parts import assemble

    settings = load()
    worst = show(examine(assemble(settings)))
    sys.exit(1 if worst is Severity.FAULT else 0)


def show(findings: Iterator[tuple[str, Finding]]) -> Severity:
    """Print findings under the name of what was looked at; return the worst."""
    console = Console(highlight=False)
    worst, heading = Severity.OK, ""
    for name, finding in findings:
        if name != heading:
            console.print(Text(f"\n{name}", style="bold"))
            heading = name
        sign, style = SIGNS[finding.severity]
        console.print(Text(f"  {sign:5} ", style=style) + Text(f"{finding.subject}: {finding.message}"))
        for line in finding.remedy.splitlines():
            console.print(Text(f"        {line}"), soft_wrap=True)
        if list(Severity).index(finding.severity) > list(Severity).index(worst):
            worst = finding.severity
    return worst
