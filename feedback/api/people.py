"""People, teams, and whose clients they are: an owner's."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import url_for
from pydantic import Field
from sqlmodel import Session

from feedback.actions import staff as actions
from feedback.actions.handed_over import hand_over
from feedback.actions.staff import PersonInput
from feedback.actions.user_links import new_link
from feedback.api.authentication import current_token
from feedback.api.operations import OWNERS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Name, Out, SearchQuery, Text
from feedback.context import app_context
from feedback.core.access import NotFound, Role
from feedback.core.api_tokens import Scope, TokenKind
from feedback.core.links import link_token
from feedback.db.change import Change
from feedback.store.handed_over import clients_of_rep
from feedback.store.staff import StaffView, staff, staff_member, team_list, teams_to_choose
from feedback.web.context import base_url, current_user, read_session

Ids = Annotated[list[UUID], Field(max_length=200)]


class Myself(Out):
    """Whom a token acts for, and what it may be used for."""

    id: UUID
    name: str
    email: str
    role: Role
    organisation: str
    timezone: str
    token: str = Field(description="What the token is called.")
    kind: TokenKind
    scopes: list[Scope]
    expires_at: datetime


class Person(Out):
    """Somebody who signs in, did, or is invited to."""

    id: UUID
    name: str
    email: str
    role: Role
    team_ids: list[UUID] = Field(description="Of a rep the own team; of a manager those looked after.")
    joined: bool = Field(description="Has chosen a password.")
    left: bool


class PersonBody(Body):
    """A person as an owner wants them."""

    name: Name
    email: Text
    role: Annotated[Role, Field(strict=False)]
    team_ids: Ids = Field(default_factory=list)


class PersonChange(Body):
    """What is to be changed of a person; what is missing stays."""

    name: Name | None = None
    email: Text | None = None
    role: Annotated[Role, Field(strict=False)] | None = None
    team_ids: Ids | None = None
    left: bool | None = Field(None, description="true: signs in no more. false: brought back.")


class PeopleQuery(SearchQuery):
    """Which people."""

    left: bool = Field(False, description="Those who left, in place of those who sign in.")


class JoinLink(Out):
    """An address by which somebody joins, or chooses a new password: once, within seven days."""

    address: str


class TeamOut(Out):
    """A team."""

    id: UUID
    name: str
    reps: int
    managers: list[str]


class TeamBody(Body):
    """What a team is called."""

    name: Name


class HandOverBody(Body):
    """Which clients another rep looks after from now on."""

    to: UUID
    relationship_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class LookedAfter(Out):
    """Somebody whom a rep looks after."""

    relationship_id: UUID
    contact: str
    account: str
    rep: str = Field(description="Who met them.")


@operation("GET", "/me")
def show_me() -> Myself:
    """Tell whom this token acts for."""
    who, token = current_user(), current_token()
    return Myself(
        id=who.id, name=who.name, email=who.email, role=who.role, organisation=who.organisation,
        timezone=who.timezone, token=token.name, kind=token.kind, scopes=list(token.scopes), expires_at=token.expires_at,
    )  # fmt: skip


def _person(session: Session, user_id: UUID) -> Person:
    return _shown(session, staff_member(session, current_user().organisation_id, user_id))


def _shown(session: Session, person: StaffView) -> Person:
    teams = teams_to_choose(session, current_user().organisation_id, person)
    return Person(
        id=person.id, name=person.name, email=person.email, role=person.role, team_ids=sorted(teams),
        joined=person.joined, left=person.ended_at is not None,
    )  # fmt: skip


@operation("GET", "/people", roles=OWNERS)
def list_people(query: PeopleQuery) -> Listing[Person]:
    """List the people who sign in, by name."""
    session, ours = read_session(), current_user().organisation_id
    return query.page(
        lambda skip, take: staff(session, ours, skip, take, words=query.q.strip(), left=query.left),
        lambda each: _shown(session, each),
    )


@operation("GET", "/people/<uuid:user_id>", roles=OWNERS)
def show_person(user_id: UUID) -> Person:
    """Show one person."""
    return _person(read_session(), user_id)


@operation("POST", "/people", Scope.ADMIN, OWNERS, status=201)
def invite_person(c: Change, body: PersonBody) -> Person:
    """Add somebody, who joins by a link (POST .../link)."""
    given = PersonInput(body.name, body.email, body.role, tuple(body.team_ids))
    return _person(c.session, actions.invite_person(c, current_user().id, given))


@operation("PATCH", "/people/<uuid:user_id>", Scope.ADMIN, OWNERS, current=_person)
def change_person(c: Change, user_id: UUID, body: PersonChange) -> Person:
    """Change what somebody is called, where they are mailed, what they do, their teams, or that they left."""
    before, by = _person(c.session, user_id), current_user().id
    given = PersonInput(
        body.name or before.name, body.email or before.email, body.role or before.role,
        tuple(before.team_ids if body.team_ids is None else body.team_ids),
    )  # fmt: skip
    if body.model_fields_set - {"left"}:
        actions.change_person(c, by, user_id, given)
    if body.left is not None:
        (actions.end_person if body.left else actions.bring_back)(c, by, user_id)
    return _person(c.session, user_id)


@operation("POST", "/people/<uuid:user_id>/link", Scope.ADMIN, OWNERS, status=201)
def make_link(c: Change, user_id: UUID) -> JoinLink:
    """Make a link for somebody to join by, or to choose a new password; it ends the one before."""
    staff_member(c.session, c.organisation_id, user_id)
    link_id = new_link(c, current_user().id, user_id)
    token = link_token(app_context().settings.secret_key, c.organisation_id, link_id)
    return JoinLink(address=f"{base_url()}{url_for('join.show', token=token)}")


@operation("GET", "/people/<uuid:user_id>/clients", roles=OWNERS)
def list_clients(user_id: UUID, query: ListQuery) -> Listing[LookedAfter]:
    """List whom a rep looks after, by account and name."""
    session, ours = read_session(), current_user().organisation_id
    staff_member(session, ours, user_id)
    found = clients_of_rep(session, ours, user_id)
    return query.page_of(found, LookedAfter.model_validate)


@operation("POST", "/people/<uuid:user_id>/hand-over", Scope.ADMIN, OWNERS, status=204)
def hand_clients_over(c: Change, user_id: UUID, body: HandOverBody) -> None:
    """Hand clients of a rep over to another rep."""
    hand_over(c, current_user().id, user_id, body.to, body.relationship_ids)


@operation("GET", "/teams", roles=OWNERS)
def list_teams(query: ListQuery) -> Listing[TeamOut]:
    """List the teams, by name."""
    found = team_list(read_session(), current_user().organisation_id)
    return query.page_of(found, _team_shown)


def _team(session: Session, team_id: UUID) -> TeamOut:
    found = (team for team in team_list(session, current_user().organisation_id) if team.id == team_id)
    team = next(found, None)
    if team is None:
        raise NotFound("team")
    return _team_shown(team)


def _team_shown(team: object) -> TeamOut:
    return TeamOut.model_validate(team)


@operation("GET", "/teams/<uuid:team_id>", roles=OWNERS)
def show_team(team_id: UUID) -> TeamOut:
    """Show one team."""
    return _team(read_session(), team_id)


@operation("POST", "/teams", Scope.ADMIN, OWNERS, status=201)
def add_team(c: Change, body: TeamBody) -> TeamOut:
    """Add a team."""
    return _team(c.session, actions.add_team(c, current_user().id, body.name))


@operation("PATCH", "/teams/<uuid:team_id>", Scope.ADMIN, OWNERS, current=_team)
def rename_team(c: Change, team_id: UUID, body: TeamBody) -> TeamOut:
    """Call a team something else."""
    actions.rename_team(c, current_user().id, team_id, body.name)
    return _team(c.session, team_id)


@operation("DELETE", "/teams/<uuid:team_id>", Scope.ADMIN, OWNERS, status=204, current=_team)
def delete_team(c: Change, team_id: UUID) -> None:
    """Delete a team that nobody is or was in."""
    actions.delete_team(c, current_user().id, team_id)
