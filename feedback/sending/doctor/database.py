"""The database: version, migrations, damage, rights, clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from feedback import migrations
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.db.health import PostgresHealth, postgres_health, sqlite_damage, sqlite_version
from feedback.findings import Finding, FindingState, look, ok, wrong

OLDEST_POSTGRESQL = 14  # older ones get no security fixes any more
CLOCK = "Clock"
APART, TOO_FAR_APART = 5, 60  # seconds between two clocks


def check_database(db: Database, settings: Settings, now: datetime, *, whole: bool) -> list[Finding]:
    """Return what is found of the database. whole: as in sqlite_damage. Raises SQLAlchemyError."""
    return [*(_sqlite(db, whole) if db.is_sqlite else _postgresql(db, now)), check_migrations(db)]


def is_usable(found: Sequence[Finding]) -> bool:
    """Tell whether the database can be asked about its rows."""
    return not any(
        each.name in ("Database", "Migrations") and each.state is FindingState.WRONG for each in found
    )


def check_migrations(db: Database) -> Finding:
    """Is the database at the program's version?"""
    if unknown := migrations.unknown_revision(db):
        remedy = "Install the newer program, or put a backup back."
        return wrong("Migrations", f"The database is at version {unknown}, newer than the program.", remedy)
    if not migrations.at_head(db):
        return wrong("Migrations", "Migrations are missing.", "Run feedback migrate.")
    return ok("Migrations", "The database has all of them.")


def compare_clocks(whose: str, apart: float) -> Finding:
    """Compare a clock with ours. apart: seconds."""
    words = f"{whose} is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} this machine's."
    if abs(apart) <= APART:
        return ok(CLOCK, f"{whose} and this machine's agree.")
    found = wrong if abs(apart) > TOO_FAR_APART else look
    return found(CLOCK, words, "Let both machines take the time from the network (NTP).")


def judge_postgresql(health: PostgresHealth, now: datetime) -> Iterator[Finding]:
    """Judge what PostgreSQL says of itself."""
    version = health.version // 10_000
    if health.read_only:
        remedy = "Point FEEDBACK_DATABASE_URL at the primary: nothing can be saved here."
        yield wrong("Database", f"PostgreSQL {version} takes only reads.", remedy)
    elif version < OLDEST_POSTGRESQL:
        yield look("Database", f"PostgreSQL {version} gets no security fixes any more.", "Upgrade it.")
    else:
        yield ok("Database", f"PostgreSQL {version}.")
    if not health.may_create or not health.owns_tables:
        remedy = "Let its role own the tables, and create in their schema, or no migration and no statistics succeed."
        yield wrong("Database rights", "The role does not own all tables, or may make none.", remedy)
    yield compare_clocks("The database's clock", (health.clock - now).total_seconds())


def _postgresql(db: Database, now: datetime) -> Iterator[Finding]:
    return judge_postgresql(postgres_health(db), now)


def _sqlite(db: Database, whole: bool) -> Iterator[Finding]:
    version, damage = sqlite_version(db), sqlite_damage(db, whole=whole)
    if damage:
        remedy = (
            "Stop the server, keep the file, and put the newest backup back: feedback restore --replace FILE."
        )
        yield wrong("Database", f"SQLite {version}: the file is damaged. {damage}", remedy)
    elif damage is None:
        yield ok("Database", f"SQLite {version}; the file is sound.")
    else:
        yield ok(
            "Database", f"SQLite {version}; too large to be read through each hour: feedback doctor does it."
        )
