"""The owner's page about the people who sign in."""

from flask import Blueprint, Response

from feedback.store import people
from feedback.web.context import current_user, owner_required, read_session
from feedback.web.htmx import render

pages = Blueprint("people", __name__)


@pages.get("/people")
@owner_required
def index() -> Response:
    """Show everybody who signs in, and how to add somebody."""
    return render(
        "people/list.html", people=people.all_people(read_session(), current_user().organisation_id)
    )
