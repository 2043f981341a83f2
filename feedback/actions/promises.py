"""What either side said it would do."""

from datetime import date, datetime
from uuid import UUID

from feedback.actions.change import change
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.models import Promise, Side, Verdict

LONGEST = 200


def note_promise(
    db: Database,
    organisation_id: UUID,
    meeting_id: UUID,
    contact_id: UUID,
    *,
    side: str,
    words: str,
    due_on: date | None,
    now: datetime,
) -> UUID:
    """Notes what was promised in a meeting, by the rep or the client. Raises Invalid."""
    trimmed = " ".join(words.split())
    if not trimmed:
        raise Invalid(words="What was promised?")
    if len(trimmed) > LONGEST:
        raise Invalid(words=f"At most {LONGEST} characters; this has {len(trimmed)}.")
    if side not in tuple(Side):
        raise Invalid(side="Who promised it: you, or the client?")
    with change(db, organisation_id, now) as c:
        promise = Promise(
            organisation_id=organisation_id,
            meeting_id=meeting_id,
            contact_id=contact_id,
            side=Side(side),
            words=trimmed,
            due_on=due_on,
            created_at=now,
        )
        c.session.add(promise)
        c.session.flush()
        return promise.id


def judge_promise(db: Database, organisation_id: UUID, promise_id: UUID, verdict: str, now: datetime) -> None:
    """The rep's word on what the client promised. On the rep's own promises the client has it. Raises
    Invalid."""
    if verdict not in tuple(Verdict):
        raise Invalid(verdict="Kept, not kept, or not yet?")
    with change(db, organisation_id, now) as c:
        promise = c.session.get_one(Promise, (organisation_id, promise_id))
        if promise.side != Side.CLIENT:
            raise Invalid(verdict="Whether you kept your promise is the client's to say.")
        promise.verdict, promise.judged_at = Verdict(verdict), now
