"""The page that explains a rep's score."""

from uuid import UUID

from flask import Blueprint, Response

from feedback.core.calendar.weeks import week_of
from feedback.pages import explanation
from feedback.pages.rep import rep_page
from feedback.store import people
from feedback.web.context import current_user, login_required, now, read_session, zone
from feedback.web.htmx import render

pages = Blueprint("reps", __name__)


@pages.get("/reps/<uuid:rep_id>")
@login_required
def show(rep_id: UUID) -> Response:
    """Show how a rep's score was calculated. Reps may open their own, and see totals only."""
    who = current_user()
    found = people.rep_for(read_session(), who, rep_id)
    if who.is_rep:
        working = explanation.own_score_explanation(read_session(), who, now())
        return render(
            "reps/score.html",
            working=working,
            picture=explanation.own_gaps(read_session(), who, now()),
            forecast=explanation.own_forecast(read_session(), who, working.voices, now()),
        )
    return render(
        "reps/rep.html",
        rep=found,
        story=explanation.score_page(read_session(), who, rep_id, now()),
        about=rep_page(read_session(), who, found, week_of(now(), zone()), now()),
    )
