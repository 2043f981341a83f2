"""Marks in the instance folder, which the processes of one machine share: files whose time says when something was
last done. The database would have to be written every other second for it."""

import os
from datetime import UTC, datetime
from pathlib import Path

WORKER = "worker-turn"  # the worker's last turn; there while one should run here
BACKUP = "last-backup"  # the last backup, by whatever makes them
BACKUP_FAILED = "backup-failed"  # the worker's last backup, while it failed; with the reason
LOOK_WANTED = "look-wanted"  # somebody wants to know now whether all is well


def mark_done(instance: Path, mark: str, now: datetime) -> None:
    """Write down that something was done now."""
    path = instance / mark
    path.touch(mode=0o600)
    os.utime(path, (now.timestamp(), now.timestamp()))


def mark_failed(instance: Path, mark: str, now: datetime, reason: str) -> None:
    """Write down that something failed now, and why."""
    (instance / mark).write_text(reason)
    mark_done(instance, mark, now)


def reason_of(instance: Path, mark: str) -> str:
    """Return why it failed; "" where it did not."""
    try:
        return (instance / mark).read_text()
    except FileNotFoundError:
        return ""


def forget_mark(instance: Path, mark: str) -> None:
    """Write down that it is not expected any more."""
    (instance / mark).unlink(missing_ok=True)


def done_at(instance: Path, mark: str) -> datetime | None:
    """Return when it was last done; None where it never was, or is not expected here."""
    try:
        return datetime.fromtimestamp((instance / mark).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
