"""Thursday's alert: what was said, what was guessed, and what is done about it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.actions import alert_events
from feedback.actions.change import Invalid
from feedback.core.access import Role
from feedback.core.alerts import Done
from feedback.core.closing import ClosingFigures, closing_figures
from feedback.core.practices import PRACTICES
from feedback.store import alerts as store
from feedback.store.alert_history import history_of_alert
from feedback.store.alerts import AlertView
from feedback.store.brief import brief
from feedback.store.relationships import relationship_for
from feedback.web.context import db, me, now, reading, signed_in, today
from feedback.web.forms import AlertForm
from feedback.web.htmx import go, page, unless_known, wants_partial

pages = Blueprint("alerts", __name__, url_prefix="/alerts")
WINDOW = timedelta(weeks=13)
MOST_PAGES = 10_000


@pages.get("")
@signed_in(Role.MANAGER, Role.OWNER)
def waiting() -> Response:
    """What is open, the overdue first; with ?closed=1 what was closed, page by page."""
    who, number = me(), request.args.get("page", 1, type=int)
    if not 1 <= number <= MOST_PAGES:
        abort(404)
    if "closed" in request.args:
        found, more = store.closed_alerts(reading(), who, now(), number)
        return page("manager/alerts_closed.html", alerts=found, more=more, number=number, figures=_figures())
    found, more = store.open_alerts(reading(), who, now(), number)
    values: dict[str, Any] = {"alerts": found, "more": more, "number": number, "now": now()}
    if wants_partial():
        return unless_known(page("manager/_open_alerts.html", **values))
    return page("manager/alerts.html", figures=_figures(), **values)


def _figures() -> ClosingFigures:
    return closing_figures(store.cases(reading(), me(), now() - WINDOW), now())


@pages.get("/<uuid:alert_id>")
@signed_in(Role.MANAGER, Role.OWNER)
def alert(alert_id: UUID) -> Response:
    return _page(store.alert_for(reading(), me(), alert_id, now()), AlertForm())


@pages.post("/<uuid:alert_id>")
@signed_in(Role.MANAGER, Role.OWNER)
def act(alert_id: UUID) -> Response:
    """Take it, assign a practice, note, close, or reopen it: one form, `what` says which."""
    found, form = store.alert_for(reading(), me(), alert_id, now()), AlertForm()
    if form.refused():
        return _page(found, form, status=422)
    try:
        _do(found, form)
    except Invalid as error:
        return _page(found, form, status=422, reasons=error.reasons)
    return go(url_for("alerts.alert", alert_id=found.id))


def _do(found: AlertView, form: AlertForm) -> None:
    which = (db(), me().organisation_id, found.id, me().id)
    words = (form.note.data or "").strip()
    if form.what.data == Done.TAKEN:
        alert_events.take(*which, now())
    elif form.what.data == Done.NOTED:
        alert_events.note(*which, words, now())
    elif form.what.data == Done.ASSIGNED:
        dimension, number = form.chosen()
        alert_events.assign(*which, dimension=dimension, number=number, now=now())
    elif form.what.data == Done.CLOSED:
        alert_events.close(*which, outcome=form.outcome.data, words=words, now=now())
    else:
        alert_events.reopen(*which, now())


def _page(
    found: AlertView, form: AlertForm, status: int = 200, reasons: dict[str, str] | None = None
) -> Response:
    relationship = relationship_for(reading(), me(), found.relationship_id, now())
    dimension = store.to_practise_after(found, relationship.numbers)
    return page(
        "manager/alert.html",
        status=status,
        alert=found,
        relationship=relationship,
        brief=brief(reading(), me(), relationship, now()),
        history=history_of_alert(reading(), me().organisation_id, found),
        dimension=dimension,
        practices=[words.replace("{name}", found.contact_first) for words in PRACTICES[dimension]],
        form=form,
        reasons=reasons or {},
        now=now(),
        today=today(),
    )
