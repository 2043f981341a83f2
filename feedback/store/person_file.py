"""What is on file of one person: a client's contact, or somebody who signs in or did. Of answers only what a manager may
see; of other people nothing but their names where they took part."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from feedback.core.access import Reader, is_sealed
from feedback.core.dimensions import DIMENSIONS, Ratings
from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertEvent,
    ApiToken,
    Audit,
    ClientLine,
    Contact,
    Feedback,
    Invitation,
    Mail,
    Meeting,
    NotedOutcome,
    OneTimeCodes,
    Outbox,
    Passkey,
    Promise,
    Relationship,
    Side,
    User,
    UserSession,
)
from feedback.store.erasure import contact_trail, erasable_contact, erasable_person
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_id
from feedback.store.merges import contacts_merged_into
from feedback.store.people import Viewer
from feedback.store.search import names_of_contacts

Rows = list[dict[str, Any]]


def contacts_file(session: Session, viewer: Viewer, contact_id: UUID, now: datetime) -> dict[str, Any]:
    """Return what is on file of a client's contact, as JSON has it but for times. The contact's own answers are in it
    whatever applies; of the reps only what the viewer may be shown. Raises NotFound."""
    organisation_id, by_person = viewer.organisation_id, viewer.figures.by_person
    about = erasable_contact(session, organisation_id, contact_id)
    trail = contact_trail(session, organisation_id, contact_id)
    who = session.get_one(Contact, (organisation_id, contact_id))
    views = [
        invitation_by_id(session, organisation_id, each, Reader.MANAGER, now) for each in trail.invitations
    ]
    held = sorted((view for view in views if view), key=lambda view: (view.held_at, view.id))
    here = col(Promise.organisation_id) == organisation_id, col(Promise.contact_id) == contact_id
    noted = col(AlertEvent.organisation_id) == organisation_id, col(AlertEvent.alert_id).in_(trail.alerts)
    alerts = col(Alert.organisation_id) == organisation_id, col(Alert.id).in_(trail.alerts)
    mails = (
        col(Outbox.organisation_id) == organisation_id,
        col(Outbox.invitation_id).in_(trail.invitations)
        | (col(Outbox.alert_id).in_(trail.alerts) & (col(Outbox.kind) == Mail.WE_DID)),
    )
    told = col(ClientLine.organisation_id) == organisation_id, col(ClientLine.alert_id).in_(trail.alerts)
    return {
        "contact": {
            "name": who.name, "email": who.email, "role": who.role, "language": who.language,
            "account": about.account, "added_at": who.created_at,
            "archived_at": who.archived_at,
            "also_known_as": [
                {"name": name, "account": account, "email": email}
                for name, account, email in names_of_contacts(
                    session, organisation_id, contacts_merged_into(session, organisation_id, contact_id)
                ).values()
            ],
        },
        "meetings": [_meeting(view, by_person=by_person) for view in held],
        "promises": _rows(session, Promise, ("created_at", "side", "words", "due_on", "verdict", "judged_at"), here),
        "relationships": _rows(
            session, Relationship,
            ("loyalty", "answers", "both", "last_client_at", "last_meeting_at") if by_person else ("last_meeting_at",),
            (col(Relationship.organisation_id) == organisation_id, col(Relationship.contact_id) == contact_id),
        ),
        "outcomes": _rows(
            session, NotedOutcome,
            ("created_at", "happened_on", "outcome", "value_before", "value_after", "reason", "retracted_at"),
            (col(NotedOutcome.organisation_id) == organisation_id, col(NotedOutcome.contact_id) == contact_id),
        ),
        "alerts": _rows(session, Alert, ("created_at", "kind", "severity", "closed_at", "outcome"), alerts),
        "about_alerts": _rows(session, AlertEvent, ("created_at", "what", "outcome", "note"), noted),
        "told_what_was_done": _rows(session, ClientLine, ("created_at", "words"), told),
        "mails": _rows(session, Outbox, ("created_at", "kind", "recipient", "sent_at"), mails),
        "audit_log": _audit(session, organisation_id, contact_id),
    }  # fmt: skip


def persons_file(session: Session, organisation_id: UUID, user_id: UUID) -> dict[str, Any]:
    """Return what is on file of somebody who signs in or did, with their own sealed guesses, and no client's answer.
    Raises NotFound."""
    erasable_person(session, organisation_id, user_id)
    who = session.get_one(User, (organisation_id, user_id))

    def own(table: Any, column: str) -> tuple[Any, ...]:
        return col(table.organisation_id) == organisation_id, col(getattr(table, column)) == user_id

    guesses = session.execute(
        select(col(Meeting.held_at), col(Feedback.sealed_at), *(getattr(Feedback, name) for name in DIMENSIONS))
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(*own(Meeting, "rep_id"), col(Feedback.side) == Side.REP)
        .order_by(col(Meeting.held_at), col(Feedback.id))
    )  # fmt: skip
    return {
        "person": {
            "name": who.name, "email": who.email, "role": who.role, "added_at": who.created_at, "left_at": who.ended_at,
        },
        "meetings": _rows(session, Meeting, ("held_at", "topic"), own(Meeting, "rep_id")),
        "sealed_guesses": [dict(row._mapping) for row in guesses if is_sealed(row.sealed_at)],
        "alerts_handled": _rows(session, AlertEvent, ("created_at", "what", "outcome", "note"), own(AlertEvent, "user_id")),
        "sign_ins": _rows(session, UserSession, ("created_at", "device", "seen_at", "ended_at"), own(UserSession, "user_id")),
        "tokens": _rows(session, ApiToken, ("created_at", "name", "scopes", "expires_at", "used_at", "ended_at"), own(ApiToken, "user_id")),
        "passkeys": _rows(session, Passkey, ("created_at", "name", "used_at"), own(Passkey, "user_id")),
        "one_time_codes": _rows(session, OneTimeCodes, ("created_at", "confirmed_at"), own(OneTimeCodes, "user_id")),
        "mails": _rows(session, Outbox, ("created_at", "kind", "recipient", "sent_at"), own(Outbox, "user_id")),
        "audit_log": _audit(session, organisation_id, user_id),
    }  # fmt: skip


def _meeting(view: InvitationView, *, by_person: bool) -> dict[str, Any]:
    said, access = view.client, view.access
    found: dict[str, Any] = {
        "held_at": view.held_at, "with": view.rep if by_person else None, "topic": view.topic, "page_opened_at": view.opened_at,
        "guess": _six(view.mirror.ratings) if view.sealed and by_person else None,
    }  # fmt: skip
    if not access.whole:
        return found | {"answer": None, "why_not": access.hidden_because}
    answer = {"ratings": _six(said.ratings), "comment": said.comment, "recommends": said.nps, "worth_it": said.worth_it,
              "stage": said.stage, "language": said.language, "for_managers_only": said.hidden_from_rep, "done_at": said.done_at}  # fmt: skip
    return found | {"answer": answer}


def _six(ratings: Ratings) -> dict[str, int | None]:
    return dict(zip(DIMENSIONS, ratings, strict=True))


def _audit(session: Session, organisation_id: UUID, about_id: UUID) -> Rows:
    which = (
        col(Audit.organisation_id) == organisation_id,
        or_(col(Audit.about_id) == about_id, col(Audit.user_id) == about_id),
    )
    return _rows(session, Audit, ("created_at", "what"), which)


def _rows(session: Session, table: Any, names: tuple[str, ...], which: tuple[Any, ...]) -> Rows:
    found = session.execute(
        select(*(col(getattr(table, name)) for name in names)).where(*which).order_by(col(table.id))
    )
    return [dict(row._mapping) for row in found]
