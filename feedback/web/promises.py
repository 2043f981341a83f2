"""The promises of a meeting: listing, adding and judging them."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import promises as promise_actions
from feedback.actions.promises import NewPromise
from feedback.core.access import NotFound
from feedback.db.change import Invalid
from feedback.pages import promises
from feedback.pages.meetings import meeting_for
from feedback.store.relationships import relationship_between
from feedback.web.context import changing, current_user, now, read_session, rep_required, today
from feedback.web.forms import PromiseForm
from feedback.web.htmx import redirect_to, render

pages = Blueprint("promises", __name__)


@pages.get("/meetings/<uuid:meeting_id>/promises")
@rep_required
def index(meeting_id: UUID) -> Response:
    """Show what either side promised in this meeting, and the form to add a promise."""
    return _promises_page(meeting_id, PromiseForm(formdata=None), {})


@pages.post("/meetings/<uuid:meeting_id>/promises")
@rep_required
def create(meeting_id: UUID) -> Response:
    found, form = meeting_for(read_session(), current_user(), meeting_id, now()), PromiseForm()
    reasons = {} if form.validate() else {name: str(why[0]) for name, why in form.errors.items() if name}
    contact_id = _chosen_contact_id(
        found.invitations[0].contact_id, {i.contact_id for i in found.invitations}
    )
    if not reasons:
        try:
            with changing() as c:
                promise_actions.note_promise(
                    c,
                    meeting_id,
                    contact_id,
                    NewPromise(side=form.side.data, words=form.words.data, due_on=form.due_on.data),
                )
            return redirect_to(url_for("promises.index", meeting_id=meeting_id))
        except Invalid as error:
            reasons = error.reasons
    return _promises_page(meeting_id, form, reasons, status=422)


@pages.post("/promises/<uuid:promise_id>")
@rep_required
def judge(promise_id: UUID) -> Response:
    """Save the rep's verdict on a client's promise."""
    promise = promises.promise_for(read_session(), current_user(), promise_id, now())
    try:
        with changing() as c:
            promise_actions.judge_promise(c, promise.id, request.form.get("verdict", ""))
    except Invalid as error:
        return render("errors/refused.html", status=422, reasons=error.reasons)
    found = relationship_between(read_session(), current_user(), current_user().id, promise.contact_id, now())
    return redirect_to(url_for("relationships.show", relationship_id=found.id))


def _chosen_contact_id(only: UUID, known: set[UUID]) -> UUID:
    """Return the contact that the form names; `only` when it names none."""
    wanted = request.form.get("contact_id")
    if not wanted:
        return only
    found = next((contact_id for contact_id in known if str(contact_id) == wanted), None)
    if found is None:
        raise NotFound("contact")
    return found


def _promises_page(
    meeting_id: UUID, form: PromiseForm, reasons: dict[str, str], status: int = 200
) -> Response:
    found = meeting_for(read_session(), current_user(), meeting_id, now())
    listed = [
        p
        for i in found.invitations
        for p in promises.promises_between(
            read_session(),
            current_user().organisation_id,
            current_user().id,
            i.contact_id,
            current_user().reader,
            now(),
        )
    ]
    return render(
        "promises/list.html",
        status=status,
        meeting=found,
        promises=listed,
        form=form,
        reasons=reasons,
        today=today(),
    )
