"""The people who sign in: teams, users, and which managers look after which teams."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from feedback.core.access import Role
from feedback.models.columns import Dated, Row, one_of, within, word


class Team(Dated, table=True):
    """A team of reps."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("organisation_id", "name", name="uq_team_name"),)

    name: str = Field(max_length=200)


class User(Dated, table=True):
    """A person who signs in."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organisation_id", "email", name="uq_user_email"),
        within("team_id", "teams"),
        one_of("role", Role),
    )

    name: str = Field(max_length=200)
    email: str = Field(max_length=320, index=True)  # in lower case
    role: Role = word(Role, 16)
    team_id: UUID | None = None  # of a rep; a manager's teams are in TeamManager
    password_hash: str | None = Field(default=None, max_length=255)  # None until an invitation is accepted
    subject: str | None = Field(default=None, max_length=255)  # who the organisation's provider says it is
    language: str | None = Field(
        default=None, max_length=16
    )  # of the person's pages and mails; None: not chosen
    ended_at: datetime | None = None  # from then on the user may not sign in
    told_works_agreement: bool = False  # what this rep was told last about the organisation's setting
    begins_with_today: bool = False  # "/" leads this manager to /today
    erased_at: datetime | None = None  # from then on it says of nobody who it was


class TeamManager(Row, table=True):
    """A manager's responsibility for one team."""

    __tablename__ = "team_managers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "team_id", "user_id", name="uq_team_manager"),
        within("team_id", "teams"),
        within("user_id", "users"),
    )

    team_id: UUID
    user_id: UUID
