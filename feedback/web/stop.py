"""Stopping the mails that ask: a page for whoever was mailed, and one click of a mail program (RFC 8058).

GET changes nothing, for mail scanners open links; POST needs no session, for a mail program has none.
"""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.actions.asking import allow_marked, stop_marked
from feedback.actions.change import tap
from feedback.context import app_context
from feedback.core.asking import StopReason
from feedback.core.links import read_stop_token
from feedback.store.asking import stop_of_mark
from feedback.store.organisations import organisation_or_none
from feedback.web.context import db, now, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.limits import limit_client
from feedback.wording.i18n import browser_language, use_language

pages = Blueprint("stop", __name__)
pages.before_request(limit_client)


@pages.get("/stop/<token>")
def show(token: str) -> Response:
    """Ask whether to stop; once stopped, offer to allow the mails again."""
    organisation_id, mark = _wanted(token)
    named = organisation_or_none(read_session(), organisation_id)
    if named is None:
        abort(404)
    use_language(request.args.get("lang"), browser_language(), named.language)
    stopped = stop_of_mark(read_session(), organisation_id, mark) is StopReason.CLIENT
    return render("client/stop.html", token=token, organisation=named.name, stopped=stopped)


@pages.post("/stop/<token>")
def stop(token: str) -> Response:
    """Stop the mails to this address, or with `again` allow them."""
    organisation_id, mark = _wanted(token)
    if organisation_or_none(read_session(), organisation_id) is None:
        abort(404)
    with tap(db(), organisation_id, now()) as c:
        if request.form.get("again"):
            allow_marked(c, mark, by_client=True)
        else:
            stop_marked(c, mark, StopReason.CLIENT)
    return redirect_to(url_for("stop.show", token=token, lang=request.args.get("lang")))


def _wanted(token: str) -> tuple[UUID, str]:
    found = read_stop_token(app_context().settings.keys, token)
    if found is None:
        abort(404)
    return found
