"""POST /contacts: a client whom a manager's system adds by hand, and who may be meant by the name."""

import pytest
from support.pages import NOBODY

from feedback.core.api_tokens import Scope

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
PROBLEM = "application/problem+json"


@pytest.fixture
def carol(program):
    return program("carol")


@pytest.fixture
def body(cast):
    """Somebody new, whom Alice is to meet."""
    return {"account": "Contoso", "name": "Eve Adams", "email": "eve@contoso.example", "rep_id": str(cast.alice.id)}  # fmt: skip


def refused(reply, field: str) -> str:
    """Return why a field is refused."""
    assert (reply.status_code, reply.content_type) == (422, PROBLEM)
    assert list(reply.json["errors"]) == [field]
    return reply.json["errors"][field]


def test_client_is_added_for_a_rep(carol, program, body):
    told = carol.post(
        "/contacts", {**body, "role": "Buyer", "language": "de", "value": 48000, "no_mail": True}
    )
    assert told.status_code == 201
    named = {name: told.json[name] for name in ("name", "account", "email", "role", "language", "no_mail")}
    assert named == {
        "name": "Eve Adams", "account": "Contoso", "email": "eve@contoso.example", "role": "Buyer", "language": "de",
        "no_mail": True,
    }  # fmt: skip
    assert carol.get(f"/contacts/{told.json['id']}").json == told.json
    assert carol.get(f"/accounts/{told.json['account_id']}").json["value"] == 48000
    assert [each["name"] for each in program("alice").get("/contacts?q=eve").json["items"]] == ["Eve Adams"]


def test_second_person_of_a_name_or_an_address_is_a_question(carol, body):
    first = carol.post("/contacts", body).json["id"]
    for change in (
        {"email": ""},
        {"account": "Fabrikam", "email": ""},
        {"name": "Evi", "email": "EVE@contoso.example"},
    ):
        assert f"Eve Adams, Contoso ({first})" in refused(carol.post("/contacts", {**body, **change}), "name")
    second = carol.post("/contacts", {**body, "email": "other@contoso.example", "another": True})
    assert second.status_code == 201
    assert second.json["id"] != first
    assert second.json["account"] == "Contoso"
    assert carol.get("/contacts").json["items"] != []


def test_company_spelled_alike_is_a_question(carol, body):
    first = carol.post("/contacts", body).json["account_id"]
    alike = {**body, "account": "CONTOSO!", "name": "Tom Berg", "email": ""}
    assert "Is it one of these? Send that name; else `another`: true. Contoso" in refused(
        carol.post("/contacts", alike), "account"
    )
    assert carol.post("/contacts", {**alike, "account": "contoso"}).json["account_id"] == first
    assert carol.post("/contacts", {**alike, "another": True}).json["account_id"] != first


def test_archived_namesake_is_a_question_too(carol, body):
    first = carol.post("/contacts", body).json["id"]
    assert carol.patch(f"/contacts/{first}", {"archived": True}).json["archived"] is True
    assert first in refused(carol.post("/contacts", body), "name")


def test_another_organisation_is_neither_asked_about_nor_named(cast, carol, program, body):
    theirs = cast.add("nina", "rep", "Their team", organisation_id=cast.mallory.organisation_id)
    mallory = program("mallory")
    assert mallory.post("/contacts", {**body, "rep_id": str(theirs.id)}).status_code == 201
    assert carol.post("/contacts", body).status_code == 201  # nothing is asked
    assert "one of your reps" in refused(
        carol.post("/contacts", {**body, "rep_id": str(theirs.id)}), "rep_id"
    )


def test_manager_adds_for_own_reps_and_a_rep_adds_none(cast, carol, program, body):
    for rep_id in (None, str(cast.bob.id), str(cast.carol.id), NOBODY):
        assert "one of your reps" in refused(carol.post("/contacts", {**body, "rep_id": rep_id}), "rep_id")
    assert program("alice").post("/contacts", body).status_code == 403
    assert carol.get("/contacts").json["items"] == []
    olive = program("olive")
    assert olive.post("/contacts", {**body, "rep_id": None}).status_code == 201
    reads = program("carol", Scope.READ, Scope.ASK).post("/contacts", body)
    assert (reads.status_code, reads.json["scope"]) == (403, "write")


def test_key_adds_once(carol, body):
    first, again = (carol.post("/contacts", body, Idempotency_Key="crm-4711") for _ in range(2))
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(carol.get("/contacts").json["items"]) == 1
    other = carol.post("/contacts", {**body, "name": "Tom Berg"}, Idempotency_Key="crm-4711")
    assert "another request" in refused(other, "Idempotency-Key")


def test_what_cannot_be_is_said_by_field(carol, body):
    carol.post("/contacts", {**body, "value": 48000})
    for change, field in (
        ({"language": "xx"}, "language"),
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"colour": "red"}, "colour"),
        ({"review_days": 0}, "review_days"),
        ({"value": 1}, "value"),  # the company is here already, and worth something else
    ):
        refused(carol.post("/contacts", {**body, "name": "Tom Berg", "email": "", **change}), field)
