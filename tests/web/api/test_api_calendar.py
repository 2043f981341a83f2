"""A rep's calendar over the API, what was held and not asked, the code for a room, and what came back."""

from datetime import timedelta
from uuid import UUID

import pytest

from feedback.core.access import Reader
from feedback.models import CalendarEntry
from feedback.store.invitations import invitation_by_id

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
DANA = "dana@client.example"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261118T140000Z\r\nSUMMARY:Quarterly\r\n"
    f"ATTENDEE:mailto:{DANA}\r\nATTENDEE:mailto:sales@northgroup.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def alice(program):
    return program("alice")


@pytest.fixture
def held(cast, db, clock):
    """An entry of Alice's calendar with Dana, and one with a stranger; both are over."""
    cast.meeting(email=DANA)
    clock.forward(days=30)
    ids = []
    with db.writing() as session:
        for email in (DANA, "eve@client.example"):
            entry = CalendarEntry(
                organisation_id=cast.alice.organisation_id, rep_id=cast.alice.id, starts_at=clock() - timedelta(hours=2),
                title="Quarterly", emails=(email,), created_at=clock(),
            )  # fmt: skip
            session.add(entry)
            session.flush()
            ids.append(str(entry.id))
    return ids


def test_calendar_is_uploaded_and_read_from_an_address(alice):
    assert alice.ask("PUT", "/calendar", {"calendar": "nonsense"}).status_code == 422
    assert alice.ask("PUT", "/calendar", {"calendar": ICS}).json["addresses"] == []
    (entry,) = alice.get("/calendar/entries").json["items"]
    assert (entry["title"], entry["unmatched"]) == ("Quarterly", [DANA, "sales@northgroup.example"])
    assert alice.get(f"/calendar/entries/{entry['id']}").json == entry
    known = alice.ask("PUT", "/calendar/own-addresses", {"emails": ["Sales@northgroup.example"]})
    assert known.json["own_emails"] == ["sales@northgroup.example"]
    assert alice.ask("PUT", "/calendar/own-addresses", {"emails": []}).json["own_emails"] == []
    assert alice.post("/calendar/addresses", {"address": "http://localhost/x.ics"}).status_code == 422
    secret = "https://calendar.example/private-7f3a/basic.ics"
    told = alice.post("/calendar/addresses", {"address": secret, "name": "Work"})
    (work,) = told.json["addresses"]
    assert (work["name"], work["kind"], "7f3a" in told.text) == ("Work", "ics", False)
    assert alice.post("/calendar/addresses", {"address": secret}).status_code == 422  # it is there already
    assert alice.ask("PUT", "/calendar", {"calendar": ICS}).status_code == 422  # it is read from there


def test_addresses_of_a_calendar_are_each_their_reps(alice, program):
    told = alice.post("/calendar/addresses", {"address": "https://calendar.example/a.ics"})
    one = f"/calendar/addresses/{told.json['addresses'][0]['id']}"
    for method, body in (("PATCH", {"paused": True}), ("DELETE", None)):
        assert program("bob").ask(method, one, body).status_code == 404
    assert alice.patch(one, {"paused": True}).json["paused_at"]
    assert alice.patch(one, {"paused": False}).json["paused_at"] is None
    other = alice.ask("PUT", one, {"address": "https://calendar.example/b.ics", "name": "Home"})
    assert (other.status_code, other.json["name"]) == (200, "Home")
    assert alice.post(f"{one}/read").status_code == 200
    assert alice.ask("DELETE", one).status_code == 204
    assert alice.get("/calendar").json["addresses"] == []
    assert alice.post(f"{one}/read").status_code == 404


def test_held_and_not_asked_is_asked_or_put_away(alice, held, program):
    listed = alice.get("/calendar/entries?only=held").json["items"]
    assert {each["id"] for each in listed} == set(held)
    assert alice.get("/calendar/entries").json["items"] == []  # of what is to come there is nothing
    known, stranger = (f"/calendar/entries/{each}" for each in held)
    assert program("bob").post(f"{known}/meeting", {}).status_code == 404
    made = alice.post(f"{known}/meeting", {"way": "link"})
    assert (made.status_code, made.json["invitations"][0]["way"]) == (201, "link")
    assert alice.post(f"{known}/meeting", {}).json["id"] == made.json["id"]
    refused = alice.post(f"{stranger}/meeting", {})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["contact_ids"])
    assert alice.patch(stranger, {"put_away": True}).json["put_away"] is True
    assert alice.get("/calendar/entries?only=held").json["items"] == []
    eve = {"new_contact": {"name": "Eve", "account": "Contoso"}}
    assert alice.post(f"{stranger}/meeting", eve).json["invitations"][0]["contact"] == "Eve"


def test_room_has_one_code_and_tells_nobody_who_answered(alice, cast, stranger):
    one, other = cast.meeting(), cast.meeting("alice", "Eli")
    ids = [str(one.contact_id), str(other.contact_id)]
    made = alice.post("/meetings", {"contact_ids": ids, "way": "group"}).json
    path = f"/meetings/{made['id']}"
    assert stranger.get(made["room"].removeprefix("http://localhost")).status_code == 200
    codes = [alice.get(f"{path}/room/code.{kind}") for kind in ("svg", "png")]
    assert [code.mimetype for code in codes] == ["image/svg+xml", "image/png"]
    assert alice.get(f"/meetings/{one.meeting_id}/room/code.svg").status_code == 404
    pages = (path, "/meetings", "/asked", "/asked/clients", "/today", "/relationships")
    before = [alice.get(page).get_data() for page in pages]
    cast.answer(one_of(cast, made["invitations"][0]["id"]), 1, comment="We are leaving")
    assert [alice.get(page).get_data() for page in pages] == before


def one_of(cast, invitation_id: str):
    with cast.db.reading() as session:
        return invitation_by_id(
            session, cast.alice.organisation_id, UUID(invitation_id), Reader.RULES, cast.clock()
        )


def test_what_came_back_is_told_by_way(alice, cast, program):
    met = cast.meeting()
    cast.meeting("alice", "Eli")
    cast.answer(met, 4)
    (row,) = alice.get("/asked").json["items"]
    assert row["ways"] == [{"part": 1, "whole": 2, "percent": 50.0, "way": "code"}]
    assert [each["waits"] for each in alice.get("/asked/clients?weeks=4").json["items"]].count(True) == 1
    assert alice.get("/asked/no-mail").json["items"] == []
    rows = program("olive").get("/asked").json["items"]
    assert {row["rep"] for row in rows} == {"Alice", "Bob"}
    assert program("carol").get("/asked/clients").status_code == 403


def test_change_of_a_calendar_is_refused_where_somebody_was_faster(alice):
    seen = alice.get("/calendar").headers["ETag"]
    own = "/calendar/own-addresses"
    assert alice.ask("PUT", own, {"emails": ["a@b.example"]}, If_Match=seen).status_code == 200
    for path, body in (("/calendar", {"calendar": ICS}), (own, {"emails": []})):
        late = alice.ask("PUT", path, body, If_Match=seen)
        assert (late.status_code, late.content_type) == (412, "application/problem+json"), path
    now_there = alice.get("/calendar")
    assert now_there.json["own_emails"] == ["a@b.example"]
    assert alice.get("/calendar/entries").json["items"] == []
    put = alice.ask("PUT", "/calendar", {"calendar": ICS}, If_Match=now_there.headers["ETag"])
    assert put.status_code == 200
    assert len(alice.get("/calendar/entries").json["items"]) == 1


def test_address_is_ended_only_as_it_was_seen(alice):
    told = alice.post("/calendar/addresses", {"address": "https://calendar.example/a.ics", "name": "Work"})
    path = f"/calendar/addresses/{told.json['addresses'][0]['id']}"
    seen = alice.ask("PATCH", path, {"paused": True}).headers["ETag"]
    alice.ask("PATCH", path, {"paused": False})
    assert alice.ask("DELETE", path, If_Match=seen).status_code == 412
    seen = alice.ask("PATCH", path, {"paused": True}).headers["ETag"]
    assert alice.ask("DELETE", path, If_Match=seen).status_code == 204
