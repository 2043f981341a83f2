"""/relationships/<id>/practice: the one thing to try next."""

import pytest
from sqlmodel import select

from feedback.models import PracticeChoice, Relationship

TAKE = {"dimension": "proactivity", "number": "1"}


@pytest.fixture
def relationship(cast):
    invitation = cast.meeting()
    cast.answer(invitation, 5, 5, 5, 2, 5, 5)
    cast.seal(invitation, 5)
    with cast.db.reading() as session:
        return session.exec(select(Relationship.id)).one()


def test_practice_from_gap_card_enters_the_brief(cast, sign_in, relationship):
    alice = sign_in("alice")
    assert "Open with what could go wrong, before Dana has to ask." in _gap(cast, alice)
    assert alice.post(f"/relationships/{relationship}/practice", TAKE).status_code == 303
    assert "To try:" in alice.get(f"/relationships/{relationship}").text


def _gap(cast, browser):
    from feedback.models import Meeting

    with cast.db.reading() as session:
        meeting = session.exec(select(Meeting.id)).first()
    return browser.get(f"/meetings/{meeting}/gap").text


def test_brief_shows_effect_of_practice(cast, sign_in, clock, relationship):
    alice = sign_in("alice")
    alice.post(f"/relationships/{relationship}/practice", TAKE)
    clock.forward(days=7)
    later = cast.meeting()
    cast.answer(later, 5, 5, 5, 4, 5, 5)
    cast.seal(later, 4)
    page = alice.get(f"/relationships/{relationship}").text
    assert "Proactivity was 2.0 before (1 meeting) and 4.0 since (1)." in page
    assert "One meeting proves little." in page


def test_new_practice_replaces_the_old(cast, sign_in, relationship):
    alice = sign_in("alice")
    for number in ("1", "1", "2"):
        alice.post(f"/relationships/{relationship}/practice", {**TAKE, "number": number})
    with cast.db.reading() as session:
        rows = session.exec(select(PracticeChoice)).all()
    assert sorted((row.number, row.ended_at is None) for row in rows) == [(1, False), (2, True)]


def test_manager_can_assign_a_practice(cast, sign_in, relationship):
    sign_in("carol").post(f"/relationships/{relationship}/practice", TAKE)
    assert "Your manager asks you to try" in sign_in("alice").get(f"/relationships/{relationship}").text


def test_practice_page_lists_all_30(sign_in, relationship):
    page = sign_in("alice").get(f"/relationships/{relationship}/practice?dimension=savvy").text
    assert page.count(">Choose<") == 30
    assert page.index("Savvy") < page.index("Integrity")


@pytest.mark.parametrize("bad", [{"number": "6"}, {"number": "0"}, {"dimension": "charm"}, {"number": "x"}])
def test_invalid_practice_is_422(sign_in, relationship, bad):
    assert (
        sign_in("alice").post(f"/relationships/{relationship}/practice", {**TAKE, **bad}).status_code == 422
    )


def test_practice_is_hidden_from_others(sign_in, stranger, relationship):
    path = f"/relationships/{relationship}/practice"
    assert sign_in("bob").post(path, TAKE).status_code == 404
    assert sign_in("mallory").get(path).status_code == 404
    assert "/sign-in" in stranger.get(path).location
    assert sign_in("alice").get("/relationships/7/practice").status_code == 404
