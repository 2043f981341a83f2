"""The rows of an organisation as they are exported."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from feedback.core.dimensions import DIMENSIONS
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Side, Team, TeamManager, User
from feedback.models.feedback import Counts

AT_A_TIME = 1000  # rows in memory
# What signs in, opens a page or names a phone is no data of the organisation, and would be a danger in a file.
SECRET = {
    "users": {"password_hash"},
    "invitations": {"token"},
    "webhooks": {"secret"},
    "meetings": {"form_key", "network_hash", "browser_hash"},
    "feedback": {"device_hash", "network_hash", "browser_hash"},
    "audit": {"network"},
    "import_jobs": {"content"},
}
LEFT_OUT = {"sessions", "answer_keys", "user_links", "counters", "data_versions"}


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
        .outerjoin(Contact, references(Contact, Contact.account_id, Account))
        .where(col(Account.organisation_id) == organisation_id)
        .order_by(col(Account.id), col(Contact.id)),
    )  # fmt: skip


def exported_history(session: Session, organisation_id: UUID) -> Iterator[Row[Any]]:
    """Return each invitation with what a manager may see of it: an answer that has settled and counts, and a guess that
    is sealed."""
    client, mirror = aliased(Feedback), aliased(Feedback)
    said = and_(
        col(client.organisation_id) == col(Invitation.organisation_id),
        col(client.invitation_id) == col(Invitation.id),
        col(client.side) == Side.CLIENT,
        col(client.settled_at).is_not(None),
        col(client.counts) == Counts.COUNTED,
        col(client.erased_at).is_(None),
    )
    guessed = and_(
        col(mirror.organisation_id) == col(Invitation.organisation_id),
        col(mirror.invitation_id) == col(Invitation.id),
        col(mirror.side) == Side.REP,
        col(mirror.sealed_at).is_not(None),
    )
    return _streamed(
        session,
        select(
            col(User.email).label("rep_email"), col(Account.name).label("account"),
            col(Contact.name).label("contact"), col(Contact.email).label("contact_email"), col(Meeting.held_at),
            *(getattr(client, name).label(f"client_{name}") for name in DIMENSIONS),
            *(getattr(mirror, name).label(f"rep_{name}") for name in DIMENSIONS),
            col(client.nps).label("nps"), col(client.comment).label("comment"), col(client.stage).label("stage"),
            col(mirror.stage).label("rep_stage"),
        )
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(User, references(Meeting, Meeting.rep_id, User))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(client, said)
        .outerjoin(mirror, guessed)
        .where(col(Invitation.organisation_id) == organisation_id)
        .order_by(col(Meeting.held_at), col(Invitation.id)),
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


def exported_rows(session: Session, organisation_id: UUID, table: str) -> Iterator[dict[str, Any]]:
    """Return the rows of a table, without what is secret. Of answers and guesses only what a manager may see: those that
    have settled, and those that are sealed."""
    found = SQLModel.metadata.tables[table]
    columns = [found.c[name] for name in exported_columns(table)]
    owner = found.c.id if table == "organisations" else found.c.organisation_id
    rows = select(*columns).where(owner == organisation_id).order_by(*found.primary_key.columns)
    if table == "feedback":
        shown = found.c.settled_at.is_not(None) | found.c.sealed_at.is_not(None)
        rows = rows.where(shown)
    for row in _streamed(session, rows):
        yield dict(row._mapping)


def count_unsealed(session: Session, organisation_id: UUID) -> int:
    """Return how many guesses are not sealed, and so not exported."""
    found = select(func.count()).select_from(Feedback)
    found = found.where(
        col(Feedback.organisation_id) == organisation_id,
        col(Feedback.side) == Side.REP,
        col(Feedback.sealed_at).is_(None),
    )
    return int(session.execute(found).scalar_one())


def _streamed(session: Session, statement: Any) -> Iterator[Row[Any]]:
    return iter(session.execute(statement.execution_options(yield_per=AT_A_TIME)))
