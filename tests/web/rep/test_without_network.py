"""/meetings/reserved and /meetings/late: meetings that begin without a network, and whoever would misuse that."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from support.dump import dump
from support.pages import six, words

from feedback.actions.clients import archive_contact
from feedback.actions.merging import merge_contacts
from feedback.jobs.daily import run_daily
from feedback.models import Contact, Invitation, Meeting, ReservedCode
from feedback.store.people import viewer_of
from feedback.store.replay import differences

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_USABLE = 25
STOCK = 5


@pytest.fixture
def alice(sign_in):
    return sign_in("alice")


@pytest.fixture
def tokens(alice):
    """Five tokens that Alice's phone has reserved."""
    return reserve(alice)


def reserve(rep, has=0):
    return [code["token"] for code in rep.post("/meetings/reserved", {"has": has}).json["codes"]]


def arrive(rep, token, **said):
    fields = {"contact_name": "Dana Whitfield", "account_name": "Northwind", "ago": 60, **said}
    return rep.post("/meetings/late", {"token": token, **fields})


def test_late_meeting_leads_the_client_on(cast, clock, db, alice, stranger, tokens):
    clock.forward(hours=2)
    page = stranger.get(f"/f/{tokens[0]}")
    assert page.status_code == 200
    assert "This page is not ready yet" in words(page.text)
    assert "Alice has no network just now" in words(page.text)
    assert page.headers["Retry-After"]
    assert stranger.client.post(f"/f/{tokens[0]}", data=six(4)).status_code == 503
    reply = arrive(alice, tokens[0], ago=3600)
    assert "Show this to" in words(alice.get(reply.json["meeting"]).text)
    page = stranger.get(f"/f/{tokens[0]}")
    assert "Retry-After" not in page.headers
    assert "Dana" in page.text
    assert stranger.client.post(f"/f/{tokens[0]}", data={**six(4), "done": "1"}).status_code == 303
    with db.reading() as session:
        held_at = session.scalars(select(col(Meeting.held_at))).one()
        assert held_at == clock() - timedelta(hours=1)
        closes_at = session.scalars(select(col(Invitation.closes_at))).one()
        assert closes_at == clock() + timedelta(days=14)
        assert list(differences(session, cast.alice.organisation_id)) == []


def test_sent_twice_is_one_meeting(db, alice, tokens):
    first, second = arrive(alice, tokens[0]), arrive(alice, tokens[0], contact_name="Somebody Else", ago=0)
    assert first.json == second.json
    assert len(dump(db)["meetings"]) == 1
    assert len(dump(db)["contacts"]) == 1  # one token is one client's


def test_form_that_arrived_all_the_same_is_one_meeting(cast, db, alice, stranger, tokens):
    known = cast.meeting().contact_id
    made = alice.post("/meetings/new", {"contact_name": "Eli Ode", "account_name": "Acme", "form_key": "one"})
    reply = arrive(alice, tokens[0], contact_name="Eli Ode", account_name="Acme", form_key="one")
    assert made.location.endswith(reply.json["meeting"])
    more = arrive(alice, tokens[1], contact_id=str(known), form_key="one")
    assert more.json == reply.json
    assert len(dump(db)["meetings"]) == 2
    assert "Eli" in stranger.get(f"/f/{tokens[0]}").text
    assert "Dana" in stranger.get(f"/f/{tokens[1]}").text


def test_contact_joined_meanwhile_is_who_is_meant(cast, db, alice, stranger, tokens):
    gone, keep = cast.meeting("alice", "D. Whitfield").contact_id, cast.meeting().contact_id
    with cast.changing() as c:
        merge_contacts(c, viewer_of(c.session, c.organisation_id, cast.olive.id), keep, gone)
    with cast.changing() as c:
        archive_contact(c, cast.olive.id, keep, archived=True)
    assert arrive(alice, tokens[0], contact_id=str(gone)).status_code == 200
    assert "Dana" in stranger.get(f"/f/{tokens[0]}").text
    with db.reading() as session:
        asked = session.scalars(select(col(Invitation.contact_id)).distinct()).all()
        assert asked == [keep]
        found = session.scalars(select(Contact).where(col(Contact.id) == keep)).one()
        assert found.archived_at is None
        assert list(differences(session, cast.alice.organisation_id)) == []


def test_code_in_use_is_not_taken_from_the_client(db, alice, stranger, tokens):
    made = alice.post(
        "/meetings/new", {"contact_name": "Dana Whitfield", "account_name": "Northwind", "form_key": "1"}
    )
    shown = alice.get(made.location).text.split("/f/")[1][:26]
    stranger.client.post(f"/f/{shown}", data=six(4))
    reply = arrive(alice, tokens[0], form_key="1")
    assert not made.location.endswith(reply.json["meeting"])
    assert stranger.get(f"/f/{shown}").status_code == 200
    assert "Dana" in stranger.get(f"/f/{tokens[0]}").text


def test_form_that_arrived_before_the_code_was_reserved_is_another_meeting(clock, db, alice):
    form = {"contact_name": "Dana Whitfield", "account_name": "Northwind", "form_key": "1"}
    made = alice.post("/meetings/new", form)
    clock.forward(hours=3)
    reply = arrive(alice, reserve(alice)[0], form_key="1")
    assert not made.location.endswith(reply.json["meeting"])
    assert len(dump(db)["meetings"]) == 2


def test_nobody_holds_many_codes(alice, sign_in):
    assert len(reserve(alice)) == STOCK
    assert len(reserve(alice, has=3)) == STOCK - 3
    assert reserve(alice, has=STOCK) == reserve(alice, has=99) == []
    taken = STOCK + STOCK - 3
    other = sign_in("alice")
    while more := len(reserve(other, has=-9)):
        taken += more
    assert taken == MOST_USABLE
    assert len(reserve(sign_in("bob"))) == STOCK


def test_meeting_is_not_dated_back_or_ahead(clock, db, alice, tokens):
    reserved_at = clock()
    clock.forward(days=3)
    arrive(alice, tokens[0], ago=10**12)
    arrive(alice, tokens[1], ago=-500)
    with db.reading() as session:
        held = session.scalars(select(col(Meeting.held_at)).order_by(col(Meeting.held_at))).all()
    assert held == [reserved_at, clock()]


def test_others_cannot_use_a_reserved_code(cast, db, sign_in, tokens):
    cast.add("erin", "rep", organisation_id=cast.mallory.organisation_id)
    before = dump(db)
    for name in ("bob", "erin"):
        reply = arrive(sign_in(name), tokens[0])
        assert reply.status_code == 422
        assert "not known any more" in reply.json["refused"]
    for name in ("carol", "olive", "mallory"):
        assert arrive(sign_in(name), tokens[0]).status_code == 403
    after = dump(db)
    assert [before[name] for name in ("meetings", "contacts")] == [
        after[name] for name in ("meetings", "contacts")
    ]


@pytest.mark.parametrize("token", ["", "x", "A" * 26, "3" * 26])
def test_unknown_code_is_refused_in_words(alice, token):
    reply = arrive(alice, token)
    assert reply.status_code == 422
    assert "Begin the meeting anew" in reply.json["refused"]


def test_refused_meeting_keeps_its_code(alice, stranger, tokens):
    assert arrive(alice, tokens[0], account_name="").json["refused"] == "At which company?"
    assert arrive(alice, tokens[0], contact_id="x").status_code == 422
    assert arrive(alice, tokens[0], contact_name="x" * 201).status_code == 422
    assert "not ready yet" in stranger.get(f"/f/{tokens[0]}").text
    assert "meeting" in arrive(alice, tokens[0]).json


def test_signing_out_gives_the_codes_back(alice, sign_in, stranger, tokens):
    elsewhere = reserve(sign_in("alice"))
    alice.post("/sign-out")
    assert stranger.get(f"/f/{tokens[0]}").status_code == 404
    assert stranger.get(f"/f/{elsewhere[0]}").status_code == 200
    assert arrive(sign_in("alice"), elsewhere[0]).status_code == 200


def test_old_codes_are_swept(cast, clock, db, alice, stranger, tokens):
    clock.forward(days=13)
    run_daily(db, cast.alice.organisation_id, clock())
    assert stranger.get(f"/f/{tokens[0]}").status_code == 200
    clock.forward(days=1)
    assert stranger.get(f"/f/{tokens[0]}").status_code == 404
    run_daily(db, cast.alice.organisation_id, clock())
    with db.reading() as session:
        mine = col(ReservedCode.organisation_id) == cast.alice.organisation_id
        assert session.scalar(select(func.count()).select_from(ReservedCode).where(mine)) == 0


def test_taken_back_code_is_not_used_again(db, alice, stranger, tokens):
    where = arrive(alice, tokens[0]).json["meeting"]
    page = alice.get(where).text
    invitation = page.split('name="invitation" value="')[1].split('"')[0]
    alice.post(f"{where}/taken-back", {"invitation": invitation})
    assert arrive(alice, tokens[0]).status_code == 422
    assert "taken back" in stranger.get(f"/f/{tokens[0]}").text


def test_no_token_is_stored(db, tokens):
    stored = str(dump(db))
    assert (len(tokens) > 0, len(dump(db)["reserved_codes"])) == (True, len(tokens))
    assert not [token for token in tokens if token in stored]


def test_phone_is_told_whom_the_rep_met_lately(cast, alice):
    cast.meeting()
    cast.meeting(rep="bob", contact="Eli Ode")
    told = alice.get("/meetings/reserved").json
    assert [each["name"] for each in told["contacts"]] == ["Dana Whitfield"]
    assert told["who"] == str(cast.alice.id)
