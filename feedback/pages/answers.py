"""One answer, for whoever may look at it by itself."""

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
from feedback.store.invitations import InvitationView, SideAnswers, invitation_by_id, invitations_with_signals
from feedback.store.people import Viewer, rep_for, reps


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what about an answer, and why."""

    at: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulAnswers:
    """Answers that something was noticed about. waiting: set apart until somebody decides, or disputed by whoever holds
    the code. unusual: they count, with a weak signal. decided: accepted, or set aside."""

    waiting: list[InvitationView]
    unusual: list[InvitationView]
    decided: list[InvitationView]


def doubtful_answers(session: Session, viewer: Viewer, now: datetime) -> DoubtfulAnswers:
    """Of the reps this person looks after: all that wait, the others of the last 13 weeks."""
    found = invitations_with_signals(
        session,
        viewer.organisation_id,
        [rep.id for rep in reps(session, viewer)],
        now - timedelta(weeks=13),
        now,
    )
    undecided = [i for i in found if i.client.decided_at is None]
    waiting = [i for i in undecided if needs_decision(i.client)]
    return DoubtfulAnswers(
        waiting=waiting,
        unusual=[i for i in undecided if i not in waiting and unusual(i.client.signals)],
        decided=[i for i in found if i.client.decided_at is not None],
    )


def needs_decision(said: SideAnswers) -> bool:
    """Is there something for a manager to decide: set apart, or somebody with the code said it was not the client?"""
    return said.decided_at is None and (said.counts == Counts.QUARANTINED or said.disputed_at is not None)


def may_decide(said: SideAnswers) -> bool:
    """What is doubted, or was: a manager may not drop an answer that is merely unwelcome."""
    return needs_decision(said) or said.decided_at is not None or unusual(said.signals)


def decisions(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[Decision]:
    """What managers decided about an answer, the latest first."""
    rows = session.execute(
        select(
            col(Audit.created_at).label("at"),
            col(User.name).label("who"),
            col(Audit.what),
            func.coalesce(col(Audit.reason), "").label("reason"),
        )
        .join(User, references(Audit, Audit.user_id, User))
        .where(col(Audit.organisation_id) == organisation_id, col(Audit.about_id) == invitation_id)
        .order_by(col(Audit.created_at).desc())
    )
    return views(Decision, rows)


def answer_for(session: Session, viewer: Viewer, invitation_id: UUID, now: datetime) -> InvitationView:
    """An invitation's answer as managers see it: own teams' only. A rep sees answers on the gap card, after
    sealing, and is Forbidden here."""
    if not viewer.is_manager:
        raise Forbidden("answers by themselves are for managers")
    found = invitation_by_id(session, viewer.organisation_id, invitation_id, viewer.reader, now)
    if found is None:
        raise NotFound("answer")
    rep_for(session, viewer, found.rep_id)
    return found
