"""What the client taps: the same state twice, an old state late, and everything in between."""

import itertools

import pytest
from sqlmodel import select
from support.dump import dump

from feedback.actions.answer_keys import AnsweredElsewhere, InvitationClosed, Sender, begin_again
from feedback.actions.answers import Submission
from feedback.core.answer_key import new_key
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid
from feedback.models import Feedback, Side


@pytest.fixture
def met(cast):
    return cast.meeting()


@pytest.fixture
def save(cast, met):
    """save(sequence, done, and ratings by name) as a phone sends it; what is stored then."""

    def send(sequence=None, done=False, extras=None, **ratings):
        state = Submission(ratings, extras or {}, sequence=sequence, done=done)
        cast.submit(met, state)
        return cast.reload(met).client

    return send


def rated(said) -> dict[str, int]:
    return {name: value for name, value in zip(DIMENSIONS, said.ratings, strict=True) if value}


def test_same_state_is_saved_once(db, save):
    save(5, integrity=4, savvy=2)
    before = dump(db)
    save(5, integrity=4, savvy=2)
    assert dump(db) == before


def test_newer_state_wins(save):
    save(1, integrity=4)
    assert rated(save(2, integrity=2)) == {"integrity": 2}


def test_late_older_state_only_fills_gaps(save):
    save(7, integrity=2, extras={"comment": "New"})
    said = save(3, integrity=5, savvy=4, extras={"comment": "Old"})
    assert rated(said) == {"integrity": 2, "savvy": 4}
    assert said.comment == "New"


def test_order_of_arrival_does_not_matter(fork, save):
    """A phone sends what it knows each time: three taps, one of them changed."""
    states = [(1, {"integrity": 3}), (2, {"integrity": 3, "savvy": 5}), (3, {"integrity": 4, "savvy": 5})]
    before, outcomes = fork(), []
    for order in itertools.permutations(states):
        before.restore()
        said = [save(sequence, **ratings) for sequence, ratings in order][-1]
        outcomes.append(rated(said))
    assert outcomes == [{"integrity": 4, "savvy": 5}] * 6


def test_unsent_tap_is_kept(save):
    save(1, integrity=4)
    assert rated(save(2, savvy=5)) == {"integrity": 4, "savvy": 5}


def test_phone_clock_ahead_blocks_no_later_tap(clock, save):
    """The same key, opened on a second phone whose clock is right."""
    save(4_000_000_000_000, integrity=4)
    clock.forward(days=2)
    assert rated(save(int(clock.now.timestamp() * 1000), integrity=2)) == {"integrity": 2}


def test_phone_clock_ahead_keeps_its_own_order(clock, save):
    years_ahead = int(clock().timestamp() * 1000) + 10**11
    save(years_ahead + 1, integrity=2)
    clock.forward(minutes=1)
    assert rated(save(years_ahead, integrity=5)) == {"integrity": 2}
    assert rated(save(years_ahead + 2, integrity=3)) == {"integrity": 3}


def test_form_without_script_counts_as_newest(save):
    save(1_800_000_000_000, integrity=4)
    assert rated(save(None, integrity=2)) == {"integrity": 2}


def test_done_keeps_its_first_time(clock, save):
    first = clock.now
    save(1, done=True, **dict.fromkeys(DIMENSIONS, 4))
    clock.forward(hours=1)
    assert save(2, integrity=5).done_at == first


def test_answer_is_begun_until_its_taps_are_put_away(cast):
    met = cast.meeting()
    seen = [cast.reload(met).begun]
    cast.answer(met, 4, done=False)
    seen.append(cast.reload(met).begun)
    with cast.changing() as c:
        begin_again(c, met.id)
    assert [*seen, cast.reload(met).begun] == [False, True, False]


def test_relationship_counts_answer_only_when_done(cast, db, save):
    save(1, **dict.fromkeys(DIMENSIONS, 4))
    (row,) = dump(db)["relationships"]
    assert 75.0 not in row
    save(2, done=True)
    (row,) = dump(db)["relationships"]
    assert (row.count(75.0), row.count(4.0)) == (1, 6)  # loyalty, and the means of all six


def test_done_without_ratings_is_refused(db, save):
    with pytest.raises(Invalid, match="Nothing was rated"):
        save(1, done=True)
    assert dump(db)["feedback"] == []


def test_clock_set_back_keeps_idle_time(cast, clock, met, save):
    save(1, integrity=4)
    clock.forward(minutes=-30)
    save(2, savvy=4)
    clock.forward(minutes=39)  # nine minutes after the first tap
    assert cast.reload(met).progress.state == "tapping"


def test_key_of_another_answer_begins_none(cast):
    one, other, key = cast.meeting(), cast.meeting(contact="Eli"), new_key()
    cast.submit(one, Submission({"savvy": 4}), Sender(key=key))
    with pytest.raises(AnsweredElsewhere):
        cast.submit(other, Submission({"savvy": 1}), Sender(key=key))
    assert cast.reload(other).client.ratings == (None,) * 6


def test_what_is_begun_again_is_for_whom_its_own_client_chooses(cast):
    """Whom somebody else had chosen to show it to is cleared like the rest."""
    met = cast.meeting()
    cast.submit(met, Submission({"savvy": 4}, {"visibility": "manager"}), Sender(key=new_key()))
    with cast.changing() as c:
        begin_again(c, met.id)
    cast.submit(met, Submission({"savvy": 2}), Sender(key=new_key()))
    assert stored_visibility(cast) == "rep"


def stored_visibility(cast) -> str:
    with cast.db.reading() as session:
        return session.exec(select(Feedback.visibility).where(Feedback.side == Side.CLIENT)).one()


def test_answer_after_closing_is_refused(clock, db, save):
    clock.forward(days=14)
    before = dump(db)
    with pytest.raises(InvitationClosed):
        save(1, integrity=4)
    assert dump(db)["feedback"] == before["feedback"] == []
