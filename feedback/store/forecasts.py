"""What a rep's guesses are compared with: the answers to them, and what clients usually said."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Reader, answer_access, counts_in_rolling_numbers
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import Means
from feedback.core.gaps.forecast import MOST_GUESSES, Forecast, Guess, forecast, usual_before
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, days_of
from feedback.core.scoring.sums import add_sides, side_means
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import Feedback, FrozenWeek, Invitation, Meeting, Side
from feedback.models.feedback import Counts
from feedback.store.history import answer_columns, answer_of
from feedback.store.rep_sums import sums_visible_to_reps
from feedback.store.settling import has_settled

_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")


def usual_now(session: Session, organisation_id: UUID, scoring: Scoring, now: datetime) -> Means:
    """Return what clients usually say, the mean of each dimension over the organisation, 1..5, of what reps may know at
    `now`: without any answer that somebody can still guess."""
    sums = sums_visible_to_reps(session, organisation_id, scoring, now)
    return side_means(add_sides(each.client for each in sums.values()))


def forecasts(
    session: Session,
    organisation_id: UUID,
    scoring: Scoring,
    rep_ids: Collection[UUID],
    now: datetime,
    *,
    voices: float | None = None,
) -> dict[UUID, Forecast]:
    """Return how well these reps' guesses foretold what their clients said; reps who have sealed too few are absent.
    Only answers that were guessed and have settled are looked at. voices: for a rep's own page, those that the rep's
    figures rest on; None for a manager's."""
    recorded = _recorded(session, organisation_id) if rep_ids else []
    if not recorded:
        return {}

    def usual(held_at: datetime) -> Means:
        return usual_before(recorded, week_of(held_at, scoring.zone).monday) or ()

    found = {
        rep_id: forecast(guess for contact in theirs.items() for guess in _guesses(*contact, scoring, usual))
        for rep_id, theirs in _guessed(session, organisation_id, rep_ids, now, voices).items()
    }
    return {rep_id: each for rep_id, each in found.items() if each}


def _guesses(
    contact_id: UUID, moments: list[Moment], scoring: Scoring, usual: Callable[[datetime], Means]
) -> list[Guess]:
    """Return the guesses about one client; the meetings of one day count as one."""
    said, guessed = (days_of(moments, scoring, side) for side in (lambda m: m.client, lambda m: m.mirror))
    return [
        Guess(contact_id, day.held_at, day.means, guessed[date_].means, usual(day.held_at))
        for date_, day in said.items()
        if date_ in guessed
    ]


def _recorded(session: Session, organisation_id: UUID) -> list[tuple[date, Means]]:
    """Return what clients usually said by the Monday of the week at whose end it was recorded, the oldest first."""
    rows = session.execute(
        select(col(FrozenWeek.monday), SixColumns("usual", FrozenWeek, "usual_"))
        .where(col(FrozenWeek.organisation_id) == organisation_id)
        .order_by(col(FrozenWeek.monday))
    )
    return [(row.monday, row.usual) for row in rows if any(value is not None for value in row.usual)]


def _guessed(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], now: datetime, voices: float | None
) -> dict[UUID, dict[UUID, list[Moment]]]:
    """Return by rep and contact the latest meetings that count, that the rep guessed and that the reader may be shown."""
    place = func.row_number().over(
        partition_by=col(Meeting.rep_id), order_by=(col(Meeting.held_at).desc(), col(Invitation.id))
    )
    latest = (
        select(col(Invitation.id), place.label("place"))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(_Client, references(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.sealed_at).is_not(None),
            col(Meeting.rep_id).in_(rep_ids),
            col(_Client.counts) == Counts.COUNTED,
            col(_Client.erased_at).is_(None),
            has_settled(now, _Client),
        )
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            col(Meeting.rep_id), col(Invitation.contact_id), col(Meeting.held_at),
            SixColumns("client", _Client), SixColumns("mirror", _Mirror), *answer_columns(_Client, _Mirror),
        )
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(_Client, references(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
        .join(_Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.id).in_(select(latest.c.id).where(latest.c.place <= MOST_GUESSES)),
            col(_Mirror.sealed_at).is_not(None),
        )
    )  # fmt: skip
    found: defaultdict[UUID, defaultdict[UUID, list[Moment]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        access = answer_access(Reader.MANAGER if voices is None else Reader.REP, answer_of(row, now))
        if access.whole if voices is None else counts_in_rolling_numbers(access, voices):
            found[row.rep_id][row.contact_id].append(Moment(row.held_at, row.client, row.mirror))
    return {rep_id: dict(theirs) for rep_id, theirs in found.items()}
