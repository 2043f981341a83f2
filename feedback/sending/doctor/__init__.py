"""Is all well? Every check, in the order in which it is told. What a check finds is words for whoever runs the server:
no name, address or answer of anybody."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from feedback.config import Settings
from feedback.db.engine import Database
from feedback.findings import Finding, wrong
from feedback.logs import words_of
from feedback.sending.doctor import address, database, machine, mail, work

log = logging.getLogger("feedback.doctor")


def examine(
    db: Database, settings: Settings, now: datetime, *, whole: bool = False, mail_to: str | None = None
) -> list[Finding]:
    """Return what all checks find. It asks the mail server and the public address, and so may take a minute. whole: read
    also a large database through. mail_to: where to send a test mail."""
    return list(_examine(db, settings, now, whole, mail_to))


def _examine(
    db: Database, settings: Settings, now: datetime, whole: bool, mail_to: str | None
) -> Iterator[Finding]:
    yield machine.settings_found(settings)
    yield from machine.check_lines(settings)
    yield from _each("Address", lambda: address.check_address(settings, now))
    yield from _each("Mail", lambda: [mail.check_mail(settings, mail_to)])
    found = [*_each("Database", lambda: database.check_database(db, settings, now, whole=whole))]
    yield from found
    if database.is_usable(found):
        yield from _each("Time zones", lambda: [machine.check_time_zones(db)])
        yield from _each("Queues", lambda: work.check_queues(db, settings, now))
        yield from _each("Calendars", lambda: [work.check_calendars(db, now)])
    yield from _each("Worker", lambda: [work.check_worker(settings, now)])
    yield from _each("Backup", lambda: [work.check_backup(settings, now)])
    yield from _each("Disk", lambda: [machine.check_disk(settings)])
    yield from _each("Permissions", lambda: [machine.check_permissions(settings)])


def _each(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """Return what a check finds; that it failed, where it did, so that the others are told all the same."""
    try:
        return check()
    except SQLAlchemyError as error:
        log.warning("%s: %s", name, words_of(error))
        return [
            wrong(
                name,
                f"The database cannot be asked: {words_of(error)}.",
                "Does it run? Look at FEEDBACK_DATABASE_URL.",
            )
        ]
    except Exception as error:
        log.exception("the check of %s failed", name)
        return [wrong(name, f"The check itself failed: {words_of(error)}.", "The server's log says more.")]
