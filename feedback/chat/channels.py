"""An owner's changes to chat channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.chat.addresses import address_fault, channel_at
from feedback.chat.posting import stop_messages
from feedback.core.access import chat_role, sees_alerts
from feedback.core.audit import AuditKind
from feedback.core.chat import ChatEvent, ChatService, ChatTopic, PauseCause
from feedback.core.text import one_line
from feedback.db.change import Change, Invalid
from feedback.models import ChatChannel, ChatMessage, Mail, Outbox, Team
from feedback.store.chat import channel_rows, locked_channel, test_waits
from feedback.store.organisations import locked_organisation
from feedback.store.people import owners

MOST = 30  # channels of one organisation
LONGEST_CHANNEL_NAME = 60
PAUSED = "the channel was paused before it was sent"


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel as an owner describes it."""

    service: str
    name: str
    url: str
    gets: "Gets"


@dataclass(frozen=True, slots=True)
class Gets:
    """What a channel gets, and who reads it."""

    team_id: UUID | None  # None: what is about all teams
    topics: Sequence[str]
    managers_only: bool


def add_channel(c: Change, user_id: UUID, wanted: NewChannel, *, private: bool) -> UUID:
    """Add a channel, and return its id; the same address twice is one. private: addresses inside our own network are
    allowed, as for webhooks. Raises Invalid."""
    reasons = _faults(c, wanted.gets)
    name = one_line(wanted.name, LONGEST_CHANNEL_NAME + 1)
    if not name or len(name) > LONGEST_CHANNEL_NAME:
        reasons["name"] = f"Enter its name, of at most {LONGEST_CHANNEL_NAME} characters."
    if wanted.service not in tuple(ChatService):
        reasons["service"] = "Choose Slack or Microsoft Teams."
    url = wanted.url.strip()
    if fault := address_fault(url, wanted.service, private=private):
        reasons["url"] = fault
    if reasons:
        raise Invalid(**reasons)
    locked_organisation(c.session, c.organisation_id)  # nobody else adds one meanwhile
    if taken := channel_at(c, url):
        if taken[1] == name:
            return taken[0]  # sent twice
        raise Invalid(url=f"“{taken[1]}” has this address already. Change what that one gets, or remove it.")
    if len(channel_rows(c.session, c.organisation_id)) >= MOST:
        raise Invalid(url=f"There are {MOST} channels already; remove one first.")
    channel = ChatChannel(
        organisation_id=c.organisation_id,
        created_at=c.now,
        service=ChatService(wanted.service),
        name=name,
        address=url,
        **_columns(wanted.gets),
    )
    c.session.add(channel)
    c.session.flush()
    after = {"service": channel.service.value, **_told(c, channel)}
    c.audit(user_id, AuditKind.CHAT_ADDED, channel.id, name=name, after=after)
    return channel.id


def change_channel(c: Change, channel_id: UUID, user_id: UUID, gets: Gets) -> None:
    """Change what a channel gets, and who reads it. Raises Invalid and NotFound."""
    if reasons := _faults(c, gets):
        raise Invalid(**reasons)
    channel = locked_channel(c.session, c.organisation_id, channel_id)
    before = _told(c, channel)
    for name, value in _columns(gets).items():
        setattr(channel, name, value)
    after = _told(c, channel)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        c.audit(
            user_id,
            AuditKind.CHAT_CHANGED,
            channel_id,
            name=channel.name,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def post_test(c: Change, channel_id: UUID, user_id: UUID) -> None:
    """Queue a harmless message, to be sent at once; none while one is on its way. Raises Invalid for a channel that is
    paused."""
    channel = locked_channel(c.session, c.organisation_id, channel_id)
    if channel.paused_at:
        raise Invalid(what="It is paused. Go on with it first, and then test it.")
    if test_waits(c.session, c.organisation_id, channel_id):
        return
    c.session.add(
        ChatMessage(
            organisation_id=c.organisation_id,
            created_at=c.now,
            channel_id=channel_id,
            event=ChatEvent.TEST,
            user_id=user_id,
            due_at=c.now,
        )
    )
    c.audit(user_id, AuditKind.CHAT_TESTED, channel_id, name=channel.name)


def pause_channel(c: Change, channel_id: UUID, because: PauseCause, user_id: UUID | None = None) -> None:
    """Post nothing more to a channel, not even what waits; pausing it twice changes nothing. Where its service refuses
    messages, the owners are mailed. user_id: None when no person paused it. Raises NotFound."""
    channel = locked_channel(c.session, c.organisation_id, channel_id)
    if channel.paused_at:
        return
    channel.paused_at, channel.paused_because = c.now, because
    stop_messages(c, col(ChatMessage.channel_id) == channel_id, PAUSED)
    c.audit(user_id, AuditKind.CHAT_PAUSED, channel_id, because.value, name=channel.name)
    if because is not PauseCause.OWNER and not c.organisation.demo:
        c.session.add_all(
            Outbox(
                organisation_id=c.organisation_id,
                created_at=c.now,
                kind=Mail.CHAT_PAUSED,
                recipient=person.email,
                user_id=person.id,
                base_url="",
                due_at=c.now,
            )
            for person in owners(c.session, c.organisation_id)
        )


def resume_channel(c: Change, channel_id: UUID, user_id: UUID) -> None:
    """Post to a channel again, what happens from now on. Raises NotFound."""
    channel = locked_channel(c.session, c.organisation_id, channel_id)
    if channel.paused_at:
        channel.paused_at = channel.paused_because = None
        c.audit(user_id, AuditKind.CHAT_RESUMED, channel_id, name=channel.name)


def remove_channel(c: Change, channel_id: UUID, user_id: UUID) -> None:
    """Forget a channel: its address, and what was posted there when. The audit log keeps that it was there. Raises
    NotFound."""
    channel = locked_channel(c.session, c.organisation_id, channel_id)
    c.session.execute(
        delete(ChatMessage).where(
            col(ChatMessage.organisation_id) == c.organisation_id, col(ChatMessage.channel_id) == channel_id
        )
    )
    c.audit(user_id, AuditKind.CHAT_REMOVED, channel_id, name=channel.name)
    c.session.delete(channel)


def _faults(c: Change, gets: Gets) -> dict[str, str]:
    reasons = {}
    if not [topic for topic in ChatTopic if topic in gets.topics]:
        reasons["topics"] = "Choose at least one."
    role = chat_role(managers_only=gets.managers_only, of_a_team=gets.team_id is not None)
    if ChatTopic.ALERTS in gets.topics and not sees_alerts(role):
        reasons["managers_only"] = (
            "Alerts are told to managers only: they say what clients answered before the rep has guessed. Confirm that "
            "only managers read this channel, or leave the alerts out."
        )
    if gets.team_id and c.session.get(Team, (c.organisation_id, gets.team_id)) is None:
        reasons["team"] = "This team is no longer there; choose another."
    return reasons


def _columns(gets: Gets) -> dict[str, Any]:
    return {
        "team_id": gets.team_id,
        "topics": tuple(topic for topic in ChatTopic if topic in gets.topics),
        "managers_only": gets.managers_only,
    }


def _told(c: Change, channel: ChatChannel) -> dict[str, object]:
    """Return what the audit log says of a channel: never its address."""
    team = c.session.get(Team, (c.organisation_id, channel.team_id)) if channel.team_id else None
    return {
        "team": team.name if team else None,
        "topics": [topic.value for topic in channel.topics],
        "managers_only": channel.managers_only,
    }
