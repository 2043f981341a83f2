"""Chat channels, the messages to them, and what is due to be posted."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.calendar.faults import masked
from feedback.core.chat import ChatEvent, ChatService, ChatTopic, PauseCause
from feedback.db.locks import locked
from feedback.db.rows import view_or_none, views
from feedback.db.tenancy import references
from feedback.models import ChatChannel, ChatMessage, Team, User
from feedback.models.encrypted import EncryptedText, UnreadableSecret
from feedback.store.people import Viewer
from feedback.store.queued import goes_along, is_first_of, is_waiting, oldest_of_each

_Told = aliased(ChatMessage, name="told")
_Newest = aliased(ChatMessage, name="newest")


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as its owner sees it."""

    id: UUID
    service: ChatService
    name: str
    address: EncryptedText
    team_id: UUID | None
    team: str | None  # None: of all teams
    topics: tuple[ChatTopic, ...]
    managers_only: bool
    made_at: datetime
    paused_at: datetime | None
    paused_because: PauseCause | None

    @property
    def shown(self) -> str:
        """Return what is shown of the address."""
        return address_shown(self.address)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message, and what became of it."""

    channel_id: UUID
    event: ChatEvent
    told_at: datetime  # when it was queued
    due_at: datetime  # of the next try
    tries: int
    sent_at: datetime | None
    given_up_at: datetime | None
    status: int | None  # HTTP status of the last answer; None when there was none
    error: str | None  # of the last try, or why it was given up

    @property
    def state(self) -> str:
        """Return "sent", "given_up" or "waiting"."""
        if self.sent_at:
            return "sent"
        return "given_up" if self.given_up_at else "waiting"


@dataclass(frozen=True, slots=True)
class DueChat:
    """A message to be sent, and the channel that it goes to."""

    table: ClassVar = ChatMessage

    organisation_id: UUID
    id: UUID
    channel_id: UUID
    event: ChatEvent
    alert_id: UUID | None
    monday: date | None
    user_id: UUID | None
    due_at: datetime
    tries: int
    service: ChatService
    address: EncryptedText
    team_id: UUID | None
    managers_only: bool


_CHANNEL: tuple[Any, ...] = (
    col(ChatChannel.id), col(ChatChannel.service), col(ChatChannel.name), col(ChatChannel.address),
    col(ChatChannel.team_id), col(Team.name).label("team"), col(ChatChannel.topics), col(ChatChannel.managers_only),
    col(ChatChannel.created_at).label("made_at"), col(ChatChannel.paused_at), col(ChatChannel.paused_because),
)  # fmt: skip
_MESSAGE: tuple[Any, ...] = (
    col(ChatMessage.channel_id), col(ChatMessage.event), col(ChatMessage.created_at).label("told_at"),
    col(ChatMessage.due_at), col(ChatMessage.tries), col(ChatMessage.sent_at), col(ChatMessage.given_up_at),
    col(ChatMessage.status), col(ChatMessage.error),
)  # fmt: skip
_OF_CHANNEL = {"service", "address", "team_id", "managers_only"}
_DUE: tuple[Any, ...] = tuple(
    col(getattr(ChatChannel if field.name in _OF_CHANNEL else ChatMessage, field.name))
    for field in fields(DueChat)
)


def address_shown(address: EncryptedText) -> str:
    """Return what is shown of an address: its host, and the last letters, by which two are told apart. "" where it
    cannot be read with this server's key."""
    try:
        return f"{masked(address.text)}{address.text[-4:]}"
    except UnreadableSecret:
        return ""


def channels(session: Session, organisation_id: UUID) -> list[ChannelView]:
    """Return an organisation's channels, the newest first."""
    rows = session.execute(
        select(*_CHANNEL)
        .outerjoin(Team, references(ChatChannel, ChatChannel.team_id, Team))
        .where(col(ChatChannel.organisation_id) == organisation_id)
        .order_by(col(ChatChannel.created_at).desc(), col(ChatChannel.id).desc())
    )
    return views(ChannelView, rows)


def channel_for(session: Session, viewer: Viewer, channel_id: UUID) -> ChannelView:
    """Return a channel of the viewer's organisation, for an owner. Raises NotFound for any other, and for anybody but an
    owner."""
    rows = session.execute(
        select(*_CHANNEL)
        .outerjoin(Team, references(ChatChannel, ChatChannel.team_id, Team))
        .where(col(ChatChannel.organisation_id) == viewer.organisation_id, col(ChatChannel.id) == channel_id)
    )
    found = view_or_none(ChannelView, rows)
    if found is None or not viewer.is_owner:
        raise NotFound("chat channel")
    return found


def channel_rows(session: Session, organisation_id: UUID) -> list[ChatChannel]:
    """Return an organisation's channels as rows to be written, in the order of their ids."""
    found = select(ChatChannel).where(col(ChatChannel.organisation_id) == organisation_id)
    return list(session.scalars(found.order_by(col(ChatChannel.id))))


def locked_channel(session: Session, organisation_id: UUID, channel_id: UUID) -> ChatChannel:
    """Return a channel, locked until the transaction ends. Raises NotFound."""
    found = locked(session, ChatChannel, organisation_id=organisation_id, id=channel_id)
    if found is None:
        raise NotFound("chat channel")
    return found


def posts_of_team(session: Session, organisation_id: UUID, team_id: UUID) -> bool:
    """Tell whether a channel gets what is about this team."""
    found = select(col(ChatChannel.id)).where(
        col(ChatChannel.organisation_id) == organisation_id, col(ChatChannel.team_id) == team_id
    )
    return session.execute(found.limit(1)).first() is not None


def last_messages(session: Session, organisation_id: UUID) -> dict[UUID, MessageView]:
    """Return the latest message to each channel, by its id."""
    newest = (
        select(col(_Newest.id))
        .where(references(_Newest, _Newest.channel_id, ChatChannel))
        .order_by(col(_Newest.created_at).desc(), col(_Newest.id).desc())
        .limit(1)
        .correlate(ChatChannel)
        .scalar_subquery()
    )
    rows = session.execute(
        select(*_MESSAGE)
        .join(ChatChannel, references(ChatMessage, ChatMessage.channel_id, ChatChannel))
        .where(col(ChatMessage.organisation_id) == organisation_id, col(ChatMessage.id) == newest)
    )
    return {message.channel_id: message for message in views(MessageView, rows)}


def message_log(
    session: Session, organisation_id: UUID, channel_id: UUID, skip: int, take: int
) -> list[MessageView]:
    """Return `take` messages to one channel after the first `skip`, the newest first."""
    rows = session.execute(
        select(*_MESSAGE)
        .where(col(ChatMessage.organisation_id) == organisation_id, col(ChatMessage.channel_id) == channel_id)
        .order_by(col(ChatMessage.created_at).desc(), col(ChatMessage.id).desc())
        .offset(skip)
        .limit(take)
    )
    return views(MessageView, rows)


def test_waits(session: Session, organisation_id: UUID, channel_id: UUID) -> bool:
    """Tell whether a test message to a channel is on its way."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    col(ChatMessage.organisation_id) == organisation_id,
                    col(ChatMessage.channel_id) == channel_id,
                    col(ChatMessage.event) == ChatEvent.TEST,
                    is_waiting(ChatMessage),
                )
            )
        )
    )


def channels_for_alerts(
    session: Session, organisation_id: UUID, rep_id: UUID, waiting_for: UUID | None
) -> list[UUID]:
    """Return the ids of the channels that are told of alerts about a rep's clients. waiting_for: an alert; without the
    channels for which a message about it waits already."""
    asked = {"organisation": organisation_id, "rep": rep_id, "alert": waiting_for}
    return [
        row.id
        for row in session.execute(_FOR_ALERTS, asked)
        if row.topics and ChatTopic.ALERTS in row.topics and not row.waits
    ]


_waits = (
    exists()
    .where(
        references(ChatMessage, ChatMessage.channel_id, ChatChannel),
        col(ChatMessage.alert_id) == bindparam("alert"),
        col(ChatMessage.event) == ChatEvent.ALERT,
        is_waiting(ChatMessage),
    )
    .correlate(ChatChannel)
)
_FOR_ALERTS = (
    select(col(ChatChannel.id), col(ChatChannel.topics), _waits.label("waits"))
    .where(
        col(ChatChannel.organisation_id) == bindparam("organisation"),
        col(ChatChannel.paused_at).is_(None),
        col(ChatChannel.managers_only),
        or_(
            col(ChatChannel.team_id).is_(None),
            col(ChatChannel.team_id)
            == select(col(User.team_id))
            .where(col(User.organisation_id) == bindparam("organisation"), col(User.id) == bindparam("rep"))
            .scalar_subquery(),
        ),
    )
    .order_by(col(ChatChannel.id))
)


def channels_told(session: Session, organisation_id: UUID, alert_id: UUID) -> list[UUID]:
    """Return the ids of the channels that were told of an alert, or are about to be."""
    told = exists().where(
        references(ChatMessage, ChatMessage.channel_id, ChatChannel),
        col(ChatMessage.alert_id) == alert_id,
        col(ChatMessage.event) == ChatEvent.ALERT,
        col(ChatMessage.given_up_at).is_(None),
    )
    found = select(col(ChatChannel.id)).where(
        col(ChatChannel.organisation_id) == organisation_id, col(ChatChannel.paused_at).is_(None), told
    )
    return list(session.scalars(found.order_by(col(ChatChannel.id))))


def was_told(session: Session, message: DueChat) -> bool:
    """Tell whether the channel of a message was told of its alert before."""
    told = exists().where(
        col(_Told.organisation_id) == message.organisation_id,
        col(_Told.channel_id) == message.channel_id,
        col(_Told.alert_id) == message.alert_id,
        col(_Told.event) == ChatEvent.ALERT,
        col(_Told.sent_at).is_not(None),
    )
    return bool(session.scalar(select(told)))


def channel_name(session: Session, message: DueChat) -> str:
    """Return what the channel of a message is called."""
    found = session.get_one(ChatChannel, (message.organisation_id, message.channel_id))
    return found.name


def without_week(
    session: Session, organisation_id: UUID, monday: date, due: datetime, limit: int | None = None
) -> list[UUID]:
    """Return the ids of the channels that are to be told of the week of `monday` and were not yet. One that was added
    after that was due begins with the next week."""
    told = exists().where(
        references(ChatMessage, ChatMessage.channel_id, ChatChannel), col(ChatMessage.monday) == monday
    )
    rows = session.execute(
        select(col(ChatChannel.id), col(ChatChannel.topics))
        .where(
            col(ChatChannel.organisation_id) == organisation_id,
            col(ChatChannel.paused_at).is_(None),
            col(ChatChannel.created_at) < due,
            ~told,
        )
        .order_by(col(ChatChannel.id))
    )
    return [row.id for row in rows if ChatTopic.WEEK in row.topics][:limit]


def due_chat(session: Session, now: datetime) -> list[DueChat]:
    """Return what is to be posted by now, of all organisations: the oldest few of each channel, oldest first."""
    oldest = oldest_of_each(ChatMessage, col(ChatMessage.channel_id), now)
    rows = session.execute(
        select(*_DUE)
        .select_from(ChatMessage)
        .join(oldest, is_first_of(ChatMessage, oldest))
        .join(ChatChannel, references(ChatMessage, ChatMessage.channel_id, ChatChannel))
        .where(col(ChatChannel.paused_at).is_(None))
        .order_by(col(ChatMessage.due_at), col(ChatMessage.id))
        .execution_options(across_organisations=True)
    )
    return views(DueChat, rows)


def alerts_posted_with(session: Session, message: DueChat, until: datetime) -> list[DueChat]:
    """Return the messages about alerts to the same channel that are sent as one with this, which is among them: those due
    by `until`, or those that were tried with it."""
    rows = session.execute(
        select(*_DUE)
        .select_from(ChatMessage)
        .join(ChatChannel, references(ChatMessage, ChatMessage.channel_id, ChatChannel))
        .where(
            is_waiting(ChatMessage),
            col(ChatMessage.organisation_id) == message.organisation_id,
            col(ChatMessage.channel_id) == message.channel_id,
            col(ChatMessage.event) == ChatEvent.ALERT,
            goes_along(ChatMessage, message.tries, message.due_at, until),
        )
        .order_by(col(ChatMessage.due_at), col(ChatMessage.id))
    )
    return views(DueChat, rows)


def paused_at(session: Session, organisation_id: UUID, moment: datetime) -> list[ChannelView]:
    """Return the channels that were paused at exactly that moment, and are still."""
    return [each for each in channels(session, organisation_id) if each.paused_at == moment]


def count_refusing(session: Session) -> int:
    """Count the channels of all organisations whose services refused messages, and that wait for somebody."""
    found = select(func.count()).where(
        col(ChatChannel.paused_because).in_((PauseCause.GONE, PauseCause.REFUSED))
    )
    count: int = session.execute(found.execution_options(across_organisations=True)).scalar_one()
    return count


def services_in_use(session: Session, organisation_id: UUID) -> Collection[ChatService]:
    """Return the services that an organisation has channels of."""
    found = select(col(ChatChannel.service)).where(col(ChatChannel.organisation_id) == organisation_id)
    return set(session.scalars(found))
