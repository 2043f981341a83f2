"""Comments and names that an organisation keeps no longer, by its settings, some at a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.actions.change import change
from feedback.actions.erasure import erase_contact, erase_person
from feedback.actions.scoring.recompute import recompute
from feedback.core.audit import AuditKind
from feedback.db.engine import Database
from feedback.db.locks import locked
from feedback.models import AlertEvent, ClientLine, Feedback, NotedOutcome, Relationship
from feedback.store.organisations import organisation
from feedback.store.retention import (
    expired_comments,
    expired_contacts,
    expired_people,
    months_before,
    old_lines,
    old_notes,
    old_reasons,
)

COMMENTS_AT_ONCE = 200  # while they are written, SQLite lets no client in
NAMES_A_ROUND = 20  # each looks through all texts; the next round goes on


def forget_expired(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Delete the comments and erase the names that are older than the organisation keeps them; the audit log says how
    many."""
    with db.reading() as session:
        kept = organisation(session, organisation_id)
    if kept.keep_comments_months:
        before = months_before(now, kept.keep_comments_months)
        while _forget_comments(db, organisation_id, now, before):
            pass
    if kept.keep_names_months:
        _forget_names(db, organisation_id, now, months_before(now, kept.keep_names_months))


def _forget_comments(db: Database, organisation_id: UUID, now: datetime, before: datetime) -> bool:
    """Delete some comments, and all notes; tell whether there may be more."""
    with change(db, organisation_id, now) as c:
        found = expired_comments(c.session, organisation_id, before, COMMENTS_AT_ONCE)
        lukewarm = [
            locked(c.session, Relationship, organisation_id=organisation_id, id=each)
            for each in sorted({relationship_id for _, relationship_id, is_lukewarm in found if is_lukewarm})
        ]
        here = col(Feedback.organisation_id) == organisation_id
        these = col(Feedback.id).in_([row[0] for row in found])
        comments = c.write(update(Feedback).where(here, these).values(comment=None))
        for relationship in filter(None, lukewarm):
            recompute(c, relationship)
        notes = c.write(update(AlertEvent).where(*old_notes(organisation_id, before)).values(note=None))
        notes += c.write(
            update(NotedOutcome).where(*old_reasons(organisation_id, before)).values(reason=None)
        )
        notes += c.write(delete(ClientLine).where(*old_lines(organisation_id, before)))
        if comments or notes:
            c.audit(None, AuditKind.COMMENTS_EXPIRED, after={"comments": comments, "notes": notes})
    return len(found) == COMMENTS_AT_ONCE


def _forget_names(db: Database, organisation_id: UUID, now: datetime, before: datetime) -> None:
    """Erase some people, each in a transaction of its own."""
    with db.reading() as session:
        contacts = expired_contacts(session, organisation_id, before, NAMES_A_ROUND)
        people = expired_people(session, organisation_id, before, NAMES_A_ROUND)
    for erase, ids in ((erase_contact, contacts), (erase_person, people)):
        for each in ids:
            with change(db, organisation_id, now) as c:
                erase(c, None, each)
    if contacts or people:
        with change(db, organisation_id, now) as c:
            c.audit(None, AuditKind.NAMES_EXPIRED, after={"contacts": len(contacts), "people": len(people)})
