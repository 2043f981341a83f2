"""The choice of the one practice to work on."""

from uuid import UUID

from feedback.core.gaps.practices import practice
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import PracticeChoice, Relationship
from feedback.store import practices
from feedback.store.answered import pairs_to_guess
from feedback.wording.i18n import app_text


def choose_practice(
    c: Change, relationship_id: UUID, dimension: str, number: int, assigned_by_id: UUID | None = None
) -> PracticeChoice:
    """Choose the practice to try next in a relationship; it replaces the one before there, and the rep's others of that
    dimension (keep_one_running). Choosing the same again changes nothing. assigned_by_id: the manager; None when the rep chooses. Raises Invalid for a practice
    that does not exist."""
    try:
        practice(dimension, number, "")
    except (KeyError, IndexError):
        raise Invalid(practice=app_text("There is no such practice.")) from None
    ours = c.organisation_id
    # two who choose at once take turns
    relationship = locked(c.session, Relationship, organisation_id=ours, id=relationship_id)
    current = locked(
        c.session, PracticeChoice, organisation_id=ours, relationship_id=relationship_id, ended_at=None
    )
    if current and (current.dimension, current.number) == (dimension, number):
        return current
    if current:
        current.ended_at = c.now
        c.session.flush()
    chosen = PracticeChoice(
        organisation_id=c.organisation_id,
        relationship_id=relationship_id,
        dimension=dimension,
        number=number,
        assigned_by_id=assigned_by_id,
        created_at=c.now,
    )
    c.session.add(chosen)
    c.session.flush()
    if relationship:
        keep_one_running(c, relationship.rep_id)
    return chosen


def keep_one_running(c: Change, rep_id: UUID) -> None:
    """Let a rep work on one practice in each dimension, the latest chosen; end the others.

    What a manager assigned while the rep may still be guessing an answer of that client ends nothing yet: a practice
    that stops with another client would tell what this one rated low. It does so once the guess is sealed.
    """
    ours = c.organisation_id
    running = practices.running_practices(c.session, ours, rep_id)
    if len(running) == len({choice.dimension for choice, _ in running}):
        return
    unguessed = pairs_to_guess(c.session, ours, c.now, [rep_id])
    kept: set[str] = set()
    for choice, contact_id in running:
        if choice.dimension in kept:
            choice.ended_at = c.now
        elif choice.assigned_by_id is None or (rep_id, contact_id) not in unguessed:
            kept.add(choice.dimension)
