"""What assistants may ask: a few tools over the same reading as the API, each answer with what it rests on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from feedback.api import alerts, clients, day, meetings, relationships, standings
from feedback.api.authentication import require_scope
from feedback.api.shapes import Body, ListQuery, Name, Out
from feedback.core.access import Forbidden
from feedback.core.api_tokens import Scope
from feedback.pages import relationship_list
from feedback.pages.own_relationships import OwnRelationship, own_relationships
from feedback.store.relationships import RelationshipView
from feedback.web.context import changing, current_user, now, read_session

MOST = 50
RANGE = "low and high hold the score four times out of five; voices is how many clients it rests on."


class BoardInput(Body):
    """Which week; the running one without."""

    week: Annotated[str, Field(pattern="^[0-9]{4}-W[0-9]{2}$")] | None = Field(
        None, description="Like 2026-W47."
    )


class BriefInput(Body):
    """Which relationship: its id, as find_contact and alerts have it."""

    relationship_id: Annotated[UUID, Field(strict=False)]


class FirstInput(Body):
    """How many, at most."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 20


class FindInput(Body):
    """Words of the name, the company or the address."""

    words: Name


class Between(Out):
    """That a rep met a contact; how it stands is the brief's to say."""

    relationship_id: UUID
    contact_id: UUID
    contact: str
    last_meeting_at: datetime | None


class Found(Out):
    """Contacts, and the relationships with them, as far as whoever asks may see them."""

    contacts: list[clients.ContactOut]
    relationships: list[Between]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool."""

    name: str
    description: str
    takes: type[BaseModel]
    scope: Scope
    does: Callable[[Any], BaseModel]
    writes: bool = False


def _board(asked: BoardInput) -> BaseModel:
    return standings.standings(asked.week)


def _brief(asked: BriefInput) -> BaseModel:
    return relationships.relationship_detail(read_session(), asked.relationship_id)


def _alerts(asked: FirstInput) -> BaseModel:
    if not current_user().is_manager:
        raise Forbidden("alerts are the managers'")
    return alerts.list_alerts(alerts.AlertsQuery(limit=asked.limit))


def _today(asked: FirstInput) -> BaseModel:
    if current_user().is_manager:
        return day.managers_day()
    return alerts.list_today(ListQuery(limit=asked.limit))


def _find(asked: FindInput) -> BaseModel:
    found = clients.list_contacts(clients.ContactsQuery(q=asked.words, limit=20))
    ids = [each.id for each in found.items]
    return Found(contacts=found.items, relationships=[_between(each) for each in _known(asked.words, ids)])


def _known(words: str, ids: list[UUID]) -> Sequence[OwnRelationship | RelationshipView]:
    who, session = current_user(), read_session()
    if who.is_rep:
        return own_relationships(session, who, words)[:MOST]
    if not who.figures.by_person:
        return []
    return relationship_list.relationships_with(relationship_list.selection(session, who, now(), now()), ids)


def _between(found: OwnRelationship | RelationshipView) -> Between:
    return Between(
        relationship_id=found.id, contact_id=found.contact_id, contact=found.contact, last_meeting_at=found.last_meeting_at
    )  # fmt: skip


def _start(asked: meetings.MeetingBody) -> BaseModel:
    if not current_user().is_rep:
        raise Forbidden("meetings are the rep's own")
    with changing() as c:
        return meetings.start_meeting(c, asked)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("board", f"The standings of a week. {RANGE}", BoardInput, Scope.READ, _board),
        Tool("relationship_brief", "What to know before meeting a contact: loyalty (0 to 100) and how many answers it rests"
             " on, the last gap, open promises, what is being practised.", BriefInput, Scope.READ, _brief),
        Tool("alerts", "Open alerts about clients, the overdue first. For managers.", FirstInput, Scope.READ, _alerts),
        Tool("today", "What to do today: for managers whom to call and why, what to train, who got better, and what was"
             " promised and not kept; for a rep the guesses, gap cards and promises that wait.", FirstInput, Scope.READ, _today),
        Tool("find_contact", "Find contacts by words, and how the relationships with them stand.", FindInput, Scope.READ, _find),
        Tool("start_meeting", "Begin a meeting of the rep, now; returns the address that the client opens to answer. The same"
             " people within the hour are the same meeting.", meetings.MeetingBody, Scope.ASK, _start, writes=True),
    )
}  # fmt: skip


class NoSuchTool(LookupError):
    """Raised for a tool that is not here."""


def use_tool(name: str, arguments: dict[str, Any]) -> BaseModel:
    """Use a tool as whoever this request's token acts for. Raises NoSuchTool, ValidationError, and what the API raises."""
    tool = TOOLS.get(name)
    if tool is None:
        raise NoSuchTool(name)
    require_scope(tool.scope)
    return tool.does(tool.takes.model_validate_json(_as_json(arguments)))


def _as_json(arguments: dict[str, Any]) -> bytes:
    return json.dumps(arguments).encode()


def refusal(error: Exception) -> str:
    """Return why a tool was not used, in words."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
            for each in error.errors(include_url=False)
        )
    return str(error)
