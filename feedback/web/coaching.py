"""The manager's page about the practices that reps work on."""

from flask import Blueprint, Response

from feedback.pages.coaching import coaching_list, did_it_help
from feedback.pages.rep import weakest_of
from feedback.store.forecasts import forecasts
from feedback.web.context import current_user, manager_required, now, read_session
from feedback.web.htmx import render
from feedback.web.paging import paginate_query
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("coaching", __name__)


@pages.get("/coaching")
@manager_required
def index() -> Response:
    """Show what each rep works on, since when, and whether the ratings changed."""
    return unless_unchanged(_list)


def _list() -> Response:
    who, session = current_user(), read_session()
    found = coaching_list(session, who, now())
    shown = paginate_query(found.page, len(found.reps))
    idle = [each.rep for each in shown.rows if each.rep.id not in found.working]
    return render(
        "coaching/list.html",
        sheet=shown,
        helped=did_it_help(shown.rows),
        idle=idle,
        weakest=weakest_of(session, who, idle, now()),
        forecasts=forecasts(
            session, who.organisation_id, who.scoring, [each.rep.id for each in shown.rows], now()
        ),
    )
