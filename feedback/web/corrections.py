"""What a rep corrects of a meeting that no client has answered about."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.corrections import move_meeting, note_declined
from feedback.core.moving import bounds
from feedback.db.change import Invalid
from feedback.pages.meetings import meeting_for
from feedback.store.corrections import made_at
from feedback.web.context import changing, current_user, now, read_session, rep_required, zone
from feedback.web.htmx import redirect_to, render
from feedback.web.meetings import own_invitation
from feedback.wording.i18n import lazy_app_text

pages = Blueprint("corrections", __name__)
LOCAL = "%Y-%m-%dT%H:%M"  # as a browser's field for day and time has it
NO_TIME = lazy_app_text("Choose a day and a time.")


@pages.get("/meetings/<uuid:meeting_id>/correct")
@rep_required
def show(meeting_id: UUID) -> Response:
    """Show what can be corrected of a meeting."""
    return _page(meeting_id, {})


@pages.post("/meetings/<uuid:meeting_id>/correct")
@rep_required
def update(meeting_id: UUID) -> Response:
    """Move the meeting to another time, or note that somebody declined; `what` in the form says which."""
    who, what = current_user(), request.form.get("what")
    meeting_for(read_session(), who, meeting_id, now())
    try:
        if what in ("declined", "not_declined"):
            invitation = own_invitation(meeting_id, request.form.get("invitation"))
            with changing() as c:
                note_declined(c, who.id, invitation.id, declined=what == "declined")
        else:
            held_at = _time(request.form.get("held_at", ""))
            with changing() as c:
                move_meeting(c, who.id, meeting_id, held_at)
    except Invalid as error:
        return _page(meeting_id, error.reasons, 422)
    return redirect_to(url_for("corrections.show", meeting_id=meeting_id, done="1"))


def _time(text: str) -> datetime:
    """Return the moment that is meant by the organisation's clocks. Raises Invalid."""
    try:
        return datetime.strptime(text, LOCAL).replace(tzinfo=zone())
    except ValueError:
        raise Invalid(held_at=NO_TIME) from None


def _page(meeting_id: UUID, reasons: dict[str, str], status: int = 200) -> Response:
    found = meeting_for(read_session(), current_user(), meeting_id, now())
    earliest, latest = bounds(made_at(read_session(), current_user().organisation_id, meeting_id))
    local = {
        name: moment.astimezone(zone()).strftime(LOCAL)
        for name, moment in (("at", found.held_at), ("earliest", earliest), ("latest", latest))
    }
    return render(
        "meetings/correct.html",
        status=status,
        meeting=found,
        answered=any(i.begun or i.progress.taps for i in found.invitations),
        local=local,
        typed=request.form.get("held_at"),
        reasons=reasons,
        now=now(),
    )
