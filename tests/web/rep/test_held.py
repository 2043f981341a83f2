"""Held, not asked: meetings of the calendar that are over, and about which nobody was asked."""

from datetime import timedelta

import pytest
from sqlmodel import select
from support.pages import words

from feedback.core.access import Reader
from feedback.models import CalendarEntry, Invitation, Meeting
from feedback.store.invitations import invitation_by_id
from feedback.store.replay import differences

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def planned(cast, db, clock):
    """planned(hours=-2) puts a meeting with Dana, or others, into Alice's calendar; returns its address."""

    def put(title="Quarterly", emails=("dana@client.example",), **when):
        with db.writing() as session:
            entry = CalendarEntry(
                organisation_id=cast.alice.organisation_id,
                rep_id=cast.alice.id,
                starts_at=clock() + timedelta(**when),
                title=title,
                emails=emails,
                created_at=clock(),
            )
            session.add(entry)
            session.flush()
            return f"/meetings/calendar/{entry.id}"

    return put


@pytest.fixture
def dana(cast, clock):
    """Alice met Dana a month ago."""
    met = cast.meeting(email="dana@client.example")
    clock.forward(days=30)
    return met


@pytest.fixture
def home(sign_in):
    """home() is Alice's start page in words, from "Held, not asked" on."""
    return lambda: words(sign_in("alice").get("/meetings").text).partition("Held, not asked")[2]


def test_held_meeting_stands_until_it_is_asked_about(dana, planned, home, sign_in, db, clock):
    entry = planned(days=-3)
    planned("Later", hours=2)
    planned("Just begun", minutes=-20)
    planned("With a colleague", emails=("carol@example.com",), days=-1)
    planned("Long ago", days=-15)
    seen = home()
    assert "Quarterly" in seen
    assert "Dana Whitfield" in seen
    for other in ("Later", "Just begun", "With a colleague", "Long ago"):
        assert other not in seen
    reply = sign_in("alice").post(entry, {"way": "link"})
    assert "Copy the line" in sign_in("alice").get(reply.location).text
    assert home() == ""
    with db.reading() as session:
        met = session.exec(select(Meeting).order_by(Meeting.created_at.desc())).first()
        assert met.held_at == clock() - timedelta(days=3)
        asked = session.exec(select(Invitation).where(Invitation.meeting_id == met.id)).one()
        assert (asked.way, asked.closes_at) == ("link", clock() + timedelta(days=14))
        assert list(differences(session, met.organisation_id)) == []


def test_answer_about_a_past_week_counts_as_a_replay_does(cast, dana, planned, sign_in, db, clock):
    sign_in("alice").post(planned(days=-9), {"way": "code"})
    with db.reading() as session:
        newest = session.exec(select(Invitation.id).order_by(Invitation.created_at.desc())).first()
        met = cast.reload(dana)
        assert newest != met.id
    with db.reading() as session:
        asked = invitation_by_id(session, met.organisation_id, newest, Reader.RULES, clock())
    cast.answer(asked, 4)
    cast.seal(asked, 5)
    clock.forward(days=8)
    cast.settle()
    with db.reading() as session:
        assert list(differences(session, met.organisation_id)) == []


def test_stranger_is_named_first(planned, home, sign_in):
    entry = planned(emails=("new@client.example",), days=-2)
    assert "new@client.example" in home()
    reply = sign_in("alice").post(entry, {"way": "mail"})
    assert "q=new@client.example" in reply.location.replace("%40", "@")


def test_put_away_meeting_comes_back(dana, planned, home, sign_in):
    entry = planned(days=-2)
    alice = sign_in("alice")
    reply = alice.post(f"{entry}/away")
    assert home() == ""
    assert "Bring it back" in alice.get(reply.location).text
    alice.post(f"{entry}/away", {"back": "1"})
    assert "Quarterly" in home()


def test_others_cannot_put_away(dana, planned, home, sign_in):
    entry = planned(days=-2)
    assert [sign_in(name).post(f"{entry}/away").status_code for name in ("bob", "carol", "mallory")] == [
        404,
        403,
        403,
    ]
    assert "Quarterly" in home()


def test_several_who_met_get_one_code_for_all(dana, cast, planned, sign_in):
    cast.meeting(contact="Eli Ode", email="eli@client.example")
    planned("With Dana", days=-2)
    both = planned("Workshop", emails=("dana@client.example", "eli@client.example"), days=-1)
    alice = sign_in("alice")
    assert alice.get("/meetings").text.count('value="group"') == 1
    page = alice.get(alice.post(both, {"way": "group"}).location).text
    assert "/g/" in page
    assert all(name in words(page) for name in ("Dana Whitfield", "Eli Ode"))
