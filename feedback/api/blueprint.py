"""The addresses of the API, and what their errors look like."""

import json
from functools import cache

from flask import Blueprint, Response, make_response, request

from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.asking import NotMailed
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.taken_back import AlreadyBegun
from feedback.api import (
    alerts,
    answers,
    asked,
    calendar,
    clients,
    day,
    evidence,
    meetings,
    outcomes,
    people,
    relationships,
    reps,
    standings,
)
from feedback.api.authentication import ApiRefused, add_allowance, let_in
from feedback.api.openapi import PREFIX, describe
from feedback.api.operations import JSON, OPERATIONS, etag_of, refused, serve
from feedback.db.change import Invalid
from feedback.pages.meetings import MeetingTakenBack
from feedback.web.htmx import render
from feedback.web.problems import problem
from feedback.wording.i18n import SOURCE, use_app_language
from feedback.wording.labels import WHY_NO_MAIL_WORDS

pages = Blueprint("api", __name__, url_prefix=PREFIX)
docs = Blueprint("api_docs", __name__)
NOTHING = "Nothing was changed."
# each makes its operations, which are listed in this order
RESOURCES = (
    people, clients, relationships, reps, meetings, calendar, asked, answers, alerts, day, standings, outcomes, evidence,
)  # fmt: skip


@pages.before_request
def enter() -> Response | None:
    """Let in whoever has a token; everybody may read the description."""
    use_app_language(SOURCE)
    return None if request.endpoint == "api.description" else let_in()


pages.after_request(add_allowance)
pages.register_error_handler(ApiRefused, refused)
pages.register_error_handler(
    Invalid, lambda error: problem(422, "That cannot be taken", NOTHING, errors=error.reasons)
)
pages.register_error_handler(
    AlreadySealed, lambda _error: problem(409, "This guess is sealed", "It never changes.")
)
pages.register_error_handler(
    InvitationClosed, lambda _error: problem(410, "This is closed", "It takes no more input.")
)
pages.register_error_handler(
    AlreadyBegun, lambda _error: problem(409, "Somebody opened it", "It cannot be taken back any more.")
)
pages.register_error_handler(
    MeetingTakenBack, lambda _error: problem(410, "This meeting was taken back", "Nobody had opened it.")
)
pages.register_error_handler(
    NotMailed, lambda error: problem(409, "No mail was sent", str(WHY_NO_MAIL_WORDS[error.why]))
)

for _op in OPERATIONS:
    pages.add_url_rule(_op.path, _op.view.__name__, serve(_op), methods=[_op.method])


@cache
def _described() -> bytes:
    return json.dumps(describe(), sort_keys=False).encode()


@pages.get("/openapi.json")
def description() -> Response:
    """Return the description for programs."""
    response = make_response(_described())
    response.headers["Content-Type"] = JSON
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(etag_of(_described()))
    response.make_conditional(request)
    return response


@docs.get("/api")
def show() -> Response:
    """Show the description for people."""
    found = describe()
    groups: dict[str, list[tuple[str, str, dict[str, object]]]] = {}
    for path, methods in found["paths"].items():
        for method, op in methods.items():
            groups.setdefault(op["tags"][0], []).append((method.upper(), path, op))
    return render("api/docs.html", groups=groups, prefix=PREFIX, schemas=found["components"]["schemas"])
