"""The command that assistants start."""

import os
from pathlib import Path

import click

from feedback.cli.common import open_database, require_newest, settings_or_fail

VARIABLE = "FEEDBACK_API_TOKEN"


@click.command()
@click.option("--address", metavar="URL", help="A server elsewhere, such as https://feedback.example.com.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A file with the token; else it is read from {VARIABLE}.",
)
def mcp(address: str | None, token_file: Path | None) -> None:
    """Serve an assistant over standard input and output (MCP)."""
    from feedback.api.assistants import ask_app, ask_server, serve_stdio

    token = (token_file.read_text() if token_file else os.environ.get(VARIABLE, "")).strip()
    if not token:
        raise click.ClickException(
            f"a token is needed: put it into {VARIABLE}, or name its file with --token-file"
        )
    if address:
        if not address.startswith(("https://", "http://")):
            raise click.ClickException("--address begins with https://")
        serve_stdio(ask_server(address.rstrip("/").removesuffix("/mcp"), token))
        return
    from feedback.app import create_app

    settings = settings_or_fail()
    with open_database(settings) as db:
        require_newest(db)
        serve_stdio(ask_app(create_app(settings, database=db), token))
