"""The owner's pages: who is here."""

from flask import Blueprint, Response

from feedback.core.access import Role
from feedback.store import people
from feedback.web.context import me, reading, signed_in
from feedback.web.htmx import page

pages = Blueprint("owner", __name__)


@pages.get("/people")
@signed_in(Role.OWNER)
def everyone() -> Response:
    """Everybody who signs in, and how to add somebody."""
    return page("owner/people.html", people=people.everyone(reading(), me().organisation_id))
