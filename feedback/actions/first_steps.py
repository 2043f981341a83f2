"""The first steps of a new organisation's owner."""

from uuid import UUID

from feedback.actions.user_links import new_link
from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.store.staff import without_link

LINKS_AT_ONCE = 50


def invite_all(c: Change, by: UUID, mail_from: str | None = None) -> int:
    """Make a link for each of at most LINKS_AT_ONCE people who have not joined and have none; return how many.
    mail_from: as new_link has it."""
    found = without_link(c.session, c.organisation_id, c.now, LINKS_AT_ONCE)
    for person in found:
        new_link(c, by, person.id, mail_from)
    return len(found)


def note_trial(c: Change, by: UUID) -> None:
    """Write down that a meeting is tried: that, and nothing of it."""
    c.organisation.start_tried = True
    c.audit(by, AuditKind.TRIED)


def put_away(c: Change, by: UUID) -> None:
    """Take the first steps off the owners' home. They stay under People."""
    if not c.organisation.start_away:
        c.organisation.start_away = True
        c.audit(by, AuditKind.START_AWAY)
