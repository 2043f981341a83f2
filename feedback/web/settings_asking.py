"""The owner's page about asking by mail by itself."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.asking_itself import choose_asking
from feedback.pages.calendar_source import who_asks
from feedback.store.organisations import organisation
from feedback.web.context import changing, current_user, mails_from, owner_required, read_session
from feedback.web.htmx import redirect_to, render

pages = Blueprint("settings_asking", __name__)

CHOICES = {"": None, "yes": True, "no": False}


@pages.get("/settings/asking")
@owner_required
def show() -> Response:
    """Show whether clients are asked by mail by itself, and of each rep whether there is a calendar."""
    where = current_user().organisation_id
    return render(
        "settings/asking.html",
        kept=organisation(read_session(), where),
        reps=who_asks(read_session(), where),
        can_mail=mails_from() is not None,
    )


@pages.post("/settings/asking")
@owner_required
def update() -> Response:
    """Save it, for the organisation and for each rep. A word that is no choice changes nothing."""
    given = {
        name.removeprefix("rep-"): value for name, value in request.form.items() if name.startswith("rep-")
    }
    reps = {
        found: CHOICES[value] for name, value in given.items() if value in CHOICES and (found := _id(name))
    }
    with changing() as c:
        choose_asking(c, current_user().id, bool(request.form.get("asks")), reps)
    return redirect_to(url_for("settings_asking.show", saved=1))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
