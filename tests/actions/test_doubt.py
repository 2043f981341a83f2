"""Trust in an answer: what is noticed, what does not count until a manager has looked, and what is forgotten."""

import pytest
from sqlmodel import col, select

from feedback.actions import answers, doubt
from feedback.actions.answers import State
from feedback.actions.doubt import Visit
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Alert, Feedback, Relationship, Side
from feedback.store.replay import differences

FIVES = dict.fromkeys(DIMENSIONS, 5)


@pytest.fixture
def say(cast, clock):
    """say(invitation, visit, ratings) is what a client's page sends."""

    def send(invitation, visit, ratings=FIVES):
        clock.forward(seconds=30)
        state = State(ratings=ratings, done=True)
        answers.save(cast.db, invitation.organisation_id, invitation.id, state, clock(), visit)

    return send


@pytest.fixture
def known(cast):
    """known() is (counts, signals) of every client's answer, oldest first; known.alerts() the alerts' kinds."""

    def look():
        with cast.db.reading() as session:
            rows = session.exec(
                select(Feedback).where(Feedback.side == Side.CLIENT).order_by(col(Feedback.created_at))
            )
            return [(row.counts, row.signals) for row in rows]

    def alerts():
        with cast.db.reading() as session:
            return sorted(session.exec(select(Alert.kind)))

    look.alerts = alerts
    return look


def loyalties(cast):
    with cast.db.reading() as session:
        return [
            row.loyalty for row in session.exec(select(Relationship).order_by(col(Relationship.created_at)))
        ]


def test_an_answer_from_a_browser_where_a_rep_is_signed_in_does_not_count(cast, say, known):
    say(cast.meeting(), Visit(reps_browser=True))
    assert known() == [("quarantined", "reps_browser")]
    assert known.alerts() == ["doubtful"]
    assert loyalties(cast) == [None]


def test_the_third_contact_on_one_device_puts_all_three_in_doubt(cast, say, known):
    for name in ("Dana", "Eli", "Fay"):
        say(cast.meeting(contact=name), Visit(device="mark"), {**FIVES, "savvy": len(name)})
    assert [counts for counts, _ in known()] == ["quarantined"] * 3
    assert loyalties(cast) == [None] * 3


def test_two_contacts_on_one_device_are_no_doubt(cast, say, known):
    for name in ("Dana", "Eli"):
        say(cast.meeting(contact=name), Visit(device="mark"))
    assert known() == [("counted", "")] * 2


def test_the_same_office_and_phone_model_alone_raise_nothing(cast, clock, say, known):
    here = Visit(network="office", browser="phone")
    from feedback.actions import meetings
    from feedback.actions.meetings import NewContact
    from feedback.store.invitations import of_meeting

    alice = cast.alice
    meeting_id = meetings.start(cast.db, alice.organisation_id, alice.id, new_contact=NewContact("Dana", "Northwind"),
                                visit=here, now=clock())  # fmt: skip
    with cast.db.reading() as session:
        say(of_meeting(session, alice.organisation_id, meeting_id)[0], here)
    assert known() == [("counted", "same_place")]
    assert known.alerts() == []


def test_six_taps_within_four_seconds_of_opening_are_unusual_and_count(cast, clock, known):
    invitation = cast.meeting()
    answers.opened(cast.db, invitation.organisation_id, invitation.id, clock())
    clock.forward(seconds=3)
    answers.save(
        cast.db, invitation.organisation_id, invitation.id, State(ratings=FIVES, done=True), clock(), Visit()
    )
    assert known() == [("counted", "hurried")]
    assert known.alerts() == ["unusual"]


def test_three_contacts_with_the_same_six_ratings_in_a_day_are_unusual(cast, say, known):
    for name in ("Dana", "Eli", "Fay"):
        say(cast.meeting(contact=name), Visit())
    assert [signals for _, signals in known()] == ["", "", "alike"]


def test_a_handed_over_phone_is_marked_and_counts(cast, say, known):
    say(cast.meeting(), Visit(reps_browser=True, handed_over=True))
    assert known() == [("counted", "handed_over")]
    assert known.alerts() == ["unusual"]


@pytest.mark.parametrize(("accept", "loyalty"), [(True, 100.0), (False, None)])
def test_a_manager_decides_and_the_score_follows_at_once(cast, clock, say, known, accept, loyalty):
    invitation = cast.meeting()
    say(invitation, Visit(reps_browser=True))
    doubt.decide(
        cast.db,
        invitation.organisation_id,
        invitation.id,
        cast.carol.id,
        accept=accept,
        reason="I called",
        now=clock(),
    )
    assert loyalties(cast) == [loyalty]
    say(invitation, Visit(reps_browser=True))  # a change by the client does not put it in doubt again
    assert loyalties(cast) == [loyalty]


def test_a_disputed_answer_counts_no_more_and_a_manager_hears_of_it(cast, clock, say, known):
    invitation = cast.meeting()
    say(invitation, Visit())
    answers.dispute(cast.db, invitation.organisation_id, invitation.id, clock())
    assert loyalties(cast) == [None]
    assert known.alerts() == ["disputed"]


def test_erasing_leaves_no_word_and_no_mark(cast, clock, say):
    invitation = cast.meeting()
    say(invitation, Visit("device", "network", "browser"))
    answers.erase(cast.db, invitation.organisation_id, invitation.id, clock())
    with cast.db.reading() as session:
        row = session.exec(select(Feedback)).one()
        left = [
            getattr(row, name)
            for name in (*DIMENSIONS, "comment", "device_hash", "network_hash", "browser_hash")
        ]
        assert left == [None] * 10
        assert list(differences(session, invitation.organisation_id)) == []


def test_marks_are_forgotten_after_thirty_days(cast, clock, say):
    invitation = cast.meeting()
    say(invitation, Visit("device", "network", "browser"))
    doubt.forget_marks(cast.db, invitation.organisation_id, clock.forward(days=29))
    doubt_before = _marks(cast)
    doubt.forget_marks(cast.db, invitation.organisation_id, clock.forward(days=2))
    assert (doubt_before, _marks(cast)) == (("device", "network", "browser"), (None, None, None))


def _marks(cast):
    with cast.db.reading() as session:
        row = session.exec(select(Feedback)).one()
        return row.device_hash, row.network_hash, row.browser_hash
