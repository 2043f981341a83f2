"""The owner's page on which a rep's clients are handed over to another rep."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.handed_over import hand_over, undo_hand_over
from feedback.db.change import Invalid
from feedback.store.handed_over import clients_of_rep, handed_over_from
from feedback.store.people import all_reps
from feedback.store.staff import staff_member
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render

pages = Blueprint("hand_over_clients", __name__)
MOST = 500  # clients of one form: so many ids fit its limit of size


@pages.get("/people/<uuid:user_id>/hand-over")
@owner_required
def show(user_id: UUID) -> Response:
    """Show whom somebody looks after, all ticked, and what was handed over."""
    return _page(user_id, {})


@pages.post("/people/<uuid:user_id>/hand-over")
@owner_required
def update(user_id: UUID) -> Response:
    """Hand clients over, or take that back; `what` in the form says which."""
    by, what = current_user().id, request.form.get("what")
    try:
        with changing() as c:
            if what == "undo":
                undo_hand_over(c, by, user_id, _ids("undone"))
            else:
                hand_over(c, by, user_id, next(iter(_ids("to")), None), _ids("clients"))
    except Invalid as error:
        return _page(user_id, error.reasons, 422)
    return redirect_to(url_for("hand_over_clients.show", user_id=user_id, done=what or "over"))


def _page(user_id: UUID, reasons: dict[str, str], status: int = 200) -> Response:
    session, organisation_id = read_session(), current_user().organisation_id
    clients = clients_of_rep(session, organisation_id, user_id)
    chosen = set(_ids("clients")) if status == 422 and request.form.get("what") != "undo" else None
    return render(
        "people/hand_over.html",
        status=status,
        person=staff_member(session, organisation_id, user_id),
        clients=clients[:MOST],
        whole=len(clients),
        chosen=chosen,  # None: all
        reps=[rep for rep in all_reps(session, organisation_id) if rep.id != user_id],
        over=handed_over_from(session, organisation_id, user_id, MOST),
        reasons=reasons,
        now=now(),
    )


def _ids(name: str) -> list[UUID]:
    """Return the ids of a field; what is none is as good as one that is not there."""
    return [found for text in request.form.getlist(name) if (found := _id(text))]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
