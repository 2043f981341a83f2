"""Who was asked in which way, and what came back."""

from datetime import timedelta

from flask import Blueprint, Response, request

from feedback.core.asking import Way
from feedback.pages.asked import LEAST_ASKED, asked_by_reps, own_asked
from feedback.web.context import current_user, login_required, now, read_session
from feedback.web.htmx import render
from feedback.web.meetings import address

pages = Blueprint("asked", __name__)
WEEK, MONTH = timedelta(days=7), timedelta(days=28)


@pages.get("/asked")
@login_required
def index() -> Response:
    """Show a rep the own last week, with ?weeks=4 the last four; show managers how clients answer, by way and rep."""
    who = current_user()
    if not who.is_rep:
        rows = asked_by_reps(read_session(), who, now())
        ways = [way for way in Way if any(way in row.by_way for row in rows)]
        return render("asked/reps.html", rows=rows, ways=ways, least=LEAST_ASKED)
    longer = request.args.get("weeks") == "4"
    found = own_asked(read_session(), who, now() - (MONTH if longer else WEEK), now())
    return render(
        "asked/own.html",
        found=found,
        longer=longer,
        ways=list(Way),
        least=LEAST_ASKED,
        now=now(),
        address_of=address,
    )
