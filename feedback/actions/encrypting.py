"""Tokens and secrets encrypted with the first of the secret keys: those that the version before left in plain, and those
of a key of before."""

from contextlib import suppress
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from feedback.actions.change import tap
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.models.encrypted import Purpose, UnreadableSecret, box_of
from feedback.store.calendars import addresses_of_reps
from feedback.store.chat import channel_rows
from feedback.store.encrypted import (
    invitations_to_encrypt,
    rooms_to_encrypt,
    sign_in_secrets_to_encrypt,
    taken_back_in_plain,
    webhooks_to_encrypt,
)

AT_A_TIME = 500  # invitations in one transaction, of a few hundredths of a second


def encrypt_anew(db: Database, organisation_id: UUID, now: datetime) -> int:
    """Encrypt what is not encrypted with the first key; return how much was. What cannot be decrypted stays as it is. In
    short transactions, so that clients answer meanwhile; what was done stays done where it ends early."""
    with tap(db, organisation_id, now) as c:
        written = _encrypt_webhooks(c) + _encrypt_rooms(c) + _encrypt_calendars(c) + _encrypt_sign_in(c)
        written += _encrypt_channels(c)
        _hash_taken_back(c)
    after: UUID | None = None
    while True:
        with tap(db, organisation_id, now) as c:
            after, done = _encrypt_invitations(c, after)
        written += done
        if after is None:
            return written


def _encrypt_invitations(c: Change, after: UUID | None) -> tuple[UUID | None, int]:
    """Encrypt the tokens of the next few; return the last id, None after the last of all, and how many were."""
    box = box_of(c.session.connection().dialect)
    found, written = invitations_to_encrypt(c.session, c.organisation_id, after, AT_A_TIME), 0
    for invitation in found:
        try:
            token = invitation.encrypted_token.text if invitation.encrypted_token else invitation.token
        except UnreadableSecret:
            continue
        invitation.token, invitation.encrypted_token = box.hash_token(token), token
        written += 1
    return (found[-1].id if found else None), written


def _encrypt_webhooks(c: Change) -> int:
    hooks = [hook for hook in webhooks_to_encrypt(c.session, c.organisation_id) if hook.secrets]
    for hook in hooks:
        flag_modified(hook, "secrets")  # written as it is, which encrypts it
    return len(hooks)


def _encrypt_rooms(c: Change) -> int:
    box, written = box_of(c.session.connection().dialect), 0
    for room in rooms_to_encrypt(c.session, c.organisation_id):
        with suppress(UnreadableSecret):
            token = room.encrypted_token.text
            room.token, room.encrypted_token = box.hash_token(token), token
            written += 1
    return written


def _encrypt_calendars(c: Change) -> int:
    """Encrypt the addresses of calendars, and what opens them."""
    box, written = box_of(c.session.connection().dialect), 0
    for row in chain.from_iterable(addresses_of_reps(c.session, c.organisation_id).values()):
        secrets = {name: getattr(row, name) for name in ("address", "user_name", "password")}
        old = {
            name: text
            for name, text in secrets.items()
            if text and not box.is_current(Purpose.CALENDAR, text.stored)
        }
        try:
            plain = {name: text.text for name, text in old.items()}
        except UnreadableSecret:
            continue
        for name, text in plain.items():
            setattr(row, name, text)
        written += bool(plain)
    return written


def _encrypt_channels(c: Change) -> int:
    box, written = box_of(c.session.connection().dialect), 0
    for channel in channel_rows(c.session, c.organisation_id):
        with suppress(UnreadableSecret):
            if not box.is_current(Purpose.CHAT, channel.address.stored):
                channel.address = channel.address.text
                written += 1
    return written


def _encrypt_sign_in(c: Change) -> int:
    rows = sign_in_secrets_to_encrypt(c.session, c.organisation_id)
    for row in rows:
        row.secret = row.secret.text
    return len(rows)


def _hash_taken_back(c: Change) -> None:
    box = box_of(c.session.connection().dialect)
    for row in taken_back_in_plain(c.session, c.organisation_id):
        row.token = box.hash_token(row.token)
