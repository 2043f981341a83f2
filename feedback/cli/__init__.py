"""The `feedback` command. No command prompts for anything when it is given its options."""

from importlib import import_module

import click

from feedback import __version__

# Where each command is, and what it is for. A command is loaded when it is run, so that --help need not wait for
# what all of them use; tests/test_processes.py compares the words with the command's own.
COMMANDS = {
    "serve": ("serve:serve", "Serve the product; makes or migrates the database first."),
    "worker": ("serve:worker", "Send mails and keep the calendar."),
    "demo": ("serve:demo", "Fill an example organisation, afresh on each start, and serve it."),
    "migrate": ("data:migrate", "Bring the database to the newest version."),
    "set-up": ("people:set_up", "Make an organisation and its owner."),
    "user": ("people:user", "The people who sign in."),
    "check": (
        "data:check",
        "Do the stored numbers equal a replay of the history? Exit 1, and a list, if not.",
    ),
    "doctor": (
        "doctor:doctor",
        "Is all well? What is wrong is said with its remedy; exit 1 when something is.",
    ),
    "mcp": ("mcp:mcp", "Serve an assistant over standard input and output (MCP)."),
    "bounce": ("bounce:bounce", "Read one bounce from standard input, as a mail server's pipe gives it."),
    "encrypt": ("data:encrypt", "Encrypt codes and secrets with the newest key."),
    "rescore": ("data:rescore", "Rebuild the stored numbers from the history."),
    "export": (
        "copies:export",
        "Write everything of an organisation into a folder: CSV that the import takes, and JSON lines.",
    ),
    "backup": ("copies:backup", "Copy the whole database into a file, while it is in use."),
    "restore": ("copies:restore", "Put a backup in place of the database, and check it."),
    "import": (
        "data:import_",
        "Import people, accounts or past feedback (history) from a CSV file: all rows or none.",
    ),
}


class LazyGroup(click.Group):
    """A group whose commands are loaded by name."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(f"feedback.cli.{module}"), attribute)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="feedback")
def main() -> None:
    """Beyond Doughnuts: six taps from the client, a sealed guess from the rep, and the gap between."""
