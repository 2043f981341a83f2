"""What each of the cast reads and changes over the API, beside meetings; and bodies that cannot be taken."""

import json
import re

import pytest
from sqlmodel import update
from support.pages import NOBODY, words

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.trust import Fingerprint
from feedback.api.openapi import describe
from feedback.api.operations import OPERATIONS
from feedback.core.answer_key import Browser
from feedback.core.api_tokens import TokenKind
from feedback.models import Organisation

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def _set(cast, **values):
    with cast.changing() as c:
        mine = Organisation.id == cast.olive.organisation_id
        c.session.execute(update(Organisation).where(mine).values(**values))


@pytest.fixture
def met(cast):
    """Alice guessed 5, and Dana said 1; Bob's Eli said 5."""
    found, other = cast.meeting(), cast.meeting("bob", "Eli", "Contoso")
    for each, said in ((found, 1), (other, 5)):
        cast.answer(each, said)
        cast.seal(each, 5)
    return found


def test_rep_sees_the_own_line_alone(cast, met, program):
    alice = program("alice")
    (row,) = alice.get("/standings").json["rows"]
    assert (row["rep"], row["rank"]) == ("Alice", None)
    assert alice.get("/standings").json["loyalty"] is None
    assert len(program("olive").get("/standings").json["rows"]) == 2
    assert [row["rep"] for row in program("carol").get("/standings").json["rows"]] == ["Alice"]
    _set(cast, reps_see_own=False)
    assert alice.get("/standings").status_code == 403
    _set(cast, reps_see_all=True, reps_see_own=True)
    assert len(alice.get("/standings").json["rows"]) == 2


def test_weeks_and_teams_that_are_none(met, program):
    carol, olive = program("carol"), program("olive")
    assert [carol.get(f"/standings?week={week}").status_code for week in ("2026-W60", "2027-W01", "W1", "2020-W01")] == [
        422, 404, 422, 404,
    ]  # fmt: skip
    teams = {team["name"]: team["id"] for team in olive.get("/teams").json["items"]}
    assert [row["rep"] for row in olive.get(f"/standings?team={teams['South']}").json["rows"]] == ["Bob"]
    assert carol.get(f"/standings?team={teams['South']}").status_code == 404


def test_relationships_go_page_by_page(cast, met, program):
    for n in range(4):
        cast.answer(cast.meeting("alice", f"Client {n}"), 4)
    olive = program("olive", kind=TokenKind.ORGANISATION)
    seen, cursor = [], ""
    while cursor is not None:
        page = olive.get(f"/relationships?limit=2{cursor and '&cursor=' + cursor}").json
        seen += page["items"]
        cursor = page["next"]
    assert sorted(each["contact"] for each in seen) == [
        "Client 0", "Client 1", "Client 2", "Client 3", "Dana Whitfield", "Eli",
    ]  # fmt: skip
    assert {each["loyalty"] for each in seen} == {0.0, 75.0, 100.0}
    assert all(each["answers"] == 1 for each in seen)
    mine = program("alice").get("/relationships").json["items"]
    assert {each["contact"]: each["loyalty"] for each in mine}["Client 0"] is None  # not guessed yet
    assert {each["contact"]: each["loyalty"] for each in mine}["Dana Whitfield"] == 0
    for nonsense in ("x", "YWZ0ZXIgLTE=", "YWZ0ZXIg", "YWZ0ZXIgOTk5OTk5OTk5OTk5OTk="):
        assert olive.get(f"/relationships?cursor={nonsense}").status_code == 422


def test_alert_is_taken_noted_closed_and_reopened(met, program):
    carol = program("carol")
    (alert,) = carol.get("/alerts").json["items"]
    path = f"/alerts/{alert['id']}"
    assert carol.get(path).json["lines"][0] == {"dimension": "integrity", "said": 1, "guessed": 5}
    assert carol.patch(path, {"state": "taken"}).json["taken_by"] == "Carol"
    assert carol.patch(path, {"state": "closed"}).status_code == 422
    assert carol.post(f"{path}/notes", {"words": "Called her"}).json["history"][-1]["words"] == "Called her"
    assert carol.ask("PUT", f"{path}/practice", {"dimension": "savvy", "number": 1}).status_code == 200
    closed = carol.patch(path, {"state": "closed", "outcome": "recovered", "note": "Fine again"})
    assert (closed.json["outcome"], carol.get("/alerts").json["items"]) == ("recovered", [])
    assert [each["id"] for each in carol.get("/alerts?closed=true").json["items"]] == [alert["id"]]
    assert carol.patch(path, {"state": "open"}).json["closed_at"] is None
    assert program("bob").get(path).status_code == 403


def test_account_is_valued_renewed_and_joined(cast, met, program):
    carol = program("carol")
    (account,) = carol.get("/accounts?q=north").json["items"]
    path = f"/accounts/{account['id']}"
    changed = carol.patch(
        path, {"renews_on": "2027-03-31", "value": 48000.5}, If_Match=carol.get(path).headers["ETag"]
    )
    assert (changed.json["renews_on"], changed.json["value"], changed.json["name"]) == (
        "2027-03-31",
        48000.5,
        "Northwind",
    )
    assert carol.patch(path, {"value": None}).json["value"] is None
    assert [each["name"] for each in carol.get(f"{path}/contacts").json["items"]] == ["Dana Whitfield"]
    assert carol.patch(path, {"archived": True}).json["archived"] is True
    olive = program("olive")
    other = olive.get("/accounts?q=contoso").json["items"][0]["id"]
    assert carol.post(f"{path}/merge", {"other": other}).status_code == 404  # Bob's
    merged = olive.post(f"{path}/merge", {"other": other})
    assert olive.get(f"/accounts/{other}").json["id"] == account["id"]
    assert program("alice").ask("DELETE", f"/merges/{merged.json['id']}").status_code == 404
    assert olive.ask("DELETE", f"/merges/{merged.json['id']}").status_code == 204


def test_contact_is_corrected(met, program):
    alice, carol = program("alice"), program("carol")
    path = f"/contacts/{met.contact_id}"
    changed = alice.patch(path, {"email": "dana@northwind.example", "no_mail": True}).json
    assert (changed["name"], changed["email"], changed["no_mail"]) == (
        "Dana Whitfield",
        "dana@northwind.example",
        True,
    )
    assert "email" in alice.patch(path, {"email": ""}).json["errors"]
    assert alice.patch(path, {"archived": True}).status_code == 422
    assert carol.patch(path, {"archived": True}).json["archived"] is True
    assert [each["name"] for each in alice.get("/contacts?q=dana").json["items"]] == []
    assert program("bob").get(path).status_code == 404


def test_owner_looks_after_people_and_teams(cast, met, program):
    olive = program("olive")
    team = olive.post("/teams", {"name": "West"}).json["id"]
    sam = {"name": "Sam", "email": "sam@example.com", "role": "rep", "team_ids": [team]}
    made = olive.post("/people", sam).json
    path = f"/people/{made['id']}"
    assert "/join/" in olive.post(f"{path}/link").json["address"]
    assert olive.patch(path, {"name": "Samira"}).json == {**made, "name": "Samira"}
    (client,) = olive.get(f"/people/{cast.alice.id}/clients").json["items"]
    over = {"to": made["id"], "relationship_ids": [client["relationship_id"]]}
    assert olive.post(f"/people/{cast.alice.id}/hand-over", over).status_code == 204
    assert [each["contact"] for each in olive.get(f"{path}/clients").json["items"]] == ["Dana Whitfield"]
    assert olive.patch(path, {"left": True}).json["left"] is True
    assert olive.patch(f"/people/{cast.olive.id}", {"left": True}).status_code == 422
    assert olive.ask("DELETE", f"/teams/{team}").status_code == 422
    assert olive.patch(f"/teams/{team}", {"name": "Far West"}).json["name"] == "Far West"
    assert program("carol").get("/people").status_code == 403


def test_doubtful_answer_is_decided(cast, met, program):
    from feedback.actions.answers import dispute_answer

    with cast.changing() as c:
        dispute_answer(c, met.id, with_key=True)
    carol = program("carol")
    (waiting,) = carol.get("/answers").json["items"]
    assert waiting["counts"] == "quarantined"
    decided = carol.post(f"/answers/{met.id}/decisions", {"accept": True, "reason": "Dana called me"})
    assert (decided.json["counts"], decided.json["decisions"][0]["reason"]) == ("counted", "Dana called me")
    assert program("alice").get(f"/answers/{met.id}").status_code == 403


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b'{"topic": "\\ud800"}', "application/json", 422),
        (b'{"topic": "a\\u0000b"}', "application/json", 422),
        (b'{"topic": 7}', "application/json", 422),
        (b'{"contact_ids": "x"}', "application/json", 422),
        (b'{"nobody": true}', "application/json", 422),
        (b"topic=Renewal", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (
            json.dumps({"contact_ids": ["01a21fdd-5dbe-75d0-a844-38d670e4c272"] * 10_000}).encode(),
            "application/json",
            413,
        ),
        (
            json.dumps({"contact_ids": ["01a21fdd-5dbe-75d0-a844-38d670e4c272"] * 100}).encode(),
            "application/json",
            422,
        ),
        (b"[" * 100_000, "application/json", 422),
    ],
    ids=range(14),
)
def test_body_that_cannot_be_taken_changes_nothing(program, sent, kind, status):
    alice = program("alice")
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Type": kind}
    refused = alice.client.post("/api/v1/meetings", data=sent, headers=headers)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    assert alice.get("/meetings").json["items"] == []


def test_manager_hears_of_no_tap_before_the_answer_has_settled(cast, program):
    """Nor where it came from: a rep's own browser is told of once the answer is."""
    met = cast.meeting()
    state = Submission({"savvy": 1})
    cast.submit(met, state, Sender(fingerprint=Fingerprint(device="d", whose=Browser.REPS)))
    carol = program("carol")
    relationship = carol.get("/relationships").json["items"][0]["id"]
    (told,) = carol.get(f"/relationships/{relationship}/answers").json["items"]
    assert (told["taps"], told["done"], told["said"], told["counts"], told["signals"]) == (
        0,
        False,
        None,
        None,
        [],
    )
    assert "reps_browser" in cast.reload(met).client.signals


def test_no_other_site_reads_along(program):
    """Neither before a request of a browser nor with it; HEAD is GET without its body."""
    alice = program("alice")
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    before = alice.client.options("/api/v1/me", headers=asked)
    told, head = alice.get("/me", Origin="https://evil.example"), alice.ask("HEAD", "/me")
    assert before.status_code == 401
    assert not any("access-control" in name.lower() for reply in (before, told) for name, _ in reply.headers)
    assert told.headers["Cache-Control"] == "private, no-cache"  # nor whoever is asked for it after
    assert (head.status_code, head.get_data(), head.headers["ETag"]) == (200, b"", told.headers["ETag"])
    assert set(alice.ask("OPTIONS", "/me").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_mistyped_filter_is_told(program):
    refused = program("carol").get("/alerts?close=true")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["close"])


def test_every_operation_is_described_and_readable(app, sign_in, stranger):
    described = describe()
    asked = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert len(asked) == len(OPERATIONS) > 45
    assert stranger.get("/api/v1/openapi.json").json["paths"] == described["paths"]
    page = words(sign_in("carol").get("/api").text)
    assert all(f"{method} {path}" in page for method, path in asked)
    assert all(op.summary for op in OPERATIONS)
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', stranger.get("/api").text) == []


@pytest.mark.parametrize("name", ["alice", "carol", "olive"])
def test_every_list_is_the_same_one_at_a_time(cast, met, program, name):
    for n in range(3):
        low = cast.meeting("alice", f"Client {n}", f"Company {n}")
        cast.answer(low, 1, comment="Low")
        cast.seal(low, 4)
        cast.answer(cast.meeting("alice", f"Client {n}", f"Company {n}"), 3)  # which waits for its guess
    asks, several = program(name), 0
    for path in (op.path for op in OPERATIONS if op.method == "GET" and "<" not in op.path):
        whole = asks.get(f"{path}?limit=100")
        if whole.status_code != 200 or "next" not in whole.json:
            continue
        seen, cursor = [], ""
        while cursor is not None:
            page = asks.get(f"{path}?limit=1{cursor and '&cursor=' + cursor}").json
            assert len(page["items"]) <= 1, path
            seen += page["items"]
            cursor = page["next"]
        assert seen == whole.json["items"], path
        several += len(seen) > 1
    assert several > 2


def test_team_that_nobody_knows_is_404(cast, program):
    asks = program("olive", kind=TokenKind.ORGANISATION)
    for method, body in (("GET", None), ("PATCH", {"name": "West"}), ("DELETE", None)):
        assert asks.ask(method, f"/teams/{NOBODY}", body).status_code == 404
