"""The owner's page about asking by mail by itself."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.asking_itself import choose_asking
from feedback.pages.calendar_source import reps_who_ask, who_asks
from feedback.store.calendars import reps_with_a_choice
from feedback.store.organisations import organisation
from feedback.web.context import changing, current_user, mails_from, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query

pages = Blueprint("settings_asking", __name__)

CHOICES = {"": None, "yes": True, "no": False}


@pages.get("/settings/asking")
@owner_required
def show() -> Response:
    """Show whether clients are asked by mail by itself, and of each rep whether there is a calendar."""
    session, where = read_session(), current_user().organisation_id
    words, own = request.args.get("q", "").strip()[:200], bool(request.args.get("own"))
    found = reps_who_ask(session, where, words, own)
    return render(
        "settings/asking.html",
        kept=organisation(session, where),
        sheet=paginate_query(
            lambda skip, take: who_asks(session, where, found[skip : skip + take]), len(found)
        ),
        words=words,
        own=own,
        chosen=len(reps_with_a_choice(session, where)),
        can_mail=mails_from() is not None,
    )


@pages.post("/settings/asking")
@owner_required
def update() -> Response:
    """Save it, for the organisation and for each rep of the page. A word that is no choice changes nothing."""
    given = {
        name.removeprefix("rep-"): value for name, value in request.form.items() if name.startswith("rep-")
    }
    reps = {
        found: CHOICES[value] for name, value in given.items() if value in CHOICES and (found := _id(name))
    }
    with changing() as c:
        choose_asking(c, current_user().id, bool(request.form.get("asks")), reps)
    here: dict[str, Any] = {
        name: request.args[name] for name in ("q", "own", "page") if request.args.get(name)
    }
    return redirect_to(url_for("settings_asking.show", saved=1, **here))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
