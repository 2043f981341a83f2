"""The owner's page about teams."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import staff as actions
from feedback.db.change import Invalid
from feedback.store.staff import team_list
from feedback.web.context import changing, current_user, owner_required, read_session
from feedback.web.htmx import redirect_to, render

pages = Blueprint("teams", __name__)


@pages.get("/teams")
@owner_required
def index() -> Response:
    return _page()


@pages.post("/teams")
@owner_required
def create() -> Response:
    try:
        with changing() as c:
            actions.add_team(c, current_user().id, request.form.get("name", ""))
    except Invalid as error:
        return _page({"new": " ".join(error.reasons.values())}, 422)
    return redirect_to(url_for("teams.index"))


@pages.post("/teams/<uuid:team_id>")
@owner_required
def update(team_id: UUID) -> Response:
    """Rename or delete a team; `what` in the form says which."""
    try:
        with changing() as c:
            if request.form.get("what") == "delete":
                actions.delete_team(c, current_user().id, team_id)
            else:
                actions.rename_team(c, current_user().id, team_id, request.form.get("name", ""))
    except Invalid as error:
        return _page({str(team_id): " ".join(error.reasons.values())}, 422)
    return redirect_to(url_for("teams.index"))


def _page(reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    return render(
        "teams/list.html",
        status=status,
        teams=team_list(read_session(), current_user().organisation_id),
        reasons=reasons or {},
        typed=request.form.get("name", ""),
    )
