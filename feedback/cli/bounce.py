"""The command that a mail server pipes bounces into."""

import sys
from datetime import UTC, datetime

import click

from feedback.actions.asking import set_aside_bounced
from feedback.cli.common import open_database, settings_or_fail
from feedback.sending.bounces import LARGEST, read_bounce


@click.command()
def bounce() -> None:
    """Read one bounce from standard input, as a mail server's pipe gives it."""
    found = read_bounce(sys.stdin.buffer.read(LARGEST))
    if found is None:
        click.echo("This is no report about a mail of ours; nothing was changed.")
        return
    settings = settings_or_fail()
    with open_database(settings) as db:
        done = found.for_good and set_aside_bounced(db, found.mail_id, datetime.now(UTC))
    click.echo("The address is set aside: nobody there is asked by mail." if done else "Nothing was changed.")
