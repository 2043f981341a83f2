"""The page of a manager's day."""

from flask import Blueprint, Response

from feedback.pages.today.page import today_page
from feedback.web.context import current_user, manager_required, now, read_session, today
from feedback.web.htmx import render
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("today", __name__)


@pages.get("/today")
@manager_required
def show() -> Response:
    """Show who to call, what to train, who got better, and what was promised and not kept."""
    return unless_unchanged(_page)


def _page() -> Response:
    found = today_page(read_session(), current_user(), today(), now())
    return render("today/today.html", found=found, now=now())
