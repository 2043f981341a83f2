"""Between two meetings: what was promised, and the one thing to work on."""

from uuid import UUID

from flask import Response, request, url_for

from feedback.actions import practices
from feedback.actions import promises as promise_actions
from feedback.actions.change import Invalid
from feedback.core.access import Missing
from feedback.store import promises
from feedback.store.meetings import meeting_for
from feedback.store.people import Viewer
from feedback.store.relationships import relationship_between, relationship_for
from feedback.web.context import db, me, now, reading, signed_in, today
from feedback.web.forms import PracticeForm, PromiseForm
from feedback.web.htmx import go, page
from feedback.web.rep import pages, rep


@pages.get("/meetings/<uuid:meeting_id>/promises")
@rep
def promised(meeting_id: UUID) -> Response:
    """What either side promised in this meeting, and a line for the next."""
    return _promises_page(meeting_id, PromiseForm(formdata=None), {})


@pages.post("/meetings/<uuid:meeting_id>/promises")
@rep
def note_promise(meeting_id: UUID) -> Response:
    found, form = meeting_for(reading(), me(), meeting_id, now()), PromiseForm()
    reasons = {} if form.validate() else {name: str(why[0]) for name, why in form.errors.items() if name}
    contact_id = _contact(found.invitations[0].contact_id, {i.contact_id for i in found.invitations})
    if not reasons:
        try:
            promise_actions.note(
                db(),
                me().organisation_id,
                meeting_id,
                contact_id,
                side=form.side.data,
                words=form.words.data,
                due_on=form.due_on.data,
                now=now(),
            )
            return go(url_for("rep.promised", meeting_id=meeting_id))
        except Invalid as error:
            reasons = error.reasons
    return _promises_page(meeting_id, form, reasons, status=422)


@pages.post("/promises/<uuid:promise_id>")
@rep
def judge_promise(promise_id: UUID) -> Response:
    """The rep's word on what a client promised."""
    promise = promises.promise_for(reading(), me(), promise_id, now())
    try:
        promise_actions.judge(db(), me().organisation_id, promise.id, request.form.get("verdict", ""), now())
    except Invalid as error:
        return page("rep/refused.html", status=422, reasons=error.reasons)
    found = relationship_between(reading(), me(), me().id, promise.contact_id, now())
    return go(url_for("manager.relationship", relationship_id=found.id))


@pages.get("/relationships/<uuid:relationship_id>/practice")
@signed_in()
def choose(relationship_id: UUID) -> Response:
    """All thirty, the dimension in question first."""
    found = relationship_for(reading(), me(), relationship_id, now())
    return page("rep/practices.html", relationship=found, first=request.args.get("dimension"))


@pages.post("/relationships/<uuid:relationship_id>/practice")
@signed_in()
def take(relationship_id: UUID) -> Response:
    """The rep picks one, or a manager assigns it."""
    who, form = me(), PracticeForm()
    found = relationship_for(reading(), who, relationship_id, now())
    try:
        if not form.validate():
            raise Invalid(practice="There is no such practice.")
        practices.choose(
            db(),
            who.organisation_id,
            found.id,
            dimension=form.dimension.data,
            number=form.number.data,
            assigned_by_id=_assigner(who),
            now=now(),
        )
    except Invalid as error:
        return page("rep/refused.html", status=422, reasons=error.reasons)
    return go(url_for("manager.relationship", relationship_id=found.id))


def _assigner(who: Viewer) -> UUID | None:
    return who.id if who.is_manager else None


def _contact(only: UUID, known: set[UUID]) -> UUID:
    """Whose promise it is, in a meeting with several."""
    wanted = request.form.get("contact_id")
    if not wanted:
        return only
    found = next((contact_id for contact_id in known if str(contact_id) == wanted), None)
    if found is None:
        raise Missing("contact")
    return found


def _promises_page(
    meeting_id: UUID, form: PromiseForm, reasons: dict[str, str], status: int = 200
) -> Response:
    found = meeting_for(reading(), me(), meeting_id, now())
    listed = [
        p
        for i in found.invitations
        for p in promises.between(reading(), me().organisation_id, me().id, i.contact_id, me().reader, now())
    ]
    return page(
        "rep/promises.html",
        status=status,
        meeting=found,
        promises=listed,
        form=form,
        reasons=reasons,
        today=today(),
    )
