"""What an import asks: who is here already, which rows are, and what is to be counted anew."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings
from feedback.core.weeks import week_of, week_on
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Side, Team, TeamManager, User
from feedback.store.joins import points_at
from feedback.store.relationships import answer_exists

# A row of history: this rep met this contact at this time.
Key = tuple[UUID, UUID, datetime]


@dataclass(frozen=True, slots=True)
class Said:
    """What a row of history says, or what is stored of it."""

    client: Ratings = NO_RATINGS
    rep: Ratings = NO_RATINGS
    nps: int | None = None
    comment: str | None = None
    stage: str | None = None
    rep_stage: str | None = None

    def differs_from(self, other: "Said") -> list[str]:
        """The columns in which the two are not the same."""
        ratings = [
            f"{side}_{name}"
            for side in (Side.CLIENT, Side.REP)
            for name, mine, theirs in zip(DIMENSIONS, getattr(self, side), getattr(other, side), strict=True)
            if mine != theirs
        ]
        extras = ("nps", "comment", "stage", "rep_stage")
        return ratings + [name for name in extras if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is here. left: may no longer sign in. teams: belonged to, or looked after."""

    name: str
    role: str
    left: bool
    teams: tuple[str, ...]


class Seen:
    """The keys of a file's rows, in a temporary SQLite database that moves to the disk as it grows."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def before(self, key: str, number: int) -> int | None:
        """The row that had this key before; None, and remembered, when none had."""
        digest = blake2b(key.encode(), digest_size=16).digest()
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, number)).rowcount:
            return None
        return int(self._db.execute("SELECT number FROM seen WHERE key = ?", (digest,)).fetchone()[0])

    def close(self) -> None:
        self._db.close()


def insert_all(session: Session, table: type[SQLModel], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows in bulk, past the ORM. What a row does not name has the model's default."""
    if values:
        session.execute(_table(table).insert(), _with_defaults(table, values))


def insert_all_if_new(session: Session, table: type[SQLModel], values: Sequence[dict[str, Any]]) -> None:
    """The same, leaving out rows that a unique constraint says are there."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    if values:
        session.execute(insert(_table(table)).on_conflict_do_nothing(), _with_defaults(table, values))


def people_by_email(session: Session, organisation_id: UUID, emails: Sequence[str]) -> dict[str, Known]:
    """Those who have one of these addresses, whether or not they may still sign in."""
    rows = session.execute(
        select(
            col(User.id), col(User.name), col(User.email), col(User.role), col(User.ended_at), col(Team.name)
        )
        .outerjoin(TeamManager, points_at(TeamManager, TeamManager.user_id, User))
        .outerjoin(
            Team,
            (col(Team.organisation_id) == col(User.organisation_id))
            & ((col(Team.id) == col(User.team_id)) | (col(Team.id) == col(TeamManager.team_id))),
        )
        .where(col(User.organisation_id) == organisation_id, col(User.email).in_(emails))
        .order_by(col(Team.name))
    ).all()
    teams = defaultdict(list)
    for row in rows:
        teams[row[0]].extend([row[5]] if row[5] else [])
    return {row[2]: Known(row[1], row[3], row[4] is not None, tuple(teams[row[0]])) for row in rows}


def roles_by_email(session: Session, organisation_id: UUID) -> dict[str, tuple[UUID, str]]:
    """Everybody's id and role, those who left included: it is the past that is imported."""
    rows = session.execute(
        select(col(User.email), col(User.id), col(User.role)).where(
            col(User.organisation_id) == organisation_id
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def account_ids(session: Session, organisation_id: UUID) -> dict[str, UUID]:
    """Every account by its name_key."""
    rows = session.execute(
        select(col(Account.name_key), col(Account.id)).where(col(Account.organisation_id) == organisation_id)
    )
    return {row[0]: row[1] for row in rows}


def contact_keys(session: Session, organisation_id: UUID) -> Iterator[tuple[UUID, UUID, str, str | None]]:
    """Every contact's account_id, id, name_key and e-mail."""
    rows = session.execute(
        select(col(Contact.account_id), col(Contact.id), col(Contact.name_key), col(Contact.email))
        .where(col(Contact.organisation_id) == organisation_id)
        .order_by(col(Contact.id))
    )
    yield from (row._tuple() for row in rows)


def already_here(
    session: Session, organisation_id: UUID, keys: Iterable[Key]
) -> dict[Key, list[Said | None]]:
    """What is stored under those keys; None where the client erased the answer."""
    by_rep: defaultdict[UUID, list[Key]] = defaultdict(list)
    for key in keys:
        by_rep[key[0]].append(key)
    found: defaultdict[Key, list[Said | None]] = defaultdict(list)
    for rep_id, wanted in by_rep.items():
        for key, said in _stored(session, organisation_id, rep_id, {held_at for _, _, held_at in wanted}):
            found[key].append(said)
    return found


def counts_by_week(
    session: Session, organisation_id: UUID, rep_id: UUID, mondays: Sequence[date], zone: ZoneInfo
) -> dict[date, tuple[int, int, int, int]]:
    """Meetings, meetings with an invitation opened, invitations, answered ones, by the week's Monday; for
    every week with a meeting from the first of `mondays` to the last. They are in order."""
    rows = session.execute(
        select(
            col(Meeting.held_at),
            func.count(col(Invitation.id)),
            func.count(col(Invitation.opened_at)),
            func.count(col(Invitation.id)).filter(answer_exists()),
        )
        .select_from(Meeting)
        .outerjoin(Invitation, points_at(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.held_at) >= week_on(mondays[0]).starts(zone),
            col(Meeting.held_at) < week_on(mondays[-1]).ends(zone),
        )
        .group_by(col(Meeting.id), col(Meeting.held_at))
    )
    counts: defaultdict[date, tuple[int, int, int, int]] = defaultdict(lambda: (0, 0, 0, 0))
    for held_at, invitations, opened, answered in rows:
        monday = week_of(held_at, zone).monday
        before = counts[monday]
        counts[monday] = (
            before[0] + 1,
            before[1] + bool(opened),
            before[2] + invitations,
            before[3] + answered,
        )
    return counts


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_SIX = len(DIMENSIONS)


def _stored(
    session: Session, organisation_id: UUID, rep_id: UUID, moments: set[datetime]
) -> Iterator[tuple[Key, Said | None]]:
    """One rep's invitations of the meetings held at those moments."""
    rows = session.execute(
        select(
            col(Invitation.contact_id), col(Meeting.held_at), col(_Client.erased_at), col(_Client.nps),
            col(_Client.comment), col(_Client.stage), col(_Mirror.stage),
            *(getattr(_Client, name) for name in DIMENSIONS),
            *(getattr(_Mirror, name) for name in DIMENSIONS),
        )
        .select_from(Meeting)
        .join(Invitation, points_at(Invitation, Invitation.meeting_id, Meeting))
        .outerjoin(_Client, points_at(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
        .outerjoin(_Mirror, points_at(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.held_at).in_(moments),
        )
    )  # fmt: skip
    for contact_id, held_at, erased_at, nps, comment, stage, rep_stage, *ratings in rows:
        said = Said(tuple(ratings[:_SIX]), tuple(ratings[_SIX:]), nps, comment, stage, rep_stage)
        yield (rep_id, contact_id, held_at), None if erased_at else said


def _with_defaults(table: type[SQLModel], values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    defaults = {
        name: field.default for name, field in table.model_fields.items() if field.default_factory is None
    }
    return [{**defaults, **row} for row in values]


def _table(table: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(table.__tablename__)]
