"""Copies of a whole database, taken while it is in use, and put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from feedback.db.engine import Database

_SQLITE = b"SQLite format 3\0"
_POSTGRESQL = b"PGDMP"


class BackupError(Exception):
    """Raised when a copy cannot be made or put back; the message says why, and what was kept."""


def back_up(db: Database, url: str, file: Path) -> int:
    """Copy the database into a new file, for its own user alone; return its size in bytes. SQLite's is a database
    again, PostgreSQL's what pg_dump writes. Raises BackupError and OSError; nothing is left of a copy that failed."""
    if file.exists():
        raise BackupError(f"{file} is there already, and was left as it is. Choose another name.")
    part = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if _is_sqlite(url):
            with closing(sqlite3.connect(_path(url))) as ours, closing(sqlite3.connect(part)) as copy:
                # In one piece: in several, each commit of others lets it begin anew, for ever.
                ours.backup(copy)
        else:
            _run("pg_dump", "--format=custom", f"--file={part}", f"--dbname={_libpq(url)}")
        part.replace(file)
    except sqlite3.Error as error:  # a full disk, a damaged file
        raise BackupError(f"SQLite: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def restore_from(db: Database, url: str, file: Path) -> None:
    """Put a copy in place of the database, as a whole. Raises BackupError for a file that is no copy of such a
    database; it then is as it was."""
    with file.open("rb") as opened:
        head = opened.read(len(_SQLITE))
    if _is_sqlite(url):
        if head != _SQLITE:
            raise BackupError(f"{file} is no backup of SQLite. The database is as it was.")
        db.dispose()
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BackupError(f"{file} is damaged. The database is as it was.")
            with closing(sqlite3.connect(_path(url), timeout=10)) as ours:
                copy.backup(ours)
    elif not head.startswith(_POSTGRESQL):
        raise BackupError(f"{file} is no backup of PostgreSQL. The database is as it was.")
    else:
        db.dispose()
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={_libpq(url)}",
            str(file),
        )


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL. Raises BackupError with what it says."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed here; it comes with PostgreSQL's client programs.")
    ended = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    if ended.returncode:
        raise BackupError(
            f"{program}: {ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else 'failed'}"
        )


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _path(url: str) -> str:
    return str(make_url(url).database)


def _libpq(url: str) -> str:
    """Return the address as PostgreSQL's own programs read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
