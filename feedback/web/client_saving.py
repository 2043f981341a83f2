"""What a client sends: a tap, Done, the second page. What the page's script sends goes a shorter way (short_way.py)
unless it is more than nearly all of it is."""

from flask import Response, make_response, request

from feedback.actions import answers
from feedback.actions.answer_keys import AnsweredElsewhere, AnswerErased, InvitationClosed, Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change, tap
from feedback.context import app_context
from feedback.core.answer_key import Browser, Powers
from feedback.db.change import Invalid
from feedback.store.invitation_view import InvitationView
from feedback.web.client_pages import answer_page, closed_page, elsewhere_page, erased_page
from feedback.web.client_request import (
    client_address,
    fingerprint,
    invitation_for,
    powers_over,
    receipts_from,
)
from feedback.web.context import db, now
from feedback.web.forms import NOTHING_RATED, AnswerForm
from feedback.web.htmx import redirect_to, wants_partial
from feedback.wording.i18n import language


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
    sender = Sender(key, fingerprint(invitation), receipts_from(app_context().settings))
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
