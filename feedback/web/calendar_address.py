"""The address that a rep's calendar is read from, and the rep's own other addresses."""

from flask import Blueprint, Response, request, url_for

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
    """Have the calendar read from an address, or from another one. It is fetched by the worker, never from here."""
    limit_uploads(current_user().id)
    name, password = request.form.get("user_name", "").strip(), request.form.get("password", "")
    kind = SourceKind.CALDAV if request.form.get("kind") == SourceKind.CALDAV else SourceKind.ICS
    source = NewAddress(
        kind, request.form.get("address", ""), *((name, password) if kind is SourceKind.CALDAV else ())
    )
    try:
        with changing() as c:
            address.subscribe(c, current_user().id, source, private=app_context().settings.private_webhooks)
    except Invalid as error:
        return calendar_page(422, error.reasons)
    return redirect_to(url_for("calendar.show"))


@pages.post("/meetings/calendar/address/read")
@rep_required
def read() -> Response:
    """Have the calendar read at once."""
    limit_uploads(current_user().id)
    with changing() as c:
        soon = address.read_now(c, current_user().id)
    return redirect_to(url_for("calendar.show", soon=1 if soon else None))


@pages.post("/meetings/calendar/address/end")
@rep_required
def end() -> Response:
    """Read the calendar from its address no more."""
    with changing() as c:
        address.stop(c, current_user().id)
    return redirect_to(url_for("calendar.show"))


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
