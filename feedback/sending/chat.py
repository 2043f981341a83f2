"""Messages to channels of Slack and Microsoft Teams, made when they are sent."""

import logging
from datetime import datetime
from http.client import HTTPException
from threading import Event, Thread
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask, g
from sqlmodel import Session

from feedback import __version__
from feedback.actions.change import change
from feedback.chat.alert_words import alerts_card, follow_up_card
from feedback.chat.card import Card
from feedback.chat.channels import pause_channel
from feedback.chat.posting import GATHERED_FOR
from feedback.chat.slack import slack_message
from feedback.chat.teams import as_sent, teams_message
from feedback.chat.week_words import test_card, week_card
from feedback.context import AppContext, app_context
from feedback.core.access import NotFound
from feedback.core.calendar.weeks import week_of, week_on
from feedback.core.chat import (
    FOLLOW_UPS,
    ChatEvent,
    ChatService,
    PauseCause,
    ReplyKind,
    meaning_of,
    wait_asked_for,
)
from feedback.models.encrypted import UnreadableSecret
from feedback.pages.chat import posted_alerts, posted_week
from feedback.sending import queue
from feedback.sending.http import HttpReply, post_once
from feedback.sending.letter import NothingToSend
from feedback.sending.rounds import in_turn, start_rounds
from feedback.store.chat import DueChat, alerts_posted_with, channel_name, due_chat, was_told
from feedback.store.mail_queue import NOT_TOLD
from feedback.store.people import Viewer, name_of, viewer_of_channel
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of
from feedback.wording.i18n import use_app_language

log = logging.getLogger("feedback.chat")
NO_ADDRESS = "FEEDBACK_BASE_URL is not set, and a message is nothing without its link"
UNREADABLE = "its address cannot be read with this server's key; put the key back, or add the channel anew"
_WRITTEN_FOR = {ChatService.SLACK: slack_message, ChatService.TEAMS: teams_message}


def start_chat_thread(app: Flask, stop: Event) -> Thread:
    """Start a thread that posts messages until `stop` is set. In one of its own a slow service delays no mail and no
    webhook."""
    return start_rounds("chat", lambda: deliver_chat(app, stop), stop)


def deliver_chat(app: Flask, stop: Event | None = None) -> int:
    """Post what is due (one round); return how many messages went out."""
    with app.app_context():
        context = app_context()
    with context.db.reading() as session:
        waiting = due_chat(session, context.clock())
    batches: dict[UUID, list[DueChat]] = {}
    for message in waiting:
        batches.setdefault(message.channel_id, []).append(message)

    def post(message: DueChat) -> bool:
        with app.app_context():  # a language for each message, and a template's world for each thread
            return _post(app_context(), message)

    return in_turn(batches.values(), post, stop)


def _post(context: AppContext, message: DueChat) -> bool:
    """Claim, write and post one message; return whether this worker sent it. Alerts that wait for the same channel go
    with the first of them."""
    now, together = context.clock(), [message]
    if message.event is ChatEvent.ALERT:
        with context.db.reading() as session:
            together = alerts_posted_with(session, message, now + GATHERED_FOR)
    with context.db.writing() as session:
        together = [each for each in together if queue.claim(session, each, now)]
    if not together:
        return False
    try:
        with context.db.reading() as session:
            body = as_sent(_WRITTEN_FOR[message.service](_card(session, context, together, now)))
        reply = _posted(context, message, body)
    except NothingToSend as why:
        with context.db.writing() as session:
            for each in together:
                queue.give_up(session, each, f"{NOT_TOLD}{why}", now, status=None)
        return False
    except Exception as error:  # of whatever kind: a message that cannot be written must not stop the others
        expected = isinstance(error, OSError | ValueError | HTTPException | UnreadableSecret)
        if not expected:
            log.exception("a chat message could not be made")
        reason = UNREADABLE if isinstance(error, UnreadableSecret) else str(error) if expected else ""
        failed_at = context.clock()  # the same for all, by which they are found together again
        with context.db.writing() as session:
            for each in together:
                queue.mark_failed(session, each, reason or type(error).__name__, failed_at, status=None)
        return False
    return _report(context, together, reply)


def _posted(context: AppContext, message: DueChat, body: bytes) -> HttpReply:
    """Post a message. Raises UnreadableSecret, OSError, ValueError or HTTPException, none of which holds the address."""
    private = context.settings.private_webhooks
    # Resolved anew for each message: a name that was public when it was typed may point elsewhere by now.
    target = target_of(message.address.text, private=private)
    headers = {"Content-Type": "application/json", "User-Agent": f"Beyond-Doughnuts/{__version__}"}
    return post_once(target, addresses_of(target, private=private), body, headers)


def _report(context: AppContext, together: list[DueChat], reply: HttpReply) -> bool:
    """Store what a service answered; return whether it took the message. One that has no such address any more, or lets
    nobody post there, pauses the channel."""
    first, now = together[0], context.clock()
    said = meaning_of(first.service, reply.status, reply.body)
    error = f"{reply.status} {said.code}".strip()
    with change(context.db, first.organisation_id, now) as c:
        for each in together:
            if said.kind is ReplyKind.SENT:
                queue.mark_sent(c.session, each, now, status=reply.status)
            elif said.kind is ReplyKind.LATER:
                wait = wait_asked_for(reply.retry_after)
                queue.mark_failed(c.session, each, error, now, wait, status=reply.status)
            else:
                queue.give_up(c.session, each, error, now, status=reply.status)
        if said.kind in (ReplyKind.GONE, ReplyKind.REFUSED):
            because = PauseCause.GONE if said.kind is ReplyKind.GONE else PauseCause.REFUSED
            try:
                pause_channel(c, first.channel_id, because)
            except NotFound:
                log.info("a channel was removed while a message was on its way")
    return said.kind is ReplyKind.SENT


def _card(session: Session, context: AppContext, together: list[DueChat], now: datetime) -> Card:
    """Return what the messages say, from what is known now, in the organisation's language. Raises NothingToSend."""
    message, base_url = together[0], context.settings.base_url
    if base_url is None:
        raise NothingToSend(NO_ADDRESS)
    viewer = viewer_of_channel(
        session, message.organisation_id, message.channel_id,
        managers_only=message.managers_only, team_id=message.team_id,
    )  # fmt: skip
    g.timezone = viewer.timezone
    use_app_language(viewer.organisation_language)
    if message.event is ChatEvent.TEST:
        return test_card(viewer.organisation, channel_name(session, message), base_url)
    if viewer.demo:
        raise NothingToSend("the example's clients are made up")
    if message.event is ChatEvent.WEEK:
        return _week(session, viewer, message, base_url, now)
    if message.event in FOLLOW_UPS:
        return _follow_up(session, viewer, message, base_url, now)
    ids = {each.alert_id for each in together if each.alert_id}
    posted = [each for each in posted_alerts(session, viewer, ids, now) if each.alert.closed_at is None]
    if not posted:
        raise NothingToSend("closed, or not for whoever reads this channel, before it was sent")
    return alerts_card(posted, base_url)


def _week(session: Session, viewer: Viewer, message: DueChat, base_url: str, now: datetime) -> Card:
    week = week_of(now, ZoneInfo(viewer.timezone)).plus(-1)
    if message.monday is None or week_on(message.monday) != week:
        raise NothingToSend("another week is over by now")
    posted = posted_week(session, viewer, week, now)
    if posted is None:
        raise NothingToSend("there is nothing to tell of this week")
    return week_card(posted, base_url, viewer.figures.least)


def _follow_up(session: Session, viewer: Viewer, message: DueChat, base_url: str, now: datetime) -> Card:
    if not was_told(session, message):
        raise NothingToSend("the channel was not told of the alert")
    posted = posted_alerts(session, viewer, [message.alert_id] if message.alert_id else [], now)
    closed = message.event is ChatEvent.CLOSED
    if not posted or (posted[0].alert.closed_at is not None) is not closed:
        raise NothingToSend(
            "it was done otherwise, or is not for whoever reads this channel, before it was sent"
        )
    by = message.user_id if viewer.figures.by_person else None
    who = name_of(session, message.organisation_id, by) if by else None
    return follow_up_card(posted[0], message.event, who, base_url)
