"""What went into a number, and what was left out and why."""

from dataclasses import dataclass
from datetime import datetime
from math import fsum
from uuid import UUID

from sqlmodel import Session, col

from feedback.core.access import VOICES_TO_COUNT_MANAGER_ONLY, HiddenBecause
from feedback.core.dimensions import NO_RATINGS
from feedback.core.gaps.analysis import Gap, gaps
from feedback.core.scoring.explanation import (
    RelationshipExplanation,
    ScoreExplanation,
    explain_relationship,
    explain_score,
)
from feedback.core.scoring.leaderboard import dimension_means
from feedback.core.scoring.relationships import Moment
from feedback.core.scoring.reps import Voice, field_of
from feedback.models import Relationship
from feedback.models.feedback import Counts
from feedback.store.invitations import InvitationView, invitations_of_relationship
from feedback.store.people import Viewer
from feedback.store.relationships import (
    RelationshipView,
    numbers_by_rep,
    numbers_visible_to_reps,
    relationships,
)


@dataclass(frozen=True, slots=True)
class ScorePage:
    """A rep's score and its working. others: relationships without a counted answer, which do not count."""

    working: ScoreExplanation
    relationships: dict[UUID, RelationshipView]
    others: list[RelationshipView]


@dataclass(frozen=True, slots=True)
class RelationshipPage:
    """left_out: answers that do not count, or that the viewer may not see, with the reason (a word of
    wording.labels.LEFT_OUT_WORDS)."""

    working: RelationshipExplanation
    invitations: dict[UUID, InvitationView]
    left_out: list[tuple[InvitationView, str]]


def score_page(session: Session, viewer: Viewer, rep_id: UUID, now: datetime) -> ScorePage:
    """How a rep's live score comes about, for a manager."""
    everybody = numbers_by_rep(session, viewer.organisation_id, viewer.scoring, now)
    rows = relationships(session, viewer, col(Relationship.rep_id) == rep_id, now)
    field = field_of(
        {
            rep: [Voice(n.vote, n.loyalty) for n in ns if n.loyalty is not None]
            for rep, ns in everybody.items()
        }
    )
    working = explain_score(
        ((r.id, r.numbers.vote, r.numbers.loyalty) for r in rows), field, viewer.scoring.weight(now)
    )
    return ScorePage(working, {r.id: r for r in rows}, [r for r in rows if r.numbers.loyalty is None])


def own_score_explanation(session: Session, viewer: Viewer, now: datetime) -> ScoreExplanation:
    """The same for the rep, from what a rep may be shown, and in total only: a line per client would tell
    manager-only answers apart."""
    everybody = numbers_visible_to_reps(session, viewer.organisation_id, viewer.scoring, now)
    field = field_of(
        {
            rep: [Voice(n.vote, n.loyalty) for n in ns if n.loyalty is not None]
            for rep, ns in everybody.items()
        }
    )
    mine = ((None, n.vote, n.loyalty) for n in everybody.get(viewer.id, []))
    return explain_score(mine, field, viewer.scoring.weight(now))


def own_picture(session: Session, viewer: Viewer, now: datetime) -> list[Gap]:
    """A rep's rolling picture: what clients say and what the rep guesses, by dimension, vote-weighted over
    relationships. Empty until three voices make it anonymous."""
    everybody = numbers_visible_to_reps(session, viewer.organisation_id, viewer.scoring, now)
    mine = everybody.get(viewer.id, [])
    if fsum(n.vote for n in mine) / viewer.scoring.weight(now) < VOICES_TO_COUNT_MANAGER_ONLY:
        return []
    return gaps(dimension_means(mine), dimension_means(mine, "mirror"))


def relationship_page(
    session: Session, viewer: Viewer, relationship: RelationshipView, now: datetime
) -> RelationshipPage:
    """How a relationship's loyalty comes about. A rep is shown what a rep may see, and no more."""
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
    """Why an answer is not part of the working that this reader is shown; None when it is."""
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
