"""The owner's page of how people sign in: who needs a second factor."""

from flask import Blueprint, Response, request, url_for

from feedback.actions.sign_in_settings import require_second_factor
from feedback.core.access import Role
from feedback.store.second_factor import without_second_factor
from feedback.web.context import changing, current_user, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required

pages = Blueprint("settings_sign_in", __name__)
ROLES = {Role.REP: "Reps", Role.MANAGER: "Managers", Role.OWNER: "Owners"}


@pages.get("/settings/sign-in")
@owner_required
def show() -> Response:
    return _page()


@pages.post("/settings/sign-in")
@owner_required
@proof_required
def update() -> Response:
    """Say which roles need a second factor."""
    chosen = tuple(role for role in Role if role in request.form.getlist("roles"))
    with changing() as c:
        require_second_factor(c, current_user().id, chosen)
    return redirect_to(url_for("settings_sign_in.show", saved=1))


def _page() -> Response:
    who = current_user()
    return render(
        "settings/sign_in.html",
        roles=ROLES,
        chosen=who.second_factor_for,
        without=without_second_factor(read_session(), who.organisation_id),
    )
