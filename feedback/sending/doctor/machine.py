"""The machine: settings, disk, rights to files, time zones."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import URL, make_url

from feedback import __version__
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.findings import Finding, look, ok, wrong
from feedback.store.figures import time_zones

LITTLE, TOO_LITTLE = 1_000_000_000, 200_000_000  # bytes that are free
HERE = ("localhost", "::1")


def settings_found(settings: Settings) -> Finding:
    """Tell which settings hold. That they were read means that none is wrong."""
    kind = "SQLite" if _database_file(settings) else "PostgreSQL"
    return ok("Settings", f"Version {__version__}, {kind}, instance folder {settings.instance}.")


def check_lines(settings: Settings) -> Iterator[Finding]:
    """Is what goes to a database or a Redis on another machine encrypted, and does the other side show who it is? Tells
    nothing where both are here."""
    database = make_url(settings.database_url)
    if database.get_backend_name() == "postgresql" and (hosts := _elsewhere(database)):
        found, mode = f"The database is on {hosts}", database.query.get("sslmode")
        if mode in ("verify-full", "verify-ca"):
            yield ok("Lines", f"{found}; the line is encrypted, its certificate verified.")
        else:
            remedy = (
                "Add ?sslmode=verify-full&sslrootcert=… to FEEDBACK_DATABASE_URL, or keep the line private."
            )
            yield look("Lines", f"{found}, and its certificate is not verified.", remedy)
    redis = make_url(settings.redis_url) if settings.redis_url else None
    if redis and redis.drivername == "redis" and (hosts := _elsewhere(redis)):
        remedy = "Write rediss:// in FEEDBACK_REDIS_URL, or keep the line private."
        yield look("Lines", f"Redis is on {hosts}, and the line is not encrypted.", remedy)


def _elsewhere(url: URL) -> str:
    """Return the hosts of an address that are not this machine; "" without any."""
    asked = url.query.get("host", ())
    named = [url.host or "", *((asked,) if isinstance(asked, str) else asked)]
    hosts = [host for each in named for host in each.split(",") if host and host[0] != "/"]
    return ", ".join(
        each for each in hosts if each not in HERE and not each.startswith(("127.", "localhost:"))
    )


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
