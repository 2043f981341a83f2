"""One backup of the whole database a day, and the old ones deleted."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feedback.config import Settings
from feedback.core.backups import backup_day, backup_name, days_kept
from feedback.db.backup import BackupError, back_up
from feedback.db.engine import Database
from feedback.instance import BACKUP, BACKUP_FAILED, done_at, forget_mark, mark_done, mark_failed

log = logging.getLogger("feedback.backups")
AGAIN_AFTER = timedelta(hours=1)
LOCK = "feedback-backup.lock"


def back_up_daily(db: Database, settings: Settings, now: datetime) -> bool:
    """Make the backup of this day (UTC) unless it is there, and delete those that are kept no longer; return whether
    one was made. Of several workers one makes it. A failure is logged and written down, and tried again in an hour."""
    folder, instance = settings.backup_dir, settings.instance
    failed_at = done_at(instance, BACKUP_FAILED)
    if folder is None or (failed_at and timedelta() <= now - failed_at < AGAIN_AFTER):
        return False
    file = folder / backup_name(now.astimezone(UTC).date(), sqlite=db.is_sqlite)
    try:
        if file.exists():
            return False
        with _claimed(folder) as mine:
            if not mine or file.exists():  # another worker's
                return False
            size = back_up(db, settings.database_url, file)
            mark_done(instance, BACKUP, now)
            forget_mark(instance, BACKUP_FAILED)
            _delete_old(folder)
    except (BackupError, OSError) as error:
        log.error("no backup: %s", _reason(error))
        mark_failed(instance, BACKUP_FAILED, now, _reason(error))
        return False
    log.info("%s holds the database, %.1f MB", file, size / 1e6)
    return True


def newest_backup(settings: Settings) -> datetime | None:
    """Return when the newest backup was made that is known here; None without any."""
    marked = done_at(settings.instance, BACKUP)
    found = [path.stat().st_mtime for path, _ in _own(settings.backup_dir)] if settings.backup_dir else []
    made = [datetime.fromtimestamp(each, UTC) for each in found]
    return max([*made, *([marked] if marked else [])], default=None)


@contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    """Yield whether nobody else makes a backup into the folder while the block runs. Raises OSError."""
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {folder} is not there")
    with (folder / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _delete_old(folder: Path) -> None:
    """Delete backups that are kept no longer, and what is left of those that were cut off: only plain files that are
    named as ours are."""
    own = list(_own(folder))
    kept = days_kept(day for _, day in own)
    cut_off = [path for path, _ in _own(folder, unfinished=True)]
    for path in [*(path for path, day in own if day not in kept), *cut_off]:
        path.unlink(missing_ok=True)


def _own(folder: Path, *, unfinished: bool = False) -> Iterator[tuple[Path, date]]:
    """Yield (file, day) of each of our backups; none where there is no such folder."""
    for path in folder.iterdir() if folder.is_dir() else ():
        day = backup_day(path.name, unfinished=unfinished)
        if day and path.is_file() and not path.is_symlink():
            yield path, day


def _reason(error: Exception) -> str:
    """Return why in one line. Both kinds name files and PostgreSQL's reasons, nothing that anybody typed."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)
