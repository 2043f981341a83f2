"""The client's taps, each saved as it is made; and what the client may erase."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from feedback.actions.alerts.evaluate import evaluate_trust, urgent_reasons
from feedback.actions.answer_keys import TRUSTED_SENDER, InvitationClosed, Sender, check_powers, clear_answer
from feedback.actions.answer_rows import locked_answer, locked_side
from feedback.actions.echoes import forget_echoes
from feedback.actions.scoring.recompute import recount
from feedback.actions.settling import notify_webhooks, propagate_change, settle
from feedback.actions.trust import Fingerprint, add_signals, detect_signals, merged_fingerprint
from feedback.core.access import AnswerStatus, Reader, Visibility, answer_access
from feedback.core.answer_key import Browser, KeyKind, Powers
from feedback.core.audit import AuditKind
from feedback.core.dimensions import DIMENSIONS, count_rated
from feedback.core.extras import Extra, extra_of
from feedback.core.settling import AnswerState, settles_at
from feedback.core.trust import Signal
from feedback.db.change import Change, Invalid
from feedback.db.locks import advisory_lock
from feedback.models import Feedback, Invitation, Promise, Side, Verdict
from feedback.models.feedback import Counts, ratings_of
from feedback.models.webhook import Event
from feedback.pages.client import asked_before, promises_due
from feedback.store.answers import (
    AnswerRows,
    closing_time,
    kind_of_key,
    opening,
    promises_judged_in,
    state_of,
)
from feedback.store.history import PastInvitation
from feedback.store.traces import Similar


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client's page sends: everything it knows."""

    # by dimension name, 1..5; absent when not tapped (and then left as saved)
    ratings: dict[str, int] = field(default_factory=dict)
    # of comment, visibility, nps, worth_it and stage those that the form had; None to clear one
    extras: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[UUID, str] = field(default_factory=dict)  # kept, not_kept or not_yet, by promise
    sequence: int | None = None  # orders what one phone sent; None counts as the newest
    done: bool = False
    extras_sent: bool = False  # it is the second page, with comment and extra
    language: str | None = None  # of the page

    def allowed(self, may: Powers) -> "Submission":
        """Return the part that somebody with these powers may save."""
        if may.tap:
            return self
        extras = {name: value for name, value in self.extras.items() if name != "visibility"}
        return replace(self, ratings={}, extras=extras)


FURTHEST_AHEAD = timedelta(days=1)  # of our clock, for a phone's clock that is taken as right


def save_tap(c: Change, invitation_id: UUID, submission: Submission, sender: Sender = TRUSTED_SENDER) -> bool:
    """Save what was tapped, and nothing else, for nothing follows from it until the answer has settled. Return
    False, and save nothing, when more follows: `save_answer` has to save it. Raises as that does. The first tap
    makes the row, and its key; for those after it there is a shorter way (actions.taps)."""
    if submission.done or submission.verdicts:
        return False
    row = locked_side(c, invitation_id, Side.CLIENT)
    if state_of(row, c.now) is AnswerState.SETTLED:
        return False
    closes_at = closing_time(c.session, c.organisation_id, invitation_id)
    kind = kind_of_key(c.session, c.organisation_id, invitation_id, sender.key)
    may = check_powers(c, row, closes_at, kind, sender)
    _assign(row, merged(row, closes_at, submission.allowed(may), sender, c.now))
    return True


def save_answer(
    c: Change, invitation_id: UUID, submission: Submission, sender: Sender = TRUSTED_SENDER
) -> None:
    """Save the state of a client's page, and all that follows from it. The same state twice is saved once; an
    older one that arrives late only fills in what is missing. The first tap binds the answer to its key.

    Raises InvitationClosed, AnswerErased, AnsweredElsewhere for a key that does not open the answer, and
    Invalid for Done with nothing rated.
    """
    if sender.fingerprint and sender.fingerprint.device:
        advisory_lock(c.session, sender.fingerprint.device)  # it may touch the other answers of that device
    answer = locked_answer(c, invitation_id, sender.key)
    row = answer.row
    may = check_powers(c, row, answer.invitation.closes_at, answer.key, sender)
    if submission.done and not count_rated(ratings_of(row)) and not submission.ratings:
        raise Invalid(ratings="Nothing was rated yet.")
    before, visibility_before, sent_before = _content(row), row.visibility, row.extras_at
    _assign(row, merged(row, answer.invitation.closes_at, submission.allowed(may), sender, c.now))
    traces = _choose_question(c, answer) if row.done_at is not None and row.extra is None else None
    judged = _judge_promises(c, answer, submission.verdicts)
    if answer.state(c.now) is not AnswerState.SETTLED:
        return  # a verdict before Done: it counts when the answer does
    if row.settled_at is None:
        settle(c, answer, sender.receipts, traces)
    elif judged or _content(row) != before or row.extras_at != sent_before:
        if answer.key is KeyKind.MAIL and answer.contact.email_typed_at is not None:
            add_signals(row, Signal.CHANGED_BY_MAIL)
        if sender.fingerprint:
            detect_signals(c, answer)
        if judged or _content(row) != before:
            _record_hidden_after_shown(c, row, propagate_change(c, answer), visibility_before)
        else:  # the second page, with nothing on it: no number and no alert follows from that
            notify_webhooks(c, row, Event.FEEDBACK_CHANGED)


def mark_opened(c: Change, invitation_id: UUID, fingerprint: Fingerprint | None = None) -> None:
    """Record that the page is visible to somebody; a rep's own browser does not count. Raises
    InvitationClosed."""
    if fingerprint and fingerprint.whose is Browser.REPS:
        return
    page = opening(c.session, c.organisation_id, invitation_id)
    if c.now >= page.closes_at:
        raise InvitationClosed
    if page.opened_at is None:
        note_opened(c, invitation_id, page.rep_id, page.held_at)


def note_opened(c: Change, invitation_id: UUID, rep_id: UUID, held_at: datetime) -> None:
    """Record that a page which had not been opened is, unless somebody else has recorded it meanwhile. rep_id, held_at: of
    its meeting."""
    if c.execute(_OPEN, {"organisation": c.organisation_id, "invitation": invitation_id, "now": c.now}):
        recount(c, rep_id, held_at)


# Built once: to build it took longer than to execute it.
_OPEN = (
    update(Invitation)
    .where(
        col(Invitation.organisation_id) == bindparam("organisation"),
        col(Invitation.id) == bindparam("invitation"),
        col(Invitation.opened_at).is_(None),
    )
    .values(opened_at=bindparam("now"))
)


def erase_answer(c: Change, invitation_id: UUID, key: str | None = None) -> None:
    """Erase everything that the client said: ratings, words, device marks. The score follows at once; that
    there was an answer stays as a count, with its date and its signals; what others wrote because of it, and where
    they quote it, goes with it (actions.echoes). When it gave an urgent reason to an
    alert, or the key came with a mail to an address that a rep typed in, the manager is informed that it was
    erased. Works after the page has closed, too; erasing twice changes nothing."""
    answer = locked_answer(c, invitation_id, key)
    row = answer.row
    if row.erased_at is not None:
        return
    if count_rated(ratings_of(row)):
        detect_signals(c, answer)  # before the marks are erased
        by_mail = answer.key is KeyKind.MAIL and answer.contact.email_typed_at is not None
        if by_mail or urgent_reasons(c, answer):
            add_signals(row, Signal.TAKEN_BACK)
        row.settled_at = row.settled_at or c.now  # there is nothing more to wait for
        row.settles_at = row.settles_at or c.now
    said = row.comment
    clear_answer(row)
    row.device_hash = row.network_hash = row.browser_hash = row.language = None
    row.erased_at = row.updated_at = c.now
    for promise in promises_judged_in(c.session, c.organisation_id, invitation_id):
        promise.verdict = promise.judged_at = promise.judged_in_id = None
    forget_echoes(c, answer, said)
    c.audit(None, AuditKind.ANSWER_ERASED, invitation_id)
    propagate_change(c, answer, Event.FEEDBACK_ERASED)


def dispute_answer(c: Change, invitation_id: UUID, *, with_key: bool) -> None:
    """Record "This wasn't me"; a manager is alerted at once. Said with the answer key, the answer counts no
    more, whatever was decided before; with the token alone it counts as it did until a manager decides
    (again), for the rep has the token, too."""
    answer = locked_answer(c, invitation_id)
    row = answer.row
    sets_apart = with_key and row.counts == Counts.COUNTED
    if row.erased_at is not None or not (sets_apart or row.disputed_at is None):
        return
    row.disputed_at, row.decided_at = row.disputed_at or c.now, None
    if with_key:
        row.counts = Counts.QUARANTINED
    row.updated_at = max(row.updated_at, c.now)
    if row.settled_at is None:
        evaluate_trust(c, answer)  # the rest follows when it settles
    else:
        propagate_change(c, answer)


def merged(
    row: Feedback, closes_at: datetime, submission: Submission, sender: Sender, now: datetime
) -> dict[str, Any]:
    """Return, by name, what a submission makes of the client's row. closes_at: of its invitation."""
    sequence = submission.sequence
    newest = sequence is None or _is_newest(sequence, row.sequence, now)
    said = {**submission.ratings, **submission.extras}
    made = {name: value for name, value in said.items() if newest or getattr(row, name) is None}
    if newest:
        made["sequence"] = sequence if sequence is not None else row.sequence + 1
    made["language"] = submission.language or row.language
    made["updated_at"] = max(row.updated_at, now)  # also when the clock was put back
    taps = sum(made.get(name, getattr(row, name)) is not None for name in DIMENSIONS)
    if taps == len(DIMENSIONS):
        made["complete_at"] = row.complete_at or now
    done_at = made["done_at"] = row.done_at or (now if submission.done else None)
    if submission.extras_sent and submission.done:
        made["extras_at"] = row.extras_at or now
    if row.settled_at is None and state_of(row, now) is not AnswerState.SETTLED:
        made["settles_at"] = settles_at(taps, made["updated_at"], done_at, closes_at)
    return made | (merged_fingerprint(row, sender.fingerprint) if sender.fingerprint else {})


def _is_newest(sequence: int, stored: int, now: datetime) -> bool:
    """Tell whether a state is not older than the stored one. A phone's own states are in order, however wrong its
    clock is. One whose clock is years ahead must not lock out the later taps of another."""
    ahead = int((now + FURTHEST_AHEAD).timestamp() * 1000)
    return sequence >= stored or sequence <= ahead < stored


def _assign(row: Feedback, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:  # to set an attribute takes twelve calls, and most are as they were
            setattr(row, name, value)


def _content(row: Feedback) -> tuple[Any, ...]:
    """Return what others see of an answer, to tell whether anything changed."""
    names = (
        *DIMENSIONS,
        "comment",
        "nps",
        "worth_it",
        "stage",
        "visibility",
        "done_at",
        "signals",
    )
    return tuple(getattr(row, name) for name in names)


def _record_hidden_after_shown(
    c: Change, row: Feedback, past: Sequence[PastInvitation], visibility_before: Visibility
) -> None:
    """Record, for the receipt, that the client hid an answer which the rep could see already."""
    for this in past:
        was = replace(this.answer, visibility=visibility_before)
        if this.invitation_id == row.invitation_id and row.shown_at is None and _hides(was, this.answer):
            row.shown_at = c.now


def _hides(was: AnswerStatus, is_now: AnswerStatus) -> bool:
    return answer_access(Reader.REP, was).whole and not answer_access(Reader.REP, is_now).whole


def _choose_question(c: Change, answer: AnswerRows) -> Similar:
    """Choose the one extra that follows the six taps; return what the answer has in common with others, which is found
    out by the same statement."""
    before, traces = asked_before(c.session, answer, c.zone, c.now)
    answer.row.extra = extra_of(
        promises_due=before.promises_due,
        stage_known=before.stage_at,
        recommend_asked=before.recommend_at,
        now=c.now,
    )
    return traces


def _judge_promises(c: Change, answer: AnswerRows, verdicts: dict[UUID, str]) -> bool:
    """Save the client's verdicts on the rep's promises, where they were asked for, and for promises that
    belong to this relationship; return whether any changed."""
    if not verdicts or answer.row.extra != Extra.PROMISES:
        return False
    due = {p.id for p in promises_due(c.session, c.organisation_id, answer.invitation.id, c.now)}
    judged = False
    for promise_id in due & verdicts.keys():
        promise = c.session.get_one(Promise, (c.organisation_id, promise_id))
        verdict = Verdict(verdicts[promise_id])
        judged |= promise.verdict != verdict or promise.judged_in_id != answer.invitation.id
        promise.verdict, promise.judged_at, promise.judged_in_id = verdict, c.now, answer.invitation.id
    c.session.flush()
    return judged
