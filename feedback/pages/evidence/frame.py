"""Whose figures of evidence are worked out, and how they are stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, true
from sqlmodel import Session, col

from feedback.core.access import Reader, Role, manager_reader
from feedback.models import EvidenceFigures, Organisation, TeamManager, User
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class EvidenceScope:
    """Whose figures: the whole organisation's, or those of some teams. Time is a part of it."""

    organisation_id: UUID
    timezone: str
    works_agreement: bool
    teams: frozenset[UUID] | None  # None: the whole organisation
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def today(self) -> date:
        """Return the organisation's date."""
        return self.day(self.now)

    @property
    def reader(self) -> Reader:
        """Return on whose behalf answers are read: managers'."""
        return manager_reader(works_agreement=self.works_agreement)

    @property
    def key(self) -> dict[str, Any]:
        """Return what figures are stored with: where it is another than the reader's, they are not the reader's."""
        teams = None if self.teams is None else sorted(str(each) for each in self.teams)
        return {"teams": teams, "works_agreement": self.works_agreement}

    def day(self, moment: datetime) -> date:
        """Return the day of a moment in the organisation's calendar."""
        return moment.astimezone(self.zone).date()

    def has_rep(self, rep: Any) -> ColumnElement[bool]:
        """Return the condition that a column's rep belongs to it, also one who has left."""
        if self.teams is None:
            return true()
        return col(rep).in_(
            select(col(User.id)).where(
                col(User.organisation_id) == self.organisation_id,
                col(User.role) == Role.REP,
                col(User.team_id).in_(self.teams),
            )
        )


# A section of the page: returns what JSON can hold, without a name and without a word of anybody's.
Section = Callable[[Session, EvidenceScope], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures of one reader, as they were worked out last."""

    worked_out_at: datetime
    sections: Mapping[str, dict[str, Any] | None]  # None where one could not be worked out


def scope_of_viewer(viewer: Viewer, now: datetime) -> EvidenceScope:
    """Return whose figures a manager or an owner may see."""
    teams = None if viewer.is_owner else viewer.teams
    return EvidenceScope(viewer.organisation_id, viewer.timezone, viewer.works_agreement, teams, now)


def scopes(session: Session, organisation_id: UUID, now: datetime) -> dict[UUID, EvidenceScope]:
    """Return whose figures are to be worked out, by the id of their row: the organisation's, and each manager's."""
    here = session.get_one(Organisation, organisation_id)

    def scope(teams: frozenset[UUID] | None) -> EvidenceScope:
        return EvidenceScope(organisation_id, here.timezone, here.works_agreement, teams, now)

    managed: dict[UUID, set[UUID]] = {}
    for manager_id, team_id in session.execute(
        select(col(TeamManager.user_id), col(TeamManager.team_id))
        .join(User, (col(User.organisation_id) == col(TeamManager.organisation_id)) & (col(User.id) == col(TeamManager.user_id)))
        .where(
            col(TeamManager.organisation_id) == organisation_id, col(User.role) == Role.MANAGER,
            col(User.ended_at).is_(None),
        )
        .order_by(col(TeamManager.user_id), col(TeamManager.team_id))
    ):  # fmt: skip
        managed.setdefault(manager_id, set()).add(team_id)
    return {organisation_id: scope(None), **{who: scope(frozenset(teams)) for who, teams in managed.items()}}


def evidence_of(session: Session, viewer: Viewer, now: datetime) -> Evidence | None:
    """Return a reader's figures; None where none were worked out for just what this person may see today."""
    row_id = viewer.organisation_id if viewer.is_owner else viewer.id
    row = session.execute(
        select(col(EvidenceFigures.worked_out_at), col(EvidenceFigures.figures)).where(
            col(EvidenceFigures.organisation_id) == viewer.organisation_id, col(EvidenceFigures.id) == row_id
        )
    ).first()
    if row is None or row.figures is None or row.figures["scope"] != scope_of_viewer(viewer, now).key:
        return None
    return Evidence(row.worked_out_at, row.figures["sections"])
