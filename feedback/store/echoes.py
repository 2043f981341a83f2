"""Where an answer may be repeated, for its erasure: what was written because of it, or may quote it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import (
    AlertEvent,
    AlertReason,
    ApiReplay,
    Audit,
    ClientLine,
    Contact,
    Feedback,
    ImportJob,
    Invitation,
    Meeting,
    NotedOutcome,
    Promise,
    Side,
)
from feedback.models.encrypted import UnreadableSecret
from feedback.store.erasure import ContactTrail
from feedback.store.import_jobs import WORKING


def alerts_of_answer(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[UUID]:
    """Return the ids of the alerts to which an answer ever gave a reason."""
    found = select(col(AlertReason.alert_id)).where(
        col(AlertReason.organisation_id) == organisation_id, col(AlertReason.invitation_id) == invitation_id
    )
    return sorted(set(session.scalars(found)))


def comments_of(
    session: Session, organisation_id: UUID, invitations: Collection[UUID]
) -> tuple[list[str], datetime]:
    """Return what clients wrote in these answers, and when the first of them began; the beginning of time for none."""
    rows = session.execute(
        select(col(Feedback.comment), col(Feedback.created_at)).where(
            col(Feedback.organisation_id) == organisation_id,
            col(Feedback.invitation_id).in_(invitations),
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.comment).is_not(None),
        )
    ).all()
    began = min((row.created_at for row in rows), default=datetime.min.replace(tzinfo=UTC))
    return [row.comment for row in rows], began


def texts_about(
    session: Session, organisation_id: UUID, contact_id: UUID, trail: ContactTrail, since: datetime
) -> list[tuple[Any, str, UUID, str]]:
    """Return (table, column, id of the row, text) of what people wrote about a contact since a moment: notes, lines for the
    client, promises, topics, reasons of decisions and of outcomes, and what reps guessed in words. No answers."""
    account = select(col(Contact.account_id)).where(
        col(Contact.organisation_id) == organisation_id, col(Contact.id) == contact_id
    )
    guesses = (col(Feedback.side) == Side.REP) & col(Feedback.invitation_id).in_(trail.invitations)
    where: tuple[tuple[Any, str, ColumnElement[bool]], ...] = (
        (AlertEvent, "note", col(AlertEvent.alert_id).in_(trail.alerts)),
        (ClientLine, "words", col(ClientLine.alert_id).in_(trail.alerts)),
        (Promise, "words", col(Promise.contact_id) == contact_id),
        (Meeting, "topic", col(Meeting.id).in_(trail.meetings)),
        (Audit, "reason", col(Audit.about_id).in_(trail.invitations)),
        (NotedOutcome, "reason", col(NotedOutcome.account_id).in_(account)),
        (Feedback, "comment", guesses),
    )
    return [
        (table, column, row[0], row[1])
        for table, column, about in where
        for row in session.execute(
            select(col(table.id), col(getattr(table, column))).where(
                col(table.organisation_id) == organisation_id, about,
                col(getattr(table, column)).is_not(None), col(table.created_at) >= since,
            )
        )
    ]  # fmt: skip


def replays_about(
    session: Session, organisation_id: UUID, ids: Collection[UUID], since: datetime
) -> list[UUID]:
    """Return the ids of what the API answered since a moment that names one of these ids."""
    rows = session.execute(
        select(col(ApiReplay.id), col(ApiReplay.body)).where(
            col(ApiReplay.organisation_id) == organisation_id, col(ApiReplay.created_at) >= since
        )
    )
    return [row.id for row in rows if _names(row.body, ids)]


def _names(body: Any, ids: Collection[UUID]) -> bool:
    try:
        return any(str(each) in body.text for each in ids)
    except UnreadableSecret:
        return False  # nobody is told it either


def waiting_files(session: Session, organisation_id: UUID) -> Sequence[tuple[UUID, bytes]]:
    """Return (id of the import, content) of the files that wait for an owner."""
    rows = session.execute(
        select(col(ImportJob.id), col(ImportJob.content)).where(
            col(ImportJob.organisation_id) == organisation_id,
            col(ImportJob.content).is_not(None),
            col(ImportJob.state).not_in(WORKING),
        )
    )
    return [(row.id, row.content) for row in rows]


def tells_of_erased(session: Session, organisation_id: UUID, about_id: UUID) -> bool:
    """Tell whether a message to a webhook is about an answer that was erased, or whose contact was, or about an alert that
    such an answer gave a reason to. about_id: of the answer, or the alert."""
    reasons = select(col(AlertReason.invitation_id)).where(
        col(AlertReason.organisation_id) == organisation_id,
        col(AlertReason.alert_id) == about_id,
        col(AlertReason.invitation_id).is_not(None),
    )
    told = [about_id, *session.scalars(reasons)]
    erased = (
        select(col(Invitation.id))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(
            Feedback,
            references(Feedback, Feedback.invitation_id, Invitation) & (col(Feedback.side) == Side.CLIENT),
            isouter=True,
        )
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.id).in_(told),
            col(Contact.erased_at).is_not(None) | col(Feedback.erased_at).is_not(None),
        )
    )
    return session.execute(erased).first() is not None


def came_as_guest(session: Session, organisation_id: UUID, invitation_id: UUID) -> bool:
    """Tell whether the contact of an invitation is somebody who typed their own name in a room, and was asked about nothing
    else."""
    asked = session.get_one(Invitation, (organisation_id, invitation_id))
    who = session.get_one(Contact, (organisation_id, asked.contact_id))
    # A contact of a room and its invitation are made in one change; one that was merged into another is asked of elsewhere.
    others = exists().where(
        col(Invitation.organisation_id) == organisation_id,
        col(Invitation.contact_id) == who.id,
        col(Invitation.id) != invitation_id,
    )
    made_there = asked.guest and who.created_at == asked.created_at and who.email_typed_at is None
    return made_there and not session.scalar(select(others))
