"""/people/<id>/hand-over: another rep looks after a rep's clients; what was said stays whose it was."""

import re

import pytest
from sqlmodel import col, select
from support.dump import dump
from support.pages import NOBODY, plain, words

from feedback.actions import handed_over
from feedback.actions.staff import end_person
from feedback.jobs.silence import evaluate_silence
from feedback.models import Alert, Audit, Contact, Outbox, Relationship
from feedback.store.contacts import recent_contacts
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import viewer_of

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def relationship(cast):
    """relationship("Dana", "alice") is the id."""

    def read(contact, rep="alice"):
        with cast.db.reading() as session:
            found = (
                select(Relationship.id)
                .join(Contact, col(Contact.id) == col(Relationship.contact_id))
                .where(
                    col(Contact.name) == contact,
                    col(Contact.organisation_id) == cast.olive.organisation_id,
                    col(Relationship.rep_id) == cast.people[rep].id,
                )
            )
            return session.exec(found).one()

    return read


@pytest.fixture
def clients(cast):
    """Alice's: Dana was answered and guessed, Eli answered and not guessed, Fay for the manager only."""
    cast.add("nora", "manager", "South")
    met = {name: cast.meeting("alice", name) for name in ("Dana", "Eli", "Fay")}
    for name, invitation in met.items():
        visibility = "manager" if name == "Fay" else "rep"
        cast.answer(invitation, 5, comment=f"Said by {name}", visibility=visibility)
        if name != "Eli":
            cast.seal(invitation, 4)
    return met


@pytest.fixture
def hand_over(cast, olive, relationship):
    """hand_over("Dana", to="bob") is the reply."""

    def post(*names, rep="alice", to="bob", what="over", **form):
        given = [relationship(name, form.get("whose", rep)) for name in names]
        data = {"what": what, "to": cast.people[to].id, "clients": given, "undone": given}
        return olive.post(f"/people/{cast.people[rep].id}/hand-over", data)

    return post


def test_all_are_ticked_and_move_to_the_new_rep(cast, clients, olive, hand_over, sign_in):
    page = olive.get(f"/people/{cast.alice.id}/hand-over").text
    assert page.count(" checked") == 3
    assert hand_over("Dana", "Fay").status_code == 303
    alice, bob = sign_in("alice"), sign_in("bob")
    seen = {
        path: [
            [name in browser.get(path).text for name in ("Dana", "Eli", "Fay")] for browser in (alice, bob)
        ]
        for path in ("/relationships", "/meetings/new")
    }
    assert seen == {key: [[False, True, False], [True, False, True]] for key in seen}
    assert "by Alice, handed over to you" in words(bob.get("/relationships?q=dana").text)
    assert olive.get(f"/people/{cast.alice.id}/hand-over").text.count(" checked") == 1


def test_new_rep_reads_what_its_rep_may(cast, clients, hand_over, relationship, sign_in):
    bob = sign_in("bob")
    paths = {name: f"/relationships/{relationship(name)}" for name in clients}
    assert {bob.get(path).status_code for path in paths.values()} == {404}
    hand_over(*clients)
    pages = {name: bob.get(path).text for name, path in paths.items()}
    assert [f"Said by {name}" in pages[name] for name in clients] == [True, False, False]
    assert "Handed over on" in pages["Dana"]
    for path in (
        f"{paths['Dana']}/practice",
        f"/meetings/{clients['Dana'].meeting_id}",
        f"/answers/{clients['Dana'].id}",
    ):
        assert bob.get(path).status_code in (403, 404)
    form = {"dimension": "savvy", "number": "1"}
    assert bob.post(f"{paths['Dana']}/practice", form).status_code == 404


def test_unguessed_answer_changes_no_byte_for_the_new_rep(cast, hand_over, relationship, sign_in, fork):
    met, bob = cast.meeting("alice", "Dana"), sign_in("bob")
    hand_over("Dana")
    before, seen = fork(), []
    for rating in (1, 5):
        before.restore()
        cast.answer(met, rating, comment=f"This is {rating}")
        seen.append(
            [plain(bob.get(path)) for path in (f"/relationships/{relationship('Dana')}", "/relationships")]
        )
    assert seen[0] == seen[1]


def test_alerts_go_to_who_looks_after_the_new_rep(cast, clients, hand_over, relationship, sign_in):
    cast.answer(met := cast.meeting("alice", "Gus"), 1)
    carol, nora = sign_in("carol"), sign_in("nora")
    with cast.db.reading() as session:
        alert = session.exec(select(Alert.id).where(Alert.relationship_id == relationship("Gus"))).one()
    pages = ("/alerts", f"/alerts/{alert}", f"/answers/{met.id}", f"/relationships/{relationship('Gus')}")

    def seen(browser):
        return ["Gus" in browser.get(path).text for path in pages]

    assert (seen(carol), seen(nora)) == ([True] * 4, [False] * 4)
    hand_over("Gus")
    # who looked after it reads the past on, and what is to be done is the other's
    assert (seen(carol), seen(nora)) == ([False, False, True, True], [True] * 4)
    assert "with Alice, handed over to Bob" in words(nora.get(f"/alerts/{alert}").text)
    assert nora.post(f"/alerts/{alert}", {"what": "taken"}).status_code == 303


def test_new_alert_is_mailed_to_the_new_reps_manager(cast, hand_over):
    cast.add("nora", "manager", "South")
    met = cast.meeting("alice", "Dana")
    hand_over("Dana")
    cast.answer(met, 1)
    with cast.db.reading() as session:
        mailed = session.exec(select(Outbox.recipient).where(Outbox.kind == "alert")).all()
    assert mailed == ["nora@example.com"]


def silent(cast, clock):
    """The relationships with an open alert about silence, by whose they are."""
    evaluate_silence(cast.db, cast.olive.organisation_id, clock())
    with cast.db.reading() as session:
        found = select(Relationship.rep_id).join(Alert, col(Alert.relationship_id) == col(Relationship.id))
        return session.exec(
            found.where(col(Alert.closed_at).is_(None), Alert.kind == "silence").order_by(Alert.id)
        ).all()


def test_silence_is_judged_over_both(cast, clock, olive, relationship):
    cast.answer(cast.meeting("alice", "Dana"), 5)
    olive.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    clock.forward(days=91)
    assert silent(cast, clock) == []  # nobody's: Alice left
    with cast.changing() as c:
        handed_over.hand_over(c, cast.olive.id, cast.alice.id, cast.bob.id, [relationship("Dana")])
    assert silent(cast, clock) == [cast.alice.id]
    clock.forward(hours=1)
    cast.meeting("bob", "Dana")
    assert silent(cast, clock) == []
    clock.forward(days=89)
    assert silent(cast, clock) == []
    clock.forward(days=2)
    assert silent(cast, clock) == [cast.alice.id]
    clock.forward(hours=1)
    cast.answer(cast.meeting("bob", "Dana"), 5)
    assert silent(cast, clock) == []
    clock.forward(days=91)
    assert silent(cast, clock) == [cast.bob.id]


def test_undo_is_for_a_day_and_until_they_met(cast, clients, clock, hand_over, olive, sign_in):
    hand_over("Dana", "Eli", "Fay")
    clock.forward(hours=1)
    cast.meeting("bob", "Eli")
    assert hand_over("Eli", what="undo").status_code == 422
    assert hand_over("Dana", what="undo", rep="bob", whose="alice").status_code == 422  # not his to get back
    assert hand_over("Dana", what="undo").status_code == 303
    assert "Dana" in sign_in("alice").get("/relationships").text
    clock.forward(days=1)
    assert hand_over("Fay", what="undo").status_code == 422
    assert "Give back" not in olive.get(f"/people/{cast.alice.id}/hand-over").text


def test_client_whom_the_new_rep_knows_is_offered_once(cast, clients, hand_over):
    cast.meeting("bob", "Dana")
    hand_over("Dana")
    with cast.db.reading() as session:
        offered = recent_contacts(session, cast.olive.organisation_id, cast.bob.id)
    assert [each.name for each in offered] == ["Dana"]


def test_owner_sees_who_is_with_a_rep_that_left(cast, clients, hand_over, relationship):
    hand_over("Dana")
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.bob.id)
    with cast.db.reading() as session:
        olive = viewer_of(session, cast.olive.organisation_id, cast.olive.id)
        here = select(Relationship.id).where(col(Relationship.organisation_id) == olive.organisation_id)
        seen = session.exec(here.where(of_clients_looked_after(session, olive))).all()
    assert relationship("Dana") in seen


def test_meeting_again_makes_them_ones_own_again(cast, clients, clock, hand_over, sign_in):
    hand_over("Dana")
    clock.forward(hours=1)
    cast.meeting("alice", "Dana")
    assert ["Dana" in sign_in(name).get("/relationships").text for name in ("alice", "bob")] == [True, False]


def test_new_reps_own_relationship_leads_to_what_was_before(
    cast, clients, clock, hand_over, relationship, sign_in
):
    hand_over("Dana")
    clock.forward(hours=1)
    cast.meeting("bob", "Dana")
    bob = sign_in("bob")
    assert words(bob.get("/relationships").text).count("Dana") == 1
    page = bob.get(f"/relationships/{relationship('Dana', 'bob')}").text
    assert f"/relationships/{relationship('Dana')}" in page
    assert f"/relationships/{relationship('Dana')}/practice" not in page


def test_clients_are_handed_on_and_back(cast, clients, hand_over, sign_in):
    cast.add("cleo", "rep", "South")
    hand_over("Dana")
    assert hand_over("Dana", rep="bob", to="cleo", whose="alice").status_code == 303
    assert ["Dana" in sign_in(who).get("/relationships").text for who in ("alice", "bob", "cleo")] == [
        False,
        False,
        True,
    ]
    hand_over("Dana", rep="cleo", to="alice", whose="alice")
    assert ["Dana" in sign_in(who).get("/relationships").text for who in ("alice", "cleo")] == [True, False]
    assert dump(cast.db)["handed_over"] == []


def test_nothing_that_was_said_moves(cast, clients, clock, hand_over, olive):
    clock.forward(days=7)
    with cast.changing():
        pass
    kept = ("feedback", "invitations", "meetings", "relationships", "standings", "rep_sums", "alerts")
    before = {name: dump(cast.db)[name] for name in kept}, olive.get("/leaderboard.csv").text
    hand_over(*clients)
    assert ({name: dump(cast.db)[name] for name in kept}, olive.get("/leaderboard.csv").text) == before
    with cast.db.reading() as session:
        told = session.exec(select(Audit).where(Audit.what == "clients.handed_over")).one()
    assert (told.user_id, told.about_id, told.after) == (
        cast.olive.id,
        cast.alice.id,
        {"to": "Bob", "clients": 3},
    )


def test_wrong_hand_over_is_refused(cast, clients, olive, relationship):
    path, dana = f"/people/{cast.alice.id}/hand-over", relationship("Dana")
    cast.add("zoe", "rep", "South")
    olive.post(f"/people/{cast.zoe.id}/access", {"what": "end"})
    for to in ("", "x", NOBODY, cast.alice.id, cast.carol.id, cast.zoe.id, cast.mallory.id):
        assert olive.post(path, {"to": to, "clients": dana}).status_code == 422
    for chosen in ([], ["x"], [dana, NOBODY]):
        assert olive.post(path, {"to": cast.bob.id, "clients": chosen}).status_code == 422
        assert olive.post(path, {"what": "undo", "undone": chosen}).status_code == 422
    assert dump(cast.db)["handed_over"] == []


def test_page_is_for_owners_of_the_organisation(cast, clients, sign_in, stranger):
    path = f"/people/{cast.alice.id}/hand-over"
    codes = [sign_in(name).get(path).status_code for name in ("alice", "carol", "mallory", "olive")]
    assert codes == [403, 403, 404, 200]
    assert stranger.get(path).location.startswith("/sign-in")
    assert sign_in("olive").get(f"/people/{NOBODY}/hand-over").status_code == 404
    assert f'href="{path}"' in sign_in("olive").get(f"/people/{cast.alice.id}").text


def test_managers_lists_go_by_who_has_the_client(cast, clients, hand_over, relationship, sign_in):
    """Nora looks after South, where Bob is; Carol after North. What was said stays to be read by both."""
    carol, nora, olive = sign_in("carol"), sign_in("nora"), sign_in("olive")
    dana, eli = relationship("Dana"), relationship("Eli")
    hand_over("Dana")
    for path in ("/relationships", "/accounts"):
        assert (path, "Dana" in words(nora.get(path).text) or "Northwind" in nora.get(path).text) == (
            path,
            True,
        )
    assert "Alice, now Bob" in words(nora.get("/relationships").text)
    assert "Dana" not in words(carol.get("/relationships").text)
    assert "Eli" in words(carol.get("/relationships").text)
    assert "Eli" not in words(nora.get("/relationships").text)
    assert {browser.get(f"/relationships/{dana}").status_code for browser in (carol, nora, olive)} == {200}
    assert nora.get(f"/relationships/{eli}").status_code == 404
    account = re.search(r"/accounts/[\w-]+", nora.get("/accounts").text)[0]
    assert ["Dana" in words(browser.get(account).text) for browser in (carol, nora, olive)] == [
        False,
        True,
        True,
    ]
    assert "Dana" in olive.get(f"/relationships?rep={cast.bob.id}").text
    assert "Dana" not in olive.get(f"/relationships?rep={cast.alice.id}").text


def test_client_of_who_left_stays_in_the_owners_lists(cast, clients, hand_over, olive):
    hand_over("Dana")
    olive.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    page = words(olive.get("/relationships").text)
    assert ("Dana" in page, "Eli" in page) == (True, False)
