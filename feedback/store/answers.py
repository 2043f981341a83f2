"""One answer, for whoever may look at it by itself."""

from uuid import UUID

from sqlmodel import Session

from feedback.core.access import Missing, Refused
from feedback.store.invitations import InvitationView, by_id
from feedback.store.people import Viewer, rep_for


def answer_for(session: Session, viewer: Viewer, invitation_id: UUID) -> InvitationView:
    """An invitation's answer as managers see it: own teams' only. A rep sees answers on the gap card, after
    sealing, and is Refused here."""
    if not viewer.is_manager:
        raise Refused("answers by themselves are for managers")
    found = by_id(session, viewer.organisation_id, invitation_id)
    if found is None:
        raise Missing("answer")
    rep_for(session, viewer, found.rep_id)
    return found
