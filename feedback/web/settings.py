"""The owner's page of an organisation's settings."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from feedback.actions.settings import SettingsInput, change_settings
from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.store.organisations import organisation
from feedback.store.retention import Expired, count_expired
from feedback.store.working_days import places
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.forms import SettingsForm
from feedback.web.htmx import redirect_to, render

pages = Blueprint("settings", __name__)

MONTHS = ("keep_comments_months", "keep_names_months")
PREVIEWED = (12, 24, 36)  # months


@pages.get("/settings")
@owner_required
def edit() -> Response:
    kept = organisation(read_session(), current_user().organisation_id)
    form = SettingsForm(formdata=None, obj=kept)
    form.days_off.data = "\n".join(str(day) for day in kept.days_off)
    return _edit_page(form, kept.workdays)


@pages.post("/settings")
@owner_required
def update() -> Response:
    form, workdays = SettingsForm(), "".join(request.form.getlist("workdays"))[:70]
    if not form.validate():
        return _edit_page(form, workdays, status=422)
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    for name in MONTHS:
        values[name] = values[name] or 0
    would_go = _would_go_anew(values)
    if would_go.any and request.form.get("sure") != "1":
        return _edit_page(form, workdays, status=422, would_go=would_go)
    try:
        with changing() as c:
            change_settings(c, current_user().id, SettingsInput(**values, workdays=workdays))
    except Invalid as error:
        return _edit_page(form, workdays, status=422, reasons=error.reasons)
    return redirect_to(url_for("settings.edit", saved=1))


def _would_go_anew(values: dict[str, Any]) -> Expired:
    """Return what would go by months that are other than before."""
    kept = organisation(read_session(), current_user().organisation_id)
    return _would_go(*(values[name] if values[name] != getattr(kept, name) else 0 for name in MONTHS))


def _would_go(comments_months: int, names_months: int) -> Expired:
    return count_expired(read_session(), current_user().organisation_id, now(), comments_months, names_months)


def _edit_page(
    form: SettingsForm,
    workdays: str,
    status: int = 200,
    reasons: dict[str, str] | None = None,
    would_go: Expired | None = None,
) -> Response:
    return render(
        "settings/settings.html",
        status=status,
        form=form,
        workdays=workdays,
        reasons=reasons or {},
        would_go=would_go,
        previews=[(months, _would_go(months, months)) for months in PREVIEWED],
        places=sorted(places()),
        base_url=app_context().settings.base_url,
    )
