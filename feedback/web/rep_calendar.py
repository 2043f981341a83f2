"""A rep's own calendar: today's and tomorrow's meetings, one tap from the code."""

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from feedback.actions import calendar_upload
from feedback.actions.calendar_file import DAYS, LARGEST, read_calendar
from feedback.actions.change import Invalid
from feedback.store.calendar import entry_for, planned_ahead, todays_entries
from feedback.web.context import db, me, now, reading, today, zone
from feedback.web.htmx import go, page
from feedback.web.rep import pages, rep
from feedback.web.visit import visit_of


@pages.url_value_preprocessor
def room_for_a_calendar(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """More room than other forms have, made before anything reads the form (the check of its token does).
    Twice what is taken, so that a calendar that is too large is told so on its own page."""
    if endpoint == "rep.upload":
        request.max_content_length = request.max_form_memory_size = 2 * LARGEST


@pages.get("/meetings/calendar")
@rep
def calendar() -> Response:
    """What is planned, and where to bring a calendar."""
    return _calendar_page()


@pages.post("/meetings/calendar")
@rep
def upload() -> Response:
    """A file or a pasted text takes the place of what was uploaded before."""
    try:
        planned = read_calendar(_sent(), own_email=me().email, zone=zone(), now=now())
    except Invalid as error:
        return _calendar_page(422, error.reasons)
    calendar_upload.replace(db(), me().organisation_id, me().id, planned, now())
    return go(url_for("rep.calendar"))


@pages.post("/meetings/calendar/<uuid:entry_id>")
@rep
def show_code(entry_id: UUID) -> Response:
    """To the code for those who are known; to a new contact when nobody is."""
    entry, who = entry_for(reading(), me(), entry_id), me()
    if not entry.contacts and not entry.meeting_id:
        return go(url_for("rep.new", q=next(iter(entry.unmatched), None), entry=entry.id))
    meeting_id = entry.meeting_id or calendar_upload.start(
        db(), who.organisation_id, who.id, entry, visit_of(who.organisation_id), now()
    )
    return go(url_for("rep.meeting", meeting_id=meeting_id))


def _sent() -> bytes:
    file = request.files.get("file")
    return file.read() if file and file.filename else request.form.get("calendar", "").encode()


def _calendar_page(status: int = 200, reasons: dict[str, str] | None = None) -> Response:
    return page(
        "rep/calendar.html",
        status=status,
        reasons=reasons or {},
        calendar=todays_entries(reading(), me(), now()),
        ahead=planned_ahead(reading(), me(), now()),
        days=DAYS,
        today=today(),
    )
