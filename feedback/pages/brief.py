"""What a rep should know before the next meeting with a contact."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.core.access import HiddenBecause
from feedback.core.alerts.reasons import meeting_loyalty
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.analysis import Gap, distance, gaps, headline
from feedback.core.gaps.practices import DimensionChange, change_since
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, relationship_numbers
from feedback.models.feedback import Counts
from feedback.pages import promises
from feedback.pages.promises import PromiseView
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_of_relationship
from feedback.store.people import Viewer
from feedback.store.practices import ChosenPractice, chosen_practice
from feedback.store.relationships import RelationshipView


@dataclass(frozen=True, slots=True)
class Brief:
    """What happened between a rep and a contact so far, as far as the viewer may see it."""

    relationship_id: UUID
    loyalty: float | None  # 0..100, over the counted answers the viewer may see; None without one
    loyalties: tuple[float, ...]  # of each counted answer by itself, 0..100, oldest first
    distances: tuple[float, ...]  # mean |client - rep| of each meeting rated by both, 0..4, oldest first
    last_gap: Gap | None  # the headline of the latest meeting rated by both
    last_gap_at: datetime | None
    comment: str | None  # the latest one
    comment_at: datetime | None
    promises: list[PromiseView]  # the open ones
    practice: ChosenPractice | None
    moved: DimensionChange | None  # what clients' ratings did since the practice was chosen
    days: int | None  # since the last meeting; None before the first
    review_days: int  # how many there should be at most

    @property
    def overdue(self) -> bool:
        """Tell whether it has been longer than the review interval."""
        return self.days is not None and self.days > self.review_days


def brief(
    session: Session,
    viewer: Viewer,
    relationship: RelationshipView,
    now: datetime,
    *,
    starting: UUID | None = None,
) -> Brief:
    """Return the brief of a relationship, from what the viewer may see. starting: a meeting that begins now,
    and so is not yet the last one. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    organisation_id, rep_id, contact_id = viewer.organisation_id, relationship.rep_id, relationship.contact_id
    held = invitations_of_relationship(session, organisation_id, rep_id, contact_id, viewer.reader, now)
    answered = [i for i in reversed(held) if i.access.whole and i.progress.taps]
    counted = [i for i in answered if i.client.counts == Counts.COUNTED]
    both = [i for i in counted if i.sealed]
    unguessed = [
        i.held_at for i in held if i.progress.taps and i.access.hidden_because is HiddenBecause.GUESS_FIRST
    ]
    practice = chosen_practice(
        session,
        organisation_id,
        rep_id,
        contact_id,
        before=min(unguessed, default=None) if viewer.is_rep else None,
    )
    words = [i for i in answered if i.client.comment]
    last = both[-1] if both else None
    return Brief(
        relationship_id=relationship.id,
        loyalty=_loyalty(counted, viewer.scoring),
        loyalties=tuple(n for i in counted if (n := meeting_loyalty(i.client.ratings)) is not None),
        distances=tuple(n for i in both if (n := distance(i.client.ratings, i.mirror.ratings)) is not None),
        last_gap=headline(gaps(last.client.ratings, last.mirror.ratings)) if last else None,
        last_gap_at=last.held_at if last else None,
        comment=words[-1].client.comment if words else None,
        comment_at=words[-1].held_at if words else None,
        promises=[
            p
            for p in promises.promises_between(
                session, organisation_id, rep_id, contact_id, viewer.reader, now
            )
            if p.open
        ],
        practice=practice,
        moved=_moved(counted, practice),
        days=_days_since(
            max((i.held_at for i in held if i.meeting_id != starting), default=None), viewer, now
        ),
        review_days=relationship.review_days or viewer.review_days,
    )


def _loyalty(counted: list[InvitationView], scoring: Scoring) -> float | None:
    return relationship_numbers(
        [Moment(i.held_at, client=i.client.ratings) for i in counted], scoring
    ).loyalty


def _moved(answered: list[InvitationView], practice: ChosenPractice | None) -> DimensionChange | None:
    if practice is None:
        return None
    d = DIMENSIONS.index(practice.dimension)
    return change_since([(i.held_at, i.client.ratings[d]) for i in answered], practice.chosen_at)


def _days_since(moment: datetime | None, viewer: Viewer, now: datetime) -> int | None:
    if moment is None:
        return None
    zone = ZoneInfo(viewer.timezone)
    return (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
