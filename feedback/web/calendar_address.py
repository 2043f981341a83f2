"""The addresses that a rep's calendar is read from, and the rep's own other addresses."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.context import app_context
from feedback.core.calendar.faults import SourceKind
from feedback.db.change import Invalid
from feedback.web.calendar import calendar_page
from feedback.web.context import changing, current_user, rep_required
from feedback.web.htmx import redirect_to
from feedback.web.limits import limit_uploads

pages = Blueprint("calendar_address", __name__)


@pages.post("/meetings/calendar/address")
@rep_required
def subscribe() -> Response:
    """Have the calendar read from an address, too, or from another one in place of one before. It is fetched by the worker,
    never from here."""
    limit_uploads(current_user().id)
    form = request.form
    name, password = form.get("user_name", "").strip(), form.get("password", "")
    kind = SourceKind.CALDAV if form.get("kind") == SourceKind.CALDAV else SourceKind.ICS
    source = NewAddress(
        kind,
        form.get("address", ""),
        *((name, password) if kind is SourceKind.CALDAV else ("", "")),
        name=form.get("name", ""),
    )
    try:
        with changing() as c:
            private = app_context().settings.private_webhooks
            which = _which() if form.get("calendar") else None
            address.subscribe(c, current_user().id, source, which, private=private)
    except Invalid as error:
        return calendar_page(422, error.reasons)
    return redirect_to(url_for("calendar.show"))


@pages.post("/meetings/calendar/address/read")
@rep_required
def read() -> Response:
    """Have a calendar read at once."""
    limit_uploads(current_user().id)
    with changing() as c:
        soon = address.read_now(c, current_user().id, _which())
    return redirect_to(url_for("calendar.show", soon=1 if soon else None))


@pages.post("/meetings/calendar/address/pause")
@rep_required
def pause() -> Response:
    """Leave a calendar alone for a while; with `on` go on with it."""
    with changing() as c:
        address.pause(c, current_user().id, _which(), paused=not request.form.get("on"))
    return redirect_to(url_for("calendar.show"))


@pages.post("/meetings/calendar/address/end")
@rep_required
def end() -> Response:
    """Remove a calendar: it is read from its address no more."""
    with changing() as c:
        address.stop(c, current_user().id, _which())
    return redirect_to(url_for("calendar.show"))


def _which() -> UUID:
    """Return which calendar a form is about; 404 for what is no id."""
    try:
        return UUID(request.form.get("calendar", ""))
    except ValueError:
        abort(404)


@pages.post("/meetings/calendar/own")
@rep_required
def own() -> Response:
    """Note that an address is the rep's own; with `remove` that it is not."""
    email = request.form.get("email", "")
    try:
        with changing() as c:
            if request.form.get("remove"):
                address.remove_own(c, current_user().id, email)
            else:
                address.add_own(c, current_user().id, current_user().email, email)
    except Invalid as error:
        return calendar_page(422, error.reasons)
    return redirect_to(url_for("calendar.show"))
