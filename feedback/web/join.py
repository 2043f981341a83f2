"""Joining by a link, and choosing a new password by one. GET changes nothing: mail scanners open links."""

from flask import Blueprint, Response, abort, request

from feedback.actions.change import change
from feedback.actions.user_links import use_link
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.links import read_link_token
from feedback.db.change import Invalid
from feedback.store.credentials import one_credentials
from feedback.store.user_links import LinkView, link_by_id
from feedback.web.context import db, mails_from, now, read_session, viewer
from feedback.web.entering import enter
from feedback.web.htmx import redirect_to, render

pages = Blueprint("join", __name__)


@pages.get("/join/<token>")
def show(token: str) -> Response:
    """Ask for a password. A link that is good no longer says why, and what to do; whoever joined by it, and comes back, is
    led on."""
    link, who = _link(token), viewer()
    if who and who.id == link.user_id and not link.good(now()):
        return redirect_to("/")
    return _page(link)


@pages.post("/join/<token>")
def use(token: str) -> Response:
    """Set the password, end the link, and sign in."""
    link = _link(token)
    if not link.good(now()):
        return _page(link)
    try:
        with change(db(), link.organisation_id, now()) as c:
            use_link(c, link.id, request.form.get("password", ""), mails_from())
    except Invalid as error:
        return _page(link, error.reasons, 422)
    except NotFound:  # somebody was faster
        return _page(_link(token))
    return enter(one_credentials(read_session(), link.organisation_id, link.user_id))


def _link(token: str) -> LinkView:
    known = read_link_token(app_context().settings.secret_key, token)
    found = link_by_id(read_session(), *known) if known else None
    if found is None:
        abort(404)
    return found


def _page(link: LinkView, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    good = link.good(now())
    return render(
        "auth/join.html",
        status=status if good else 410,
        link=link,
        good=good,
        reasons=reasons or {},
        now=now(),
    )
