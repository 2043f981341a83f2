"""One's own second factor at /me/second-factor: a phone that makes codes, and recovery codes."""

from urllib.parse import quote

from flask import Blueprint, Response, abort, request, url_for

from feedback.actions.second_factor import begin_codes, confirm_codes, end_second_factor, new_recovery_codes
from feedback.actions.sessions import note_second_factor
from feedback.charts.qr import QrDrawing, draw_qr
from feedback.db.change import Change, Invalid
from feedback.db.counters import release, reserve
from feedback.models.encrypted import UnreadableSecret
from feedback.store.second_factor import one_time_codes, second_factor
from feedback.web.context import (
    changing,
    current_session,
    current_sign_in,
    current_user,
    db,
    login_required,
    mails_from,
    now,
    read_session,
)
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required
from feedback.web.sign_in_limits import code_limits
from feedback.wording.i18n import app_text

pages = Blueprint("second_factor", __name__)


@pages.get("/me/second-factor")
@login_required
def show() -> Response:
    return _page()


@pages.post("/me/second-factor")
@login_required
@proof_required
def update() -> Response:
    """Begin to set codes up, finish it, make new recovery codes, or remove all; `what` in the form says which."""
    who, what = current_user(), request.form.get("what", "")
    try:
        match what:
            case "begin":
                with changing() as c:
                    begin_codes(c, who.id)
            case "confirm":
                return _page(codes=_confirm())
            case "codes":
                with changing() as c:
                    _require(c)
                    return _page(codes=new_recovery_codes(c, who.id))
            case "end":
                with changing() as c:
                    end_second_factor(c, who.id, who.id, mails_from())
            case _:
                raise Invalid(code=app_text("Choose one of the buttons."))
    except Invalid as error:
        return _page(422, reasons=error.reasons)
    return redirect_to(url_for("second_factor.show"))


def _confirm() -> list[str]:
    """Finish setting up, with limited tries. Raises Invalid."""
    who, limits = current_user(), code_limits(current_user().id)
    if not reserve(db(), limits, now()):
        abort(429)
    with changing() as c:
        codes = confirm_codes(c, who.id, request.form.get("code", ""), mails_from())
        note_second_factor(c, current_session())
    release(db(), limits)
    return codes


def _require(c: Change) -> None:
    who = current_user()
    if second_factor(c.session, who.organisation_id, who.id).id is None:
        raise Invalid(code=app_text("Set up codes from a phone first."))


def _page(
    status: int = 200, *, codes: list[str] | None = None, reasons: dict[str, str] | None = None
) -> Response:
    who = current_user()
    found = second_factor(read_session(), who.organisation_id, who.id)
    key, drawing = _key() if found.begun and not codes else ("", None)
    return render(
        "auth/second_factor.html",
        status=status,
        who=who,
        found=found,
        needed=who.role in who.second_factor_for,
        must=current_sign_in().lacks_second_factor and not codes,
        key=key,
        drawing=drawing,
        codes=codes or [],
        reasons=reasons or {},
    )


def _key() -> tuple[str, QrDrawing | None]:
    """Return the secret of a set-up that is not finished, in fours to be typed, and as a code to be scanned."""
    who = current_user()
    row = one_time_codes(read_session(), who.organisation_id, who.id)
    try:
        secret = row.secret.text if row else ""
    except UnreadableSecret:
        secret = ""
    label = quote(f"{who.organisation}:{who.email}", safe="")
    issuer = quote(f"Beyond Doughnuts {who.organisation}", safe="")
    address = f"otpauth://totp/{label}?secret={secret}&issuer={issuer}"
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), draw_qr(address, capitals=False)
