"""The rep's own calendar: the entries of the next days, each of which starts a meeting with one tap."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import asking
from feedback.actions.meetings import NewMeeting
from feedback.calendar import entries
from feedback.calendar.planned import DAYS
from feedback.calendar.reader import READER
from feedback.db.change import Invalid
from feedback.pages.calendar import entry_for, planned_ahead, todays_entries
from feedback.web.bodies import allow_files
from feedback.web.context import (
    changing,
    current_user,
    mails_from,
    now,
    read_session,
    rep_required,
    today,
    zone,
)
from feedback.web.fingerprint import fingerprint_of
from feedback.web.htmx import redirect_to, render
from feedback.web.limits import limit_uploads
from feedback.wording.i18n import app_count, translate

pages = Blueprint("calendar", __name__)


pages.url_value_preprocessor(allow_files)


@pages.get("/meetings/calendar")
@rep_required
def show() -> Response:
    """Show what is planned, and the form to upload a calendar."""
    return _calendar_page()


@pages.post("/meetings/calendar")
@rep_required
def upload() -> Response:
    """Replace what was uploaded before by a file or a pasted text."""
    limit_uploads(current_user().id)
    try:
        read = READER.read(_uploaded_bytes(), own_email=current_user().email, zone=zone(), now=now())
    except Invalid as error:
        return _calendar_page(422, error.reasons)
    with changing() as c:
        entries.replace_entries(c, current_user().id, read.meetings)
    return redirect_to(url_for("calendar.show", unread=read.unread or None))


@pages.post("/meetings/calendar/<uuid:entry_id>")
@rep_required
def start_meeting(entry_id: UUID) -> Response:
    """Start the meeting of an entry and go to its codes; to the form for a new contact when no attendee is
    known."""
    entry, who = entry_for(read_session(), current_user(), entry_id), current_user()
    if not entry.contacts and not entry.meeting_id:
        return redirect_to(url_for("new_meeting.new", q=next(iter(entry.unmatched), None), entry=entry.id))
    if entry.meeting_id:
        return redirect_to(url_for("meetings.show", meeting_id=entry.meeting_id))
    with changing() as c:
        meeting_id = entries.start_from_entry(
            c, who.id, entry, NewMeeting(), fingerprint_of(who.organisation_id)
        )
        asking.ask_all(c, meeting_id, request.form.get("way"), mails_from())
    return redirect_to(url_for("meetings.show", meeting_id=meeting_id))


@pages.post("/meetings/calendar/<uuid:entry_id>/away")
@rep_required
def put_away(entry_id: UUID) -> Response:
    """Put an entry away, of which nobody is to be asked; with `back` bring it back."""
    entry = entry_for(read_session(), current_user(), entry_id)
    away = not request.form.get("back")
    with changing() as c:
        entries.put_away(c, current_user().id, entry.id, away=away)
    return redirect_to(url_for("meetings.index", away=entry.id if away else None))


def _unread() -> int:
    told = request.args.get("unread", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0


def _unread_words() -> str:
    unread = _unread()
    if not unread:
        return ""
    return app_count("%(num)s event could not be read.", "%(num)s events could not be read.", unread)


def _uploaded_bytes() -> bytes:
    file = request.files.get("file")
    return file.read() if file and file.filename else request.form.get("calendar", "").encode()


def _calendar_page(status: int = 200, reasons: dict[str, str] | None = None) -> Response:
    return render(
        "calendar/upload.html",
        status=status,
        reasons={field: translate(why) for field, why in (reasons or {}).items()},
        calendar=todays_entries(read_session(), current_user(), now()),
        ahead=planned_ahead(read_session(), current_user(), now()),
        days=DAYS,
        unread=_unread_words() if status == 200 else "",
        today=today(),
    )
