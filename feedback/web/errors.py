"""Error pages. Each says what happened, whether data was kept, and what to do next."""

from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException

from feedback.actions.audit import record_refusal
from feedback.core.access import Forbidden, NotFound, WorksAgreement
from feedback.db.errors import UNUSABLE
from feedback.models.encrypted import NoToken, UnreadableSecret
from feedback.web.context import db, now, viewer
from feedback.web.htmx import wants_partial
from feedback.web.language import use_readers_language
from feedback.web.origin import network_mark
from feedback.web.problems import for_programs, problem
from feedback.web.request_log import NUMBER
from feedback.wording.i18n import SOURCE, browser_language, lazy_app_text, use_app_language, use_language

# By status: headline, what it means, what to do next.
_app = lazy_app_text
WORDS = {
    400: (_app("That did not arrive whole"), _app("Nothing was changed."), _app("Go back and try once more.")),
    403: (_app("This page is not for your role"), _app("Nothing was changed."), _app("Go back to your own page.")),
    404: (_app("There is nothing here"), _app("The address may be mistyped, or belong to somebody else."), _app("Go back to your own page.")),
    405: (_app("This address only takes forms"), _app("Nothing was changed."), _app("Go back and use the button on the page.")),
    415: (_app("This address only takes forms"), _app("Nothing was changed."), _app("Go back and use the button on the page.")),
    413: (_app("That is too large"), _app("Nothing was saved."), _app("Go back and send less.")),
    429: (_app("Too many tries"), _app("What was saved before is kept."), _app("Wait a few minutes, then try again.")),
    500: (_app("That was our fault"), _app("What was saved before is kept."), _app("Go back and try once more.")),
    503: (_app("We cannot look anything up just now"), _app("What was saved before is kept."), _app("Wait a minute, then try again.")),
}  # fmt: skip
TEAMS_ONLY = (
    "This is not shown to managers here",
    "Your organisation works by a works agreement: figures are shown for teams, and not for one person.",
    "What needs doing is under Alerts.",
)
NO_CODE = (
    _app("This meeting has no code"),
    _app("It was imported, and what was said is kept."),
    _app("Go back to your own page."),
)
UNREADABLE = (
    _app("This code cannot be shown"),
    _app("This server does not have the key that it was encrypted with. Nothing is lost."),
    _app("Whoever runs the server has to put the previous secret key back."),
)
RETRY_AFTER = 30  # seconds


def install_error_pages(app: Flask) -> None:
    """Register an error page for every error."""
    app.register_error_handler(NotFound, lambda _error: error_page(404))
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(WorksAgreement, lambda _error: error_page(403, TEAMS_ONLY))
    app.register_error_handler(NoToken, lambda _error: error_page(410, NO_CODE))
    app.register_error_handler(UnreadableSecret, lambda _error: error_page(503, UNREADABLE))
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, lambda _error: error_page(500))
    app.log_exception = _log_error  # type: ignore[method-assign, assignment]  # its own names the address, with what is in it
    for unusable in UNUSABLE:
        app.register_error_handler(unusable, _database_error)


def error_page(status: int, words: tuple[str, str, str] | None = None, home: str = "/") -> Response:
    """Return the page of an error; on a client's address in the design of the client's pages.

    words: headline, what it means, what to do next; WORDS by default. home: where its button leads.
    """
    what, kept, todo = words or WORDS.get(status, WORDS[500])
    if for_programs(request.path):
        use_app_language(SOURCE)
        return problem(status, what, kept, number=_number(status))
    clients = request.path.casefold().startswith("/f/")
    if clients and "language" not in g:  # it failed before the invitation's language was known
        use_language(request.args.get("lang"), browser_language())
    if status >= 500 or isinstance(request.routing_exception, BadHost):
        # keeps the page from asking the database, which may be what has failed; and from links where no host stands
        g.setdefault("viewer", None)
        g.setdefault("to_switch_to", [])
    if "language" not in g:
        use_readers_language()
    template = "errors/client.html" if clients else "errors/page.html"
    partial = "errors/_words.html" if wants_partial() else template
    return make_response(
        render_template(
            partial, status=status, what=what, kept=kept, todo=todo, home=home, number=_number(status)
        ),
        status,
    )


def _forbidden(_error: Forbidden) -> Response:
    """Write down who was refused, with the rule of the address, which names nobody."""
    who = viewer()
    if who and request.url_rule:
        where = f"{request.method} {request.url_rule.rule}"
        record_refusal(db(), who.organisation_id, who.id, where, network_mark(who.organisation_id), now())
    return error_page(403)


def _number(status: int) -> str | None:
    """Return the number under which the log has this request, where that helps: something of ours is broken."""
    number: str | None = request.environ.get(NUMBER) if status == 500 else None
    return number


def _log_error(error: Any) -> None:
    current_app.logger.error("a request failed", exc_info=error)


def _stale_form(_error: CSRFError) -> Response:
    return error_page(
        400,
        (
            _app("This form has expired"),
            _app("Nothing was changed."),
            _app("Go back, reload the page, and send it again."),
        ),
    )


def _database_error(error: Exception) -> Response:
    current_app.logger.error("the database cannot be used: %s", error)
    response = error_page(503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = error_page(error.code)
    if error.code == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response
