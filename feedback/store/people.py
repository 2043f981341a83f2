"""The signed-in person, and which people that person may see."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, select, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from feedback.core.access import (
    FigureAccess,
    NotFound,
    Reader,
    Role,
    chat_role,
    figure_access,
    is_manager,
    reader_of,
    sees_all_teams,
)
from feedback.core.records import record
from feedback.core.scoring.points import Scoring
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Organisation, Team, TeamManager, User, UserSession
from feedback.store.sessions import is_running, is_unlocked

_FAMILY_FIRST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person."""

    organisation_id: UUID
    organisation: str
    timezone: str
    half_life_days: int
    review_days: int
    half_life_since: datetime | None  # when it was last changed; None where it never was
    reps_see_own: bool  # reps see their own line of the leaderboard; always under a works agreement
    reps_see_all: bool
    works_agreement: bool
    told_works_agreement: bool  # what this rep was told last about it
    look: str  # the version of the organisation's colour, logo and words
    currency: str  # of accounts' values; "" where none was chosen
    demo: bool
    second_factor_for: tuple[Role, ...]  # roles that need a second factor to sign in
    second_factor_since: datetime | None  # when that was last changed
    starting: bool  # the first steps have not been put away
    id: UUID
    name: str
    email: str
    role: Role
    team_id: UUID | None
    # that a manager is responsible for; empty for an owner, who is responsible for all
    teams: frozenset[UUID]
    since: datetime  # when the person was added
    language: str | None  # chosen by the person
    organisation_language: str
    begins_with_today: bool  # "/" leads this manager to /today

    @property
    def reader(self) -> Reader:
        """Return on whose behalf this person reads answers."""
        return reader_of(self.role, works_agreement=self.works_agreement)

    @property
    def figures(self) -> FigureAccess:
        """Return which figures about reps this person may be shown."""
        return figure_access(self.role, works_agreement=self.works_agreement, reps_see_all=self.reps_see_all)

    @property
    def scoring(self) -> Scoring:
        """Return what the organisation's scores are calculated with."""
        return Scoring(self.half_life_days, ZoneInfo(self.timezone))

    @property
    def is_rep(self) -> bool:
        """Whether the role is rep."""
        return self.role == Role.REP

    @property
    def is_manager(self) -> bool:
        """Whether the role is manager or owner."""
        return is_manager(self.role)

    @property
    def is_owner(self) -> bool:
        """Whether the role is owner."""
        return self.role == Role.OWNER

    @property
    def first_name(self) -> str:
        """The person's first name."""
        return first_name(self.name)


@record
class Rep:
    """A rep."""

    id: UUID
    name: str
    email: str
    team_id: UUID | None
    team: str | None


@dataclass(frozen=True, slots=True)
class RepScope:
    """Whose numbers somebody looks at, in whatever week: all reps', those of some teams, or one rep's."""

    team_ids: frozenset[UUID] | None = None  # None to ask for no team
    rep_id: UUID | None = None


ALL_REPS = RepScope()


@dataclass(frozen=True, slots=True)
class Responsible:
    """Somebody who is informed about a rep's alerts."""

    id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and by which session."""

    viewer: Viewer
    session_id: UUID
    seen_at: datetime  # when it was last written down that the session is used
    created_at: datetime
    proved_at: datetime | None  # when the person last showed who they are
    second_factor: bool  # one was shown, or set up

    @property
    def lacks_second_factor(self) -> bool:
        """Whether the person has to set a second factor up before going on. Who was signed in before that was asked for
        goes on until the next sign-in."""
        who = self.viewer
        since = who.second_factor_since
        asked = who.role in who.second_factor_for and not who.demo
        return asked and not self.second_factor and (since is None or self.created_at >= since)


def first_name(name: str) -> str:
    """Return the name a person is called by: the first word. A name without a space, or in Chinese, Japanese
    or Korean writing (where the family name comes first), is returned whole."""
    if not name.split() or _FAMILY_FIRST.search(name):
        return name
    return name.split()[0]


def any_organisation(session: Session) -> bool:
    """Tell whether there is any organisation."""
    return session.execute(select(col(Organisation.id)).limit(1)).first() is not None


def signed_in(session: Session, organisation_id: UUID, session_hash: str, now: datetime) -> SignedIn | None:
    """Return who is signed in by a session; None when it has ended, was unused for too long or is too old, or when
    the person may not sign in any more."""
    row = session.execute(
        _who(organisation_id)
        .add_columns(
            col(UserSession.id),
            col(UserSession.seen_at),
            col(UserSession.created_at),
            col(UserSession.proved_at),
            col(UserSession.second_factor),
        )
        .join(UserSession, references(UserSession, UserSession.user_id, User))
        .where(col(UserSession.hash) == session_hash, is_running(now), is_unlocked())
    ).first()
    return SignedIn(_viewer(row[0], row[1], _managed(session, row[0])), *row[2:]) if row else None


def viewer_of(session: Session, organisation_id: UUID, user_id: UUID) -> Viewer | None:
    """Return the viewer for somebody who is mailed; None for one who may not sign in any more."""
    row = session.execute(_who(organisation_id).where(col(User.id) == user_id)).first()
    return _viewer(row[0], row[1], _managed(session, row[0])) if row else None


def viewer_of_channel(
    session: Session, organisation_id: UUID, channel_id: UUID, *, managers_only: bool, team_id: UUID | None
) -> Viewer:
    """Return the viewer as whom a chat channel reads (core.access.chat_role). It is nobody: as a rep it has no client."""
    organisation = session.get_one(Organisation, organisation_id)
    role = chat_role(managers_only=managers_only, of_a_team=team_id is not None)
    nobody = User(
        organisation_id=organisation_id, id=channel_id, created_at=organisation.created_at, name="", email="", role=role
    )  # fmt: skip
    return _viewer(nobody, organisation, {team_id} if team_id and role == Role.MANAGER else ())


def emails_of_people(session: Session, organisation_id: UUID, emails: Collection[str]) -> set[str]:
    """Return those of these addresses that somebody of this organisation signs in with, or did."""
    found = select(col(User.email)).where(
        col(User.organisation_id) == organisation_id, col(User.email).in_(emails)
    )
    return set(session.scalars(found))


def _who(organisation_id: UUID) -> Select[User, Organisation]:
    return (
        select(User, Organisation)
        .join(Organisation, col(Organisation.id) == col(User.organisation_id))
        .where(col(User.organisation_id) == organisation_id, col(User.ended_at).is_(None))
    )


def _managed(session: Session, user: User) -> Iterable[UUID]:
    """Return the teams that somebody looks after as their manager."""
    if user.role != Role.MANAGER:
        return ()
    return session.scalars(
        select(col(TeamManager.team_id)).where(
            col(TeamManager.organisation_id) == user.organisation_id, col(TeamManager.user_id) == user.id
        )
    )


def _viewer(user: User, organisation: Organisation, managed: Iterable[UUID]) -> Viewer:
    return Viewer(
        organisation_id=organisation.id,
        organisation=organisation.name,
        timezone=organisation.timezone,
        half_life_days=organisation.half_life_days,
        review_days=organisation.review_days,
        half_life_since=organisation.half_life_since,
        reps_see_own=organisation.reps_see_own or organisation.works_agreement,
        reps_see_all=organisation.reps_see_all,
        works_agreement=organisation.works_agreement,
        told_works_agreement=user.told_works_agreement,
        look=organisation.look,
        currency=organisation.currency,
        demo=organisation.demo,
        second_factor_for=organisation.second_factor_for,
        second_factor_since=organisation.second_factor_since,
        starting=not organisation.start_away,
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        team_id=user.team_id,
        teams=frozenset(managed),
        since=user.created_at,
        language=user.language,
        organisation_language=organisation.language,
        begins_with_today=user.begins_with_today,
    )


def is_example(session: Session, organisation_id: UUID, user_id: UUID) -> bool:
    """Tell whether somebody is of the example organisation, whose printed addresses sign in."""
    found = session.execute(
        select(col(User.id))
        .join(Organisation, col(Organisation.id) == col(User.organisation_id))
        .where(col(User.organisation_id) == organisation_id, col(User.id) == user_id, col(Organisation.demo))
    )
    return found.first() is not None


def reps(session: Session, viewer: Viewer) -> list[Rep]:
    """Return the reps whose numbers this person may see: own teams' for a manager, all for an owner, and for
    a rep only that rep."""
    return reps_within(session, viewer.organisation_id, scope_of(viewer))


def has_reps(session: Session, viewer: Viewer) -> bool:
    """Tell whether there is any rep whose numbers this person may see."""
    found = session.execute(_reps_within(viewer.organisation_id, scope_of(viewer)).limit(1))
    return found.first() is not None


def reps_within(session: Session, organisation_id: UUID, scope: RepScope) -> list[Rep]:
    """Return the reps who may sign in and are of `scope` today."""
    return views(Rep, session.connection().execute(_reps_within(organisation_id, scope)))


def _reps_within(organisation_id: UUID, scope: RepScope) -> Select[*tuple[Any, ...]]:
    statement = _reps(organisation_id)
    if scope.rep_id:
        statement = statement.where(col(User.id) == scope.rep_id)
    if scope.team_ids is not None:
        statement = statement.where(col(User.team_id).in_(scope.team_ids))
    return statement


def scope_of(viewer: Viewer) -> RepScope:
    """Return whose numbers this person may see: own teams' for a manager, everybody's for an owner, and for a rep only
    the own ones."""
    if viewer.is_rep:
        return RepScope(rep_id=viewer.id)
    return ALL_REPS if sees_all_teams(viewer.role) else RepScope(viewer.teams)


def board_scope(viewer: Viewer, team_id: UUID | None = None) -> RepScope:
    """Return whose rows this person's leaderboard has: like `scope_of`, but a rep sees everybody where the organisation
    allows it. team_id: a team this person is responsible for, to see that one alone."""
    if viewer.figures.colleagues:
        return ALL_REPS
    return RepScope(frozenset({team_id})) if team_id else scope_of(viewer)


def of_visible_reps(
    viewer: Viewer, rep: Mapped[UUID], team_id: UUID | None = None, rep_id: UUID | None = None
) -> ColumnElement[bool]:
    """Return the condition on `rep`, a column with a rep's id: a rep who works here and whom the viewer is responsible
    for; of one team or rep when asked for. Whoever may see all asks who is no such rep, so that the database need
    not go through the reps one by one to find the first of all their rows."""
    here = select(col(User.id)).where(col(User.organisation_id) == viewer.organisation_id)
    if sees_all_teams(viewer.role) and not (team_id or rep_id):
        return rep.not_in(here.where((col(User.role) != Role.REP) | col(User.ended_at).is_not(None)))
    return rep.in_(
        here.where(
            col(User.role) == Role.REP,
            col(User.ended_at).is_(None),
            true() if sees_all_teams(viewer.role) else col(User.team_id).in_(viewer.teams),
            col(User.team_id) == team_id if team_id else true(),
            col(User.id) == rep_id if rep_id else true(),
        )
    )


def all_reps(session: Session, organisation_id: UUID) -> list[Rep]:
    """Return every rep of the organisation who may sign in."""
    return reps_within(session, organisation_id, ALL_REPS)


def rep_for(session: Session, viewer: Viewer, rep_id: UUID) -> Rep:
    """Return a rep this person may see. Raises NotFound for any other."""
    found = next((rep for rep in reps(session, viewer) if rep.id == rep_id), None)
    if found is None:
        raise NotFound("rep")
    return found


def responsible_for(session: Session, organisation_id: UUID, rep_id: UUID) -> list[Responsible]:
    """Return who is informed about a rep's alerts: the managers of the rep's team, or the owners where it has
    none."""
    asked = {"organisation": organisation_id, "rep": rep_id}
    managers = views(Responsible, session.execute(_MANAGERS_OF, asked))
    return managers or owners(session, organisation_id)


def name_of(session: Session, organisation_id: UUID, user_id: UUID) -> str | None:
    """Return what somebody who signs in, or did, is called; None for nobody."""
    found = session.get(User, (organisation_id, user_id))
    return found.name if found else None


def owners(session: Session, organisation_id: UUID) -> list[Responsible]:
    """Return the owners of an organisation."""
    return views(Responsible, session.execute(_OWNERS, {"organisation": organisation_id}))


# Built once: to build them took longer than to execute them.
_HERE = select(col(User.id), col(User.name), col(User.email)).where(
    col(User.organisation_id) == bindparam("organisation"), col(User.ended_at).is_(None)
)
_TEAM_OF_REP = select(col(User.team_id)).where(
    col(User.organisation_id) == bindparam("organisation"), col(User.id) == bindparam("rep")
)
_MANAGERS_OF = _HERE.join(TeamManager, references(TeamManager, TeamManager.user_id, User)).where(
    col(TeamManager.team_id) == _TEAM_OF_REP.scalar_subquery(), col(User.role) == Role.MANAGER
)
_OWNERS = _HERE.where(col(User.role) == Role.OWNER)


def all_teams(session: Session, organisation_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Return (id, name) of every team."""
    statement = select(col(Team.id), col(Team.name)).where(col(Team.organisation_id) == organisation_id)
    return [(row[0], row[1]) for row in session.execute(statement)]


def teams(session: Session, viewer: Viewer) -> Sequence[tuple[UUID, str]]:
    """Return (id, name) of the teams this person is responsible for, by name."""
    statement = select(col(Team.id), col(Team.name)).where(
        col(Team.organisation_id) == viewer.organisation_id
    )
    if not sees_all_teams(viewer.role):
        statement = statement.where(col(Team.id).in_(viewer.teams))
    return [(row.id, row.name) for row in session.execute(statement.order_by(col(Team.name)))]


def _reps(organisation_id: UUID) -> Select[UUID, str, str, UUID | None, str]:
    return (
        select(col(User.id), col(User.name), col(User.email), col(User.team_id), col(Team.name).label("team"))
        .outerjoin(Team, references(User, User.team_id, Team))
        .where(
            col(User.organisation_id) == organisation_id,
            col(User.role) == Role.REP,
            col(User.ended_at).is_(None),
        )
        .order_by(col(User.name), col(User.id))
    )
