"""The owner's page of how people sign in: who needs a second factor, and by which provider."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.providers import (
    GOOGLE,
    ProviderInput,
    checked_provider,
    remove_provider,
    set_provider,
)
from feedback.actions.sign_in_settings import require_second_factor
from feedback.context import app_context
from feedback.core.access import Role
from feedback.db.change import Invalid
from feedback.models.encrypted import UnreadableSecret
from feedback.store.providers import (
    ProviderView,
    owners_with_password,
    provider,
    provider_row,
    without_another_way,
)
from feedback.store.second_factor import without_second_factor
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required
from feedback.web.providers import redirect_uri

pages = Blueprint("settings_sign_in", __name__)
ROLES = {Role.REP: "Reps", Role.MANAGER: "Managers", Role.OWNER: "Owners"}
FIELDS = ("kind", "label", "issuer", "tenant", "client_id", "domains", "role", "keeper")


@pages.get("/settings/sign-in")
@owner_required
def show() -> Response:
    return _page()


@pages.post("/settings/sign-in")
@owner_required
@proof_required
def update() -> Response:
    """Say which roles need a second factor; set a provider, or remove it. `what` in the form says which."""
    who = current_user()
    try:
        match request.form.get("what", "factor"):
            case "provider":
                _set_provider(who.id)
            case "remove":
                with changing() as c:
                    remove_provider(c, who.id, sure=request.form.get("sure") == "1")
            case _:
                chosen = tuple(role for role in Role if role in request.form.getlist("roles"))
                with changing() as c:
                    require_second_factor(c, who.id, chosen)
    except Invalid as error:
        return _page(_typed() if request.form.get("what") == "provider" else None, error.reasons, 422)
    return redirect_to(url_for("settings_sign_in.show", saved=1))


def _set_provider(by: UUID) -> None:
    """Ask the provider who it is, and keep it. Raises Invalid."""
    given = ProviderInput(
        **{name: request.form.get(name, "")[:2000] for name in (*FIELDS, "secret")},
        only=request.form.get("only") == "1",
    )
    private = app_context().settings.private_webhooks
    client = checked_provider(given, _stored_secret(), redirect_uri(), private=private)
    with changing() as c:
        set_provider(c, by, given, client)


def _stored_secret() -> str:
    row = provider_row(read_session(), current_user().organisation_id)
    try:
        return str(row.secret.text) if row else ""
    except UnreadableSecret:
        return ""


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in (*FIELDS, "only")}


def _stored(found: ProviderView | None) -> dict[str, str]:
    """Return a provider as its form has it."""
    if found is None:
        return {"kind": "google", "role": Role.REP.value}
    microsoft = found.issuer.startswith("https://login.microsoftonline.com/")
    return {
        "kind": "google" if found.issuer == GOOGLE else "microsoft" if microsoft else "other",
        "label": found.label, "issuer": found.issuer, "tenant": found.issuer.split("/")[3] if microsoft else "",
        "client_id": found.client_id, "domains": ", ".join(found.domains),
        "role": found.role.value if found.role else "", "only": "1" if found.only else "",
        "keeper": str(found.keeper_id or ""),
    }  # fmt: skip


def _page(
    typed: dict[str, str] | None = None, reasons: dict[str, str] | None = None, status: int = 200
) -> Response:
    who = current_user()
    found = provider(read_session(), who.organisation_id)
    return render(
        "settings/sign_in.html",
        status=status,
        roles=ROLES,
        chosen=who.second_factor_for,
        without=without_second_factor(read_session(), who.organisation_id),
        found=found,
        given=typed or _stored(found),
        reasons=reasons or {},
        owners=owners_with_password(read_session(), who.organisation_id),
        left_out=without_another_way(read_session(), who.organisation_id, now()) if found else (),
        redirect_uri=redirect_uri(),
    )
