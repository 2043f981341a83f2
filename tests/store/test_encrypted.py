"""Codes and webhooks' secrets are encrypted where they are stored, by keys that are elsewhere."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import String, text, type_coerce, update
from sqlmodel import col, select
from support.chat_services import chat_channel
from support.dump import dump
from support.keys import KEY, KEYS
from support.pages import words

from feedback.actions.change import change
from feedback.actions.encrypting import encrypt_anew
from feedback.actions.rooms import open_room
from feedback.actions.second_factor import begin_codes
from feedback.actions.taken_back import take_back
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.core.access import Reader
from feedback.core.calendar.faults import SourceKind
from feedback.core.tokens import new_token
from feedback.db.engine import Database
from feedback.models import ChatChannel, Invitation, TakenBack, Webhook
from feedback.models.encrypted import Purpose, SecretBox, UnreadableSecret, stand_in
from feedback.models.webhook import Event
from feedback.store.calendars import addresses_of_rep
from feedback.store.encrypted import encryption_faults
from feedback.store.invitations import invitation_by_id, invitation_by_token
from feedback.store.taken_back import taken_back_by_token
from feedback.webhooks.subscriptions import add_webhook

NEW = "n" * 40
TOKEN = "3467" + "CDFGHJKMNPQRTVWXY34679"


@pytest.fixture
def opened(db):
    """opened(keys) is the same database, with other keys."""
    made = []

    def opened(*keys: str) -> Database:
        made.append(Database(db.engine.url.render_as_string(hide_password=False), keys))
        return made[-1]

    yield opened
    for each in made:
        each.dispose()


@pytest.fixture
def hook(cast, db):
    def secret() -> str:
        with db.reading() as session:
            return session.scalars(select(Webhook)).one().secrets[0]

    with cast.changing() as c:
        add_webhook(c, cast.olive.id, "https://8.8.8.8/hook", [Event.ALERT_OPENED])
    return secret


def by_token(db, token):
    with db.connection() as connection:
        return invitation_by_token(connection, token, None, datetime.now(UTC))


def shown(db, met):
    with db.reading() as session:
        return invitation_by_id(session, met.organisation_id, met.id, Reader.REP, datetime.now(UTC))


def test_tables_hold_no_token_and_no_secret(cast, db, hook):
    met, gone = cast.meeting(), cast.meeting(contact="Eli")
    with cast.changing() as c:
        take_back(c, cast.alice.id, gone.id)
    with db.connection() as connection:
        names = ("invitations", "taken_back", "webhooks", "audit", "outbox", "webhook_deliveries")
        rows = [str(row) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608
    assert len(rows) > 3
    for secret in (met.token, gone.token, hook(), hook().removeprefix("whsec_")):
        assert [row for row in rows if secret in row] == []


def test_file_holds_no_token_and_no_secret(cast, db, hook):
    if not db.is_sqlite:
        pytest.skip("it has no file of its own")
    met, path = cast.meeting(), db.engine.url.database
    raw = b"".join(Path(path + end).read_bytes() for end in ("", "-wal"))
    assert b"Dana Whitfield" in raw
    assert met.token.encode() not in raw
    assert hook().encode() not in raw


def test_code_is_found_and_shown(cast, db):
    met = cast.meeting()
    assert by_token(db, met.token).id == met.id
    assert by_token(db, new_token(met.token[:4])) is None
    assert shown(db, met).token == met.token


def test_hash_from_the_table_opens_nothing(cast, db, stranger):
    met = cast.meeting()
    with db.reading() as session:
        stored = session.scalar(select(Invitation.token).where(Invitation.id == met.id))
    assert stored != met.token
    assert stranger.client.get(f"/f/{stored}").status_code == 404


def test_database_finds_what_an_old_key_wrote(cast, db, opened, hook):
    met, secret = cast.meeting(), hook()
    both = opened(NEW, KEY)
    assert by_token(both, met.token).id == met.id
    assert shown(both, met).token == met.token
    with both.reading() as session:
        assert session.scalars(select(Webhook)).one().secrets == (secret,)


def test_old_key_can_go_after_encrypting(cast, db, opened, hook):
    met, secret = cast.meeting(), hook()
    both, new = opened(NEW, KEY), opened(NEW)
    assert encrypt_anew(both, met.organisation_id, cast.clock()) == 2
    assert encrypt_anew(both, met.organisation_id, cast.clock()) == 0
    assert by_token(new, met.token).id == met.id
    assert shown(new, met).token == met.token
    with new.reading() as session:
        assert session.scalars(select(Webhook)).one().secrets == (secret,)
        assert list(encryption_faults(session, met.organisation_id)) == []
    assert by_token(db, met.token) is None


def test_what_stands_in_plain_is_found_then_encrypted(cast, db, hook):
    met, gone, secret = cast.meeting(), cast.meeting(contact="Eli"), hook()
    with cast.changing() as c:
        take_back(c, cast.alice.id, gone.id)
        for table, token in ((Invitation, met.token), (TakenBack, gone.token)):
            c.session.connection().execute(update(table.__table__).values(token=token))
        c.session.connection().execute(text("UPDATE invitations SET encrypted_token = NULL"))
        c.session.connection().execute(text("UPDATE webhooks SET secret = :it"), {"it": secret})
    assert (by_token(db, met.token).id, shown(db, met).token, hook()) == (met.id, met.token, secret)
    with db.reading() as session:
        assert len(list(encryption_faults(session, met.organisation_id))) == 2
    encrypt_anew(db, met.organisation_id, cast.clock())
    test_tables_hold_no_token_and_no_secret(cast, db, hook)
    assert (by_token(db, met.token).id, shown(db, met).token, hook()) == (met.id, met.token, secret)
    with db.connection() as connection:
        assert taken_back_by_token(connection, gone.token).contact == "Eli"


def test_missing_key_is_told_and_changes_nothing(cast, db, opened, hook):
    met, lost = cast.meeting(), opened(NEW)
    assert by_token(lost, met.token) is None
    with pytest.raises(UnreadableSecret):
        _ = shown(lost, met).token
    assert encrypt_anew(lost, met.organisation_id, cast.clock()) == 0
    with lost.reading() as session:
        assert session.scalars(select(Webhook)).one().secrets == ()
        assert [re.sub(r"^\d+", "n", line)[:30] for line in encryption_faults(session, met.organisation_id)] == [
            "n codes are encrypted with a k", "the secret of https://8.8.8.8/"
        ]  # fmt: skip
    assert (by_token(db, met.token).id, hook()[:6]) == (met.id, "whsec_")


def test_code_without_its_key_is_said_in_words(app, cast, opened, sign_in):
    met, alice = cast.meeting(), sign_in("alice")
    app.extensions["feedback"] = replace(app.extensions["feedback"], db=opened(NEW))
    page = alice.get(f"/meetings/{met.meeting_id}")
    assert page.status_code == 503
    assert "This code cannot be shown" in words(page.text)
    assert alice.get("/meetings").status_code == 200


def test_imported_meeting_has_no_code(cast, db, sign_in):
    met = cast.meeting()
    with cast.changing() as c:
        made = {"token": stand_in("x"), "encrypted_token": None}
        of_it = (Invitation.organisation_id == c.organisation_id, Invitation.id == met.id)
        c.session.execute(update(Invitation).where(*of_it).values(made))
    page = sign_in("alice").get(f"/meetings/{met.meeting_id}")
    assert page.status_code == 410
    assert "This meeting has no code" in words(page.text)
    with db.reading() as session:
        assert list(encryption_faults(session, met.organisation_id)) == []
    assert encrypt_anew(db, met.organisation_id, cast.clock()) == 0


def test_each_purpose_has_a_key_of_its_own():
    box = SecretBox(KEYS)
    with pytest.raises(UnreadableSecret):
        box.decrypt(Purpose.WEBHOOK, box.encrypt(Purpose.INVITATION, "words"))


def test_hash_depends_on_the_key_and_is_no_token():
    first, second = SecretBox(KEYS).hash_token(TOKEN), SecretBox((NEW,)).hash_token(TOKEN)
    assert first[5:] != second[5:]
    assert len(first) == 29
    assert SecretBox((NEW, KEY)).ways_to_find(TOKEN) == (second, first, TOKEN)


def test_the_same_secret_is_encrypted_differently_each_time(cast, db, hook):
    def stored():
        with db.reading() as session:
            return session.scalar(select(type_coerce(col(Webhook.secrets), String)))

    before = stored()
    with change(db, cast.olive.organisation_id, cast.clock()) as c:
        row = c.session.scalars(select(Webhook).where(Webhook.organisation_id == c.organisation_id)).one()
        row.secrets = (row.secrets[0], row.secrets[0])
    assert stored() != before


def test_calendar_address_is_encrypted_anew(cast, db, opened, clock):
    where = cast.alice.organisation_id
    with cast.changing() as c:
        source = NewAddress(SourceKind.CALDAV, "https://dav.example/alice", "me", "sesame")
        address.subscribe(c, cast.alice.id, source)
    both, new = opened(NEW, KEY), opened(NEW)
    with new.reading() as session:
        assert "of calendar" in " ".join(encryption_faults(session, where))
    assert encrypt_anew(both, where, clock()) >= 1
    assert encrypt_anew(both, where, clock()) == 0
    with new.reading() as session:
        [kept] = addresses_of_rep(session, where, cast.alice.id)
        assert [text.text for text in (kept.address, kept.user_name, kept.password)] == [
            "https://dav.example/alice", "me", "sesame",
        ]  # fmt: skip
        assert list(encryption_faults(session, where)) == []


def test_each_kind_is_encrypted_anew_once(cast, db, opened, hook, clock):
    """A second time there is nothing to do, of any kind, and nothing is written."""
    where, met, secret = cast.alice.organisation_id, cast.meeting(), hook()
    with cast.changing() as c:
        source = NewAddress(SourceKind.CALDAV, "https://dav.example/alice", "me", "sesame")
        address.subscribe(c, cast.alice.id, source)
        begin_codes(c, cast.alice.id)
        chat_channel(c, cast.olive.id)
        open_room(c, met.meeting_id)
    both, new = opened(NEW, KEY), opened(NEW)
    assert encrypt_anew(both, where, clock()) == 6
    before = dump(db)
    assert encrypt_anew(both, where, clock()) == 0
    assert dump(db) == before
    with new.reading() as session:
        assert list(encryption_faults(session, where)) == []
        assert session.scalars(select(ChatChannel)).one().address.text == "https://8.8.8.8/x"
        assert session.scalars(select(Webhook)).one().secrets == (secret,)
