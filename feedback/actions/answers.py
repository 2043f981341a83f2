"""What the client taps, saved as it is tapped; and what the client may take back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.actions import doubt, webhooks
from feedback.actions.alerts import look_at, withdraw
from feedback.actions.change import Change, change
from feedback.actions.doubt import Visit
from feedback.actions.receipts import promise_receipt
from feedback.actions.scoring import locked_relationship, recompute, recount
from feedback.core.dimensions import DIMENSIONS, rated
from feedback.core.extras import extra_of
from feedback.models import Feedback, Invitation, Meeting, Promise, Side, Verdict
from feedback.models.columns import new_id
from feedback.models.feedback import Counts, ratings_of
from feedback.models.webhook import Event
from feedback.store.clients_page import latest_recommend, latest_stage, promises_due
from feedback.store.database import Database, insert_if_new, take_turns


class Closed(Exception):
    """The invitation does not take answers any more."""


class Erased(Exception):
    """The client took this answer back, for good."""


@dataclass(frozen=True, slots=True)
class State:
    """What a client's page sends: everything it knows. ratings: by dimension name, 1..5, absent when not
    tapped (and then left as saved). extras: of comment, visibility, nps, worth_it and stage those that the
    form held, None to take one back. verdicts: kept, not_kept or not_yet by promise. sequence: orders what
    one phone sent; None counts as the newest."""

    ratings: dict[str, int] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[UUID, str] = field(default_factory=dict)
    sequence: int | None = None
    done: bool = False
    language: str | None = None


def save(
    db: Database,
    organisation_id: UUID,
    invitation_id: UUID,
    state: State,
    now: datetime,
    visit: Visit | None = None,
    mail_from: str | None = None,
) -> None:
    """Saves the state of a client's page. The same state twice is saved once; an older one that arrives
    late only fills in what is missing.

    visit: where it came from, for the trust signals. mail_from: our address, when mail can be sent; then a
    contact whose e-mail is known gets a receipt. Raises Closed, or Erased.
    """
    with change(db, organisation_id, now) as c:
        invitation, meeting = _open_invitation(c, invitation_id)
        if visit and visit.device:
            take_turns(c.session, visit.device)  # it may touch the other answers of that device
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        row = side_of(c, invitation_id, Side.CLIENT)
        if row.erased_at is not None:
            raise Erased
        first_done = state.done and row.done_at is None
        was_complete = _complete(row)
        if first_done:  # before what the state says is merged: its own stage is no reason to ask for another
            row.extra = _choose_extra(c, invitation, meeting)
        _merge(row, state, now)
        told_at = invitation.opened_at  # None where the page has no script to tell that it was opened
        invitation.opened_at = told_at or now
        _judge_promises(c, invitation, meeting, state.verdicts)
        if first_done:
            promise_receipt(c, invitation, mail_from)
        if visit and rated(ratings_of(row)):
            doubt.notice(c, row, invitation, meeting, visit, told_at)
        recompute(c, relationship)
        recount(c, meeting.rep_id, meeting.held_at)
        if _complete(row):
            look_at(c, relationship, invitation_id)
            if not was_complete:
                webhooks.tell(c.session, organisation_id, Event.FEEDBACK_RECEIVED, invitation_id, now)


def opened(db: Database, organisation_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """The page says that it is in front of somebody. Raises Closed."""
    with change(db, organisation_id, now) as c:
        invitation, meeting = _open_invitation(c, invitation_id)
        if invitation.opened_at is None:
            invitation.opened_at = now
            recount(c, meeting.rep_id, meeting.held_at)


def erase(db: Database, organisation_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """Takes everything back that the client said: ratings, words, marks. The score follows at once; that
    there was an answer stays as a count. Works after the page has closed, too, and twice."""
    with change(db, organisation_id, now) as c:
        invitation, meeting = invitation_and_meeting(c.session, organisation_id, invitation_id)
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        row = side_of(c, invitation_id, Side.CLIENT)
        if rated(ratings_of(row)):
            row.done_at = row.done_at or now  # nothing more is to be waited for; and so it stays in the count
        for name in (*DIMENSIONS, "comment", "nps", "worth_it", "stage", "extra", "device_hash", "network_hash",
                     "browser_hash", "language"):  # fmt: skip
            setattr(row, name, None)
        row.signals = ""
        row.erased_at = row.erased_at or now
        row.updated_at = now
        for promise in c.session.exec(
            select(Promise).where(
                col(Promise.organisation_id) == organisation_id, col(Promise.judged_in_id) == invitation_id
            )
        ):
            promise.verdict = promise.judged_at = promise.judged_in_id = None
        recompute(c, relationship)
        recount(c, meeting.rep_id, meeting.held_at)
        withdraw(c, relationship, invitation_id)


def dispute(db: Database, organisation_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """ "This wasn't me": the answer is kept, counts no more, and a manager hears of it."""
    with change(db, organisation_id, now) as c:
        invitation, meeting = invitation_and_meeting(c.session, organisation_id, invitation_id)
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        row = side_of(c, invitation_id, Side.CLIENT)
        if row.erased_at is None and row.disputed_at is None:
            row.disputed_at = now
            row.decided_at = None  # whatever was decided before, this is to be decided anew
            row.counts = Counts.QUARANTINED
            row.updated_at = now
            recompute(c, relationship)
            look_at(c, relationship, invitation_id)


def side_of(c: Change, invitation_id: UUID, side: Side) -> Feedback:
    """One side's row, made if it is new. The unique constraint keeps it the only one."""
    insert_if_new(
        c.session,
        Feedback,
        {
            "organisation_id": c.organisation_id, "id": new_id(), "invitation_id": invitation_id, "side": side,
            "visibility": "rep", "counts": Counts.COUNTED, "sequence": 0, "created_at": c.now,
            "updated_at": c.now, "handed_over": False, "signals": "",
        },
    )  # fmt: skip
    return c.session.exec(
        select(Feedback)
        .where(
            col(Feedback.organisation_id) == c.organisation_id,
            col(Feedback.invitation_id) == invitation_id,
            col(Feedback.side) == side,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def invitation_and_meeting(
    session: Session, organisation_id: UUID, invitation_id: UUID
) -> tuple[Invitation, Meeting]:
    invitation = session.get_one(Invitation, (organisation_id, invitation_id))
    return invitation, session.get_one(Meeting, (organisation_id, invitation.meeting_id))


def _complete(row: Feedback) -> bool:
    """Nothing more is to be waited for: Done was tapped, or all six are in."""
    return row.done_at is not None or rated(ratings_of(row)) == len(DIMENSIONS)


def _open_invitation(c: Change, invitation_id: UUID) -> tuple[Invitation, Meeting]:
    invitation, meeting = invitation_and_meeting(c.session, c.organisation_id, invitation_id)
    if c.now >= invitation.closes_at:
        raise Closed
    return invitation, meeting


def _merge(row: Feedback, state: State, now: datetime) -> None:
    newest = state.sequence is None or state.sequence >= row.sequence
    for name, value in {**state.ratings, **state.extras}.items():
        if newest or getattr(row, name) is None:
            setattr(row, name, value)
    if newest:
        row.sequence = state.sequence if state.sequence is not None else row.sequence + 1
    row.language = state.language or row.language
    row.updated_at = now
    if state.done and row.done_at is None:
        row.done_at = now


def _judge_promises(c: Change, invitation: Invitation, meeting: Meeting, verdicts: dict[UUID, str]) -> None:
    """The client's word on what the rep promised, for promises that are this relationship's to judge."""
    if not verdicts:
        return
    due = {p.id for p in promises_due(c.session, c.organisation_id, invitation.id)}
    for promise_id in due & verdicts.keys():
        promise = c.session.get_one(Promise, (c.organisation_id, promise_id))
        promise.verdict = Verdict(verdicts[promise_id])
        promise.judged_at = c.now
        promise.judged_in_id = invitation.id
    c.session.flush()


def _choose_extra(c: Change, invitation: Invitation, meeting: Meeting) -> str:
    return extra_of(
        promises_due=len(promises_due(c.session, c.organisation_id, invitation.id)),
        stage_known=latest_stage(c.session, c.organisation_id, invitation.contact_id),
        recommend_asked=latest_recommend(c.session, c.organisation_id, invitation.contact_id),
        now=c.now,
    )
