"""The rep's phone: meetings, the QR, the mirror, the gap card."""

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from flask import Blueprint, Response, make_response, request, session, url_for

from feedback.actions import mirrors
from feedback.actions.answer_keys import Closed
from feedback.actions.change import Invalid
from feedback.actions.mirrors import AlreadySealed
from feedback.core.access import Missing, Role
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps import gaps, headline, weakest
from feedback.core.stages import STAGES, steps_ahead
from feedback.core.weeks import week_of
from feedback.store import contacts, people, standings
from feedback.store.brief import Brief, brief
from feedback.store.calendar import next_entry, todays_entries
from feedback.store.invitations import InvitationView
from feedback.store.meetings import latest, meeting_for
from feedback.store.promises import open_promises
from feedback.store.relationships import relationship_between
from feedback.web.context import base_url, db, me, now, reading, signed_in, today, zone
from feedback.web.forms import MeetingForm, MirrorForm
from feedback.web.htmx import go, page, wants_partial
from feedback.web.qr import draw

pages = Blueprint("rep", __name__)
rep = signed_in(Role.REP)


@pages.get("/meetings")
@rep
def meetings() -> Response:
    """Home: start a meeting, seal what is waiting, read what came in."""
    invitations = latest(reading(), me(), now())
    planned = todays_entries(reading(), me(), now())
    return page(
        "rep/meetings.html",
        recent=contacts.recent_contacts(reading(), me().organisation_id, me().id),
        waiting=[i for i in invitations if not i.sealed and not i.closed(now())],
        unread=[i for i in invitations if i.both_in and not i.mirror.seen_at],
        past=[i for i in invitations if i.sealed and (i.mirror.seen_at or not i.both_in)],
        mine=_my_line(),
        heard=heard_since(invitations, week_of(now(), zone()).starts(zone())),
        calendar=planned,
        coming=None if planned else next_entry(reading(), me(), now()),
        promises=open_promises(reading(), me(), today(), now()),
        today=today(),
        form=MeetingForm(formdata=None, data={"form_key": token_urlsafe(16)}),
        now=now(),
    )


@pages.get("/meetings/<uuid:meeting_id>")
@rep
def meeting(meeting_id: UUID) -> Response:
    """The QR codes, one per contact, and how far each of them is."""
    found = meeting_for(reading(), me(), meeting_id, now())
    shown = [(i, draw(address(i)), address(i), _brief(i, starting=meeting_id)) for i in found.invitations]
    return page(
        "rep/meeting.html", meeting=found, shown=shown, over=found.over(now()), now=now(), today=today()
    )


@pages.get("/meetings/<uuid:meeting_id>/status")
@rep
def status(meeting_id: UUID) -> Response:
    """Opened, n of 6, done: all that a rep learns before sealing. 286 tells htmx that nothing more comes."""
    found = meeting_for(reading(), me(), meeting_id, now())
    over = found.over(now())
    return page(
        "rep/status.html",
        "rep/_status.html",
        status=286 if over and wants_partial() else 200,
        meeting=found,
        over=over,
        now=now(),
    )


@pages.get("/meetings/<uuid:meeting_id>/mirror")
@rep
def mirror(meeting_id: UUID) -> Response:
    invitation = _invitation(meeting_id, request.args.get("invitation"))
    if invitation.sealed:
        return go(url_for("rep.gap", meeting_id=meeting_id, invitation=invitation.id))
    if invitation.closed(now()):
        return make_response(page("rep/mirror_closed.html", invitation=invitation), 410)
    form = MirrorForm(formdata=None, data=_guessed(invitation))
    return page("rep/mirror.html", invitation=invitation, form=form, reasons={}, stages=STAGES)


@pages.post("/meetings/<uuid:meeting_id>/mirror")
@rep
def guess(meeting_id: UUID) -> Response:
    """Saves the guess as it is tapped; seals it with done=1. Sealed is final."""
    invitation = _invitation(meeting_id, request.form.get("invitation") or request.args.get("invitation"))
    form, seal = MirrorForm(), request.form.get("done") == "1"
    reasons = {} if form.validate() else form.reasons()
    if not reasons:
        try:
            mirrors.save(
                db(),
                me().organisation_id,
                invitation.id,
                ratings=form.ratings(),
                stage=form.stage.data or None,
                seal=seal,
                now=now(),
            )
        except AlreadySealed:
            return page("rep/already_sealed.html", status=422, invitation=invitation)
        except Closed:
            return make_response(page("rep/mirror_closed.html", invitation=invitation), 410)
        except Invalid as error:
            reasons = error.reasons
    if reasons:
        return page(
            "rep/mirror.html", status=422, invitation=invitation, form=form, reasons=reasons, stages=STAGES
        )
    where = "rep.gap" if seal else "rep.mirror"
    return go(url_for(where, meeting_id=meeting_id, invitation=invitation.id)) if seal else _saved()


@pages.get("/meetings/<uuid:meeting_id>/gap")
@rep
def gap(meeting_id: UUID) -> Response:
    """The two sides by each other; a word on what is missing while something is."""
    invitation = _invitation(meeting_id, request.args.get("invitation"))
    if not invitation.sealed:
        return go(url_for("rep.mirror", meeting_id=meeting_id, invitation=invitation.id))
    found = gaps(invitation.client.ratings, invitation.mirror.ratings)
    return page(
        "rep/gap.html",
        "rep/_gap.html",
        invitation=invitation,
        gaps=found,
        headline=headline(found),
        weakest=weakest(found),
        relationship=relationship_between(reading(), me(), me().id, invitation.contact_id, now()),
        brief=_brief(invitation),
        ahead=steps_ahead(invitation.mirror.stage, invitation.client.stage) if found else None,
        now=now(),
    )


@pages.post("/meetings/<uuid:meeting_id>/gap")
@rep
def seen(meeting_id: UUID) -> Response:
    """The card was read: it leaves the list of what is new."""
    invitation = _invitation(meeting_id, request.form.get("invitation"))
    if invitation.both_in:
        mirrors.mark_seen(db(), me().organisation_id, invitation.id, now())
    return go(url_for("rep.meetings"))


@pages.post("/meetings/<uuid:meeting_id>/hand-over")
@rep
def hand_over(meeting_id: UUID) -> Response:
    """The client answers on the rep's own phone: it is locked to the client's page until somebody signs in
    again, and the answer is marked."""
    invitation = _invitation(meeting_id, request.form.get("invitation"))
    session["handed_over"] = invitation.token
    return go(url_for("client.ask", token=invitation.token))


def address(invitation: InvitationView) -> str:
    """What the QR carries."""
    return f"{base_url()}/f/{invitation.token}"


def _invitation(meeting_id: UUID, wanted: str | None) -> InvitationView:
    try:
        invitation_id = UUID(wanted) if wanted else None
    except ValueError:
        raise Missing("invitation") from None
    return meeting_for(reading(), me(), meeting_id, now()).invitation(invitation_id)


def heard_since(invitations: list[InvitationView], monday: datetime) -> list[str]:
    """Whose answers, as far as this rep may see them, came into the score this week."""
    seen = (i for i in invitations if i.held_at >= monday and i.both_in and i.sight.whole)
    return list(dict.fromkeys(i.contact_first for i in seen))


def _brief(invitation: InvitationView, starting: UUID | None = None) -> Brief:
    found = relationship_between(reading(), me(), me().id, invitation.contact_id, now())
    return brief(reading(), me(), found, now(), starting=starting)


def _guessed(invitation: InvitationView) -> dict[str, int | str | None]:
    return {**dict(zip(DIMENSIONS, invitation.mirror.ratings, strict=True)), "stage": invitation.mirror.stage}


def _saved() -> Response:
    return make_response("", 204)


def _my_line() -> standings.BoardRow | None:
    """The rep's own row of the leaderboard they may see, with all that is withheld there."""
    who = me()
    reps = people.board_reps(reading(), who)
    week = week_of(now(), zone())
    found = standings.board(reading(), who.organisation_id, reps, week, now(), for_reps=True)
    return next((row for row in found.rows if row.rep.id == who.id), None) if found else None
