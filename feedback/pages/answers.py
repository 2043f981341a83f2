"""One answer, for a reader who may see it by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import Forbidden, NotFound
from feedback.core.trust import unusual
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Audit, User
from feedback.models.feedback import Counts
from feedback.store.doubts import Doubt, count_doubtful, doubtful_invitations
from feedback.store.invitation_view import InvitationView, SideAnswers
from feedback.store.invitations import invitation_by_id
from feedback.store.people import Viewer
from feedback.store.relationships import relationship_between


@dataclass(frozen=True, slots=True)
class Decision:
    """A manager's decision about an answer."""

    at: datetime
    who: str  # the manager's name
    what: str  # as in the audit log
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulList:
    """One of the lists of doubtful answers, of the reps somebody is responsible for: all that wait for a decision,
    and the others of the last 13 weeks."""

    session: Session
    viewer: Viewer
    which: Doubt
    now: datetime

    @property
    def since(self) -> datetime:
        """From when on meetings are looked at."""
        return self.now - timedelta(weeks=13)

    def count(self) -> int:
        """Count them."""
        return count_doubtful(self.session, self.viewer, self.which, self.since, self.now)

    def page(self, skip: int, take: int) -> list[InvitationView]:
        """Return `take` of them after the first `skip`."""
        return doubtful_invitations(self.session, self.viewer, self.which, self.since, self.now, skip, take)


def needs_decision(said: SideAnswers) -> bool:
    """Tell whether a manager has to decide: the answer is quarantined, or somebody with the code said it was
    not the client."""
    return said.decided_at is None and (said.counts == Counts.QUARANTINED or said.disputed_at is not None)


def may_decide(said: SideAnswers) -> bool:
    """Tell whether a manager may decide: the answer is in doubt, or was. A manager may not drop an answer
    that is merely unwelcome."""
    return needs_decision(said) or said.decided_at is not None or unusual(said.signals)


def decisions(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[Decision]:
    """Return what managers decided about an answer, the latest first."""
    rows = session.execute(
        select(
            col(Audit.created_at).label("at"),
            col(User.name).label("who"),
            col(Audit.what),
            func.coalesce(col(Audit.reason), "").label("reason"),
        )
        .join(User, references(Audit, Audit.user_id, User))
        .where(col(Audit.organisation_id) == organisation_id, col(Audit.about_id) == invitation_id)
        .order_by(col(Audit.created_at).desc(), col(Audit.id).desc())
    )
    return views(Decision, rows)


def answer_for(session: Session, viewer: Viewer, invitation_id: UUID, now: datetime) -> InvitationView:
    """Return an invitation's answer as managers see it. Raises NotFound for a rep of another team whose
    client was not handed over to one's own, and
    Forbidden for a rep, who sees answers on the gap card, after sealing, and WorksAgreement for an answer that nobody
    doubts."""
    if not viewer.is_manager:
        raise Forbidden("answers by themselves are for managers")
    found = invitation_by_id(session, viewer.organisation_id, invitation_id, viewer.reader, now)
    if found is None:
        raise NotFound("answer")
    relationship_between(session, viewer, found.rep_id, found.contact_id, now)
    if not may_decide(found.client):
        viewer.figures.require_by_person()
    return found
