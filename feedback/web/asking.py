"""Asking a client who is not in the room: by a link that the rep sends, or by a mail that we send."""

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.asking import NotMailed, ask_by_link, ask_by_mail
from feedback.actions.meetings import add_address
from feedback.core.asking import Way
from feedback.db.change import Change, Invalid
from feedback.store.invitation_view import InvitationView
from feedback.web.context import changing, mails_from, rep_required
from feedback.web.htmx import redirect_to
from feedback.web.meetings import meeting_page, own_invitation

pages = Blueprint("asking", __name__)


@pages.post("/meetings/<uuid:meeting_id>/ask")
@rep_required
def ask(meeting_id: UUID) -> Response:
    """Ask the contact of one invitation by mail, or note that the link is sent. Where no mail may go out the page of the
    meeting says why."""
    invitation = own_invitation(meeting_id, request.form.get("invitation"))
    try:
        with changing() as c:
            if request.form.get("way") == Way.MAIL:
                with suppress(NotMailed):  # the page says why; an address that was typed is kept
                    _ask_by_mail(c, invitation)
            else:
                ask_by_link(c, invitation.id)
    except Invalid as error:
        return meeting_page(meeting_id, error.reasons, invitation.id)
    return redirect_to(url_for("meetings.show", meeting_id=meeting_id))


def _ask_by_mail(c: Change, invitation: InvitationView) -> None:
    typed = request.form.get("contact_email", "").strip()
    if typed and not invitation.contact_email:
        add_address(c, invitation.contact_id, typed)
    ask_by_mail(c, invitation.meeting_id, invitation.id, mails_from())
