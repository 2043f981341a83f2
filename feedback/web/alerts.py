"""The manager's pages about alerts: what was said, what was guessed, and what is done about it."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.alerts import handle
from feedback.actions.client_lines import take_line_back, tell_client
from feedback.core.alerts.metrics import AlertMetrics, alert_metrics
from feedback.core.alerts.reasons import AlertAction
from feedback.core.gaps.practices import PER_DIMENSION
from feedback.db.change import Invalid
from feedback.pages import alerts
from feedback.pages.alert_history import history_of_alert
from feedback.pages.alerts import AlertView
from feedback.pages.brief import brief
from feedback.pages.client_lines import told_about
from feedback.store.handed_over import hand_over_of
from feedback.store.outcomes import outcome_of_alert
from feedback.store.relationships import relationship_for
from feedback.web.context import (
    changing,
    current_user,
    mails_from,
    manager_required,
    now,
    read_session,
    today,
)
from feedback.web.forms import AlertForm
from feedback.web.htmx import redirect_to, render, wants_partial
from feedback.web.paging import paginate_query
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("alerts", __name__, url_prefix="/alerts")
WINDOW = timedelta(weeks=13)
MADE_ANEW = timedelta(minutes=1)  # how late the list may be with what is overdue, and with ages


@pages.get("")
@manager_required
def index() -> Response:
    """What is open, the overdue first; with ?closed=1 what was closed, page by page."""
    make = _closed_alerts if "closed" in request.args else _open_alerts
    return unless_unchanged(make, made_anew=MADE_ANEW)


def _open_alerts() -> Response:
    """Show what is open; the list alone, for the page that looks again."""
    shown = paginate_query(partial(alerts.open_alerts, read_session(), current_user(), now()))
    figures = None if wants_partial() else _metrics()
    return render("alerts/list.html", "alerts/_open.html", sheet=shown, figures=figures, now=now())


def _closed_alerts() -> Response:
    shown = paginate_query(partial(alerts.closed_alerts, read_session(), current_user(), now()))
    return render("alerts/closed.html", sheet=shown, figures=_metrics())


def _metrics() -> AlertMetrics:
    return alert_metrics(alerts.handled_alerts(read_session(), current_user(), now() - WINDOW), now())


@pages.get("/<uuid:alert_id>")
@manager_required
def show(alert_id: UUID) -> Response:
    return _alert_page(alerts.alert_for(read_session(), current_user(), alert_id, now()), AlertForm())


@pages.post("/<uuid:alert_id>")
@manager_required
def update(alert_id: UUID) -> Response:
    """Take an alert, assign a practice, add a note, close it, or reopen it; `what` in the form says which."""
    found, form = alerts.alert_for(read_session(), current_user(), alert_id, now()), AlertForm()
    if form.refused():
        return _alert_page(found, form, status=422)
    try:
        _perform(found, form)
    except Invalid as error:
        return _alert_page(found, form, status=422, reasons=error.reasons)
    return redirect_to(url_for("alerts.show", alert_id=found.id))


@pages.post("/<uuid:alert_id>/line")
@manager_required
def tell(alert_id: UUID) -> Response:
    """Tell the client of a closed alert in a line what was done; with `back` take that back, before it has left."""
    found, who = alerts.alert_for(read_session(), current_user(), alert_id, now()), current_user().id
    try:
        with changing() as c:
            if "back" in request.form:
                take_line_back(c, found.id, who)
            else:
                tell_client(c, found.id, who, request.form.get("line", ""), mails_from())
    except Invalid as error:
        return _alert_page(found, AlertForm(), status=422, reasons=error.reasons)
    return redirect_to(url_for("alerts.show", alert_id=found.id, _anchor="told"))


def _perform(found: AlertView, form: AlertForm) -> None:
    who, words = current_user().id, (form.note.data or "").strip()
    with changing() as c:
        if form.what.data == AlertAction.TAKEN:
            handle.take_alert(c, found.id, who)
        elif form.what.data == AlertAction.NOTED:
            handle.note_on_alert(c, found.id, who, words)
        elif form.what.data == AlertAction.ASSIGNED:
            current_user().figures.require_by_person()
            dimension, number = form.chosen()
            handle.assign_practice(c, found.id, who, dimension=dimension, number=number)
        elif form.what.data == AlertAction.CLOSED:
            handle.close_alert(c, found.id, who, outcome=form.outcome.data, words=words)
            if (form.line.data or "").strip():
                tell_client(c, found.id, who, form.line.data, mails_from())
        else:
            handle.reopen_alert(c, found.id, who)


def _alert_page(
    found: AlertView, form: AlertForm, status: int = 200, reasons: dict[str, str] | None = None
) -> Response:
    by_person = current_user().figures.by_person
    return render(
        "alerts/alert.html",
        status=status,
        alert=found,
        over=hand_over_of(read_session(), current_user().organisation_id, found.relationship_id),
        by_person=by_person,
        **(_about_both(found) if by_person else {}),
        noted=outcome_of_alert(read_session(), current_user().organisation_id, found.id),
        told=told_about(read_session(), current_user().organisation_id, found.id),
        can_mail=mails_from() is not None,
        history=history_of_alert(read_session(), current_user().organisation_id, found),
        form=form,
        reasons=reasons or {},
        now=now(),
        today=today(),
    )


def _about_both(found: AlertView) -> dict[str, Any]:
    """Return for the page how rep and client stand, and what the rep could try."""
    relationship = relationship_for(read_session(), current_user(), found.relationship_id, now())
    dimension = alerts.to_practise_after(found, relationship.numbers)
    return {
        "relationship": relationship,
        "brief": brief(read_session(), current_user(), relationship, now()),
        "dimension": dimension,
        "numbers": range(1, PER_DIMENSION + 1),
    }
