"""Limits on attempts, counted in the database, so that several processes allow no more than one does.

Only what guesses is counted here, signing in and setting up, and only while it goes wrong: a page costs no write.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from feedback.db.engine import Database
from feedback.models import Counter

WINDOW = timedelta(minutes=10)  # from the first attempt on; then a counter begins anew


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts under one key, of at most 64 characters, within a time from the first on."""

    key: str
    most: int
    within: timedelta = WINDOW


def reserve(db: Database, limits: Sequence[Limit], now: datetime) -> bool:
    """Count an attempt under all limits, before it is made; False, which says that it must not be made, when one is
    used up. Counting first lets attempts at the same moment find no gap; a successful one is taken back by `release`.

    One that is refused writes nothing, unless others of the same moment were faster.
    """
    with db.reading() as session:
        if _is_used_up(session, limits, now):
            return False
    with db.writing() as session:
        return count_within(session, limits, now)


def count_within(session: Session, limits: Sequence[Limit], now: datetime) -> bool:
    """Count an attempt under all limits, in a transaction that is open; False when that was one too many."""
    # In one order, so that two attempts do not wait for each other.
    counts = [_count(session, limit, now) <= limit.most for limit in sorted(limits, key=_by_key)]
    return all(counts)


def release(db: Database, limits: Iterable[Limit]) -> None:
    """Take an attempt back, because it was none: the password was right."""
    with db.writing() as session:
        for limit in sorted(limits, key=_by_key):
            counted = (col(Counter.key) == limit.key, col(Counter.count) > 0)
            session.execute(update(Counter).where(*counted).values(count=col(Counter.count) - 1))


def forget_counters(db: Database, now: datetime) -> None:
    """Delete the counters that have expired; writes only when there are any."""
    with db.reading() as session:
        if (
            session.execute(select(col(Counter.key)).where(col(Counter.expires_at) <= now).limit(1)).first()
            is None
        ):
            return
    with db.writing() as session:
        session.execute(delete(Counter).where(col(Counter.expires_at) <= now))


def _is_used_up(session: Session, limits: Sequence[Limit], now: datetime) -> bool:
    full = (and_(col(Counter.key) == limit.key, col(Counter.count) >= limit.most) for limit in limits)
    found = select(col(Counter.key)).where(or_(*full), col(Counter.expires_at) > now).limit(1)
    return session.execute(found).first() is not None


def _count(session: Session, limit: Limit, now: datetime) -> int:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over, anew = col(Counter.expires_at) <= now, now + limit.within
    statement = insert(Counter).values(key=limit.key, count=1, expires_at=anew)
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((over, 1), else_=col(Counter.count) + 1),
            "expires_at": case((over, anew), else_=col(Counter.expires_at)),
        },
    ).returning(col(Counter.count))
    return int(session.execute(counted).scalar_one())


def _by_key(limit: Limit) -> str:
    return limit.key
