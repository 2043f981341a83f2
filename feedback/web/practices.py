"""Choosing the practice to work on in a relationship."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import practices
from feedback.db.change import Invalid
from feedback.pages.brief import brief
from feedback.store.people import Viewer
from feedback.store.relationships import relationship_to_practise
from feedback.web.context import changing, current_user, login_required, now, read_session
from feedback.web.forms import PracticeForm
from feedback.web.htmx import redirect_to, render
from feedback.wording.i18n import app_text

pages = Blueprint("practices", __name__)


@pages.get("/relationships/<uuid:relationship_id>/practice")
@login_required
def index(relationship_id: UUID) -> Response:
    """Show all thirty practices: first those of the dimension in ?dimension=, else of the one that the last gap was
    about."""
    found = relationship_to_practise(read_session(), current_user(), relationship_id, now())
    last = brief(read_session(), current_user(), found, now()).last_gap
    first = request.args.get("dimension") or (last.dimension if last else None)
    return render("practices/choose.html", relationship=found, first=first)


@pages.post("/relationships/<uuid:relationship_id>/practice")
@login_required
def choose(relationship_id: UUID) -> Response:
    """Choose a practice as the rep, or assign it as a manager."""
    who, form = current_user(), PracticeForm()
    found = relationship_to_practise(read_session(), who, relationship_id, now())
    try:
        if not form.validate():
            raise Invalid(practice=app_text("There is no such practice."))
        with changing() as c:
            practices.choose_practice(
                c,
                found.id,
                dimension=form.dimension.data,
                number=form.number.data,
                assigned_by_id=_assigned_by(who),
            )
    except Invalid as error:
        return render("errors/refused.html", status=422, reasons=error.reasons)
    return redirect_to(url_for("relationships.show", relationship_id=found.id))


def _assigned_by(who: Viewer) -> UUID | None:
    return who.id if who.is_manager else None
