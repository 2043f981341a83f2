"""What an owner changes about the people who sign in, and about teams. Past weeks keep the teams they were frozen with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from feedback.actions.api_tokens import end_tokens_of
from feedback.actions.people import normal_email
from feedback.actions.sessions import end_sessions
from feedback.actions.user_links import end_links
from feedback.core.access import NotFound, Role
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.models import Team, TeamManager, User
from feedback.store.chat import posts_of_team
from feedback.store.organisations import locked_organisation
from feedback.store.providers import provider
from feedback.store.staff import count_owners, managed_teams, team_is_used, team_named

LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A person as an owner typed them."""

    name: str
    email: str
    role: str
    team_ids: Sequence[UUID] = ()  # of a rep at most one; of a manager those looked after; an owner has none


def invite_person(c: Change, by: UUID, given: PersonInput) -> UUID:
    """Add somebody who joins by a link; return the id. Raises Invalid."""
    wanted = _checked(c, given)
    user = User(organisation_id=c.organisation_id, created_at=c.now, **wanted.columns)
    c.session.add(user)
    _flush_person(c, user.email)
    _look_after(c, user.id, wanted.managed)
    c.audit(by, AuditKind.PERSON_ADDED, user.id, name=user.name, after=_as_told(c, user, wanted.managed))
    return user.id


def change_person(c: Change, by: UUID, user_id: UUID, given: PersonInput) -> None:
    """Change name, address, role or teams of somebody. A new address or role ends their sessions, so that nobody goes on
    with a right they lost. Raises Invalid."""
    wanted = _checked(c, given)
    locked_organisation(
        c.session, c.organisation_id, key_share=True
    )  # two owners could each demote the other
    user = _person(c, user_id)
    before = _as_told(c, user, managed_teams(c.session, c.organisation_id, user_id))
    if user.role == Role.OWNER and wanted.columns["role"] != Role.OWNER:
        _keep_an_owner(c, user, "role")
        _keep_the_way_back(c, user, "role")
    signs_in_anew = (user.email, user.role) != (wanted.columns["email"], wanted.columns["role"])
    for name, value in wanted.columns.items():
        setattr(user, name, value)
    _flush_person(c, user.email)
    _look_after(c, user_id, wanted.managed)
    after = _as_told(c, user, wanted.managed)
    different = [name for name in after if after[name] != before[name]]
    if not different:
        return
    if signs_in_anew:
        end_links(c, user_id)
        if user_id != by:
            end_sessions(c, user_id)
    c.audit(
        by,
        AuditKind.PERSON_CHANGED,
        user_id,
        name=user.name,
        before={name: before[name] for name in different},
        after={name: after[name] for name in different},
    )


def end_person(c: Change, by: UUID, user_id: UUID) -> None:
    """Let somebody sign in no more. What they did and what clients said stays. Raises Invalid for the last owner, and for
    oneself."""
    locked_organisation(c.session, c.organisation_id, key_share=True)
    user = _person(c, user_id)
    if user_id == by:
        raise Invalid(person="You cannot remove yourself; another owner can.")
    if user.role == Role.OWNER:
        _keep_an_owner(c, user, "person")
        _keep_the_way_back(c, user, "person")
    if user.ended_at:
        return
    user.ended_at = c.now
    end_sessions(c, user_id)
    end_tokens_of(c, by, user_id)
    end_links(c, user_id)
    c.audit(by, AuditKind.PERSON_ENDED, user_id, name=user.name)


def bring_back(c: Change, by: UUID, user_id: UUID) -> None:
    """Let somebody sign in again, with the password, the team and the relationships they had."""
    user = _person(c, user_id)
    if user.ended_at:
        user.ended_at = None
        c.audit(by, AuditKind.PERSON_BACK, user_id, name=user.name)


def sign_out_everywhere(c: Change, by: UUID, user_id: UUID) -> None:
    """End all sessions of somebody."""
    user = _person(c, user_id)
    end_sessions(c, user_id)
    c.audit(by, AuditKind.SESSION_ENDED, user_id, name=user.name)


def add_team(c: Change, by: UUID, name: str) -> UUID:
    """Add a team; return its id. Raises Invalid."""
    team = Team(organisation_id=c.organisation_id, created_at=c.now, name=_free_name(c, name))
    c.session.add(team)
    _flush_team(c, team.name)
    c.audit(by, AuditKind.TEAM_ADDED, team.id, name=team.name)
    return team.id


def rename_team(c: Change, by: UUID, team_id: UUID, name: str) -> None:
    """Rename a team; past weeks keep the name they were frozen with. Raises Invalid."""
    team = _team(c, team_id)
    before, team.name = team.name, _free_name(c, name, but=team_id)
    _flush_team(c, team.name)
    if before != team.name:
        was, now = {"name": before}, {"name": team.name}
        c.audit(by, AuditKind.TEAM_RENAMED, team_id, name=team.name, before=was, after=now)


def delete_team(c: Change, by: UUID, team_id: UUID) -> None:
    """Delete a team that nobody is in and no past week knows. Raises Invalid."""
    team = _team(c, team_id)
    if team_is_used(c.session, c.organisation_id, team_id):
        raise Invalid(team="Somebody is in this team, or a past week was recorded with it. Move its people first; "
                           "a team with a past is kept, and can be renamed.")  # fmt: skip
    if posts_of_team(c.session, c.organisation_id, team_id):
        raise Invalid(
            team="A chat channel gets what is about this team. Remove it first, or have it get all teams."
        )
    c.session.execute(
        delete(TeamManager).where(
            col(TeamManager.organisation_id) == c.organisation_id, col(TeamManager.team_id) == team_id
        )
    )
    c.audit(by, AuditKind.TEAM_DELETED, team_id, name=team.name)
    c.session.delete(team)


@dataclass(frozen=True, slots=True)
class _Wanted:
    columns: dict[str, Any]  # of the person
    managed: frozenset[UUID]  # teams to look after


def _checked(c: Change, given: PersonInput) -> _Wanted:
    """Return the columns of a person and the teams to look after. Raises Invalid."""
    reasons, address, name = {}, "", " ".join(given.name.split())
    if not name or len(name) > LONGEST_NAME:
        reasons["name"] = f"A name, of at most {LONGEST_NAME} characters."
    try:
        address = normal_email(given.email)
    except Invalid as error:
        reasons |= error.reasons
    if given.role not in tuple(Role):
        reasons["role"] = "Choose what this person does."
    if given.role == Role.REP and len(given.team_ids) > 1:
        reasons["teams"] = "A rep is in one team; choose one."
    for team_id in given.team_ids:
        if c.session.get(Team, (c.organisation_id, team_id)) is None:
            reasons["teams"] = "This team is no longer there; choose another."
    if reasons:
        raise Invalid(**reasons)
    role, teams = Role(given.role), tuple(given.team_ids)
    own = teams[0] if teams and role == Role.REP else None
    columns = {"name": name, "email": address, "role": role, "team_id": own}
    return _Wanted(columns, frozenset(teams) if role == Role.MANAGER else frozenset())


def _look_after(c: Change, user_id: UUID, teams: frozenset[UUID]) -> None:
    """Make a manager responsible for exactly these teams."""
    before = managed_teams(c.session, c.organisation_id, user_id)
    c.session.execute(
        delete(TeamManager).where(
            col(TeamManager.organisation_id) == c.organisation_id,
            col(TeamManager.user_id) == user_id,
            col(TeamManager.team_id).in_(before - teams),
        )
    )
    c.session.add_all(
        TeamManager(organisation_id=c.organisation_id, team_id=team_id, user_id=user_id)
        for team_id in sorted(teams - before)
    )
    c.session.flush()


def _as_told(c: Change, user: User, managed: frozenset[UUID]) -> dict[str, Any]:
    """Return who somebody is, for the audit log."""
    ids = managed or ({user.team_id} if user.team_id else set())
    teams = sorted(c.session.get_one(Team, (c.organisation_id, team_id)).name for team_id in ids)
    return {"name": user.name, "email": user.email, "role": user.role.value, "teams": teams}


def _keep_an_owner(c: Change, user: User, field: str) -> None:
    if user.ended_at is None and count_owners(c.session, c.organisation_id) < 2:
        raise Invalid(**{field: f"{user.name} is the only owner. Make somebody else an owner first."})


def _keep_the_way_back(c: Change, user: User, field: str) -> None:
    """Refuse to lose whoever gets in when the provider is down, where nobody else signs in without it."""
    found = provider(c.session, c.organisation_id)
    if user.ended_at is None and found and found.only and found.keeper_id == user.id:
        why = f"{user.name} is who gets in when {found.label} is down. Name another owner first, in the settings under Signing in."
        raise Invalid(**{field: why})


def _person(c: Change, user_id: UUID) -> User:
    found = c.session.get(User, (c.organisation_id, user_id))
    if found is None or found.erased_at is not None:
        raise NotFound("person")
    return found


def _team(c: Change, team_id: UUID) -> Team:
    found = c.session.get(Team, (c.organisation_id, team_id))
    if found is None:
        raise NotFound("team")
    return found


def _free_name(c: Change, name: str, but: UUID | None = None) -> str:
    """Return a team's name, tidied. Raises Invalid when it is empty, too long or another team's."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Invalid(name=f"A name, of at most {LONGEST_NAME} characters.")
    if team_named(c.session, c.organisation_id, tidy) not in (None, but):
        raise Invalid(name=f"There is a team called {tidy} already.")
    return tidy


def _flush_person(c: Change, email: str) -> None:
    try:
        c.session.flush()
    except IntegrityError as error:
        raise Invalid(email=f"{email} is already somebody here, perhaps among those who left.") from error


def _flush_team(c: Change, name: str) -> None:
    try:
        c.session.flush()
    except IntegrityError as error:
        raise Invalid(name=f"There is a team called {name} already.") from error
