"""The command that looks whether all is well."""

import sys
import textwrap
from datetime import UTC, datetime

import click

from feedback.cli.common import settings_or_fail
from feedback.db.engine import connect
from feedback.findings import Finding, FindingState
from feedback.sending.doctor import examine

COLOURS = {FindingState.OK: "green", FindingState.LOOK: "yellow", FindingState.WRONG: "red"}


@click.command()
@click.option("--mail", "mail_to", metavar="TO", help="Send a real test mail there.")
def doctor(mail_to: str | None) -> None:
    """Is all well? What is wrong is said with its remedy; exit 1 when something is."""
    settings = settings_or_fail()
    db = connect(settings.database_url, settings.keys, pooled=False)
    try:
        found = examine(db, settings, datetime.now(UTC), whole=True, mail_to=mail_to)
    finally:
        db.dispose()
    for finding in found:
        _print(finding)
    states = [finding.state for finding in found]
    worst = states.count(FindingState.WRONG)
    click.echo(
        f"\n{worst} wrong, {states.count(FindingState.LOOK)} to look at, {states.count(FindingState.OK)} ok."
    )
    if worst:
        sys.exit(1)


def _print(finding: Finding) -> None:
    click.echo(f"{click.style(f'{finding.state:6}', COLOURS[finding.state])} {finding.name}: {finding.words}")
    if finding.remedy:
        click.echo(textwrap.indent(f"→ {finding.remedy}", " " * 7))
