"""People and teams, as an owner looks after them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlmodel import Session, col

from feedback.core.access import NotFound, Role
from feedback.core.finding import holds_words
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Standing, Team, TeamManager, User, UserLink


@dataclass(frozen=True, slots=True)
class StaffView:
    """Somebody who signs in, did, or is invited to."""

    id: UUID
    name: str
    email: str
    role: Role
    team_id: UUID | None
    joined: bool  # has chosen a password
    ended_at: datetime | None
    link_until: datetime | None  # until when the newest link is good, if it has not ended

    def waits(self, now: datetime) -> bool:
        """Tell whether a link is out that can still be used."""
        return self.link_until is not None and now < self.link_until


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team, and who is in it."""

    id: UUID
    name: str
    reps: int
    managers: tuple[str, ...]


_LINK_UNTIL = (
    select(func.max(col(UserLink.expires_at)))
    .where(
        col(UserLink.organisation_id) == col(User.organisation_id),
        col(UserLink.user_id) == col(User.id),
        col(UserLink.ended_at).is_(None),
    )
    .correlate(User)
    .scalar_subquery()
)
# Has chosen a password, or come in by the organisation's provider.
_JOINED = col(User.password_hash).is_not(None) | col(User.subject).is_not(None)
_STAFF = select(
    col(User.id),
    col(User.name),
    col(User.email),
    col(User.role),
    col(User.team_id),
    _JOINED.label("joined"),
    col(User.ended_at),
    _LINK_UNTIL.label("link_until"),
)


def staff(
    session: Session, organisation_id: UUID, skip: int, take: int, *, words: str = "", left: bool = False
) -> Sequence[StaffView]:
    """Return some of the people who may sign in, or of those who left, by name."""
    here = _STAFF.where(*_which(organisation_id, _named(session, organisation_id, words), left)).order_by(
        col(User.name), col(User.id)
    )
    return views(StaffView, session.execute(here.offset(skip).limit(take)))


def count_staff(session: Session, organisation_id: UUID, *, words: str = "", left: bool = False) -> int:
    """Return how many people that are."""
    found = (
        select(func.count())
        .select_from(User)
        .where(*_which(organisation_id, _named(session, organisation_id, words), left))
    )
    return int(session.execute(found).scalar_one())


def staff_member(session: Session, organisation_id: UUID, user_id: UUID) -> StaffView:
    """Return one of them, whether or not they left. Raises NotFound, for somebody erased, too."""
    named = _STAFF.where(
        col(User.organisation_id) == organisation_id, col(User.id) == user_id, col(User.erased_at).is_(None)
    )
    found = views(StaffView, session.execute(named))
    if not found:
        raise NotFound("person")
    return found[0]


def without_link(session: Session, organisation_id: UUID, now: datetime, most: int) -> Sequence[StaffView]:
    """Return people who have not joined and have no link that is good, by name: `most` at most."""
    here = _STAFF.where(*_not_joined(organisation_id), _LINK_UNTIL.is_(None) | (now >= _LINK_UNTIL))
    return views(StaffView, session.execute(here.order_by(col(User.name), col(User.id)).limit(most)))


def waiting_for(session: Session, organisation_id: UUID, now: datetime, most: int) -> Sequence[StaffView]:
    """Return people who have not joined and have a link that is good, by name: `most` at most."""
    here = _STAFF.where(*_not_joined(organisation_id), now < _LINK_UNTIL)
    return views(StaffView, session.execute(here.order_by(col(User.name), col(User.id)).limit(most)))


def everybody(session: Session, organisation_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Return (id, name) of everybody who may sign in or could once, by name."""
    named = select(col(User.id), col(User.name)).where(col(User.organisation_id) == organisation_id)
    return [(row.id, row.name) for row in session.execute(named.order_by(col(User.name), col(User.id)))]


def teams_of(session: Session, organisation_id: UUID, people: Sequence[StaffView]) -> dict[UUID, list[str]]:
    """Return the teams that each of these people belongs to or looks after, by name."""
    ids = [person.id for person in people]
    rows = session.execute(
        select(col(User.id).label("user_id"), col(Team.name))
        .outerjoin(TeamManager, references(TeamManager, TeamManager.user_id, User))
        .join(
            Team,
            (col(Team.organisation_id) == col(User.organisation_id))
            & or_(col(Team.id) == col(User.team_id), col(Team.id) == col(TeamManager.team_id)),
        )
        .where(col(User.organisation_id) == organisation_id, col(User.id).in_(ids))
        .order_by(col(Team.name))
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for user_id, name in rows:
        found[user_id].append(name)
    return found


def team_list(session: Session, organisation_id: UUID) -> list[TeamView]:
    """Return every team with its reps and managers who may sign in, by name."""
    here = col(User.organisation_id) == organisation_id, col(User.ended_at).is_(None)
    counted = select(col(User.team_id), func.count()).where(*here, col(User.role) == Role.REP)
    reps = dict(session.execute(counted.group_by(col(User.team_id))).all())
    managers: defaultdict[UUID, list[str]] = defaultdict(list)
    responsible = (
        select(col(TeamManager.team_id), col(User.name))
        .join(User, references(TeamManager, TeamManager.user_id, User))
        .where(col(TeamManager.organisation_id) == organisation_id, *here, col(User.role) == Role.MANAGER)
        .order_by(col(User.name), col(User.id))
    )
    for team_id, name in session.execute(responsible):
        managers[team_id].append(name)
    named = select(col(Team.id), col(Team.name)).where(col(Team.organisation_id) == organisation_id)
    return [
        TeamView(team_id, name, reps.get(team_id, 0), tuple(managers[team_id]))
        for team_id, name in session.execute(named.order_by(col(Team.name)))
    ]


def teams_to_choose(session: Session, organisation_id: UUID, person: StaffView) -> frozenset[UUID]:
    """Return the teams that somebody belongs to or looks after."""
    if person.team_id:
        return frozenset({person.team_id})
    return managed_teams(session, organisation_id, person.id)


def managed_teams(session: Session, organisation_id: UUID, user_id: UUID) -> frozenset[UUID]:
    """Return the teams that a manager looks after."""
    managed = select(col(TeamManager.team_id)).where(
        col(TeamManager.organisation_id) == organisation_id, col(TeamManager.user_id) == user_id
    )
    return frozenset(session.scalars(managed))


def count_owners(session: Session, organisation_id: UUID) -> int:
    """Return how many owners may sign in: who has not joined yet does not count."""
    owners = select(func.count()).select_from(User)
    owners = owners.where(
        col(User.organisation_id) == organisation_id,
        col(User.role) == Role.OWNER,
        col(User.ended_at).is_(None),
        col(User.password_hash).is_not(None),
    )
    return int(session.execute(owners).scalar_one())


def team_named(session: Session, organisation_id: UUID, name: str) -> UUID | None:
    """Return the id of the team with this name, however it is capitalised; None when there is none."""
    names = select(col(Team.id), col(Team.name)).where(col(Team.organisation_id) == organisation_id)
    wanted = name.casefold()
    return next((row[0] for row in session.execute(names) if row[1].casefold() == wanted), None)


def team_is_used(session: Session, organisation_id: UUID, team_id: UUID) -> bool:
    """Tell whether anybody is or was in a team, or a frozen week knows it."""
    people = select(col(User.id)).where(
        col(User.organisation_id) == organisation_id, col(User.team_id) == team_id
    )
    weeks = select(col(Standing.id)).where(
        col(Standing.organisation_id) == organisation_id, col(Standing.team_id) == team_id
    )
    return any(session.execute(found.limit(1)).first() for found in (people, weeks))


def _not_joined(organisation_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(User.organisation_id) == organisation_id,
        col(User.ended_at).is_(None),
        ~_JOINED,
    )


def _named(session: Session, organisation_id: UUID, words: str) -> list[UUID] | None:
    """Return who has each of these words in name or address; None without a word. Few are asked for by name of the
    thousands who sign in at most, so that they are compared here."""
    if not words:
        return None
    rows = session.execute(
        select(col(User.id), col(User.name), col(User.email)).where(
            col(User.organisation_id) == organisation_id
        )
    )
    return [row.id for row in rows if holds_words(f"{row.name} {row.email}", words)]


def _which(organisation_id: UUID, ids: list[UUID] | None, left: bool) -> list[ColumnElement[bool]]:
    ended = col(User.ended_at)
    return [
        col(User.organisation_id) == organisation_id,
        col(User.erased_at).is_(None),
        ended.is_not(None) if left else ended.is_(None),
        true() if ids is None else col(User.id).in_(ids),
    ]
