"""The rep's pages about meetings: the start page, the QR codes, their status, and the hand-over."""

from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import taken_back
from feedback.actions.taken_back import AlreadyBegun
from feedback.charts.qr import draw_qr
from feedback.core.access import NotFound
from feedback.core.asking import Way
from feedback.core.calendar.weeks import week_of
from feedback.core.tokens import spell_token
from feedback.pages import leaderboard
from feedback.pages.asking import asked_by_mail
from feedback.pages.brief import Brief, brief
from feedback.pages.calendar import held_not_asked, next_entry, todays_entries
from feedback.pages.meetings import MeetingTakenBack, meeting_for, recent_invitations
from feedback.pages.promises import open_promises
from feedback.store import contacts, people
from feedback.store.invitation_view import InvitationView
from feedback.store.relationships import relationship_between
from feedback.store.rooms import token_of_room
from feedback.web.context import (
    base_url,
    changing,
    current_user,
    mails_from,
    now,
    read_session,
    rep_required,
    today,
    zone,
)
from feedback.web.forms import MeetingForm
from feedback.web.htmx import redirect_to, render, wants_partial

pages = Blueprint("meetings", __name__)


@pages.get("/meetings")
@rep_required
def index() -> Response:
    """Show the rep's start page: start a meeting, seal the waiting mirrors, read the new gap cards. With ?q= the
    contacts that are found, in place of the recent ones."""
    words, who = request.args.get("q", "").strip()[:200], current_user()
    form = MeetingForm(formdata=None, data={"form_key": token_urlsafe(16)})
    recent = (
        contacts.search_contacts(read_session(), who.organisation_id, words)
        if words
        else contacts.recent_contacts(read_session(), who.organisation_id, who.id)
    )
    if wants_partial():
        return render("meetings/list.html", "meetings/_recent.html", recent=recent, words=words, form=form)
    invitations = recent_invitations(read_session(), current_user(), now())
    planned = todays_entries(read_session(), current_user(), now())
    return render(
        "meetings/list.html",
        recent=recent,
        words=words,
        waiting=[i for i in invitations if not i.sealed and not i.closed(now())],
        unread=[i for i in invitations if i.both_in and not i.mirror.seen_at],
        past=[i for i in invitations if i.sealed and (i.mirror.seen_at or not i.both_in)],
        mine=_own_row(),
        heard=contacts_heard_since(invitations, week_of(now(), zone()).starts(zone())),
        calendar=planned,
        held=held_not_asked(read_session(), current_user(), now()),
        away=request.args.get("away", type=UUID),
        coming=None if planned else next_entry(read_session(), current_user(), now()),
        promises=open_promises(read_session(), current_user(), today(), now()),
        today=today(),
        form=form,
        now=now(),
    )


@pages.get("/meetings/<uuid:meeting_id>")
@rep_required
def show(meeting_id: UUID) -> Response:
    """Show the QR codes, one per contact, the other ways to ask, and how far each contact has come."""
    return meeting_page(meeting_id)


def meeting_page(
    meeting_id: UUID, reasons: dict[str, str] | None = None, asked_about: UUID | None = None
) -> Response:
    """Show a meeting. reasons: why the contact of the invitation asked_about could not be mailed, by field (422)."""
    found = meeting_for(read_session(), current_user(), meeting_id, now())
    room = token_of_room(read_session(), current_user().organisation_id, meeting_id)
    shown = [_shown(i, meeting_id, in_a_room=bool(room)) for i in found.invitations]
    return render(
        "meetings/meeting.html",
        status=422 if reasons else 200,
        meeting=found,
        shown=shown,
        room=_code_for_all(room) if room else None,
        askable=[each for each in shown if _may_be_asked(each[0])],
        asking=asked_by_mail(read_session(), found.invitations, now()),
        can_mail=mails_from() is not None,
        address_form=MeetingForm(),
        reasons=reasons or {},
        asked_about=asked_about,
        over=found.over(now()),
        now=now(),
        today=today(),
    )


@pages.get("/meetings/<uuid:meeting_id>/status")
@rep_required
def status(meeting_id: UUID) -> Response:
    """Show opened, n of 6, or done: all that a rep learns before sealing. Status 286 makes htmx stop
    polling."""
    found = meeting_for(read_session(), current_user(), meeting_id, now())
    over = found.over(now())
    return render(
        "meetings/status.html",
        "meetings/_status.html",
        status=286 if over and wants_partial() else 200,
        meeting=found,
        over=over,
        now=now(),
    )


@pages.post("/meetings/<uuid:meeting_id>/taken-back")
@rep_required
def take_back(meeting_id: UUID) -> Response:
    """Take the code of one person back: the wrong one was tapped. Refused once the page was opened."""
    invitation = own_invitation(meeting_id, request.form.get("invitation"))
    try:
        with changing() as c:
            taken_back.take_back(c, current_user().id, invitation.id)
    except AlreadyBegun:
        return render("meetings/stays.html", status=409, invitation=invitation)
    return redirect_to(url_for("meetings.show", meeting_id=meeting_id))


@pages.app_errorhandler(MeetingTakenBack)
def show_taken_back(error: MeetingTakenBack) -> Response:
    """Say of a meeting that its rep took it back (410)."""
    return render("meetings/taken_back.html", status=410, gone=error.what, now=now())


def address(invitation: InvitationView) -> str:
    """Return the address that the QR code of an invitation carries."""
    return f"{base_url()}/f/{invitation.token}"


def room_address(token: str) -> str:
    """Return the address that the one code for a room carries."""
    return f"{base_url()}/g/{token}"


def _shown(invitation: InvitationView, meeting_id: UUID, *, in_a_room: bool) -> tuple[Any, ...]:
    """Return an invitation with its code, its address and its brief. In a room the one code stands for all, and forty
    briefs would be read by nobody."""
    if in_a_room:
        return invitation, None, address(invitation), None
    brief = mirror_brief(invitation, starting=meeting_id)
    return invitation, draw_qr(address(invitation)), address(invitation), brief


def _may_be_asked(invitation: InvitationView) -> bool:
    """Tell whether to offer a link and a mail beside the code: in a room once the guess is sealed."""
    asks = invitation.way is Way.CODE or (invitation.in_a_room and invitation.sealed)
    return asks and not invitation.progress.done and not invitation.closed(now())


def _code_for_all(token: str) -> dict[str, Any]:
    """Return what the page shows of the one code of a room."""
    there = room_address(token)
    return {"qr": draw_qr(there), "address": there, "spelled": spell_token(token)}


def own_invitation(meeting_id: UUID, wanted: str | None) -> InvitationView:
    """Return an invitation of the rep's own meeting. wanted: its id; None takes the first that still waits for a
    guess, else the first. Raises NotFound."""
    try:
        invitation_id = UUID(wanted) if wanted else None
    except ValueError:
        raise NotFound("invitation") from None
    return meeting_for(read_session(), current_user(), meeting_id, now()).invitation(invitation_id)


def contacts_heard_since(invitations: list[InvitationView], monday: datetime) -> list[str]:
    """Return the first names of the contacts whose answers came into the score since `monday`, as far as the
    rep may see them."""
    seen = (i for i in invitations if i.held_at >= monday and i.both_in and i.access.whole)
    return list(dict.fromkeys(i.contact_first for i in seen))


def mirror_brief(invitation: InvitationView, starting: UUID | None = None) -> Brief:
    """Return the brief about the relationship of an invitation. starting: the id of the meeting that begins
    now."""
    found = relationship_between(
        read_session(), current_user(), current_user().id, invitation.contact_id, now()
    )
    return brief(read_session(), current_user(), found, now(), starting=starting)


def _own_row() -> leaderboard.LeaderboardRow | None:
    """Return the rep's own row of the leaderboard as the rep may see it; None when there is none."""
    who = current_user()
    scope, week = people.board_scope(who), week_of(now(), zone())
    found = leaderboard.leaderboard(read_session(), who.organisation_id, scope, week, now(), for_reps=True)
    return next((row for row in found.rows if row.rep.id == who.id), None) if found else None
