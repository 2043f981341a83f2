"""What a rep's phone asks for to begin meetings without a network, and sends when it has one again: as JSON, to the
script of static/js/without-network.js."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from flask_wtf.csrf import generate_csrf

from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.reserved import CodeUnknown, LateMeeting, reserve_codes, start_late
from feedback.charts.qr import draw_qr
from feedback.core.reserved import STOCK, USABLE_FOR
from feedback.core.tokens import normalise_token, spell_token
from feedback.db.change import Invalid
from feedback.store.contacts import recent_contacts
from feedback.web.context import (
    base_url,
    changing,
    current_session,
    current_user,
    read_session,
    rep_required,
)
from feedback.web.fingerprint import fingerprint_of
from feedback.web.forms import MeetingForm

pages = Blueprint("without_network", __name__)
MOST_CONTACTS = 50  # on the phone, the latest met first
LONGEST_AGO = 10**9  # seconds, so that no number is too large for a date
NOT_KNOWN = "Its code is not known any more: it is too old, was taken back, or the phone was signed out of. Begin the meeting anew."


@pages.get("/meetings/reserved")
@rep_required
def shown() -> Response:
    """Return whose phone it is, whom they met lately, and what the forms that follow have to carry."""
    who = current_user()
    found = recent_contacts(read_session(), who.organisation_id, who.id, MOST_CONTACTS)
    contacts = [{"id": str(each.id), "name": each.name, "account": each.account} for each in found]
    return jsonify(who=str(who.id), csrf=generate_csrf(), stock=STOCK, contacts=contacts)


@pages.post("/meetings/reserved")
@rep_required
def reserve() -> Response:
    """Return further codes for the phone, ready to be shown."""
    has, who = request.form.get("has", 0, type=int), current_user()
    with changing() as c:
        tokens = reserve_codes(c, who.id, current_session(), has)
    return jsonify(codes=[_ready(token) for token in tokens])


def _ready(token: str) -> dict[str, object]:
    """Return a code as the phone draws it. lasts: for how many seconds from now on it may be shown."""
    address = f"{base_url()}/f/{token}"
    drawn = draw_qr(address)
    return {
        "token": token,
        "spelled": spell_token(token),
        "address": address,
        "size": drawn.size,
        "path": drawn.path,
        "lasts": int(USABLE_FOR.total_seconds()),
    }


@pages.post("/meetings/late")
@rep_required
def arrive() -> Response:
    """Take a meeting that began without a network; return where it is. What is refused says why, in words, and that
    sending it again is of no use."""
    form, who = MeetingForm(), current_user()
    token, ago = normalise_token(request.form.get("token", "")), request.form.get("ago", 0, type=int)
    if not form.validate() or token is None:
        return _refused(next(iter(form.errors.values()), [NOT_KNOWN])[0])
    try:
        said = NewMeeting(
            _contact_ids(), _new_contact(form), form.topic.data or None, form_key=form.form_key.data or None
        )
        late = LateMeeting(token, said, timedelta(seconds=min(max(ago, 0), LONGEST_AGO)))
        with changing() as c:
            meeting_id = start_late(c, who.id, late, fingerprint_of(who.organisation_id))
    except CodeUnknown:
        return _refused(NOT_KNOWN)
    except Invalid as error:
        return _refused(next(iter(error.reasons.values())))
    return jsonify(meeting=url_for("meetings.show", meeting_id=meeting_id))


def _refused(why: object) -> Response:
    return make_response(jsonify(refused=str(why)), 422)


def _contact_ids() -> list[UUID]:
    wanted = request.form.get("contact_id")
    try:
        return [UUID(wanted)] if wanted else []
    except ValueError:
        raise Invalid(contact_id="This contact is not known here. Choose again.") from None


def _new_contact(form: MeetingForm) -> NewContact | None:
    if request.form.get("contact_id"):
        return None
    return NewContact(form.contact_name.data or "", form.account_name.data or "")
