"""What a client erased is in no file of SQLite any more: not in the database, and not in its log. (What PostgreSQL
keeps until it vacuums is its own affair.)"""

import pytest
from sqlalchemy import text, update
from sqlmodel import select

from feedback.actions import answers
from feedback.models import Outbox, WebhookDelivery
from feedback.models.webhook import Event
from feedback.webhooks import subscriptions

SAID = "The blue heron left at dawn without a word"


def files_with(db, words: str) -> list[str]:
    """The names of the database's files that hold these words."""
    path = db.engine.url.database
    found = []
    for end in ("", "-wal", "-shm"):
        with open(path + end, "rb") as file:
            found += [end or "database"] if words.encode() in file.read() else []
    return found


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_erased_words_are_in_no_file(cast, db, stranger, invitation, own):
    for n in range(3):
        cast.answer(invitation, 1, 2, 1, 2, 1, 2, comment=f"{SAID} {n}")
    assert files_with(db, SAID)
    stranger.client.post(f"{own}/erase")
    assert files_with(db, SAID) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_erased_words_are_gone_after_a_reader_let_go(cast, db, invitation, own, stranger):
    cast.answer(invitation, 1, comment=SAID)
    with db.engine.connect() as reader:  # such as a backup
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT count(*) FROM users").all()
        assert stranger.client.post(f"{own}/erase").status_code == 303
        assert files_with(db, SAID) != []
        reader.rollback()
    db.forget_erased()  # as the worker does every minute
    assert files_with(db, SAID) == []


def test_errors_that_echo_an_erased_answer_are_deleted(cast, db, invitation, own, stranger):
    with cast.changing() as c:
        subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
    cast.answer(invitation, 1, comment=SAID)
    cast.settle()
    with db.writing() as session:
        session.execute(update(WebhookDelivery).values(error=f"400 Bad: {SAID}"))
        session.execute(update(Outbox).values(error=f"550 {SAID}", invitation_id=invitation.id))
    stranger.client.post(f"{own}/erase")
    with db.reading() as session:
        told = session.exec(select(WebhookDelivery).where(WebhookDelivery.about_id == invitation.id)).all()
        mails = session.exec(select(Outbox)).all()
    assert told
    assert mails
    assert {row.error for row in [*told, *mails]} == {None}


def test_other_answers_errors_stay(cast, db, invitation, own, stranger):
    with cast.changing() as c:
        subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
    other = cast.meeting("alice", "Eli")
    cast.answer(other, 4)
    with db.writing() as session:
        session.execute(update(WebhookDelivery).values(error="500 busy"))
    with cast.changing() as c:
        answers.erase_answer(c, invitation.id)
    with db.reading() as session:
        kept = session.exec(select(WebhookDelivery).where(WebhookDelivery.about_id == other.id)).all()
    assert {row.error for row in kept} == {"500 busy"}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_connection_zeroes_what_it_deletes(db):
    with db.reading() as reading, db.writing() as writing:
        for session in (reading, writing):
            assert session.execute(text("PRAGMA secure_delete")).scalar() == 1
