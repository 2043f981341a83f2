"""/asked: whom a rep asked in which way, and what came back; and for managers, rep by rep."""

import pytest
from sqlmodel import col, update
from support.pages import words

from feedback.actions.asking import ask_by_link, stop_mail
from feedback.actions.clients import archive_contact
from feedback.actions.corrections import note_declined
from feedback.actions.rooms import open_room
from feedback.core.asking import StopReason, Way
from feedback.core.shares import Share
from feedback.models import Invitation, Organisation
from feedback.models.encrypted import stand_in
from feedback.pages.asked import asked_by_reps
from feedback.store.people import viewer_of

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def shown(sign_in):
    """shown("alice") is what somebody reads at /asked."""
    return lambda name, more="": words(sign_in(name).get(f"/asked{more}").text)


def test_rep_sees_who_was_asked_and_what_came_back(cast, shown, clock):
    old = cast.meeting(contact="Otto Old")
    clock.forward(days=8)
    cast.answer(cast.meeting(contact="Dana Whitfield"), 4)
    link, declined, quiet = (cast.meeting(contact=name) for name in ("Lea Link", "Dirk No", "Quentin Quiet"))
    room = cast.meeting(contact="Rosa Room")
    with cast.changing() as c:
        ask_by_link(c, link.id)
        note_declined(c, cast.alice.id, declined.id, declined=True)
        open_room(c, room.meeting_id)
        stop_mail(c, "mara@client.example", StopReason.CLIENT)
    cast.meeting(contact="Mara Mail", email="mara@client.example")
    page = shown("alice")
    for line in (
        "Dana Whitfield Northwind · 26 Nov · Code answered",
        "Lea Link Northwind · 26 Nov · Link nothing yet",
        "Dirk No Northwind · 26 Nov · Code declined",
        "Rosa Room Northwind · 26 Nov · Room after your guess",
        "Mara Mail Northwind stopped the mails",
    ):
        assert line in page
    assert "Otto Old" not in page.partition("Remind by hand")[0]
    assert "Otto Old Northwind · 18 Nov" in shown("alice", "?weeks=4")
    by_hand = page.partition("Remind by hand")[2].partition("Answered, by way")[0]
    assert {name for name in ("Quentin", "Lea", "Mara", "Dana", "Dirk", "Rosa") if name in by_hand} == {
        "Quentin", "Lea", "Mara",
    }  # fmt: skip
    assert f"/f/{quiet.token}" in by_hand
    assert "Code 20 %" in page.replace("%", " %").replace("  ", " ")
    assert "Link 0 of 1" in page
    assert "Room –" in page
    assert old.token not in page


def test_room_that_is_not_guessed_moves_nothing(cast, shown, sign_in):
    rooms = [cast.meeting(contact=f"Client {n}") for n in range(2)]
    with cast.changing() as c:
        for each in rooms:
            open_room(c, each.meeting_id)
    alice = sign_in("alice")
    before = alice.get("/asked").text
    cast.answer(rooms[0], 2)
    assert alice.get("/asked").text == before
    cast.seal(rooms[0], 4)
    assert "Room 1 of 1" in shown("alice")


def test_answer_that_has_settled_counts_before_anybody_wrote_it_down(cast, clock, db):
    cast.answer(cast.meeting(), 4, done=False)
    for minutes, answered in ((9, 0), (1, 1)):
        clock.forward(minutes=minutes)
        with db.reading() as session:
            carol = viewer_of(session, cast.carol.organisation_id, cast.carol.id)
            (alice,) = (
                each for each in asked_by_reps(session, carol, clock()) if each.rep.id == cast.alice.id
            )
        assert alice.by_way[Way.CODE] == Share(answered, 1)


def test_who_is_archived_is_no_client_without_mail(cast, shown):
    met = cast.meeting(contact="Mara Mail", email="mara@client.example")
    with cast.changing() as c:
        stop_mail(c, "mara@client.example", StopReason.CLIENT)
    assert "Mara Mail Northwind stopped the mails" in shown("alice")
    with cast.changing() as c:
        archive_contact(c, cast.carol.id, met.contact_id, archived=True)
    assert "Mara Mail Northwind stopped the mails" not in shown("alice")


def test_what_was_asked_elsewhere_counts_for_no_way(cast, clock, db):
    asked = [cast.meeting(contact=name) for name in ("Dana", "Eli")]
    with db.writing() as session:
        brought = update(Invitation).where(col(Invitation.id) == asked[0].id)
        session.execute(brought.values(token=stand_in("x"), encrypted_token=None))
    with db.reading() as session:
        carol = viewer_of(session, cast.carol.organisation_id, cast.carol.id)
        (alice,) = (each for each in asked_by_reps(session, carol, clock()) if each.rep.id == cast.alice.id)
    assert alice.by_way[Way.CODE] == Share(0, 1)


def test_empty_page_says_so(shown):
    assert "You have asked nobody" in shown("alice")
    assert "Answered, by way of asking" in shown("carol")


def test_manager_sees_each_way_of_each_own_rep(cast, shown):
    for n in range(6):
        met = cast.meeting(contact=f"Client {n}")
        if n < 3:
            cast.answer(met, 4)
    bobs = cast.meeting("bob", contact="Elsewhere")
    with cast.changing() as c:
        ask_by_link(c, bobs.id)
    page = shown("carol")
    assert "50%" in page.replace("\xa0", "").replace(" %", "%")
    assert "3 of 6" in page
    assert "Bob" not in page
    everybody = shown("olive")
    assert "Bob" in everybody
    assert {"Code", "Link"} <= set(everybody.split())  # a column for each way that anybody asked in


def test_works_agreement_shows_enough_reps_together_alone(cast, shown):
    names = ["alice", *(cast.add(f"rep{n}", "rep", "North").name.lower() for n in range(4))]
    with cast.changing() as c:
        c.session.execute(
            update(Organisation)
            .where(Organisation.id == cast.olive.organisation_id)
            .values(works_agreement=True)
        )
    for name in names[:4]:
        cast.answer(cast.meeting(name, contact=f"Client of {name}"), 4)
    assert "once at least 5 reps" in shown("carol")
    link = cast.meeting(names[4], contact="Client of the last")
    page = shown("carol")
    assert "All together" in page
    assert "4 of 5" in page
    assert not any(name.title() in page for name in names[1:])
    with cast.changing() as c:
        ask_by_link(c, link.id)
    page = shown("carol")  # one rep asked by link, four by code: neither is enough
    assert "once at least 5 reps" in page
