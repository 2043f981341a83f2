"""What a client is shown."""

from types import SimpleNamespace
from typing import Any

from flask import Response, make_response, render_template, request

from feedback.core.access import HiddenBecause
from feedback.core.answer_key import SHORT_LIVED, Browser, KeyKind, Powers
from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST
from feedback.core.extras import Extra
from feedback.core.settling import AnswerState
from feedback.pages.client import promises_due
from feedback.store.invitation_view import InvitationView, SideAnswers
from feedback.store.rooms import token_of_room
from feedback.web.client_request import whose_browser
from feedback.web.context import now, read_session
from feedback.web.forms import AnswerForm
from feedback.web.htmx import render
from feedback.web.look import look
from feedback.web.prepared import PreparedPages, mark
from feedback.wording.filters import day
from feedback.wording.i18n import language
from feedback.wording.names import managers_line

RATED = tuple(str(rating) for rating in range(LOWEST, HIGHEST + 1))
prepared_pages = PreparedPages()
# What differs between two empty pages in one language.
_DIFFERS = (
    "token", "key", "organisation", "met_on", "rep", "rep_first", "contact", "contact_first", "account", "managers_line",
)  # fmt: skip


def empty_page(invitation: InvitationView, key: str | None = None) -> Response:
    """Show the six rows without ratings. They are prepared, for this is the page that a client waits for at a
    door."""
    lang, chosen = request.args.get("lang"), _chosen_in_a_mail()
    lent = whose_browser(invitation) is not Browser.CLIENTS
    if chosen or invitation.we_did or lang not in (None, language()) or lent:
        return answer_page(invitation, key, Powers(tap=True), empty_form(chosen))
    return prepared_pages.response(
        (language(), lang, key and "keyed", look().version),
        lambda: _empty_page_with_marks(key),
        differing_values(invitation, day(invitation.held_at), language(), key),
    )


def differing_values(
    invitation: InvitationView, met_on: str, tag: str, key: str | None = None
) -> dict[str, str]:
    """Return what differs between two empty pages in one language, tag, by the names of its marks."""
    return {
        "token": invitation.token, "key": key or "", "organisation": invitation.organisation, "met_on": met_on,
        "rep": invitation.rep, "rep_first": invitation.rep_first, "contact": invitation.contact,
        "contact_first": invitation.contact_first, "account": invitation.account,
        "managers_line": _managers_line(tag, invitation),
    }  # fmt: skip


def extras_kind(invitation: InvitationView) -> str | None:
    """Return the kind of the second page that an answer shows on the client's own phone, where it is prepared: nothing was
    written there yet, all six rows are tapped, and the one question names nothing. None where it is not. To render it took
    two thirds of its time."""
    said = invitation.client
    plain = (
        invitation.key is KeyKind.PAGE
        and not invitation.key_ended
        and invitation.access.hidden_because is not HiddenBecause.ERASED
        and said.done_at is not None
        and said.extras_at is None
        and (said.comment, said.nps, said.worth_it, said.stage) == (None, None, None, None)
        and said.extra in (Extra.STAGE, Extra.RECOMMEND, Extra.WORTH_IT)
        and None not in said.ratings
    )
    return f"extras {said.extra}" if plain else None


def extras_values(invitation: InvitationView, met_on: str, tag: str, key: str) -> dict[str, str]:
    """Return what differs between two second pages of a kind, by the names of its marks."""
    return {**differing_values(invitation, met_on, tag, key), "sequence": str(invitation.client.sequence)}


def extras_page(invitation: InvitationView, key: str) -> Response | None:
    """Show the second page where it is prepared; None where it is not."""
    lang, kind = request.args.get("lang"), extras_kind(invitation)
    here = {*request.args} <= {"lang", "step"} and request.args.get("step") == "extras"
    if (
        kind is None
        or not here
        or lang not in (None, language())
        or whose_browser(invitation) is not Browser.CLIENTS
    ):
        return None
    return prepared_pages.response(
        (language(), lang, kind, look().version),
        lambda: _extras_page_with_marks(invitation.client.extra),
        extras_values(invitation, day(invitation.held_at), language(), key),
        tight=False,
    )


def _extras_page_with_marks(extra: Extra | None) -> str:
    marks = {name: mark(name) for name in _DIFFERS}
    return render_template(
        "client/answer.html",
        invitation=SimpleNamespace(**marks, client=SimpleNamespace(extra=extra, sequence=mark("sequence"))),
        key=marks["key"],
        met_on=marks["met_on"],
        may=Powers(tap=True, add=True, own=True, read=True),
        form=empty_form(),
        reasons={},
        step="extras",
    )


def _managers_line(tag: str, invitation: InvitationView) -> str:
    return managers_line(
        tag, invitation.managers, invitation.organisation, in_parts=invitation.works_agreement
    )


def _empty_page_with_marks(key: str | None) -> str:
    marks = {name: mark(name) for name in _DIFFERS}
    return render_template(
        "client/answer.html",
        invitation=SimpleNamespace(**marks, client=SideAnswers()),
        key=key and marks["key"],
        met_on=marks["met_on"],
        managers_line=marks["managers_line"],
        may=Powers(tap=True),
        form=empty_form(),
        reasons={},
        step="rows",
    )


def empty_form(chosen: dict[str, int] | None = None) -> AnswerForm:
    return AnswerForm(formdata=None, data={"visibility": "rep", **(chosen or {})})


def _chosen_in_a_mail() -> dict[str, int]:
    """Return the ratings that the address chooses, as a link in a mail does. They are saved by a tap, or by Done: a
    scanner that follows every link changes nothing."""
    chosen = {name: request.args.get(name, "") for name in DIMENSIONS}
    return {name: int(value) for name, value in chosen.items() if value in RATED}


def answer_page(
    invitation: InvitationView,
    key: str | None,
    may: Powers,
    form: AnswerForm,
    reasons: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the six rows, or after Done the extras or the thanks."""
    if not may.tap:
        step = "extras"
    elif (
        not invitation.client.done_at
        or "change" in request.args
        or set(reasons or ()) & {*DIMENSIONS, "done"}
    ):
        step = "rows"
    else:
        step = "thanks" if request.args.get("step") == "thanks" else "extras"
    promises = (
        promises_due(read_session(), invitation.organisation_id, invitation.id, now())
        if step == "extras" and invitation.client.extra == Extra.PROMISES
        else []
    )
    return render(
        "client/answer.html",
        status=status,
        invitation=invitation,
        key=key,
        may=may,
        lent=whose_browser(invitation) is not Browser.CLIENTS,
        met_on=day(invitation.held_at),
        managers_line=_managers_line(language(), invitation),
        form=form,
        reasons=reasons or {},
        step=step,
        open_rows=_open_rows(invitation) if may.tap else [],
        promises=promises,
    )


def _open_rows(invitation: InvitationView) -> list[str]:
    """Return the dimensions that were not rated."""
    ratings = zip(DIMENSIONS, invitation.client.ratings, strict=True)
    return [name for name, rating in ratings if rating is None]


def elsewhere_page(invitation: InvitationView, status: int) -> Response:
    """Show the page for a browser that has no valid key to an answer already begun: what can be done about
    it."""
    return render(
        "client/elsewhere.html",
        status=status,
        invitation=invitation,
        answered=invitation.progress.state is AnswerState.SETTLED
        or invitation.access.hidden_because is HiddenBecause.ERASED,
        put_away=invitation.key_ended and not invitation.in_a_room,
        told="told" in request.args,
        room=token_of_room(read_session(), invitation.organisation_id, invitation.meeting_id)
        if invitation.in_a_room
        else None,
    )


def closed_page(invitation: InvitationView, key: str | None = None) -> Response:
    """Show that the page has closed (410). key: one that may still erase the answer, if any."""
    told = "told" in request.args
    return make_response(
        render_template("client/closed.html", invitation=invitation, key=key, told=told), 410
    )


def erased_page(invitation: InvitationView) -> Response:
    """Show that the client has erased the answer (410)."""
    return make_response(render_template("client/erased.html", invitation=invitation), 410)


def shows_thanks(invitation: InvitationView) -> bool:
    """Tell whether to show the thanks in a rep's browser: its key has ended with the extras, and the page
    shows nothing of what was said."""
    return (
        request.args.get("step") == "thanks"
        and invitation.key in SHORT_LIVED
        and invitation.client.extras_at is not None
        and whose_browser(invitation) is SHORT_LIVED[invitation.key]
    )


def stored_form_data(invitation: InvitationView) -> dict[str, Any]:
    """Return the stored answer as data of an AnswerForm."""
    said = invitation.client
    ratings = dict(zip(DIMENSIONS, said.ratings, strict=True))
    extras = {name: getattr(said, name) for name in ("comment", "visibility", "nps", "worth_it", "stage")}
    return {**ratings, **extras}
