"""The machine: settings, disk, rights to files, time zones."""

import os
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url

from feedback import __version__
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.findings import Finding, look, ok, wrong
from feedback.store.figures import time_zones

LITTLE, TOO_LITTLE = 1_000_000_000, 200_000_000  # bytes that are free


def settings_found(settings: Settings) -> Finding:
    """Tell which settings hold. That they were read means that none is wrong."""
    kind = "SQLite" if _database_file(settings) else "PostgreSQL"
    return ok("Settings", f"Version {__version__}, {kind}, instance folder {settings.instance}.")


def check_disk(settings: Settings) -> Finding:
    """Is there room in the instance folder?"""
    free = shutil.disk_usage(settings.instance).free
    words = f"{free / 1e9:.1f} GB are free where {settings.instance} is."
    if free < LITTLE:
        remedy = "Make room: once the disk is full, nothing can be saved."
        return (wrong if free < TOO_LITTLE else look)("Disk", words, remedy)
    return ok("Disk", words)


def check_permissions(settings: Settings) -> Finding:
    """Are secret key and database for their own user alone? (Each start takes away what rights others have.)"""
    database = _database_file(settings)
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm")] if database else []
    private = [
        path for path in (settings.instance, settings.instance / "secret-key", *beside) if path.exists()
    ]
    opened = [path for path in private if path.stat().st_mode & 0o077]
    foreign = [path for path in private if os.getuid() not in (0, path.stat().st_uid)]
    if opened:
        remedy = f"chmod go= {' '.join(map(str, opened))}"
        return wrong("Permissions", f"Other users of this machine have rights to {_names(opened)}.", remedy)
    if foreign:
        remedy = "Give them to the user that runs the server (chown), and run feedback as that user only."
        return wrong("Permissions", f"{_names(foreign)} belong to another user.", remedy)
    return ok("Permissions", "Secret key and database are for the server's own user alone.")


def check_time_zones(db: Database) -> Finding:
    """Does this machine know the time zones of all organisations?"""
    with db.reading() as session:
        names = time_zones(session)
    unknown = [name for name in names if not _is_known(name)]
    if unknown:
        remedy = "Install the package tzdata anew: without it days and weeks cannot begin."
        return wrong("Time zones", f"Unknown here: {', '.join(unknown)}.", remedy)
    return ok("Time zones", f"Known: {', '.join(names) or 'none is used yet'}.")


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _database_file(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _names(paths: list[Path]) -> str:
    return ", ".join(str(path) for path in paths)
