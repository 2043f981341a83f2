"""Second factors of the people who sign in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.db.locks import locked
from feedback.db.tenancy import references
from feedback.models import OneTimeCodes, Passkey, RecoveryCode, User
from feedback.store.passkeys import passkeys_of


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a person has set up."""

    id: UUID | None  # of the secret for one-time codes, once it is confirmed
    since: datetime | None  # when it was confirmed
    trusts_since: datetime | None  # devices remembered before are asked again
    begun: bool  # a set-up that is not finished
    codes_left: int  # recovery codes
    passkeys: int


def second_factor(session: Session, organisation_id: UUID, user_id: UUID) -> SecondFactor:
    """Return what a person has set up beside the password."""
    passkeys = len(passkeys_of(session, organisation_id, user_id))
    row = session.execute(
        select(col(OneTimeCodes.id), col(OneTimeCodes.confirmed_at), col(OneTimeCodes.trusts_since)).where(
            col(OneTimeCodes.organisation_id) == organisation_id, col(OneTimeCodes.user_id) == user_id
        )
    ).first()
    if row is None:
        return SecondFactor(None, None, None, False, 0, passkeys)
    if row.confirmed_at is None:
        return SecondFactor(None, None, None, True, 0, passkeys)
    left = select(func.count()).where(
        col(RecoveryCode.organisation_id) == organisation_id,
        col(RecoveryCode.user_id) == user_id,
        col(RecoveryCode.used_at).is_(None),
    )
    return SecondFactor(
        row.id, row.confirmed_at, row.trusts_since, False, session.scalar(left) or 0, passkeys
    )


def one_time_codes(session: Session, organisation_id: UUID, user_id: UUID) -> OneTimeCodes | None:
    """Return a person's secret for one-time codes, as a row; None without one."""
    return session.scalars(
        select(OneTimeCodes).where(
            col(OneTimeCodes.organisation_id) == organisation_id, col(OneTimeCodes.user_id) == user_id
        )
    ).first()


def locked_one_time_codes(session: Session, organisation_id: UUID, user_id: UUID) -> OneTimeCodes | None:
    """Return the same, which nobody else changes until the transaction ends."""
    return locked(session, OneTimeCodes, organisation_id=organisation_id, user_id=user_id)


def all_one_time_codes(session: Session, organisation_id: UUID) -> list[OneTimeCodes]:
    """Return every such row of an organisation, by id."""
    rows = select(OneTimeCodes).where(col(OneTimeCodes.organisation_id) == organisation_id)
    return list(session.scalars(rows.order_by(col(OneTimeCodes.id))))


def without_second_factor(session: Session, organisation_id: UUID) -> dict[Role, int]:
    """Return how many people of each role sign in and have no second factor."""
    has = (
        select(col(OneTimeCodes.id))
        .where(
            references(OneTimeCodes, OneTimeCodes.user_id, User), col(OneTimeCodes.confirmed_at).is_not(None)
        )
        .exists()
    )
    passkey = select(col(Passkey.id)).where(references(Passkey, Passkey.user_id, User)).exists()
    rows = session.execute(
        select(col(User.role), func.count())
        .where(col(User.organisation_id) == organisation_id, col(User.ended_at).is_(None), ~has, ~passkey)
        .group_by(col(User.role))
    )
    found = dict.fromkeys(Role, 0)
    found.update((row[0], row[1]) for row in rows)
    return found
