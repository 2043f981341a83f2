"""The `feedback` command. No command prompts for anything when it is given its options."""

import click

from feedback import __version__
from feedback.cli import data, people, serve


@click.group()
@click.version_option(__version__, prog_name="feedback")
def main() -> None:
    """Beyond Doughnuts: six taps from the client, a sealed guess from the rep, and the gap between."""


for command in (
    serve.serve,
    serve.worker,
    serve.demo,
    data.migrate,
    people.set_up,
    people.user,
    data.check,
    data.rescore,
    data.import_,
):
    main.add_command(command)
