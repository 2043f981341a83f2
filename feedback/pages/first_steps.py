"""What the page of the first steps shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.store.organisations import organisation
from feedback.store.people import Viewer
from feedback.store.staff import StaffView, count_staff, waiting_for, without_link
from feedback.store.user_links import open_links

MOST_SHOWN = 50  # people with or without a link


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far an organisation has come."""

    others: int  # people who sign in or are to, besides the one who looks
    without_link: Sequence[StaffView]  # MOST_SHOWN at most, as those who wait
    waiting: Sequence[StaffView]
    tried: bool

    @property
    def steps(self) -> tuple[bool, bool, bool]:
        """Whether people are there, all of them are invited, and a meeting was tried."""
        return self.others > 0, self.others > 0 and not self.without_link, self.tried

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return all(self.steps)


def first_steps(session: Session, viewer: Viewer, now: datetime) -> FirstSteps:
    """Return how far the viewer's organisation has come."""
    where = viewer.organisation_id
    return FirstSteps(
        others=count_staff(session, where) - 1,
        without_link=without_link(session, where, now, MOST_SHOWN),
        waiting=waiting_for(session, where, now, MOST_SHOWN),
        tried=organisation(session, where).start_tried,
    )


def links_of(session: Session, viewer: Viewer, people: Sequence[StaffView]) -> dict[UUID, UUID]:
    """Return the ids of the links of people who wait, by person."""
    return open_links(session, viewer.organisation_id, [person.id for person in people])
