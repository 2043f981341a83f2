"""A rep's meetings over the API: made once, shown, guessed, and nothing before the seal."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.pages import NOBODY
from support.tokens import Program

from feedback.core.api_tokens import Scope
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily

NEW = {"new_contact": {"name": "Dana Whitfield", "account": "Northwind"}, "topic": "Renewal"}
SIX = dict.fromkeys(DIMENSIONS, 4)


@pytest.fixture
def alice(program):
    return program("alice")


def test_meeting_has_address_and_both_codes(alice, stranger):
    made = alice.post("/meetings", NEW)
    assert made.status_code == 201
    (invitation,) = made.json["invitations"]
    path = f"/meetings/{made.json['id']}/invitations/{invitation['id']}"
    svg, png = alice.get(f"{path}/code.svg"), alice.get(f"{path}/code.png")
    assert (svg.mimetype, png.mimetype) == ("image/svg+xml", "image/png")
    assert svg.text.startswith("<svg ")
    assert read_code(png.data).casefold() == invitation["address"].casefold()
    assert stranger.get(invitation["address"].removeprefix("http://localhost")).status_code == 200


def read_code(png: bytes) -> str:
    import zxingcpp
    from PIL import Image

    return zxingcpp.read_barcode(Image.open(io.BytesIO(png)).convert("L")).text


def test_one_key_makes_one_meeting(alice):
    first = alice.post("/meetings", NEW, Idempotency_Key="monday-1")
    again = alice.post("/meetings", NEW, Idempotency_Key="monday-1")
    assert again.get_data() == first.get_data()
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    other = alice.post("/meetings", {**NEW, "topic": "Else"}, Idempotency_Key="monday-1")
    assert other.status_code == 422
    assert len(alice.get("/meetings").json["items"]) == 1


def test_key_is_of_one_address(cast, program):
    """Two people's links have the same body, none."""
    olive = program("olive")
    paths = [f"/people/{each.id}/link" for each in (cast.alice, cast.bob)]
    first, other = (olive.post(path, Idempotency_Key="links") for path in paths)
    assert (first.status_code, other.status_code) == (201, 422)
    assert "another request" in other.json["errors"]["Idempotency-Key"]


def test_keys_are_of_a_token_and_a_day(alice, cast, program, clock):
    first = alice.post("/meetings", NEW, Idempotency_Key="k").json["id"]
    run_daily(cast.db, cast.alice.organisation_id, clock())
    assert alice.post("/meetings", NEW, Idempotency_Key="k").json["id"] == first
    assert program("alice").post("/meetings", {"contact_ids": []}, Idempotency_Key="k").status_code == 422
    clock.forward(days=1, seconds=1)  # and not only once the night's job has run
    assert alice.post("/meetings", NEW, Idempotency_Key="k").json["id"] != first


def test_of_a_tokens_answers_the_newest_are_kept(alice, monkeypatch):
    monkeypatch.setattr("feedback.actions.api_tokens.MOST_REPLAYS", 2)

    def replayed(key):
        return "Idempotency-Replayed" in alice.post("/meetings", NEW, Idempotency_Key=key).headers

    assert [replayed(key) for key in "abc"] == [False] * 3
    assert [replayed(key) for key in "bca"] == [True, True, False]


def test_same_key_at_once_makes_one_meeting(alice, app):
    """Four tries of a program that waited too long for the first."""
    programs = [Program(app.test_client(), alice.token) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        tries = [threads.submit(each.post, "/meetings", NEW, Idempotency_Key="at-once") for each in programs]
    made = {(each.result().status_code, each.result().get_data()) for each in tries}
    assert [status for status, _ in made] == [201]
    assert len(alice.get("/meetings").json["items"]) == 1


def test_guess_is_sealed_once_and_then_the_answer_shows(alice, cast, invitation):
    path = f"/meetings/{invitation.meeting_id}/invitations/{invitation.id}"
    cast.answer(invitation, 2, comment="We are leaving")
    before = alice.get(path)
    assert (before.json["said"], before.json["hidden_because"]) == (None, "guess_first")
    assert "leaving" not in before.text
    half = alice.ask("PUT", f"{path}/guess", {"ratings": {"savvy": 4}, "seal": True})
    assert half.status_code == 422
    sealed = alice.ask("PUT", f"{path}/guess", {"ratings": SIX, "seal": True})
    assert sealed.json["said"]["ratings"]["savvy"] == 2
    assert {gap["kind"] for gap in sealed.json["gaps"]} == {"blind_spot"}
    assert alice.ask("PUT", f"{path}/guess", {"ratings": {"savvy": 5}, "seal": True}).status_code == 409


def test_change_is_refused_where_somebody_was_faster(alice, invitation):
    path = f"/meetings/{invitation.meeting_id}"
    seen = alice.get(path).headers["ETag"]
    assert alice.get(path, If_None_Match=seen).status_code == 304
    body = {"held_at": "2026-11-18T09:00:00Z"}
    changed = alice.patch(path, body, If_Match=seen)
    assert changed.status_code == 200
    assert changed.headers["ETag"] == alice.get(path).headers["ETag"]
    late = alice.patch(path, {"held_at": "2026-11-18T08:00:00Z"}, If_Match=seen)
    assert late.status_code == 412
    assert alice.get(path).json["held_at"] == "2026-11-18T09:00:00Z"


def test_address_needs_the_scope_ask(program, invitation):
    path = f"/meetings/{invitation.meeting_id}"
    reads = program("alice", Scope.READ)
    assert reads.get(path).json["invitations"][0]["address"] is None
    code = reads.get(f"{path}/invitations/{invitation.id}/code.svg")
    assert (code.status_code, code.json["scope"]) == (403, "ask")
    room = program("alice").post("/meetings", {**NEW, "way": "group"}).json
    seen = reads.get(f"/meetings/{room['id']}").json
    assert (room["room"] is None, seen["room"], seen["invitations"][0]["address"]) == (False, None, None)
    assert reads.post("/meetings", NEW).json["detail"] == "It lacks the scope ask."


def test_namesake_is_asked_about(alice, invitation):
    other = {"new_contact": {"name": "Dana Whitfield", "account": "Southwind"}}
    asked = alice.post("/meetings", other)
    assert asked.status_code == 422
    assert str(invitation.contact_id) in asked.json["errors"]["new_contact"]
    new = {"new_contact": {**other["new_contact"], "another": True}}
    assert alice.post("/meetings", new).status_code == 201


def test_promises_declining_and_taking_back(alice, invitation):
    path = f"/meetings/{invitation.meeting_id}"
    made = alice.post(f"{path}/promises", {"side": "client", "words": "Send the contract"})
    assert made.status_code == 201
    judged = alice.patch(f"/promises/{made.json['id']}", {"verdict": "kept"})
    assert judged.json["verdict"] == "kept"
    assert [each["words"] for each in alice.get(f"{path}/promises").json["items"]] == ["Send the contract"]
    one = f"{path}/invitations/{invitation.id}"
    assert alice.patch(one, {"declined": True}).json["declined"] is True
    assert alice.ask("DELETE", one).status_code == 204
    assert alice.get(path).status_code == 410


def test_mail_that_cannot_be_sent_says_why(alice, invitation):
    path = f"/meetings/{invitation.meeting_id}/invitations/{invitation.id}/ask"
    refused = alice.post(path, {"way": "mail", "email": "dana@northwind.example"})
    assert (refused.status_code, refused.json["title"]) == (409, "No mail was sent")
    assert alice.post(path, {"way": "link"}).json["way"] == "link"


def test_meetings_are_the_reps_own(alice, program, cast, invitation):
    paths = [f"/meetings/{invitation.meeting_id}", f"/meetings/{NOBODY}", "/meetings/x"]
    assert [alice.get(path).status_code for path in paths] == [200, 404, 404]
    assert program("bob").get(paths[0]).status_code == 404
    assert program("carol").get(paths[0]).status_code == 403
    assert program("mallory").get(paths[0]).status_code == 403


def test_page_that_has_closed_is_not_to_be_guessed_any_more(alice, cast, clock):
    cast.meeting("alice", "Eli")

    def guesses():
        return [each["contact"] for each in alice.get("/today").json["items"] if each["what"] == "guess"]

    assert guesses() == ["Eli"]
    clock.forward(days=15)
    assert guesses() == []
