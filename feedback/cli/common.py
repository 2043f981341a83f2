"""What all commands share: settings, a database, errors in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import click
from sqlalchemy.exc import OperationalError

from feedback import migrations
from feedback.actions.encrypting import encrypt_anew
from feedback.config import ConfigError, Settings, read_settings
from feedback.db.change import Invalid
from feedback.db.engine import Database, connect
from feedback.store.replay import organisations


def settings_or_fail() -> Settings:
    """Return the settings of the environment; end the command with one line when one is wrong."""
    try:
        return read_settings()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Open the database for one command; end the command with one line when it cannot be reached."""
    db = connect(settings.database_url, settings.keys, pooled=False)
    try:
        yield db
    except OperationalError as error:
        raise click.ClickException(f"FEEDBACK_DATABASE_URL: {str(error.orig).splitlines()[0]}") from None
    finally:
        db.dispose()


def require_newest(db: Database) -> None:
    """End the command with one line when the database is newer than the program, or older."""
    if unknown := migrations.unknown_revision(db):
        raise click.ClickException(
            f"the database is at version {unknown}, which this program does not know: it is newer than the "
            "program. Install the newer one, or put a backup back"
        )
    if not migrations.at_head(db):
        raise click.ClickException("migrations are missing: run `feedback migrate`")


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the command with one line when an action refuses its input."""
    try:
        yield
    except Invalid as error:
        reasons = "; ".join(f"{field}: {why}" for field, why in error.reasons.items())
        raise click.ClickException(reasons) from None


def organisations_named(db: Database, name: str | None) -> list[tuple[UUID, str]]:
    """Return (id, name) of the named organisation, or of all when `name` is None; end the command when there
    is none of that name."""
    with db.reading() as session:
        every = organisations(session)
    if name is None:
        return every
    found = [each for each in every if each[1] == name]
    if len(found) != 1:
        names = ", ".join(each[1] for each in every) or "none yet"
        raise click.ClickException(f"no organisation is called {name!r}; there are: {names}")
    return found


def organisation_named(db: Database, name: str | None) -> UUID:
    """Return the id of the named organisation, or of the only one when `name` is None; end the command when
    there is none, or more than one."""
    found = organisations_named(db, name)
    if not found:
        raise click.ClickException("there is no organisation yet: run `feedback set-up`")
    if len(found) > 1:
        raise click.ClickException(f"say which with --organisation: {', '.join(each[1] for each in found)}")
    return found[0][0]


def encrypt_all(db: Database) -> int:
    """Encrypt what is not encrypted with the first key, of all organisations; return how much was."""
    named, now = organisations_named(db, None), datetime.now(UTC)
    written = sum(encrypt_anew(db, organisation_id, now) for organisation_id, _ in named)
    db.forget_erased()
    return written
