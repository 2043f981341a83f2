"""The owner's pages: who is here, and how things shall be."""

from flask import Blueprint, Response, request, url_for

from feedback.actions.change import Invalid
from feedback.actions.settings import Wishes, change_settings
from feedback.core.access import Role
from feedback.store import people
from feedback.store.organisations import organisation
from feedback.store.working_days import places
from feedback.web.context import db, me, now, reading, signed_in
from feedback.web.forms import SettingsForm
from feedback.web.htmx import go, page

pages = Blueprint("owner", __name__)


@pages.get("/people")
@signed_in(Role.OWNER)
def everyone() -> Response:
    """Everybody who signs in, and how to add somebody."""
    return page("owner/people.html", people=people.everyone(reading(), me().organisation_id))


@pages.get("/settings")
@signed_in(Role.OWNER)
def settings() -> Response:
    kept = organisation(reading(), me().organisation_id)
    return _settings(SettingsForm(formdata=None, obj=kept), kept.workdays)


@pages.post("/settings")
@signed_in(Role.OWNER)
def change() -> Response:
    form, workdays = SettingsForm(), "".join(request.form.getlist("workdays"))[:70]
    if not form.validate():
        return _settings(form, workdays, status=422)
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    try:
        change_settings(db(), me().organisation_id, me().id, Wishes(**values, workdays=workdays), now())
    except Invalid as error:
        return _settings(form, workdays, status=422, reasons=error.reasons)
    return go(url_for("owner.settings", saved=1))


def _settings(
    form: SettingsForm, workdays: str, status: int = 200, reasons: dict[str, str] | None = None
) -> Response:
    return page(
        "owner/settings.html",
        status=status,
        form=form,
        workdays=workdays,
        reasons=reasons or {},
        places=sorted(places()),
    )
