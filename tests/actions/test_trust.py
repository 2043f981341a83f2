"""Trust in an answer: what is noticed, what does not count until a manager has looked, and what is forgotten."""

import pytest
from sqlmodel import col, select

from feedback.actions import answers, decisions, meetings, trust
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.trust import Fingerprint
from feedback.core.access import Reader
from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Alert, Feedback, Outbox, Relationship, Side
from feedback.store.invitations import invitations_of_meeting
from feedback.store.replay import differences

FIVES = dict.fromkeys(DIMENSIONS, 5)


@pytest.fixture
def say(cast, clock):
    """say(invitation, fingerprint, ratings) is what a client's page sends, half a minute after it was opened."""

    def send(invitation, fingerprint, ratings=FIVES):
        with change(cast.db, invitation.organisation_id, clock()) as c:
            answers.mark_opened(c, invitation.id, fingerprint)
        clock.forward(seconds=30)
        state = Submission(ratings=ratings, done=True)
        cast.submit(invitation, state, Sender(fingerprint=fingerprint))

    return send


@pytest.fixture
def known(cast):
    """known() is (counts, signals) of every client's answer, oldest first; known.alerts() the alerts' kinds."""

    def look():
        with cast.db.reading() as session:
            rows = session.exec(
                select(Feedback).where(Feedback.side == Side.CLIENT).order_by(col(Feedback.created_at))
            )
            return [(row.counts, " ".join(row.signals)) for row in rows]

    def alerts():
        with cast.db.reading() as session:
            return sorted(session.exec(select(Alert.kind)))

    look.alerts = alerts
    look.kinds = lambda: set(alerts())
    return look


def loyalties(cast):
    with cast.db.reading() as session:
        return [
            row.loyalty for row in session.exec(select(Relationship).order_by(col(Relationship.created_at)))
        ]


def test_answer_from_reps_browser_is_quarantined(cast, say, known):
    say(cast.meeting(), Fingerprint(whose=Browser.REPS))
    assert known() == [("quarantined", "reps_browser")]
    assert known.alerts() == ["doubtful"]
    assert loyalties(cast) == [None]


def test_second_answer_from_handed_over_phone_is_quarantined(cast, say, known):
    """Browser.HANDED_OVER is for the code the phone was handed over for; for any other it is the rep's browser."""
    say(cast.meeting(), Fingerprint(device="reps phone", whose=Browser.HANDED_OVER))
    say(
        cast.meeting(contact="Eli"),
        Fingerprint(device="reps phone", whose=Browser.REPS),
        {**FIVES, "savvy": 4},
    )
    assert [counts for counts, _ in known()] == ["counted", "quarantined"]


def test_answer_on_returned_phone_is_quarantined(cast, say, known):
    """Signed out, from its bare browser: the mark in its storage tells."""
    say(cast.meeting(), Fingerprint(device="reps phone", whose=Browser.HANDED_OVER))
    say(cast.meeting(contact="Eli"), Fingerprint(device="reps phone"), {**FIVES, "savvy": 4})
    assert known()[1] == ("quarantined", "reps_browser")


def test_opening_from_reps_browser_is_ignored(cast, clock, say):
    met = cast.meeting()
    for whose, opened_at in ((Browser.REPS, None), (Browser.CLIENTS, clock())):
        with change(cast.db, met.organisation_id, clock()) as c:
            answers.mark_opened(c, met.id, Fingerprint(whose=whose))
        assert cast.reload(met).opened_at == opened_at


def test_answer_without_script_is_unusual(cast, clock, known):
    """No script, and no page that told it was opened."""
    for n in range(6):
        met = cast.meeting(contact=f"Invented {n}")
        state = Submission(ratings={**FIVES, DIMENSIONS[n]: 4}, done=True)
        line = Fingerprint(network="office", browser="curl", scripted=False)
        cast.submit(met, state, Sender(fingerprint=line))
    assert known() == [("counted", "no_script")] * 6
    assert known.kinds() == {"unusual"}


@pytest.mark.parametrize(
    ("minutes", "signal", "kinds"), [(0, "new_address", set()), (5, "typed_address", {"unusual"})]
)
def test_address_typed_after_start_is_unusual(cast, clock, say, known, minutes, signal, kinds):
    met = cast.meeting(email="dana@example.com" if minutes == 0 else None)
    clock.forward(minutes=minutes)
    with change(cast.db, met.organisation_id, clock()) as c:
        meetings.find_or_add_contact(c, NewContact("Dana Whitfield", "Northwind", "dana@example.com"))
    say(met, Fingerprint("phone", "network", "browser"))
    assert known() == [("counted", signal)]
    assert known.kinds() == kinds


def test_own_peoples_address_gets_no_receipt(cast, clock, known):
    met = cast.meeting(email="alice@example.com")
    state = Submission(ratings=FIVES, done=True)
    cast.submit(met, state, Sender(receipts="https://here"))
    with cast.db.reading() as session:
        assert list(session.exec(select(Outbox.id))) == []
    assert "own_address" in known()[0][1]


def test_third_contact_on_device_quarantines_all(cast, say, known):
    for name in ("Dana", "Eli", "Fay"):
        say(cast.meeting(contact=name), Fingerprint(device="mark"), {**FIVES, "savvy": len(name)})
    assert [counts for counts, _ in known()] == ["quarantined"] * 3
    assert loyalties(cast) == [None] * 3


def test_third_contact_on_device_leaves_what_a_manager_decided(cast, clock, say, known):
    met = [cast.meeting(contact=name) for name in ("Dana", "Eli", "Fay")]
    say(met[0], Fingerprint(whose=Browser.REPS, device="mark"), {**FIVES, "savvy": 4})
    with change(cast.db, met[0].organisation_id, clock()) as c:
        decisions.decide_answer(c, met[0].id, cast.carol.id, accept=True, reason="I called")
    say(met[1], Fingerprint(device="mark"), {**FIVES, "savvy": 3})
    say(met[2], Fingerprint(device="mark"), {**FIVES, "savvy": 2})
    counts = [counts for counts, _ in known()]
    assert counts == ["counted", "quarantined", "quarantined"]
    assert "one_device" in known()[0][1]  # it is shown all the same


def test_answer_once_given_on_the_reps_phone_stays_so(cast, say, known):
    """Also when the client goes on elsewhere, by the receipt's link."""
    met = cast.meeting()
    say(met, Fingerprint(whose=Browser.HANDED_OVER), {**FIVES, "savvy": 4})
    say(met, Fingerprint(device="own"), {**FIVES, "savvy": 4})
    with cast.db.reading() as session:
        row = session.exec(select(Feedback).where(Feedback.side == Side.CLIENT)).one()
    assert (row.handed_over, row.device_hash, "handed_over" in row.signals) == (True, "own", True)


def test_two_contacts_on_one_device_count(cast, say, known):
    for name in ("Dana", "Eli"):
        say(cast.meeting(contact=name), Fingerprint(device="mark"))
    assert known() == [("counted", "")] * 2


def test_same_network_and_browser_raise_no_alert(cast, clock, say, known):
    here = Fingerprint(network="office", browser="phone")
    alice = cast.alice
    with change(cast.db, alice.organisation_id, clock()) as c:
        meeting_id = meetings.start_meeting(c, alice.id, NewMeeting(new_contact=NewContact("Dana", "Northwind")), fingerprint=here)  # fmt: skip
    with cast.db.reading() as session:
        say(
            invitations_of_meeting(session, alice.organisation_id, meeting_id, Reader.RULES, clock())[0], here
        )
    assert known() == [("counted", "same_place")]
    assert known.alerts() == []


def test_hurried_answer_is_unusual_but_counts(cast, clock, known):
    invitation = cast.meeting()
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.mark_opened(c, invitation.id)
    clock.forward(seconds=3)
    state = Submission(ratings=FIVES, done=True)
    cast.submit(invitation, state, Sender(fingerprint=Fingerprint()))
    assert known() == [("counted", "hurried")]
    assert known.alerts() == ["unusual"]


def test_three_equal_answers_in_a_day_are_unusual(cast, say, known):
    for name in ("Dana", "Eli", "Fay"):
        say(cast.meeting(contact=name), Fingerprint())
    assert [signals for _, signals in known()] == ["", "", "alike"]


def test_handed_over_answer_counts_but_is_unusual(cast, say, known):
    say(cast.meeting(), Fingerprint(whose=Browser.HANDED_OVER))
    assert known() == [("counted", "handed_over")]
    assert known.alerts() == ["unusual"]


@pytest.mark.parametrize(("accept", "loyalty"), [(True, 100.0), (False, None)])
def test_managers_decision_changes_score_at_once(cast, clock, say, known, accept, loyalty):
    invitation = cast.meeting()
    say(invitation, Fingerprint(whose=Browser.REPS))
    with change(cast.db, invitation.organisation_id, clock()) as c:
        decisions.decide_answer(c, invitation.id, cast.carol.id, accept=accept, reason="I called")
    assert loyalties(cast) == [loyalty]
    say(invitation, Fingerprint(whose=Browser.REPS))  # a change by the client does not put it in doubt again
    assert loyalties(cast) == [loyalty]


@pytest.mark.parametrize(("with_key", "loyalty"), [(True, None), (False, 100.0)])
def test_dispute_needs_the_key_to_uncount(cast, clock, say, known, with_key, loyalty):
    """The rep holds the code, too, and could dispute whatever is unwelcome."""
    say(invitation := cast.meeting(), Fingerprint())
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.dispute_answer(c, invitation.id, with_key=with_key)
    assert loyalties(cast) == [loyalty]
    assert known.alerts() == ["disputed"]


def test_dispute_does_not_settle_unfinished_answer(cast, clock, known):
    cast.answer(met := cast.meeting(), 5, done=False)
    with change(cast.db, met.organisation_id, clock()) as c:
        answers.dispute_answer(c, met.id, with_key=False)
    assert known.alerts() == ["disputed"]
    assert (cast.reload(met).client.settled_at, loyalties(cast)) == (None, [None])
    clock.forward(minutes=10)
    cast.settle()
    assert (known.alerts(), loyalties(cast)) == (["disputed"], [100.0])


def test_manager_rejects_disputed_answer_that_counts(cast, clock, say, known):
    say(met := cast.meeting(), Fingerprint())
    with change(cast.db, met.organisation_id, clock()) as c:
        answers.dispute_answer(c, met.id, with_key=False)
    with change(cast.db, met.organisation_id, clock()) as c:
        decisions.decide_answer(c, met.id, cast.carol.id, accept=False, reason="It was Eli")
    assert loyalties(cast) == [None]
    with cast.db.reading() as session:
        assert session.exec(select(Alert.outcome)).all() == ["accepted"]


def test_erasing_keeps_the_signals(cast, clock, say, known):
    say(met := cast.meeting(), Fingerprint(whose=Browser.REPS))
    with change(cast.db, met.organisation_id, clock()) as c:
        answers.erase_answer(c, met.id)
    assert known() == [("quarantined", "reps_browser")]
    assert known.alerts() == ["doubtful"]


def test_erasing_urgent_answer_leaves_an_unusual_alert(cast, clock, say, known):
    say(met := cast.meeting(), Fingerprint(), dict.fromkeys(DIMENSIONS, 1))
    assert known.alerts() == ["low"]
    with change(cast.db, met.organisation_id, clock()) as c:
        answers.erase_answer(c, met.id)
    assert known() == [("counted", "taken_back")]
    with cast.db.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.kind, alert.severity, alert.closed_at) == ("unusual", "watch", None)


def test_erasing_clears_ratings_comment_and_marks(cast, clock, say):
    invitation = cast.meeting()
    say(invitation, Fingerprint("device", "network", "browser"))
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.erase_answer(c, invitation.id)
    with cast.db.reading() as session:
        row = session.exec(select(Feedback)).one()
        left = [
            getattr(row, name)
            for name in (*DIMENSIONS, "comment", "device_hash", "network_hash", "browser_hash")
        ]
        assert left == [None] * 10
        assert list(differences(session, invitation.organisation_id)) == []


@pytest.mark.parametrize(
    "marks",
    [("device", "network", "browser"), (None, "network", "browser"), ("device", None, "browser")],
    ids=["all", "without a script", "without a network"],
)
def test_marks_are_forgotten_after_thirty_days(cast, clock, say, marks):
    invitation = cast.meeting()
    say(invitation, Fingerprint(*marks))
    with change(cast.db, invitation.organisation_id, clock.forward(days=29)) as c:
        trust.forget_fingerprints(c)
    doubt_before = _marks(cast)
    with change(cast.db, invitation.organisation_id, clock.forward(days=2)) as c:
        trust.forget_fingerprints(c)
    assert (doubt_before, _marks(cast)) == (marks, (None, None, None))


def _marks(cast):
    with cast.db.reading() as session:
        row = session.exec(select(Feedback)).one()
        return row.device_hash, row.network_hash, row.browser_hash
