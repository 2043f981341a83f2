"""What a client sends: a tap, Done, the second page."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, session

from feedback.actions import answers
from feedback.actions.answer_keys import AnsweredElsewhere, AnswerErased, InvitationClosed, Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change, is_due, tap
from feedback.actions.taps import save_next_tap
from feedback.context import app_context
from feedback.core.answer_key import Browser, KeyKind, Powers
from feedback.core.tokens import normalise_token
from feedback.db.change import Invalid
from feedback.store.invitation_view import InvitationView
from feedback.store.taps import find_tapped
from feedback.web.client_pages import answer_page, closed_page, elsewhere_page, erased_page
from feedback.web.client_request import client_address, fingerprint, invitation_for, powers_over, speak
from feedback.web.context import db, now
from feedback.web.fingerprint import fingerprint_of
from feedback.web.forms import NOTHING_RATED, AnswerForm, tapped_fields
from feedback.web.htmx import redirect_to, wants_partial
from feedback.web.request_log import note_organisation
from feedback.wording.i18n import language


def save_tap(token: str, key: str) -> Response | None:
    """Save ratings that were tapped on the client's own phone, or Done with them; None when it is anything more, or has
    to be refused, which save_form does in words."""
    tapped, code = tapped_fields(request.form), normalise_token(token)
    if tapped is None or code is None or session or not wants_partial():
        return None
    with db().connection() as connection:
        row = find_tapped(connection, code, key)
    if row is None:
        return None
    submission = replace(tapped, language=speak(row.contact_language, row.organisation_language))
    sender = Sender(key, fingerprint_of(row.organisation_id, code), _receipts())
    if submission.done:
        return _save_done(row, submission, sender, code)
    return _saved(code, key) if save_next_tap(db(), row, submission, sender, now()) else None


def _save_done(row: Any, submission: Submission, sender: Sender, token: str) -> Response | None:
    """Save Done on the client's own phone, on a row of store.taps.find_tapped. To read the invitation with all that a
    page shows of it, and to make the form's fields, took a sixth of a Done."""
    if row.key_kind is not KeyKind.PAGE or sender.browser is not Browser.CLIENTS:
        return None
    note_organisation(request.environ, row.organisation_id)
    at = now()
    due = is_due(row.next_freeze, ZoneInfo(row.timezone), at)
    try:
        with change(db(), row.organisation_id, at, nothing_due=not due) as c:
            answers.save_answer(c, row.invitation_id, submission, sender)
    except (InvitationClosed, AnswerErased, AnsweredElsewhere, Invalid):
        return None  # nothing was saved
    return redirect_to(client_address("client.answer", token, sender.key, step="extras"))


def save_form(invitation: InvitationView, key: str, named: str | None) -> Response:
    """Validate and save the form under `key`. named: the key in the address, None when there is none."""
    form = AnswerForm()
    reasons = form.refused(request.form)
    known = key if invitation.key else named
    may = powers_over(invitation) if invitation.key else Powers(tap=True)
    if may.own and not may.read:
        return redirect_to(client_address("client.receipt", invitation.token, key))
    if reasons:
        return answer_page(invitation, known, may, form, reasons, status=422)
    submission = Submission(
        ratings=form.ratings(),
        extras=form.extras(request.form),
        verdicts=form.verdicts(request.form),
        sequence=form.sequence.data,
        done=form.done.data == "1",
        extras_sent="comment" in request.form,
        language=language(),
    )
    if not invitation.begun and not submission.ratings and not submission.done:
        # Nothing was tapped yet (for example, only the language was changed), so there is nothing to save.
        return (
            make_response("", 204)
            if wants_partial()
            else redirect_to(client_address("client.ask", invitation.token))
        )
    sender = Sender(key, fingerprint(invitation), _receipts())
    try:
        _store(invitation, submission, sender)
    except InvitationClosed:
        return closed_page(invitation, known if may.own else None)
    except AnswerErased:
        if invitation.in_a_room and not may.own:
            return elsewhere_page(invitation, 409)
        return erased_page(invitation)
    except AnsweredElsewhere:
        return elsewhere_page(invitation_for(invitation.token, key), 409)
    except Invalid:
        return answer_page(invitation, known, may, form, {"done": str(NOTHING_RATED)}, status=422)
    if wants_partial() and not submission.done:
        return _saved(invitation.token, key)
    if sender.browser is not Browser.CLIENTS and not submission.done:
        # The language was changed. A key made in a rep's browser reads nothing, so show the form as sent.
        begun = invitation_for(invitation.token, key)
        return answer_page(begun, key, powers_over(begun), form)
    step = "extras" if submission.extras_sent or submission.done else None
    if submission.extras_sent and submission.done:
        step = "thanks"
    return redirect_to(client_address("client.answer", invitation.token, key, step=step))


def _receipts() -> str | None:
    """Return our address where mail can be sent: a mail carries a key, so its host is never taken from a request."""
    settings = app_context().settings
    return settings.base_url if settings.smtp_url else None


def _saved(token: str, key: str) -> Response:
    """Tell the page's script that a tap is saved, and under which address the page goes on."""
    response = make_response("", 204)
    response.headers["HX-Replace-Url"] = client_address("client.answer", token, key)
    return response


def _store(invitation: InvitationView, submission: Submission, sender: Sender) -> None:
    """Save a submission: as a tap, which has no further consequences, when it is no more than that."""
    where = (db(), invitation.organisation_id, now())
    if not submission.done:
        with tap(*where) as c:
            if answers.save_tap(c, invitation.id, submission, sender):
                return
    with change(*where) as c:
        answers.save_answer(c, invitation.id, submission, sender)
