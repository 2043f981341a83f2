"""Tokens and secrets that stand in plain, or are encrypted with a key of before."""

from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlmodel import Session, col

from feedback.core.tokens import TOKEN_LENGTH
from feedback.models import GroupCode, IdentityProvider, Invitation, OneTimeCodes, TakenBack, Webhook
from feedback.models.encrypted import MARK_LENGTH, EncryptedText, Purpose, UnreadableSecret, box_of, stand_in
from feedback.store.calendars import addresses_of_reps
from feedback.store.chat import channel_rows


def invitations_to_encrypt(
    session: Session, organisation_id: UUID, after: UUID | None, take: int
) -> list[Invitation]:
    """Return up to `take` invitations whose token is not hashed with the first key, as rows to be written, in the order
    of their ids. after: the last id of those before."""
    first = box_of(session.connection().dialect).marks[0]
    found = (
        select(Invitation)
        .where(col(Invitation.organisation_id) == organisation_id, _mark() != first, _has_token())
        .order_by(col(Invitation.id))
        .limit(take)
    )
    return list(session.scalars(found if after is None else found.where(col(Invitation.id) > after)))


def rooms_to_encrypt(session: Session, organisation_id: UUID) -> list[GroupCode]:
    """Return the codes of rooms whose token is not hashed with the first key, as rows to be written."""
    first = box_of(session.connection().dialect).marks[0]
    found = select(GroupCode).where(
        col(GroupCode.organisation_id) == organisation_id,
        func.substr(col(GroupCode.token), 1, MARK_LENGTH) != first,
    )
    return list(session.scalars(found))


def taken_back_in_plain(session: Session, organisation_id: UUID) -> list[TakenBack]:
    """Return what was taken back and stands in plain, as rows to be written."""
    return list(
        session.scalars(
            select(TakenBack).where(
                col(TakenBack.organisation_id) == organisation_id,
                func.length(col(TakenBack.token)) == TOKEN_LENGTH,
            )
        )
    )


def webhooks_to_encrypt(session: Session, organisation_id: UUID) -> list[Webhook]:
    """Return the webhooks whose secrets are not encrypted with the first key, as rows to be written."""
    box = box_of(session.connection().dialect)
    rows = session.execute(
        select(Webhook, type_coerce(col(Webhook.secrets), String).label("stored")).where(
            col(Webhook.organisation_id) == organisation_id
        )
    )
    return [row.Webhook for row in rows if not box.is_current(Purpose.WEBHOOK, row.stored)]


def sign_in_secrets_to_encrypt(
    session: Session, organisation_id: UUID
) -> list[OneTimeCodes | IdentityProvider]:
    """Return the second factors and the provider whose secret is not encrypted with the first key and can be read, as
    rows to be written."""
    box = box_of(session.connection().dialect)
    return [
        row
        for row in _sign_in_secrets(session, organisation_id)
        if not box.is_current(row.secret.purpose, row.secret.stored) and _is_readable(row.secret)
    ]


def _sign_in_secrets(session: Session, organisation_id: UUID) -> list[OneTimeCodes | IdentityProvider]:
    codes = select(OneTimeCodes).where(col(OneTimeCodes.organisation_id) == organisation_id)
    providers = select(IdentityProvider).where(col(IdentityProvider.organisation_id) == organisation_id)
    return [*session.scalars(codes.order_by(col(OneTimeCodes.id))), *session.scalars(providers)]


def _is_readable(text: EncryptedText) -> bool:
    try:
        return bool(text.text)
    except UnreadableSecret:
        return False


def encryption_faults(session: Session, organisation_id: UUID) -> Iterator[str]:
    """Return in words what of an organisation cannot be decrypted, or stands in plain."""
    box = box_of(session.connection().dialect)
    mine = col(Invitation.organisation_id) == organisation_id
    plain = func.length(col(Invitation.token)) == TOKEN_LENGTH
    counted = select(func.count()).select_from(Invitation).where(mine)
    if lost := session.scalar(counted.where(_mark().not_in(box.marks), _has_token(), ~plain)):
        yield f"{lost} codes are encrypted with a key that is not here: put it into FEEDBACK_OLD_SECRET_KEYS"
    if bare := session.scalar(counted.where(plain)):
        yield f"{bare} codes stand in plain: run `feedback encrypt`"
    hooks = session.execute(
        select(
            col(Webhook.url), col(Webhook.secrets), type_coerce(col(Webhook.secrets), String).label("stored")
        ).where(col(Webhook.organisation_id) == organisation_id)
    )
    for hook in hooks:
        if not hook.secrets:
            yield f"the secret of {hook.url} is encrypted with a key that is not here"
        elif hook.stored.startswith("whsec_"):
            yield f"the secret of {hook.url} stands in plain: run `feedback encrypt`"
    for each in chain.from_iterable(addresses_of_reps(session, organisation_id).values()):
        try:
            _ = each.address.text
        except UnreadableSecret:
            yield f"the address of calendar {each.id} is encrypted with a key that is not here"
    for channel in channel_rows(session, organisation_id):
        if not _is_readable(channel.address):
            yield f"the address of chat channel {channel.id} is encrypted with a key that is not here"
    if unread := sum(not _is_readable(row.secret) for row in _sign_in_secrets(session, organisation_id)):
        yield f"{unread} secrets of signing in are encrypted with a key that is not here: put it into FEEDBACK_OLD_SECRET_KEYS"


def _mark() -> ColumnElement[str]:
    return func.substr(col(Invitation.token), 1, MARK_LENGTH)


def _has_token() -> ColumnElement[bool]:
    return func.substr(col(Invitation.token), 1, 1) != stand_in("")
