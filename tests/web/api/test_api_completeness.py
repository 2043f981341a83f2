"""Whatever a rep or a manager can do in a browser can be done over the API, or it is said here why not."""

import re

import pytest
from support.pages import NOBODY

from feedback.api.operations import OPERATIONS

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
INVITATION = "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>"

# What a person reads, and the operation that tells the same.
READS = {
    "/me": "GET /me",
    "/accounts": "GET /accounts",
    "/accounts/<uuid:account_id>": "GET /accounts/<uuid:account_id>",
    "/accounts/<uuid:account_id>/edit": "GET /accounts/<uuid:account_id>",
    "/accounts/<uuid:account_id>/merge": "GET /accounts",
    "/alerts": "GET /alerts",
    "/alerts/<uuid:alert_id>": "GET /alerts/<uuid:alert_id>",
    "/answers": "GET /answers",
    "/answers/<uuid:invitation_id>": "GET /answers/<uuid:invitation_id>",
    "/asked": "GET /asked",
    "/coaching": "GET /coaching",
    "/contacts": "GET /contacts",
    "/contacts/new": "GET /contacts",
    "/contacts/<uuid:contact_id>": "GET /contacts/<uuid:contact_id>",
    "/contacts/<uuid:contact_id>/merge": "GET /contacts",
    "/evidence": "GET /evidence",
    "/leaderboard": "GET /standings",
    "/leaderboard.csv": "GET /standings",
    "/leaderboard/<week_name>": "GET /standings",
    "/leaderboard/<week_name>.csv": "GET /standings",
    "/meetings": "GET /today",
    "/meetings/<uuid:meeting_id>": "GET /meetings/<uuid:meeting_id>",
    "/meetings/<uuid:meeting_id>/correct": "GET /meetings/<uuid:meeting_id>",
    "/meetings/<uuid:meeting_id>/gap": f"GET {INVITATION}",
    "/meetings/<uuid:meeting_id>/mirror": f"GET {INVITATION}",
    "/meetings/<uuid:meeting_id>/promises": "GET /meetings/<uuid:meeting_id>/promises",
    "/meetings/<uuid:meeting_id>/status": "GET /meetings/<uuid:meeting_id>",
    "/meetings/calendar": "GET /calendar/entries",
    "/meetings/new": "GET /contacts",
    "/outcomes/<uuid:outcome_id>": "GET /outcomes/<uuid:outcome_id>",
    "/relationships": "GET /relationships",
    "/relationships/<uuid:relationship_id>": "GET /relationships/<uuid:relationship_id>",
    "/relationships/<uuid:relationship_id>/practice": "GET /practices",
    "/reps/<uuid:rep_id>": "GET /reps/<uuid:rep_id>",
    "/today": "GET /today/managers",
}
# What a person does, and the operation that does the same.
WRITES = {
    "/accounts/<uuid:account_id>/archive": "PATCH /accounts/<uuid:account_id>",
    "/accounts/<uuid:account_id>/edit": "PATCH /accounts/<uuid:account_id>",
    "/accounts/<uuid:account_id>/merge": "POST /accounts/<uuid:account_id>/merge",
    "/accounts/<uuid:account_id>/outcomes": "POST /accounts/<uuid:account_id>/outcomes",
    "/alerts/<uuid:alert_id>": "PATCH /alerts/<uuid:alert_id>",
    "/alerts/<uuid:alert_id>/line": "PUT /alerts/<uuid:alert_id>/line",
    "/answers/<uuid:invitation_id>": "POST /answers/<uuid:invitation_id>/decisions",
    "/contacts/new": "POST /contacts",
    "/contacts/<uuid:contact_id>": "PATCH /contacts/<uuid:contact_id>",
    "/contacts/<uuid:contact_id>/archive": "PATCH /contacts/<uuid:contact_id>",
    "/contacts/<uuid:contact_id>/merge": "POST /contacts/<uuid:contact_id>/merge",
    "/meetings/<uuid:meeting_id>/ask": f"POST {INVITATION}/ask",
    "/meetings/<uuid:meeting_id>/correct": "PATCH /meetings/<uuid:meeting_id>",
    "/meetings/<uuid:meeting_id>/gap": f"PATCH {INVITATION}",
    "/meetings/<uuid:meeting_id>/mirror": f"PUT {INVITATION}/guess",
    "/meetings/<uuid:meeting_id>/promises": "POST /meetings/<uuid:meeting_id>/promises",
    "/meetings/<uuid:meeting_id>/taken-back": f"DELETE {INVITATION}",
    "/meetings/calendar": "PUT /calendar",
    "/meetings/calendar/<uuid:entry_id>": "POST /calendar/entries/<uuid:entry_id>/meeting",
    "/meetings/calendar/<uuid:entry_id>/away": "PATCH /calendar/entries/<uuid:entry_id>",
    "/meetings/calendar/address": "POST /calendar/addresses",
    "/meetings/calendar/address/end": "DELETE /calendar/addresses/<uuid:calendar_id>",
    "/meetings/calendar/address/pause": "PATCH /calendar/addresses/<uuid:calendar_id>",
    "/meetings/calendar/address/read": "POST /calendar/addresses/<uuid:calendar_id>/read",
    "/meetings/calendar/own": "PUT /calendar/own-addresses",
    "/meetings/new": "POST /meetings",
    "/merges/<uuid:merge_id>": "DELETE /merges/<uuid:merge_id>",
    "/outcomes/<uuid:outcome_id>": "PUT /outcomes/<uuid:outcome_id>",
    "/outcomes/<uuid:outcome_id>/retraction": "PATCH /outcomes/<uuid:outcome_id>",
    "/promises/<uuid:promise_id>": "PATCH /promises/<uuid:promise_id>",
    "/relationships/<uuid:relationship_id>/practice": "PUT /relationships/<uuid:relationship_id>/practice",
}
# What stays in the browser, by how its address begins, and why.
NOT_HERE = {
    "/demo/": "signing in to the example",
    "/digest": "the weekly mail to print: GET /standings, /alerts and /coaching have what is in it",
    "/forgot-password": "signing in",
    "/join/": "signing in",
    "/me/": "the own account: a token must not change how its person signs in, nor make another token",
    "/meetings/<uuid:meeting_id>/hand-over": "handing over the phone in one's hand",
    "/meetings/late": "what a phone has kept without a network",
    "/meetings/reserved": "codes that a phone keeps for when there is no network",
    "/new-password/": "signing in",
    "/privacy": "that a person has read a page is the person's to say",
    "/set-up": "signing in",
    "/sign-": "signing in",
    "/stop/": "a client's",
    "/try/": "a trial of the client's page",
    "/unlock": "taking the phone back",
}
# No page of a rep's or a manager's work.
OPERATION = re.compile(
    "/$|/(f|F|g|G|api|mcp|static|accents|logos)/|/(api|mcp|healthz|readyz|metrics|offline|robots.txt|app.webmanifest)$"
    "|/service-worker.js|/.well-known"
)
LAST = ("/me/sessions", "/meetings/<uuid:meeting_id>/hand-over", "/sign-out")  # they end the session


def test_what_people_do_in_a_browser_programs_do_too(app, cast, sign_in):
    asked = {f"{op.method} {op.path}" for op in OPERATIONS}
    assert {*READS.values(), *WRITES.values()} <= asked
    for method, named in (("GET", READS), ("POST", WRITES)):
        theirs = _theirs(app, sign_in, method)
        assert len(theirs) > 25
        assert theirs == set(named), method


def test_every_reason_is_of_an_address(app):
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    unused = [begins for begins in NOT_HERE if not any(rule.startswith(begins) for rule in rules)]
    assert unused == []


def _theirs(app, sign_in, method: str) -> set[str]:
    """Return the rules that a rep or a manager may ask with a method, but for those with a reason."""
    rules = sorted(
        {
            rule.rule
            for rule in app.url_map.iter_rules()
            if method in rule.methods and not _left_out(rule.rule)
        },
        key=lambda rule: rule in LAST,
    )
    browsers = [sign_in(name) for name in ("alice", "carol")]
    return {rule for rule in rules if any(_may(browser, method, rule) for browser in browsers)}


def _left_out(rule: str) -> bool:
    return bool(OPERATION.match(rule)) or rule.startswith(tuple(NOT_HERE))


def _may(browser, method: str, rule: str) -> bool:
    """Tell whether the role may: an id that is nobody's is looked up only then."""
    path = re.sub(r"<(?:\w+:)?\w+>", lambda part: NOBODY if "uuid" in part[0] else "x", rule)
    reply = browser.get(path) if method == "GET" else browser.post(path, {})
    assert reply.status_code < 500, rule
    return reply.status_code != 403
