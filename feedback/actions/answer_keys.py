"""Who may answer: the first tap binds an answer to a key, and a later key opens it only after it was begun
again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from feedback.actions.alerts.evaluate import evaluate_trust
from feedback.actions.answer_rows import locked_answer
from feedback.actions.trust import Fingerprint, add_signals
from feedback.core.access import Visibility
from feedback.core.answer_key import KIND_MADE_IN, Browser, KeyKind, Powers, hash_key, powers
from feedback.core.dimensions import DIMENSIONS, count_rated
from feedback.core.settling import AnswerState
from feedback.core.trust import Signal
from feedback.db.change import Change
from feedback.models import AnswerKey, Feedback
from feedback.models.feedback import Counts, ratings_of
from feedback.store.answers import key_exists, state_of


class InvitationClosed(Exception):
    """Raised when the invitation takes no more answers."""


class AnswerErased(Exception):
    """Raised when the client erased this answer, which is final."""


class AnsweredElsewhere(Exception):
    """Raised when the answer was begun on another phone: this key does not open it, or not any more."""


class AlreadySettled(Exception):
    """Raised when the answer counts already and cannot be begun again."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a state of the client's page."""

    key: str | None = None  # the answer key; None writes without one, as the example organisation does
    fingerprint: Fingerprint | None = None  # of the request
    # our address when mail can be sent; then a contact with a known e-mail address gets a receipt
    receipts: str | None = None

    @property
    def browser(self) -> Browser:
        """Return whose browser it is; the client's where the request has no fingerprint."""
        return self.fingerprint.whose if self.fingerprint else Browser.CLIENTS


TRUSTED_SENDER = Sender()


def begin_again(c: Change, invitation_id: UUID, fingerprint: Fingerprint | None = None) -> None:
    """Put the taps of another phone aside, so that the answer can be begun here; that phone is informed, and
    a manager is alerted at once. Nothing is lost by it: when nobody taps anew, the taps settle as they are.
    Raises InvitationClosed, AnswerErased, and AlreadySettled for an answer that counts already."""
    answer = locked_answer(c, invitation_id)
    row = answer.row
    if row.erased_at is not None:
        raise AnswerErased
    if answer.state(c.now) is AnswerState.SETTLED:
        raise AlreadySettled
    if c.now >= answer.invitation.closes_at:
        raise InvitationClosed
    if not count_rated(ratings_of(row)) or row.put_away_at is not None:
        return
    reps = (fingerprint and fingerprint.whose is not Browser.CLIENTS) or row.handed_over
    reps = reps or Signal.REPS_BROWSER in row.signals
    add_signals(row, Signal.REP_BEGAN_AGAIN if reps else Signal.BEGUN_AGAIN)
    if reps:
        row.counts = Counts.QUARANTINED
    row.put_away_at = c.now
    _end_keys(c, invitation_id)
    evaluate_trust(c, answer)


def add_mail_key(c: Change, invitation_id: UUID, key: str) -> None:
    """Bind a key that is sent in a receipt, a new one for each try."""
    c.session.add(_key_row(c, invitation_id, key, KeyKind.MAIL))


def check_powers(
    c: Change, row: Feedback, closes_at: datetime, kind: KeyKind | None, sender: Sender
) -> Powers:
    """Return what the sender may do to this answer. A new key opens one that nobody has begun, and is bound
    to it. closes_at: of the invitation. Raises AnswerErased, InvitationClosed, and AnsweredElsewhere for a key that opens nothing."""
    if row.erased_at is not None:
        raise AnswerErased
    if c.now >= closes_at:
        raise InvitationClosed
    if sender.key is None:
        return Powers(tap=True, add=True, own=True, read=True)
    put_away = row.put_away_at is not None and state_of(row, c.now) is not AnswerState.SETTLED
    free = not count_rated(ratings_of(row)) or put_away
    if kind is None and free and not key_exists(c.session, c.organisation_id, sender.key):
        kind = KIND_MADE_IN[sender.browser]
        _reset(row)
        _end_keys(c, row.invitation_id)
        c.session.add(_key_row(c, row.invitation_id, sender.key, kind))
        row.updated_at = max(row.updated_at, c.now)
    may = powers(
        kind,
        browser=sender.browser,
        state=state_of(row, c.now),
        last_change_at=row.updated_at,
        extras_sent=row.extras_at is not None,
        now=c.now,
    )
    if not may.add:
        raise AnsweredElsewhere
    return may


def clear_answer(row: Feedback) -> None:
    """Clear all that the client said, except who may see it."""
    for name in (*DIMENSIONS, "comment", "nps", "worth_it", "stage"):
        setattr(row, name, None)


def _reset(row: Feedback) -> None:
    """Clear what another phone had tapped; the signals stay."""
    clear_answer(row)
    row.visibility, row.sequence = Visibility.REP, 0
    row.put_away_at = row.settles_at = row.complete_at = None


def _key_row(c: Change, invitation_id: UUID, key: str, kind: KeyKind) -> AnswerKey:
    return AnswerKey(
        organisation_id=c.organisation_id,
        created_at=c.now,
        invitation_id=invitation_id,
        hash=hash_key(key),
        kind=kind,
    )


def _end_keys(c: Change, invitation_id: UUID) -> None:
    asked = {"organisation": c.organisation_id, "invitation": invitation_id, "now": c.now}
    c.execute(_END_KEYS, asked)


# Built once: to build it took longer than to execute it.
_END_KEYS = (
    update(AnswerKey)
    .where(
        col(AnswerKey.organisation_id) == bindparam("organisation"),
        col(AnswerKey.invitation_id) == bindparam("invitation"),
        col(AnswerKey.ended_at).is_(None),
    )
    .values(ended_at=bindparam("now"))
)
