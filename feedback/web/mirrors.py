"""The rep's mirror (the guess), and the gap card that follows it."""

from uuid import UUID

from flask import Blueprint, Response, make_response, request, url_for

from feedback.actions import mirrors
from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.mirrors import AlreadySealed
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.analysis import gaps, headline, weakest
from feedback.core.gaps.stages import STAGES, steps_ahead
from feedback.db.change import Change
from feedback.store.invitation_view import InvitationView
from feedback.store.relationships import relationship_between
from feedback.web.context import changing, current_user, now, read_session, rep_required
from feedback.web.forms import MirrorForm
from feedback.web.htmx import redirect_to, render
from feedback.web.meetings import mirror_brief, own_invitation
from feedback.wording.i18n import lazy_app_text

pages = Blueprint("mirrors", __name__)
SIX_TAPS = lazy_app_text("Six taps seal it; what you tapped so far is kept.")


@pages.get("/meetings/<uuid:meeting_id>/mirror")
@rep_required
def edit(meeting_id: UUID) -> Response:
    invitation = own_invitation(meeting_id, request.args.get("invitation"))
    if invitation.sealed:
        return redirect_to(url_for("mirrors.gap", meeting_id=meeting_id, invitation=invitation.id))
    if invitation.closed(now()):
        return make_response(render("mirrors/closed.html", invitation=invitation), 410)
    form = MirrorForm(formdata=None, data=_stored_form_data(invitation))
    return render("mirrors/mirror.html", invitation=invitation, form=form, reasons={}, stages=STAGES)


@pages.post("/meetings/<uuid:meeting_id>/mirror")
@rep_required
def save(meeting_id: UUID) -> Response:
    """Save the guess at each tap; seal it with done=1. A sealed guess is final."""
    invitation = own_invitation(meeting_id, request.form.get("invitation") or request.args.get("invitation"))
    form, seal = MirrorForm(), request.form.get("done") == "1"
    reasons = {} if form.validate() else form.reasons()
    if not reasons:
        try:
            with changing() as c:
                complete = _save(c, invitation, form, seal=seal)
            reasons = {} if complete else {"ratings": SIX_TAPS}
        except AlreadySealed:
            return render("mirrors/already_sealed.html", status=422, invitation=invitation)
        except InvitationClosed:
            return make_response(render("mirrors/closed.html", invitation=invitation), 410)
    if reasons:
        return render(
            "mirrors/mirror.html",
            status=422,
            invitation=invitation,
            form=form,
            reasons=reasons,
            stages=STAGES,
        )
    if not seal:
        return _no_content()
    if _for_everybody(invitation):
        return redirect_to(url_for("meetings.show", meeting_id=meeting_id))
    return redirect_to(url_for("mirrors.gap", meeting_id=meeting_id, invitation=invitation.id))


def _save(c: Change, invitation: InvitationView, form: MirrorForm, *, seal: bool) -> bool:
    ratings, stage = form.ratings(), form.stage.data or None
    if seal and _for_everybody(invitation):
        return mirrors.seal_for_room(c, invitation.id, ratings, stage)
    return mirrors.save_mirror(c, invitation.id, ratings=ratings, stage=stage, seal=seal)


def _for_everybody(invitation: InvitationView) -> bool:
    """Tell whether one guess is meant for the whole room."""
    return invitation.in_a_room and "everybody" in request.form


@pages.get("/meetings/<uuid:meeting_id>/gap")
@rep_required
def gap(meeting_id: UUID) -> Response:
    """Show the two sides next to each other, or a note on what is still missing."""
    invitation = own_invitation(meeting_id, request.args.get("invitation"))
    if not invitation.sealed:
        return redirect_to(url_for("mirrors.edit", meeting_id=meeting_id, invitation=invitation.id))
    found = gaps(invitation.client.ratings, invitation.mirror.ratings)
    return render(
        "mirrors/gap.html",
        "mirrors/_gap.html",
        invitation=invitation,
        gaps=found,
        headline=headline(found),
        weakest=weakest(found),
        relationship=relationship_between(
            read_session(), current_user(), current_user().id, invitation.contact_id, now()
        ),
        brief=mirror_brief(invitation),
        ahead=steps_ahead(invitation.mirror.stage, invitation.client.stage) if found else None,
        now=now(),
    )


@pages.post("/meetings/<uuid:meeting_id>/gap")
@rep_required
def mark_gap_seen(meeting_id: UUID) -> Response:
    """Mark the gap card as read, which removes it from the list of new ones."""
    invitation = own_invitation(meeting_id, request.form.get("invitation"))
    if invitation.both_in:
        with changing() as c:
            mirrors.mark_gap_seen(c, invitation.id)
    return redirect_to(url_for("meetings.index"))


def _stored_form_data(invitation: InvitationView) -> dict[str, int | str | None]:
    return {**dict(zip(DIMENSIONS, invitation.mirror.ratings, strict=True)), "stage": invitation.mirror.stage}


def _no_content() -> Response:
    return make_response("", 204)
