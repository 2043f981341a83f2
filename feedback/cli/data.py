"""Commands about the data: migrations, checks, rescoring, imports."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from feedback import migrations
from feedback.actions.change import change
from feedback.actions.scoring.rescore import rescore as rescore_all
from feedback.cli.common import (
    encrypt_all,
    open_database,
    organisation_named,
    organisations_named,
    plain_errors,
    require_newest,
    settings_or_fail,
)
from feedback.imports.report import BadFile, Instructions, Report, relaxed_gc
from feedback.imports.run import ImportKind, import_file
from feedback.store.encrypted import encryption_faults
from feedback.store.replay import count_reps, differences, orphaned_rows


@click.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    with open_database(settings_or_fail()) as db:
        migrations.migrate(db)
        if db.is_sqlite:  # nobody of the version before answers on it
            encrypt_all(db)
    click.echo("The database is at the newest version.")


@click.command()
def encrypt() -> None:
    """Encrypt codes and secrets with the newest key."""
    with open_database(settings_or_fail()) as db:
        require_newest(db)
        click.echo(f"{encrypt_all(db)} encrypted.")


@click.command()
@click.option("--organisation", help="Only this one, by name.")
def check(organisation: str | None) -> None:
    """Do the stored numbers equal a replay of the history? Exit 1, and a list, if not."""
    found = unread = 0
    with open_database(settings_or_fail()) as db:
        require_newest(db)
        with relaxed_gc(), db.reading() as session:
            for line in orphaned_rows(session):
                found += 1
                click.echo(line)
            for organisation_id, name in organisations_named(db, organisation):
                for line in differences(session, organisation_id):
                    found += 1
                    click.echo(f"{name}: {line}")
                for line in encryption_faults(session, organisation_id):
                    unread += 1
                    click.echo(f"{name}: {line}")
    if found:
        click.echo(
            f"{found} differences. `feedback rescore` rebuilds the numbers from the history.", err=True
        )
    if found or unread:
        sys.exit(1)
    click.echo("Every stored number equals a replay of the history; no orphans; migrations at head.")


@click.command()
@click.option("--organisation", help="Only this one, by name.")
def rescore(organisation: str | None) -> None:
    """Rebuild the stored numbers from the history. Frozen weeks stay as they are."""
    with open_database(settings_or_fail()) as db:
        require_newest(db)
        chosen = organisations_named(db, organisation)
        with db.reading() as session:
            count = sum(count_reps(session, organisation_id) for organisation_id, _ in chosen)
        hidden = not sys.stderr.isatty()
        with click.progressbar(length=count, label="Rescoring", file=sys.stderr, hidden=hidden) as bar:
            written = 0
            for organisation_id, _ in chosen:
                with relaxed_gc(), change(db, organisation_id, datetime.now(UTC)) as c:
                    written += rescore_all(c, lambda: bar.update(1))
    click.echo(f"{written} relationships rebuilt.")


@click.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.File("rb"))
@click.option(
    "--other-email",
    type=click.Choice(["new", "same"]),
    help="Somebody of the same name has another e-mail here: a new contact, or the same?",
)
@click.option(
    "--other-name",
    type=click.Choice(["new", "same"]),
    help="Somebody of quite another name has the same e-mail here: a new contact, or the same?",
)
@click.option(
    "--row",
    "by_row",
    multiple=True,
    metavar="NUMBER=ANSWER",
    help="What holds for one row alone, such as 17=same; may be given several times.",
)
@click.option("--dry-run", is_flag=True, help="Check the file and say what would be done; write nothing.")
@click.option("--organisation", help="Its name, where the server holds several.")
def import_(
    kind: str,
    file: BinaryIO,
    by_row: tuple[str, ...],
    dry_run: bool,
    organisation: str | None,
    **doubts: str | None,
) -> None:
    """Import people, accounts or past feedback (history) from a CSV file: all rows or none.

    Rows are numbered as a spreadsheet numbers them: the header is row 1. The same file twice changes nothing.
    While a long history is written, SQLite lets nobody else write: do it when no client answers.
    """
    with open_database(settings_or_fail()) as db, plain_errors():
        require_newest(db)
        organisation_id = organisation_named(db, organisation)
        hidden = not sys.stderr.isatty()
        try:
            with click.progressbar(length=100, label=kind, file=sys.stderr, hidden=hidden) as bar:
                report = import_file(
                    db,
                    organisation_id,
                    ImportKind(kind),
                    file,
                    how=Instructions(
                        None,
                        Path(getattr(file, "name", "-")).name,
                        {name: said for name, said in doubts.items() if said} | _by_row(by_row),
                    ),
                    dry_run=dry_run,
                    now=datetime.now(UTC),
                    progress=lambda part: bar.update(int(part * 100) - bar.pos),
                )
        except BadFile as error:
            for problem in error.problems:
                click.echo(f"row {problem.row}: {problem.reason}")
            for note in error.notes:
                click.echo(note)
            if error.meant:
                click.echo(f"It has the columns of another kind of file: {error.meant}.")
            more = error.count - len(error.problems)
            rows = "1 row is" if error.count == 1 else f"{error.count} rows are"
            click.echo(f"{f'And {more} more. ' if more else ''}{rows} wrong; nothing was imported.", err=True)
            sys.exit(1)
    _print_report(report, dry_run)


def _by_row(by_row: tuple[str, ...]) -> dict[str, str]:
    """Return what was said about single rows, by number."""
    for each in by_row:
        if not re.fullmatch(r"[1-9][0-9]{0,7}=(new|same)", each, re.ASCII):
            raise click.BadParameter(f"{each!r} is not like 17=same or 17=new", param_hint="--row")
    return dict(each.split("=") for each in by_row)


def _print_report(report: Report, dry_run: bool) -> None:
    """Print what an import did, or would do."""
    click.echo(f"{'Would add' if dry_run else 'Added'}: {', '.join(report.added) or 'nothing'}.")
    if report.updated:
        click.echo(f"{'Would update' if dry_run else 'Updated'}: {', '.join(report.updated)}.")
    if report.already:
        rows = "1 row" if report.already == 1 else f"{report.already} rows"
        click.echo(f"Already here and left as it is: {rows}.")
    for note in report.notes:
        click.echo(note)
    if dry_run:
        click.echo("This was a dry run: nothing was written.")
