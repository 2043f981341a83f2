"""What went into a number, what was left out, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col

from feedback.core.access import VOICES_TO_COUNT_MANAGER_ONLY, HiddenBecause
from feedback.core.dimensions import NO_RATINGS
from feedback.core.gaps.analysis import Gap, gaps
from feedback.core.gaps.forecast import Forecast
from feedback.core.scoring.explanation import (
    RelationshipExplanation,
    ScoreExplanation,
    explain_relationship,
    explain_score,
)
from feedback.core.scoring.relationships import Moment
from feedback.core.scoring.reps import rounded
from feedback.core.scoring.sums import side_means, sum_numbers
from feedback.models import Relationship
from feedback.models.feedback import Counts
from feedback.store.forecasts import forecasts
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_of_relationship
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, relationships
from feedback.store.rep_sums import field_now, numbers_visible_to_rep


@dataclass(frozen=True, slots=True)
class ScorePage:
    """A rep's score and its calculation."""

    working: ScoreExplanation
    relationships: dict[UUID, RelationshipView]
    others: list[RelationshipView]  # relationships without a counted answer, which do not count


@dataclass(frozen=True, slots=True)
class RelationshipPage:
    """A relationship's loyalty and its calculation."""

    working: RelationshipExplanation
    invitations: dict[UUID, InvitationView]
    # answers that do not count, or that the viewer may not see, with the reason (one of wording.labels)
    left_out: list[tuple[InvitationView, str]]


def score_page(session: Session, viewer: Viewer, rep_id: UUID, now: datetime) -> ScorePage:
    """Explain a rep's live score, for a manager. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    field = field_now(session, viewer.organisation_id, viewer.scoring, now)
    rows = relationships(session, viewer, col(Relationship.rep_id) == rep_id, now)
    working = explain_score(
        ((r.id, r.numbers.vote, r.numbers.loyalty) for r in rows),
        field,
        viewer.scoring.weight(now),
    )
    return ScorePage(working, {r.id: r for r in rows}, [r for r in rows if r.numbers.loyalty is None])


def own_score_explanation(session: Session, viewer: Viewer, now: datetime) -> ScoreExplanation:
    """Explain a rep's score to that rep, from what a rep may be shown, and in total only: a line per client
    would identify manager-only answers."""
    whose = (session, viewer.organisation_id, viewer.scoring)
    field = field_now(*whose, now, for_reps=True)
    mine = ((None, n.vote, n.loyalty) for n in numbers_visible_to_rep(*whose, viewer.id, now))
    return explain_score(mine, field, viewer.scoring.weight(now))


def own_gaps(session: Session, viewer: Viewer, now: datetime) -> list[Gap]:
    """Compare, by dimension, what clients say and what the rep guesses, vote-weighted over relationships.
    Empty below three voices, which make it anonymous."""
    mine = sum_numbers(
        numbers_visible_to_rep(session, viewer.organisation_id, viewer.scoring, viewer.id, now)
    )
    if rounded(mine.voices.vote / viewer.scoring.weight(now)) < VOICES_TO_COUNT_MANAGER_ONLY:
        return []
    return gaps(side_means(mine.client), side_means(mine.mirror))


def own_forecast(session: Session, viewer: Viewer, voices: float, now: datetime) -> Forecast | None:
    """Return how well a rep's guesses foretold what clients said, from what that rep may be shown; None below eight.
    voices: that the rep's figures rest on."""
    found = forecasts(session, viewer.organisation_id, viewer.scoring, [viewer.id], now, voices=voices)
    return found.get(viewer.id)


def relationship_page(
    session: Session, viewer: Viewer, relationship: RelationshipView, now: datetime
) -> RelationshipPage:
    """Explain a relationship's loyalty. A rep is shown only what a rep may see. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    found = invitations_of_relationship(
        session, viewer.organisation_id, relationship.rep_id, relationship.contact_id, viewer.reader, now
    )
    kept, left_out = [], []
    for invitation in found:
        reason = reason_left_out(invitation, now)
        if reason:
            left_out.append((invitation, reason))
        else:
            kept.append(invitation)
    working = explain_relationship([(i.id, _moment(i)) for i in kept], viewer.scoring)
    return RelationshipPage(working, {i.id: i for i in found}, left_out)


def reason_left_out(invitation: InvitationView, now: datetime) -> str | None:
    """Return why an answer is not part of the calculation that this reader is shown; None when it is."""
    why = invitation.access.hidden_because
    if why is not None:
        return "closed" if why is HiddenBecause.NOT_ANSWERED and invitation.closed(now) else why
    counts = invitation.client.counts
    return None if counts == Counts.COUNTED else counts


def _moment(invitation: InvitationView) -> Moment:
    return Moment(
        invitation.held_at,
        client=invitation.client.ratings,
        mirror=invitation.mirror.ratings if invitation.sealed else NO_RATINGS,
    )
