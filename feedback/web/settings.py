"""The owner's page of an organisation's settings."""

from flask import Blueprint, Response, request, url_for

from feedback.actions.settings import SettingsInput, change_settings
from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.store.organisations import organisation
from feedback.store.working_days import places
from feedback.web.context import changing, current_user, owner_required, read_session
from feedback.web.forms import SettingsForm
from feedback.web.htmx import redirect_to, render

pages = Blueprint("settings", __name__)


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
    try:
        with changing() as c:
            change_settings(c, current_user().id, SettingsInput(**values, workdays=workdays))
    except Invalid as error:
        return _edit_page(form, workdays, status=422, reasons=error.reasons)
    return redirect_to(url_for("settings.edit", saved=1))


def _edit_page(
    form: SettingsForm, workdays: str, status: int = 200, reasons: dict[str, str] | None = None
) -> Response:
    return render(
        "settings/settings.html",
        status=status,
        form=form,
        workdays=workdays,
        reasons=reasons or {},
        places=sorted(places()),
        base_url=app_context().settings.base_url,
    )
