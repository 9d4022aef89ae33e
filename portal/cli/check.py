"""`portal check`: connects everything, says what works and what is missing, and how to mend it."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.capabilities import Finding, Severity
from portal.cli.settings_option import settings_option
from portal.settings.file import load

if TYPE_CHECKING:
    from portal.doctor.reach import Reach

SIGNS = {Severity.OK: ("ok", "green"), Severity.WARNING: ("look", "yellow"), Severity.FAULT: ("FAULT", "bold red")}
Looked = Sequence[tuple[str, Sequence[Finding]]]


@click.command()
@settings_option
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON object.")
def check(*, as_json: bool) -> None:
    """Look over settings, database, directories, mail and the record. Changes nothing; exit 1 for a fault."""
    from portal.assembly import assemble
    from portal.doctor.doctor import areas, by_severity
    from portal.doctor.reach import reach

    parts = assemble(load())
    console = Console(highlight=False)
    looked, by_name = [], {}
    for area in areas(parts):
        findings = by_severity(area.look())
        looked.append((area.title, findings))
        by_name[area.name] = findings
        if not as_json:
            _show(console, area.title, findings)
    reached = list(reach(parts, by_name))
    if as_json:
        click.echo(json.dumps(_for_machines(looked, reached), indent=1))
    else:
        _show_reach(console, reached)
    sys.exit(1 if worst(looked) is Severity.FAULT else 0)


def worst(looked: Looked) -> Severity:
    severities = {finding.severity for _, findings in looked for finding in findings}
    return max(severities, key=list(Severity).index, default=Severity.OK)


def _show(console: Console, title: str, findings: Sequence[Finding]) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    for finding in findings:
        sign, style = SIGNS[finding.severity]
        console.print(Text(f"  {sign:5} ", style=style) + Text(f"{finding.subject}: {finding.message}"))
        for line in finding.remedy.splitlines():
            console.print(Text(f"        {line}"), soft_wrap=True)


def _show_reach(console: Console, reached: "Sequence[Reach]") -> None:
    table = Table(title="\nWho can be helped with what", title_justify="left", title_style="bold")
    for heading in ("people of", "works", "a ticket for the service desk", "CANNOT WORK"):
        table.add_column(heading, overflow="fold")
    for one in reached:
        cells = ("\n".join(names) for names in (one.works, one.by_people, one.broken))
        table.add_row(Text("\n".join(filter(None, (one.directory, one.base)))), *cells)
    console.print(table)


def _for_machines(looked: Looked, reached: "Sequence[Reach]") -> Mapping[str, object]:
    return {
        "worst": worst(looked).value,
        "findings": [
            {
                "area": title,
                "severity": finding.severity.value,
                "subject": finding.subject,
                "message": finding.message,
                "remedy": finding.remedy,
                "base": finding.base,
            }
            for title, findings in looked
            for finding in findings
        ],
        "reach": [vars(one) for one in reached],
    }
