"""What managers do over the API beside alerts: reps, coaching, the day, evidence, a line to the client."""

import pytest
from sqlmodel import update

from feedback.api.openapi import describe
from feedback.jobs import evidence
from feedback.jobs.daily import run_daily
from feedback.models import Organisation

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def met(cast):
    """Alice guessed 5, and Dana said 2."""
    found = cast.meeting()
    cast.answer(found, 2)
    cast.seal(found, 5)
    return found


@pytest.fixture
def agreed(cast):
    """The works agreement applies."""
    with cast.changing() as c:
        mine = Organisation.id == cast.olive.organisation_id
        c.session.execute(update(Organisation).where(mine).values(works_agreement=True))


def test_score_is_explained_to_managers_and_in_total_to_its_rep(cast, met, program):
    carol, alice = program("carol"), program("alice")
    assert [each["name"] for each in carol.get("/reps").json["items"]] == ["Alice"]
    told = carol.get(f"/reps/{cast.alice.id}").json
    assert told["low"] < told["score"] < told["high"]
    assert {each["dimension"]: (each["said"], each["guessed"]) for each in told["dimensions"]}["savvy"] == (
        2,
        5,
    )
    own = alice.get(f"/reps/{cast.alice.id}").json
    assert (own["score"], own["dimensions"], own["asked"]) == (told["score"], [], None)
    assert alice.get(f"/reps/{cast.bob.id}").status_code == 404
    assert carol.get(f"/reps/{cast.bob.id}").status_code == 404
    only = carol.get(f"/relationships?rep_id={cast.alice.id}").json["items"]
    assert [each["contact"] for each in only] == ["Dana Whitfield"]
    assert carol.get(f"/relationships?rep_id={cast.bob.id}").json["items"] == []


def test_practice_is_assigned_and_seen_in_coaching(met, program):
    carol = program("carol")
    (idle,) = carol.get("/coaching").json["items"]
    assert (idle["practices"], idle["weakest"]) == ([], "integrity")
    words = {
        (each["dimension"], each["number"]): each["words"]
        for each in carol.get("/practices?limit=100").json["items"]
    }
    assert len(words) == 30
    (relationship,) = carol.get("/relationships").json["items"]
    chosen = carol.ask(
        "PUT", f"/relationships/{relationship['id']}/practice", {"dimension": "savvy", "number": 2}
    )
    assert chosen.status_code == 200
    (worked,) = carol.get("/coaching").json["items"][0]["practices"]
    assert (worked["dimension"], worked["number"], worked["assigned_by"]) == ("savvy", 2, "Carol")
    assert program("alice").get("/coaching").status_code == 403


def test_client_is_told_what_was_done(met, program):
    carol = program("carol")
    (alert,) = carol.get("/alerts").json["items"]
    path = f"/alerts/{alert['id']}"
    line = {"words": "We moved your deliveries to Tuesday."}
    early = carol.ask("PUT", f"{path}/line", line)
    assert (early.status_code, early.json["errors"]["line"]) == (422, "Close the alert first.")
    carol.patch(path, {"state": "closed", "outcome": "recovered"})
    told = carol.ask("PUT", f"{path}/line", line).json["told"]
    assert (told["words"], told["by"], told["left"]) == (line["words"], "Carol", False)
    assert carol.ask("PUT", f"{path}/line", {"words": "Something else."}).status_code == 422
    assert carol.ask("DELETE", f"{path}/line").status_code == 204
    assert carol.get(path).json["told"] is None


def test_day_and_evidence_are_told(cast, met, program):
    carol = program("carol")
    day = carol.get("/today/managers").json
    assert [(call["contact"], call["alert_kind"]) for call in day["calls"]] == [("Dana Whitfield", "low")]
    assert carol.get("/evidence").json["worked_out_at"] is None
    (account,) = carol.get("/accounts").json["items"]
    cast.clock.forward(days=2)
    lost = {"outcome": "lost", "happened_on": "2026-11-20"}
    assert carol.post(f"/accounts/{account['id']}/outcomes", lost).status_code == 201
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    evidence.run_evidence(cast.db, cast.clock)
    told = carol.get("/evidence").json
    assert (told["warnings"]["too_early"], told["warnings"]["outcomes"]) == (True, 1)
    assert {claim["verdict"] for claim in told["claims"]} == {"too_early"}
    (line,) = carol.get("/evidence/lost").json["items"]
    assert (line["account"], line["outcome"], line["happened_on"]) == ("Northwind", "lost", "2026-11-20")
    assert program("alice").get("/evidence").status_code == 403


def test_works_agreement_holds_and_accounts_can_be_changed(cast, agreed, met, program):
    """As on the pages: no figure of one rep, and what an account is worth all the same."""
    carol = program("carol")
    for path in (f"/reps/{cast.alice.id}", "/coaching", "/evidence/lost"):
        assert carol.get(path).status_code == 403, path
    (account,) = carol.get("/accounts").json["items"]
    path = f"/accounts/{account['id']}"
    changed = carol.patch(path, {"value": 48000, "review_days": 30, "archived": True}).json
    assert (changed["value"], changed["review_days"], changed["archived"], changed["loyalty"]) == (
        48000,
        30,
        True,
        None,
    )
    assert carol.get("/accounts?archived=true").json["items"] == [changed]
    lost = {"outcome": "lost", "happened_on": "2026-11-18"}
    assert carol.post(f"{path}/outcomes", lost).status_code == 201
    evidence.run_evidence(cast.db, cast.clock)
    told = carol.get("/evidence").json
    assert told["worked_out_at"] is not None
    assert told["warnings"] is None  # the one loss is one rep's
    assert carol.get("/asked").json["items"] == []


def test_line_and_practice_are_refused_where_somebody_was_faster(met, program):
    carol = program("carol")
    (alert,) = carol.get("/alerts").json["items"]
    (relationship,) = carol.get("/relationships").json["items"]
    practice, line = {"dimension": "savvy", "number": 2}, {"words": "We have a new contact for you."}
    for resource, change in (
        (f"/alerts/{alert['id']}", ("practice", practice)),
        (f"/relationships/{relationship['id']}", ("practice", {**practice, "number": 3})),
    ):
        seen = carol.get(resource).headers["ETag"]
        path = f"{resource}/{change[0]}"
        assert carol.ask("PUT", path, change[1], If_Match=seen).status_code == 200, path
        late = carol.ask("PUT", path, {**practice, "number": 4}, If_Match=seen)
        assert (late.status_code, late.content_type) == (412, "application/problem+json"), path
    path = f"/alerts/{alert['id']}"
    carol.patch(path, {"state": "closed", "outcome": "recovered"})
    seen = carol.get(path).headers["ETag"]
    assert carol.ask("PUT", f"{path}/line", line, If_Match=seen).status_code == 200
    assert carol.ask("PUT", f"{path}/line", {"words": "Other words."}, If_Match=seen).status_code == 412
    assert carol.ask("DELETE", f"{path}/line", If_Match=seen).status_code == 412
    assert carol.get(path).json["told"]["words"] == line["words"]


def test_every_change_but_a_new_thing_takes_if_match(app):
    """A join that is undone has nothing that is looked at before."""
    paths = describe()["paths"]
    assert "/calendar" in paths
    for path, methods in paths.items():
        for method, said in methods.items():
            takes = any(each["name"] == "If-Match" for each in said["parameters"])
            assert takes is (method in ("put", "patch", "delete") and path != "/merges/{merge_id}"), (
                method,
                path,
            )
            assert not takes or "412" in said["responses"], (method, path)


SAID = {
    "accounts": {"value": 48000, "review_days": 30, "renews_on": "2027-03-01"},
    "contacts": {"email": "dana@northwind.example", "role": "Buyer", "language": "de"},
}


@pytest.mark.parametrize("kind", SAID)
def test_null_takes_away_what_is_known_and_a_missing_field_leaves_it(cast, met, program, kind):
    carol = program("carol")
    (found,) = carol.get(f"/{kind}").json["items"]
    path = f"/{kind}/{found['id']}"
    known = carol.patch(path, SAID[kind]).json
    assert SAID[kind].items() <= known.items()
    for name in SAID[kind]:
        known |= {name: None}
        assert carol.patch(path, {name: None}).json == known, name
