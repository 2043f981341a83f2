"""The rows of an organisation as they are exported."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.orm import Bundle, aliased
from sqlmodel import Session, SQLModel, col

from feedback.core.access import Reader, answer_access, answer_status, is_sealed
from feedback.core.dimensions import DIMENSIONS
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    NotedOutcome,
    Side,
    Team,
    TeamManager,
    User,
)
from feedback.models.feedback import Counts

AT_A_TIME = 1000  # rows in memory
# What signs in, opens a page or names a phone is no data of the organisation, and would be a danger in a file.
SECRET = {
    "users": {"password_hash", "subject"},
    "identity_providers": {"secret"},
    "invitations": {"token", "encrypted_token"},
    "group_codes": {"token", "encrypted_token"},
    "webhooks": {"secret"},
    "chat_channels": {"address"},
    "meetings": {"form_key", "network_hash", "browser_hash"},
    "feedback": {"device_hash", "network_hash", "browser_hash"},
    "audit": {"network"},
    "import_jobs": {"content"},
    "calendar_addresses": {"address", "user_name", "password", "etag", "last_modified"},
    "rep_calendars": {"address", "user_name", "password", "etag", "last_modified"},
}
LEFT_OUT = {
    "api_replays",
    "api_tokens",
    "import_rows",
    "sessions",
    "answer_keys",
    "reserved_codes",
    "user_links",
    "counters",
    "data_versions",
    "evidence_figures",
    "sign_ups",
    "sign_in_links",
    "one_time_codes",
    "passkeys",
    "recovery_codes",
}


def exported_people(session: Session, organisation_id: UUID) -> Iterator[tuple[str, str, str, str]]:
    """Return (name, email, role, teams) of everybody who may sign in; teams with semicolons between."""
    teams: dict[UUID, list[str]] = {}
    for user_id, team in session.execute(
        select(col(TeamManager.user_id), col(Team.name))
        .join(Team, references(TeamManager, TeamManager.team_id, Team))
        .where(col(TeamManager.organisation_id) == organisation_id)
        .order_by(col(Team.name))
    ):
        teams.setdefault(user_id, []).append(team)
    rows = session.execute(
        select(col(User.id), col(User.name), col(User.email), col(User.role), col(Team.name).label("team"))
        .outerjoin(Team, references(User, User.team_id, Team))
        .where(col(User.organisation_id) == organisation_id, col(User.ended_at).is_(None))
        .order_by(col(User.id))
    )
    for row in rows:
        own = [row.team] if row.team else teams.get(row.id, [])
        yield row.name, row.email, row.role.value, "; ".join(own)


def exported_clients(session: Session, organisation_id: UUID) -> Iterator[Row[Any]]:
    """Return each contact with its account, and each account without one."""
    return _streamed(
        session,
        select(
            col(Account.name).label("account"), col(Contact.name).label("contact"),
            col(Contact.email), col(Contact.role), col(Contact.language), col(Account.value), col(Account.review_days),
        )
        .outerjoin(Contact, references(Contact, Contact.account_id, Account) & col(Contact.merged_at).is_(None))
        .where(col(Account.organisation_id) == organisation_id, col(Account.merged_at).is_(None))
        .order_by(col(Account.id), col(Contact.id)),
    )  # fmt: skip


def exported_history(session: Session, organisation_id: UUID, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Return each invitation with what a manager may see of it: an answer that counts and may be shown, and a guess that
    is sealed."""
    client, mirror = aliased(Feedback), aliased(Feedback)
    found = _streamed(
        session,
        select(
            col(User.email), col(Account.name), col(Contact.name), col(Contact.email), col(Meeting.held_at),
            Bundle("said", *(getattr(client, name) for name in (*DIMENSIONS, "nps", "comment", "stage"))),
            Bundle("guessed", *(getattr(mirror, name) for name in (*DIMENSIONS, "stage"))),
            Bundle("status", col(client.settles_at), col(client.settled_at), col(client.visibility),
                   col(client.erased_at), col(client.counts)),
            col(mirror.sealed_at).label("sealed"), col(Invitation.closes_at),
        )
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(User, references(Meeting, Meeting.rep_id, User))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(client, _side(client, Side.CLIENT))
        .outerjoin(mirror, _side(mirror, Side.REP))
        .where(col(Invitation.organisation_id) == organisation_id)
        .order_by(col(Meeting.held_at), col(Invitation.id)),
    )  # fmt: skip
    for row in found:
        counted = row.status.counts == Counts.COUNTED and _for_managers(
            now, row.status, row.sealed, row.closes_at
        )
        said = tuple(row.said) if counted else (None,) * len(row.said)
        guessed = tuple(row.guessed) if is_sealed(row.sealed) else (None,) * len(row.guessed)
        six, (nps, comment, stage) = said[:6], said[6:]
        yield (*row[:5], *six, *guessed[:6], nps, comment, stage, guessed[6])


def _side(feedback: type[Feedback], side: Side) -> ColumnElement[bool]:
    return and_(
        col(feedback.organisation_id) == col(Invitation.organisation_id),
        col(feedback.invitation_id) == col(Invitation.id),
        col(feedback.side) == side,
    )


def _for_managers(now: datetime, status: Any, sealed_at: datetime | None, closes_at: datetime) -> bool:
    """Ask the core whether a manager may be shown an answer."""
    known = answer_status(
        now, settles_at=status.settles_at, settled_at=status.settled_at, visibility=status.visibility,
        sealed_at=sealed_at, closes_at=closes_at, erased_at=status.erased_at,
    )  # fmt: skip
    return answer_access(Reader.MANAGER, known).whole


def exported_outcomes(session: Session, organisation_id: UUID) -> Iterator[Row[Any]]:
    """Return each outcome that stands."""
    return _streamed(
        session,
        select(
            col(Account.name).label("account"), col(Contact.email), col(NotedOutcome.happened_on), col(NotedOutcome.outcome),
            col(NotedOutcome.value_before), col(NotedOutcome.value_after), col(NotedOutcome.reason), col(Contact.name),
        )
        .select_from(NotedOutcome)
        .join(Account, references(NotedOutcome, NotedOutcome.account_id, Account))
        .outerjoin(Contact, references(NotedOutcome, NotedOutcome.contact_id, Contact))
        .where(col(NotedOutcome.organisation_id) == organisation_id, col(NotedOutcome.retracted_at).is_(None))
        .order_by(col(NotedOutcome.happened_on), col(NotedOutcome.id)),
    )  # fmt: skip


def exported_tables() -> list[str]:
    """Return the names of the tables that are exported row by row, in the order in which they point at each other."""
    return [table.name for table in SQLModel.metadata.sorted_tables if table.name not in LEFT_OUT]


def exported_columns(table: str) -> dict[str, str]:
    """Return the columns of a table that are exported, and the kind of each."""
    return {
        column.name: type(column.type).__name__
        for column in SQLModel.metadata.tables[table].columns
        if column.name not in SECRET.get(table, ())
    }


def exported_rows(
    session: Session, organisation_id: UUID, table: str, now: datetime
) -> Iterator[dict[str, Any]]:
    """Return the rows of a table, without what is secret. Of answers and guesses only what a manager may see."""
    found = SQLModel.metadata.tables[table]
    columns = [found.c[name] for name in exported_columns(table)]
    owner = found.c.id if table == "organisations" else found.c.organisation_id
    rows = select(*columns).where(owner == organisation_id).order_by(*found.primary_key.columns)
    for row in _streamed(session, rows):
        if table != "feedback" or _may_leave(row, now):
            yield dict(row._mapping)


def _may_leave(row: Row[Any], now: datetime) -> bool:
    """Tell whether a manager may be shown a row of feedback; of an erased answer what is left has no words."""
    if row.side == Side.REP:
        return is_sealed(row.sealed_at)
    return row.erased_at is not None or _for_managers(now, row, None, now)


def _streamed(session: Session, statement: Any) -> Iterator[Row[Any]]:
    return iter(session.execute(statement).yield_per(AT_A_TIME))
