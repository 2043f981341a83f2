"""What is due is sent by one worker only: a mail and a message are claimed before they go out."""

import pytest
from sqlmodel import select, update
from support.chat_services import chat_channel

from feedback.models import ChatMessage, Outbox, WebhookDelivery
from feedback.models.webhook import Event
from feedback.sending import queue
from feedback.store.chat import due_chat
from feedback.store.mail_queue import due_mails
from feedback.store.webhooks import due_deliveries
from feedback.webhooks import subscriptions
from feedback.webhooks.events import enqueue_event

TABLES = {"mail": Outbox, "message": WebhookDelivery, "chat": ChatMessage}


@pytest.fixture(params=TABLES)
def due(request, cast, clock):
    """due() is what a worker finds to do, of a mail, a webhook's or a channel's messages; due.row() is how it is stored."""
    with cast.changing() as c:
        subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", [Event.STANDINGS_FROZEN])
        enqueue_event(c, Event.STANDINGS_FROZEN, cast.olive.id)
        chat_channel(c, cast.olive.id)
    cast.answer(cast.meeting(), 1)
    clock.forward(minutes=1)
    find, table = (
        {"mail": due_mails, "message": due_deliveries, "chat": due_chat}[request.param],
        TABLES[request.param],
    )

    def look():
        with cast.db.reading() as session:
            return find(session, clock())[0]

    def row():
        with cast.db.reading() as session:
            return session.exec(select(table).where(table.id == first.id)).one()

    first = look()
    look.row, look.table = row, table
    return look


def test_only_the_first_of_two_workers_claims(cast, clock, due):
    found, later = due(), due()  # both have read it before either claims it
    with cast.db.writing() as session:
        assert queue.claim(session, found, clock()) is True
    with cast.db.writing() as session:
        assert queue.claim(session, later, clock()) is False
    assert (due.row().tries, due.row().due_at) == (1, clock.now + queue.CLAIMED_FOR)


@pytest.mark.parametrize("column", ["sent_at", "given_up_at"])
def test_what_is_over_is_claimed_no_more(cast, clock, due, column):
    found = due()
    with cast.db.writing() as session:
        session.execute(update(due.table).where(due.table.id == found.id).values({column: clock()}))
        assert queue.claim(session, found, clock()) is False
    assert due.row().tries == 0


def test_what_a_receiver_says_is_kept_as_far_as_there_is_room(cast, clock, due):
    found = due()
    with cast.db.writing() as session:
        queue.give_up(session, found, "x" * (queue.LONGEST_ERROR + 1), clock())
    assert due.row().error == "x" * queue.LONGEST_ERROR


def test_claim_runs_out_after_five_minutes(cast, clock, due):
    """A worker that is killed in between leaves it to the next."""
    found = due()
    with cast.db.writing() as session:
        queue.claim(session, found, clock())
    clock.forward(minutes=4, seconds=59)
    with cast.db.reading() as session:
        still = {each.id for each in (*due_mails(session, clock()), *due_deliveries(session, clock()))}
    assert found.id not in still
    clock.forward(seconds=1)
    assert due().id == found.id
    with cast.db.writing() as session:
        assert queue.claim(session, due(), clock()) is True
