"""Tokens: made and ended by people, shown once, and what lets nobody in."""

import re

import pytest
from sqlmodel import col, select
from support.dump import dump
from support.pages import NOBODY, words
from support.tokens import Program, token_of

from feedback.actions import api_tokens, staff
from feedback.actions.erasure import erase_person
from feedback.actions.staff import PersonInput
from feedback.api.operations import OPERATIONS, OWNERS, Operation
from feedback.core.access import NotFound
from feedback.core.api_tokens import Scope, TokenKind
from feedback.models import ApiReplay, ApiToken, Audit
from feedback.store.api_tokens import token_for
from feedback.store.people import viewer_of

FORM = {"name": "CRM, each night", "scopes": ["read", "ask"], "days": "30"}


def test_token_is_shown_once_kept_hashed_and_audited(app, cast, db, sign_in):
    alice = sign_in("alice")
    page = alice.post("/me/tokens", FORM)
    token = re.search(r"bd_\w+", page.text)[0]
    assert token not in alice.get("/me/tokens").text
    assert token not in str(dump(db))
    program = Program(app.test_client(), token)
    me = program.get("/me").json
    assert (me["email"], me["role"], me["scopes"]) == ("alice@example.com", "rep", ["read", "ask"])
    assert "Used" in words(alice.get("/me/tokens").text)
    (made,) = _audited(db, "token.made")
    assert (made.user_id, made.about_name) == (cast.alice.id, "CRM, each night")
    assert token not in str(made.after)


def test_own_token_is_ended_by_its_person_or_an_owner(app, cast, db, sign_in):
    alice, olive, carol = sign_in("alice"), sign_in("olive"), sign_in("carol")
    first, second = token_of(cast, "alice"), token_of(cast, "alice")
    ids = _ids(db)
    assert carol.post(f"/me/tokens/{ids[0]}").status_code == 404
    assert carol.get("/tokens").status_code == 403
    assert alice.post(f"/me/tokens/{ids[0]}").status_code == 303
    assert "Alice" in olive.get("/tokens").text
    assert olive.post(f"/tokens/{ids[1]}").status_code == 303
    assert [Program(app.test_client(), each).get("/me").status_code for each in (first, second)] == [401, 401]
    assert {each.user_id for each in _audited(db, "token.ended")} == {cast.alice.id, cast.olive.id}


def test_tokens_of_the_organisation_are_not_ones_own(cast, sign_in):
    olive = sign_in("olive")
    token_of(cast, "olive")
    olive.post("/tokens", {**FORM, "name": "The warehouse"})
    assert "The warehouse" in olive.get("/tokens").text
    own = olive.get("/me/tokens").text
    assert "program" in own
    assert "The warehouse" not in own


def test_token_is_found_for_its_person_and_owners_alone(cast, db):
    token_of(cast, "alice")
    (token_id,) = _ids(db)
    with db.reading() as session:
        who = {
            name: viewer_of(session, cast.people[name].organisation_id, cast.people[name].id)
            for name in cast.people
        }
        assert {name for name in who if _finds(session, who[name], token_id)} == {"alice", "olive"}


def _finds(session, viewer, token_id) -> bool:
    try:
        return token_for(session, viewer, token_id).id == token_id
    except NotFound:
        return False


def test_token_of_a_year_says_which_year(sign_in):
    """ "until 18 Nov", on the 18th of November, was taken for today."""
    alice = sign_in("alice")
    alice.post("/me/tokens", {**FORM, "days": "365"})
    assert "until 18 November 2027" in words(alice.get("/me/tokens").text)


def test_tokens_that_are_over_are_not_counted(clock, monkeypatch, sign_in):
    monkeypatch.setattr(api_tokens, "MOST_TOKENS", 1)
    alice, bob = sign_in("alice"), sign_in("bob")
    assert alice.post("/me/tokens", {**FORM, "days": "1"}).status_code == 200
    assert alice.post("/me/tokens", FORM).status_code == 422
    assert bob.post("/me/tokens", FORM).status_code == 200
    clock.forward(days=1)
    assert sign_in("alice").post("/me/tokens", FORM).status_code == 200  # the first has expired


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["admin"]}, "leave admin out"),
        ({"scopes": ["all"]}, "Choose from what is shown."),
        ({"name": ""}, "A name, so that you know it again."),
        ({"name": " "}, "At most 100 characters."),
        ({"name": "x" * 101}, "At most 100 characters."),
        ({"days": "0"}, "From 1 to 366 days."),
        ({"days": "1000000000000000000"}, "From 1 to 366 days."),
        ({"days": "long"}, "Not a valid integer value."),
    ],
)
def test_token_that_cannot_be_made_says_why(db, sign_in, form, reason):
    page = sign_in("alice").post("/me/tokens", {**FORM, **form})
    assert page.status_code == 422
    assert reason in words(page.text)
    assert _ids(db) == []


def test_token_that_is_over_opens_nothing(app, cast, clock, db, program):
    good, expired = program("alice"), program("alice", days=1)
    bobs, olives = program("bob"), program("olive", kind=TokenKind.ORGANISATION)
    cast.add("otto", "owner")
    clock.forward(days=1)
    with cast.changing() as c:
        staff.end_person(c, cast.olive.id, cast.bob.id)
        staff.change_person(c, cast.otto.id, cast.olive.id, PersonInput("Olive", cast.olive.email, "manager"))
    (told,) = _audited(db, "token.ended")
    assert (told.user_id, told.about_name) == (cast.olive.id, "bob's program")
    with cast.changing() as c:
        staff.bring_back(c, cast.otto.id, cast.bob.id)
    for over, why in (
        (expired, "This token has expired."),
        (bobs, "This token was ended."),
        (olives, "may not use it any more"),
        (
            Program(app.test_client(), good.token[:-1] + ("4" if good.token.endswith("3") else "3")),
            "not known here",
        ),
        (Program(app.test_client(), "bd_"), "not known here"),
        (Program(app.test_client(), ""), "Send a token"),
    ):
        reply = over.get("/me")
        assert (reply.status_code, reply.mimetype) == (401, "application/problem+json")
        assert why in reply.json["detail"]
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert good.get("/me").status_code == 200


def test_demoted_manager_sees_as_a_rep(cast, program):
    carol = program("carol")
    assert carol.get("/alerts").status_code == 200
    with cast.changing() as c:
        staff.change_person(c, cast.olive.id, cast.carol.id, PersonInput("Carol", cast.carol.email, "rep"))
    assert carol.get("/alerts").status_code == 403
    assert carol.get("/relationships").json["items"] == []


def test_token_in_the_address_is_burnt(app, cast, db, program):
    alice = program("alice")
    for query in ("token=x", "access_token=bd_x", "q=bd_none"):
        refused = app.test_client().get(f"/api/v1/contacts?{query}")
        assert (refused.status_code, "never in the address" in refused.json["detail"]) == (401, True)
    burnt = app.test_client().get(f"/api/v1/me?token={alice.token}")
    assert (burnt.status_code, "It was ended" in burnt.json["detail"]) == (401, True)
    assert alice.get("/me").status_code == 401
    (told,) = _audited(db, "token.burnt")
    assert told.user_id is None


def test_session_opens_no_api_and_token_no_page(app, cast, sign_in, program):
    browser = sign_in("alice")
    assert browser.get("/api/v1/me").status_code == 401
    page = app.test_client().get("/meetings", headers={"Authorization": f"Bearer {program('alice').token}"})
    assert page.location.startswith("/sign-in")
    assert "Set-Cookie" not in program("alice").get("/me").headers
    assert app.test_client().get("/api/v1/none").mimetype == "application/problem+json"


def test_limits_are_told_and_kept(monkeypatch, program):
    from limits import RateLimitItemPerMinute

    from feedback.web import limits

    alice = program("alice")
    first = alice.get("/me").headers
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("600", "599")
    assert 50 < int(first["RateLimit-Reset"]) <= 60
    monkeypatch.setattr(limits, "REQUESTS_PER_API_TOKEN", RateLimitItemPerMinute(2))
    replies = [program("bob"), alice]
    codes = [alice.get("/me").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert alice.get("/me").headers["Retry-After"]
    assert replies[0].get("/me").status_code == 200


def test_scope_is_named(program):
    reads = program("olive", Scope.READ)
    refused = reads.post("/teams", {"name": "West"})
    assert (refused.status_code, refused.json["scope"]) == (403, "admin")
    assert 'scope="admin"' in refused.headers["WWW-Authenticate"]


def test_each_operation_asks_for_its_scope():
    """Looking needs `read`, codes and whatever makes them `ask`, people and teams `admin`, and all else that writes
    `write`."""
    makes_codes = re.compile(r".*/code\.(svg|png)|/meetings|.*/ask|/calendar/entries/<[^/]+>/meeting")

    def expected(op: Operation) -> Scope:
        if op.method == "GET":
            return Scope.ASK if makes_codes.fullmatch(op.path) and op.path != "/meetings" else Scope.READ
        if op.path.startswith(("/people", "/teams")):
            return Scope.ADMIN
        return Scope.ASK if makes_codes.fullmatch(op.path) and op.method == "POST" else Scope.WRITE

    wrong = [(op.method, op.path, op.scope) for op in OPERATIONS if op.scope is not expected(op)]
    assert (len(OPERATIONS) > 80, wrong) == (True, [])
    assert [op.path for op in OPERATIONS if op.scope is Scope.ADMIN and op.roles != OWNERS] == []
    assert [op.path for op in OPERATIONS if op.changes and op.scope is Scope.READ] == []


def test_another_organisations_ids_are_404(cast, program):
    met = cast.meeting()
    cast.answer(met, 1)
    mallory = program("mallory")
    with cast.db.reading() as session:
        token = session.exec(select(ApiToken.id)).first()
    for path in (
        f"/people/{cast.alice.id}", f"/contacts/{met.contact_id}", f"/answers/{met.id}", f"/teams/{NOBODY}",
        f"/accounts/{NOBODY}", f"/relationships/{NOBODY}", f"/alerts/{NOBODY}", f"/contacts/{token}",
    ):  # fmt: skip
        reply = mallory.get(path)
        assert (reply.status_code, reply.json["title"]) == (404, "There is nothing here"), path


def test_erased_person_leaves_no_token_and_no_kept_answer(cast, db, program):
    alice = program("alice")
    new = {"new_contact": {"name": "Dana", "account": "Northwind"}}
    assert alice.post("/meetings", new, Idempotency_Key="k").status_code == 201
    with db.reading() as session:
        kept = session.exec(select(ApiReplay)).one()
        assert "Dana" in kept.body.text
        assert "Dana" not in kept.body.stored
    with cast.changing() as c:
        staff.end_person(c, cast.olive.id, cast.alice.id)
        assert erase_person(c, cast.olive.id, cast.alice.id)["tokens"] == 1
    assert _ids(db) == []
    with db.reading() as session:
        assert session.exec(select(ApiReplay)).all() == []


def _audited(db, what):
    with db.reading() as session:
        return session.exec(select(Audit).where(col(Audit.what) == what)).all()


def _ids(db):
    with db.reading() as session:
        return session.exec(select(ApiToken.id).order_by(col(ApiToken.id))).all()


def test_a_person_has_fifty_tokens(cast, db, sign_in):
    alice = sign_in("alice")
    for _ in range(49):
        token_of(cast, "alice")
    assert alice.post("/me/tokens", FORM).status_code == 200
    refused = alice.post("/me/tokens", FORM)
    assert (refused.status_code, "You have 50 tokens" in words(refused.text)) == (422, True)
    assert len(_ids(db)) == 50


def test_a_thousand_answers_of_a_token_are_kept(app, cast, db):
    """One more takes the place of the oldest."""
    program = Program(app.test_client(), token_of(cast, "alice"))
    new = {"new_contact": {"name": "Dana", "account": "Northwind"}}

    def kept_after(key, topic):
        assert program.post("/meetings", {**new, "topic": topic}, Idempotency_Key=key).status_code == 201
        with db.reading() as session:
            return len(session.exec(select(ApiReplay.id)).all())

    assert kept_after("first", "a") == 1
    with db.writing() as session:
        (first,) = session.exec(select(ApiReplay)).all()
        told = first.model_dump(exclude={"id", "key_hash", "body"})
        session.add_all(ApiReplay(**told, body=first.body.text, key_hash=f"{n:064}") for n in range(998))
    assert [kept_after(f"next-{topic}", topic) for topic in "bc"] == [1000, 1000]
