"""Promises, made by either side."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from feedback.db.change import Change, Invalid
from feedback.models import Promise, Side, Verdict
from feedback.wording.i18n import app_text

LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise to be noted."""

    side: str  # who promised it: a word of Side
    words: str
    due_on: date | None = None


def note_promise(c: Change, meeting_id: UUID, contact_id: UUID, new: NewPromise) -> UUID:
    """Save what was promised in a meeting, by the rep or the client; return its id. Raises Invalid."""
    trimmed = " ".join(new.words.split())
    if not trimmed:
        raise Invalid(words=app_text("What was promised?"))
    if len(trimmed) > LONGEST:
        raise Invalid(
            words=app_text(
                "At most %(most)s characters; this has %(count)s.", most=LONGEST, count=len(trimmed)
            )
        )
    if new.side not in tuple(Side):
        raise Invalid(side=app_text("Who promised it: you, or the client?"))
    promise = Promise(
        organisation_id=c.organisation_id,
        meeting_id=meeting_id,
        contact_id=contact_id,
        side=Side(new.side),
        words=trimmed,
        due_on=new.due_on,
        created_at=c.now,
    )
    c.session.add(promise)
    c.session.flush()
    return promise.id


def judge_promise(c: Change, promise_id: UUID, verdict: str) -> None:
    """Save the rep's verdict on what the client promised. The verdict on the rep's own promises is the
    client's. Raises Invalid."""
    if verdict not in tuple(Verdict):
        raise Invalid(verdict=app_text("Kept, not kept, or not yet?"))
    promise = c.session.get_one(Promise, (c.organisation_id, promise_id))
    if promise.side != Side.CLIENT:
        raise Invalid(verdict=app_text("Whether you kept your promise is the client's to say."))
    promise.verdict, promise.judged_at = Verdict(verdict), c.now
