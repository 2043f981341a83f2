"""The rep's own calendar: the entries of the next days, each of which starts a meeting with one tap."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import asking
from feedback.actions.meetings import NewMeeting
from feedback.calendar import address, entries
from feedback.calendar.planned import DAYS
from feedback.calendar.reader import READER
from feedback.db.change import Invalid
from feedback.pages.calendar import entry_for, own_addresses, planned_ahead, todays_entries
from feedback.pages.calendar_source import CalendarSource, calendar_sources, itself_of, strangers_met
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
from feedback.web.limits import limit_uploads, reading_for
from feedback.wording.i18n import translate
from feedback.wording.labels import CALENDAR_FAULTS

pages = Blueprint("calendar", __name__)


pages.url_value_preprocessor(allow_files)


@pages.get("/meetings/calendar")
@rep_required
def show() -> Response:
    """Show what is planned, and the form to upload a calendar."""
    return calendar_page()


@pages.post("/meetings/calendar")
@rep_required
def upload() -> Response:
    """Replace what was uploaded before by a file or a pasted text."""
    limit_uploads(current_user().id)
    own_email, *aliases = own_addresses(read_session(), current_user())
    try:
        with reading_for(current_user().id):
            read = READER.read(
                _uploaded_bytes(), own_email=own_email, zone=zone(), now=now(), aliases=aliases
            )
        with changing() as c:
            address.note_upload(c, current_user().id, read)
    except Invalid as error:
        return calendar_page(422, error.reasons)
    return redirect_to(url_for("calendar.show"))


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


def _uploaded_bytes() -> bytes:
    file = request.files.get("file")
    return file.read() if file and file.filename else request.form.get("calendar", "").encode()


def calendar_page(status: int = 200, reasons: dict[str, str] | None = None) -> Response:
    """Show what is planned, where it comes from, and the forms. reasons: why a form was refused, by its fields."""
    who = current_user()
    return render(
        "calendar/upload.html",
        status=status,
        reasons={field: translate(why) for field, why in (reasons or {}).items()},
        calendar=todays_entries(read_session(), who, now()),
        ahead=planned_ahead(read_session(), who, now()),
        days=DAYS,
        sources=calendar_sources(read_session(), who),
        most=address.MOST_CALENDARS,
        why_of=_fault_words,
        strangers=strangers_met(read_session(), who),
        itself=itself_of(read_session(), who, now()),
        can_mail=mails_from() is not None,
        today=today(),
        now=now(),
    )


def _fault_words(source: CalendarSource) -> str:
    """Return why the calendar was not read from its address, and what to do; empty where it was."""
    if source.fault_words:
        return translate(source.fault_words)
    return str(CALENDAR_FAULTS[source.fault]) if source.fault else ""
