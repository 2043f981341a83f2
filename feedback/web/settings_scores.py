"""The owner's page of what scores are worked out with: a change is tried first, looked at, and then applied."""

from uuid import UUID
from zoneinfo import available_timezones

from flask import Blueprint, Response, request, url_for

from feedback.actions.scoring.changes import apply_change, ask_for_change, leave_change
from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.imports.signals import Signals
from feedback.store.organisations import organisation
from feedback.store.people import all_reps
from feedback.store.scoring_changes import ScoringChangeView, open_scoring_change, scoring_change_for
from feedback.web.context import changing, current_user, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.settings_forms import ScoresForm

pages = Blueprint("settings_scores", __name__)


@pages.get("/settings/scores")
@owner_required
def show() -> Response:
    """Show half-life, review interval and time zone, and the change that is being looked at."""
    return _form_page(
        ScoresForm(formdata=None, obj=organisation(read_session(), current_user().organisation_id))
    )


@pages.post("/settings/scores")
@owner_required
def ask() -> Response:
    """Let a worker tell what a change would do."""
    form = ScoresForm()
    if not form.validate():
        return _form_page(form, status=422)
    try:
        with changing() as c:
            asked = ask_for_change(
                c,
                current_user().id,
                form.half_life_days.data,
                form.review_days.data,
                form.timezone.data.strip(),
            )
    except Invalid as error:
        return _form_page(form, error.reasons, 422)
    return redirect_to(url_for("settings_scores.show_change", change_id=asked))


@pages.get("/settings/scores/<uuid:change_id>")
@owner_required
def show_change(change_id: UUID) -> Response:
    """Show what a change would do, or how far it is."""
    return _change_page(_change(change_id))


@pages.post("/settings/scores/<uuid:change_id>")
@owner_required
def act(change_id: UUID) -> Response:
    """Apply a change, or leave it; `what` in the form says which."""
    _change(change_id)
    what = {"apply": apply_change, "leave": leave_change}.get(request.form.get("what", ""))
    try:
        if what is None:
            raise Invalid(what="Choose one of the buttons.")
        with changing() as c:
            what(c, change_id)
    except Invalid as error:
        read_session().expire_all()
        return _change_page(_change(change_id), error.reasons, 422)
    return redirect_to(url_for("settings_scores.show_change", change_id=change_id))


def _change(change_id: UUID) -> ScoringChangeView:
    return scoring_change_for(read_session(), current_user().organisation_id, change_id)


def _form_page(form: ScoresForm, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    mine = current_user().organisation_id
    return render(
        "settings/scores.html",
        status=status,
        form=form,
        kept=organisation(read_session(), mine),
        waiting=open_scoring_change(read_session(), mine),
        zones=sorted(available_timezones()),
        reasons=reasons or {},
    )


def _change_page(
    change: ScoringChangeView, reasons: dict[str, str] | None = None, status: int = 200
) -> Response:
    signals = Signals(app_context().settings.instance / "imports", change.id)
    return render(
        "settings/scoring_change.html",
        "settings/_scoring_change.html",
        status=status,
        change=change,
        kept=organisation(read_session(), current_user().organisation_id),
        figures=current_user().figures,
        names={str(rep.id): rep.name for rep in all_reps(read_session(), current_user().organisation_id)},
        progress=signals.progress() if change.working else 1.0,
        reasons=reasons or {},
    )
