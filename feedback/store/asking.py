"""What is known of mails that ask: what went out, what will, and why none may."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.asking import StopReason, address_mark
from feedback.models import Contact, Mail, MailStop, Outbox

ASKING = (Mail.ASK, Mail.REMINDER)


@dataclass(frozen=True, slots=True)
class AskingMail:
    """A mail that asks, or reminds, about one invitation."""

    invitation_id: UUID
    kind: Mail
    due_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    error: str | None  # of the last try, or why it was given up


def asking_mails(
    session: Session, organisation_id: UUID, invitation_ids: Collection[UUID]
) -> dict[tuple[UUID, Mail], AskingMail]:
    """Return the mails that ask about these invitations, at most one of each kind."""
    rows = session.execute(
        select(
            col(Outbox.invitation_id), col(Outbox.kind), col(Outbox.due_at), col(Outbox.sent_at), col(Outbox.given_up_at),
            col(Outbox.error),
        ).where(
            col(Outbox.organisation_id) == organisation_id,
            col(Outbox.invitation_id).in_(invitation_ids),
            col(Outbox.kind).in_(ASKING),
        )
    )  # fmt: skip
    return {(row.invitation_id, Mail(row.kind)): AskingMail(*row) for row in rows}


def mail_stops(session: Session, organisation_id: UUID, emails: Sequence[str]) -> dict[str, StopReason]:
    """Return why these addresses are not asked by mail; an address that may be asked is absent."""
    marks = {address_mark(organisation_id, email): email for email in emails}
    rows = session.execute(
        select(col(MailStop.address_mark), col(MailStop.reason)).where(
            col(MailStop.organisation_id) == organisation_id, col(MailStop.address_mark).in_(marks)
        )
    )
    return {marks[row.address_mark]: StopReason(row.reason) for row in rows}


def stop_of_mark(session: Session, organisation_id: UUID, mark: str) -> StopReason | None:
    """Return why the address of this mark is not asked by mail; None when it may be."""
    return session.scalar(
        select(col(MailStop.reason)).where(
            col(MailStop.organisation_id) == organisation_id, col(MailStop.address_mark) == mark
        )
    )


def last_asked_by_mail(
    session: Session, organisation_id: UUID, emails: Collection[str]
) -> dict[str, datetime]:
    """Return when these addresses were asked by mail last, under whatever contact's name."""
    rows = session.execute(
        select(col(Contact.email), func.max(col(Contact.asked_by_mail_at)))
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.email).in_(emails),
            col(Contact.asked_by_mail_at).is_not(None),
        )
        .group_by(col(Contact.email))
    )
    return {row[0]: row[1] for row in rows}


def asking_mail_by_id(session: Session, mail_id: UUID) -> Outbox | None:
    """Return a mail that asks by its id alone, which is all that a bounce tells."""
    return session.scalars(
        select(Outbox)
        .where(col(Outbox.id) == mail_id, col(Outbox.kind).in_(ASKING), col(Outbox.sent_at).is_not(None))
        .execution_options(across_organisations=True)
    ).first()
