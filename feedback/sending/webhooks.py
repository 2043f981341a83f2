"""Messages to an organisation's own systems, signed as Standard Webhooks asks (www.standardwebhooks.com)."""

import json
from datetime import datetime
from http.client import HTTPException
from threading import Event, Thread
from uuid import UUID

from flask import Flask
from standardwebhooks import Webhook

from feedback import __version__
from feedback.actions.change import change
from feedback.context import app_context
from feedback.db.engine import Database
from feedback.pages.webhook_payload import payload
from feedback.sending import queue
from feedback.sending.http import HttpReply, post_once
from feedback.sending.rounds import Clock, in_turn, start_rounds
from feedback.store.echoes import tells_of_erased
from feedback.store.webhooks import DueDelivery, due_deliveries
from feedback.webhooks.events import end_webhook
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of

GONE = 410  # status by which a receiver unsubscribes
ERASED = "what it answered is not kept, for the answer was erased"
UNREADABLE = "its secret cannot be read with this server's key; put the key back, or make a new secret"


def start_webhook_thread(app: Flask, stop: Event) -> Thread:
    """Start a thread that sends messages until `stop` is set. In a thread of its own a receiver that lets every message
    run into its 15 seconds delays no mail."""
    with app.app_context():
        context = app_context()
    private, clock = context.settings.private_webhooks, context.clock
    return start_rounds("webhooks", lambda: deliver_webhooks(context.db, private, clock, stop), stop)


def deliver_webhooks(db: Database, private: bool, clock: Clock, stop: Event | None = None) -> int:
    """Send what is due (one round), and return how many messages went out. private: whether targets inside
    our own network are allowed."""
    with db.reading() as session:
        waiting = due_deliveries(session, clock())
    batches: dict[UUID, list[DueDelivery]] = {}
    for delivery in waiting:
        batches.setdefault(delivery.webhook_id, []).append(delivery)
    return in_turn(batches.values(), lambda delivery: _deliver(db, private, clock, delivery), stop)


def _deliver(db: Database, private: bool, clock: Clock, delivery: DueDelivery) -> bool:
    """Claim, write and send one message; return whether this worker sent it."""
    now = clock()
    with db.writing() as session:
        if not queue.claim(session, delivery, now):
            return False
    if not delivery.secrets:  # unsigned it would be refused, or worse, trusted
        with db.writing() as session:
            queue.mark_failed(session, delivery, UNREADABLE, now, status=None)
        return False
    with db.reading() as session:
        message = payload(
            session, delivery.organisation_id, delivery.event, delivery.about_id, delivery.told_at, now
        )
    if message is None:
        with db.writing() as session:
            queue.give_up(session, delivery, "what it tells of is not there any more", now, status=None)
        return False
    try:
        # Resolved anew for each message: a name that was public when it was typed may point elsewhere by now.
        target = target_of(delivery.url, private=private)
        body = json.dumps(message, ensure_ascii=False)
        reply = post_once(
            target, addresses_of(target, private=private), body.encode(), _headers(delivery, body, now)
        )
    except (OSError, ValueError, HTTPException) as error:
        with db.writing() as session:
            queue.mark_failed(session, delivery, str(error) or type(error).__name__, now, status=None)
        return False
    return _report(db, delivery, reply, now)


def _headers(delivery: DueDelivery, body: str, now: datetime) -> dict[str, str]:
    """Return the headers of one try. The message id is the same for every try of a delivery; the time is the
    try's."""
    message_id = f"msg_{delivery.id.hex}"
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Beyond-Doughnuts/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(s).sign(message_id, now, body) for s in delivery.secrets),
    }


def _report(db: Database, delivery: DueDelivery, reply: HttpReply, now: datetime) -> bool:
    """Store the receiver's reply, and return whether the message was accepted. 410 Gone ends the webhook."""
    with change(db, delivery.organisation_id, now) as c:
        if 200 <= reply.status < 300:
            queue.mark_sent(c.session, delivery, now, status=reply.status)
            return True
        words = reply.words  # which may repeat what was told, and that may be erased by now
        if tells_of_erased(c.session, delivery.organisation_id, delivery.about_id):
            words = ERASED
        if reply.status == GONE:
            queue.give_up(c.session, delivery, words, now, status=GONE)
            end_webhook(c, delivery.webhook_id, None, "answered 410 Gone")
        else:
            queue.mark_failed(c.session, delivery, words, now, status=reply.status)
    return False
