"""What became of clients, over the API."""

import pytest

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def test_outcome_is_noted_once_corrected_and_retracted(cast, program):
    cast.answer(cast.meeting(), 5)
    carol = program("carol")
    (account,) = carol.get("/accounts").json["items"]
    path = f"/accounts/{account['id']}/outcomes"
    renewed = {"outcome": "renewed", "happened_on": "2026-11-17", "value_before": 100.0, "value_after": 120.0}
    made = carol.post(path, renewed, Idempotency_Key="deal-1")
    assert made.status_code == 201
    assert carol.post(path, renewed, Idempotency_Key="deal-1").json == made.json
    one = f"/outcomes/{made.json['id']}"
    assert carol.ask("PUT", one, {**renewed, "outcome": "grew"}).json["outcome"] == "grew"
    assert [each["outcome"] for each in carol.get(path).json["items"]] == ["grew"]
    assert carol.patch(one, {"retracted": True}).json["retracted_at"]
    assert carol.post(path, {"outcome": "lost", "happened_on": "2030-01-01"}).status_code == 422
    assert program("alice").get(one).status_code == 403
    assert program("mallory").get(one).status_code == 404
