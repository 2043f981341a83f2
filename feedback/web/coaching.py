"""The manager's page about the practices that reps work on."""

from flask import Blueprint, Response

from feedback.pages.coaching import practices_in_use
from feedback.pages.rep import weakest_of
from feedback.store import people
from feedback.web.context import current_user, manager_required, now, read_session
from feedback.web.htmx import render

pages = Blueprint("coaching", __name__)


@pages.get("/coaching")
@manager_required
def index() -> Response:
    """Show what each rep works on, since when, and whether the ratings changed."""
    who = current_user()
    reps = people.reps(read_session(), who)
    found = practices_in_use(read_session(), who.organisation_id, [rep.id for rep in reps], now())
    by_rep = [(rep, [each for each in found if each.rep_id == rep.id]) for rep in reps]
    return render("coaching/list.html", by_rep=by_rep, weakest=weakest_of(read_session(), who, reps, now()))
