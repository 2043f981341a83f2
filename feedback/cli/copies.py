"""Commands that take data out, and put a copy back."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError

from feedback import migrations
from feedback.cli.common import encrypt_all, open_database, organisation_named, settings_or_fail
from feedback.db.backup import BackupError, back_up, restore_from
from feedback.db.engine import Database
from feedback.exports.run import export_to_folder
from feedback.instance import BACKUP, mark_done
from feedback.store.encrypted import encryption_faults
from feedback.store.people import any_organisation
from feedback.store.replay import differences, organisations, orphaned_rows


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--organisation", help="Its name, where the server holds several.")
def export(folder: Path, organisation: str | None) -> None:
    """Write everything of an organisation into a folder: CSV that the import takes, and JSON lines."""
    with open_database(settings_or_fail()) as db:
        organisation_id = organisation_named(db, organisation)
        try:
            with db.reading() as session:
                written = export_to_folder(session, organisation_id, folder, datetime.now(UTC))
        except OSError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{len(written)} files with {sum(written.values())} rows are in {folder}.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the whole database into a file, while it is in use."""
    settings = settings_or_fail()
    with open_database(settings) as db:
        try:
            size = back_up(db, settings.database_url, file)
            mark_done(settings.instance, BACKUP, datetime.now(UTC))
        except (BackupError, OSError) as error:
            raise click.ClickException(str(error)) from None
    click.echo(
        f"{file} holds the database, {size / 1e6:.1f} MB. Keep the secret key with it: without it nobody signs in."
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in place of the organisations that are there.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup in place of the database, and check it.

    Stop the server first.
    """
    settings = settings_or_fail()
    with open_database(settings) as db:
        if not replace and _holds_something(db):
            raise click.ClickException(
                "this database holds an organisation. Nothing was changed. --replace puts the backup in its place."
            )
        try:
            restore_from(db, settings.database_url, file)
        except (BackupError, OSError) as error:
            raise click.ClickException(str(error)) from None
        migrations.migrate(db)
        encrypt_all(db)
        with db.reading() as session:
            wrong = [*orphaned_rows(session)]
            for organisation_id, name in organisations(session):
                wrong += [f"{name}: {line}" for line in differences(session, organisation_id)]
                wrong += [f"{name}: {line}" for line in encryption_faults(session, organisation_id)]
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(1)
    click.echo("Restored. Every stored number equals a replay of the history.")


def _holds_something(db: Database) -> bool:
    with db.reading() as session:
        try:
            return any_organisation(session)
        except DatabaseError:  # it has no tables yet
            return False
