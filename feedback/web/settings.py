"""The owner's pages of an organisation's settings: what there is, and a short page for each subject."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_wtf import FlaskForm

from feedback.actions.settings import ChangedMeanwhile, as_shown, change_settings
from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.models import Organisation
from feedback.store.look import look_of
from feedback.store.organisations import organisation
from feedback.store.retention import Expired, count_expired
from feedback.store.working_days import places
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required
from feedback.web.settings_forms import (
    BOARD,
    AgreementForm,
    DaysForm,
    KeptForm,
    MeetingsForm,
    OrganisationForm,
    RepsForm,
)
from feedback.wording.i18n import own_name

pages = Blueprint("settings", __name__)

MONTHS = ("keep_comments_months", "keep_names_months")
PREVIEWED = (12, 24, 36)  # months
LONGEST_SEEN = 8000  # characters of a form's note of what it showed


@dataclass(frozen=True, slots=True)
class Section:
    """A page of settings: what it is called, its form, and the settings on it."""

    title: str
    form: type[FlaskForm]
    names: tuple[str, ...]


SECTIONS = {
    "organisation": Section("Name and language", OrganisationForm, ("name", "language", "currency")),
    "meetings": Section("Meetings and receipts", MeetingsForm, ("invitation_days", "receipts")),
    "days": Section(
        "Alerts and working days", DaysForm, ("alert_due_days", "workdays", "holidays", "days_off")
    ),
    "reps": Section(
        "What reps see", RepsForm, ("reps_see_own", "reps_see_all", "least_asked", "reps_weekly_mail")
    ),
    "agreement": Section("Works agreement", AgreementForm, ("works_agreement",)),
    "kept": Section("What is kept, and for how long", KeptForm, MONTHS),
}


@pages.get("/settings")
@owner_required
def index() -> Response:
    """Show what there is to set, and how it is."""
    own = look_of(read_session(), current_user().organisation_id)
    return render(
        "settings/list.html",
        kept=_kept(),
        own=own,
        spoken=sorted(own_name(tag) for tag in own.wordings),
        base_url=app_context().settings.base_url,
    )


@pages.get("/settings/<name>")
@owner_required
def show(name: str) -> Response:
    """Show one page of settings."""
    section, kept = _section(name), _kept()
    form = section.form(formdata=None, data=_as_data(kept, section))
    return _page(name, form, as_shown(kept, _names(section)))


@pages.post("/settings/<name>")
@owner_required
@proof_required
def update(name: str) -> Response:
    """Save one page of settings."""
    section = _section(name)
    form, seen = section.form(), _seen()
    if not form.validate():
        return _page(name, form, seen, 422)
    given = _given(form)
    would_go = _would_go_anew(given) if section.form is KeptForm else None
    if would_go and would_go.any and request.form.get("sure") != "1":
        return _page(name, form, seen, 422, would_go=would_go)
    try:
        with changing() as c:
            others = change_settings(c, current_user().id, given, seen)
    except ChangedMeanwhile as error:
        seen = {**seen, **as_shown(_kept(), error.reasons)}
        return _page(name, form, seen, 409, _by_field(error.reasons))
    except Invalid as error:
        return _page(name, form, seen, 422, _by_field(error.reasons))
    return redirect_to(url_for("settings.show", name=name, saved=1, others=others))


def _section(name: str) -> Section:
    if name not in SECTIONS:
        abort(404)
    return SECTIONS[name]


def _kept() -> Organisation:
    read_session().expire_all()
    return organisation(read_session(), current_user().organisation_id)


def _names(section: Section) -> dict[str, None]:
    return dict.fromkeys(section.names)


def _as_data(kept: Organisation, section: Section) -> dict[str, Any]:
    """Return the settings of a page as its form has them."""
    data = as_shown(kept, _names(section))
    if "days_off" in data:
        data["days_off"] = data["days_off"].replace(" ", "\n")
    if "reps_see_own" in data:
        seen = data.pop("reps_see_own"), data.pop("reps_see_all")
        data["board"] = next((name for name, what in BOARD.items() if what == seen), "all")
    return data


def _given(form: FlaskForm) -> dict[str, Any]:
    """Return what a form says, by the columns of the organisation."""
    given = {name: value for name, value in form.data.items() if name != "csrf_token"}
    if "workdays" in given:
        given["workdays"] = "".join(request.form.getlist("workdays"))[:70]
    if "board" in given:
        given["reps_see_own"], given["reps_see_all"] = BOARD[given.pop("board")]
    return {name: (value or 0) if name in MONTHS else value for name, value in given.items()}


def _seen() -> Mapping[str, Any]:
    """Return what the form showed when it was opened, as it says; nothing where it does not say so well."""
    try:
        said = json.loads(request.form.get("seen", "")[:LONGEST_SEEN])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _by_field(reasons: dict[str, str]) -> dict[str, str]:
    """Return reasons by the fields of the form: two settings are one choice."""
    return {"board" if name.startswith("reps_see") else name: why for name, why in reasons.items()}


def _would_go_anew(values: Mapping[str, Any]) -> Expired:
    """Return what would go by months that are other than before."""
    kept = _kept()
    return _would_go(*(values[name] if values[name] != getattr(kept, name) else 0 for name in MONTHS))


def _would_go(comments_months: int, names_months: int) -> Expired:
    return count_expired(read_session(), current_user().organisation_id, now(), comments_months, names_months)


def _page(
    name: str,
    form: FlaskForm,
    seen: Mapping[str, Any],
    status: int = 200,
    reasons: dict[str, str] | None = None,
    would_go: Expired | None = None,
) -> Response:
    section = SECTIONS[name]
    return render(
        "settings/section.html",
        status=status,
        name=name,
        section=section,
        form=form,
        seen=json.dumps(dict(seen)),
        reasons=reasons or {},
        workdays="".join(request.form.getlist("workdays")) or form.data.get("workdays"),
        others=[each for each in section.names if each in request.args.getlist("others")],
        would_go=would_go,
        previews=[(months, _would_go(months, months)) for months in PREVIEWED] if name == "kept" else [],
        places=sorted(places()) if name == "days" else [],
    )
