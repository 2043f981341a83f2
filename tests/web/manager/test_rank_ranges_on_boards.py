"""Under each rank the ranks it could be: of those on the board, told to whom the rank is told, frozen with the week."""

import csv
import re

import pytest
from sqlalchemy import update
from sqlmodel import select
from support.pages import words

from feedback.core.scoring.drift import Certainty
from feedback.core.scoring.rank_ranges import rank_ranges
from feedback.core.scoring.reps import Field
from feedback.models import FrozenWeek, Organisation, Standing

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def near(cast, clock):
    """Alice, Ann (both North) and Bob met five clients each, a week ago; all guesses are sealed."""
    cast.add("ann", "rep", "North")
    for rep, said in (("alice", 5), ("ann", 4), ("bob", 4)):
        for number in range(5):
            met = cast.meeting(rep, f"{rep} {number}")
            cast.seal(met, 4)
            cast.answer(met, said)
    clock.forward(days=7)
    with cast.changing():
        pass
    return cast


def ranges(browser, path="/leaderboard.csv"):
    rows = csv.DictReader(browser.get(path).data.decode("utf-8-sig").splitlines())
    return {row["rep"]: (row["rank"], row["rank_low"], row["rank_high"]) for row in rows}


def test_ranges_are_frozen_with_the_week(near, db, sign_in):
    olive = sign_in("olive")
    before = ranges(olive, "/leaderboard/2026-W47.csv")
    assert before["Alice"][1:] == ("1", "2")
    assert before["Ann"][1:] == before["Bob"][1:]
    with db.reading() as session:
        week = session.exec(select(FrozenWeek)).first()
        rows = session.exec(select(Standing).order_by(Standing.rank)).all()
    known = Certainty(week.worth, week.drift, week.widening)
    found = rank_ranges(
        [(row.rep_id, row.score, row.voices) for row in rows], Field(week.mu, week.sigma), known
    )
    assert found == {row.rep_id: (row.rank_low, row.rank_high) for row in rows}
    for number in range(5):
        near.answer(near.meeting("bob", f"bob {number}"), 1)
    assert ranges(olive, "/leaderboard/2026-W47.csv") == before
    assert ranges(olive) != before


def test_manager_sees_ranges_among_the_own_team(near, sign_in):
    """Of two the five fives are surely first; among three nobody is."""
    found = ranges(sign_in("carol"), "/leaderboard/2026-W47.csv")
    assert found == {"Alice": ("1", "1", "1"), "Ann": ("2", "2", "2")}


def test_rep_is_told_a_range_with_the_rank(near, sign_in):
    """In the running week neither; in a frozen one those of the owner's board, once every guess is sealed."""
    alice = sign_in("alice")
    assert ranges(alice)["Alice"] == ("", "", "")
    assert ranges(alice, "/leaderboard/2026-W47.csv") == {"Alice": ("1", "1", "2")}
    assert re.search(r"\b1–2 Alice", words(alice.get("/leaderboard/2026-W47").text))


def test_works_agreement_tells_no_range(near, sign_in):
    with near.db.writing() as session:
        session.execute(update(Organisation).values(works_agreement=True))
    assert ranges(sign_in("alice"), "/leaderboard/2026-W47.csv") == {"Alice": ("", "", "")}
    assert "1–" not in words(sign_in("alice").get("/leaderboard/2026-W47").text)
    assert ranges(sign_in("olive"), "/leaderboard/2026-W47.csv") == {}


def test_week_frozen_before_is_worked_out_of_its_scores(near, db, sign_in):
    olive = sign_in("olive")
    before = ranges(olive, "/leaderboard/2026-W47.csv")
    with db.writing() as session:
        session.connection().exec_driver_sql("DROP TRIGGER IF EXISTS standings_are_final")
        session.execute(update(Standing).values(rank_low=None, rank_high=None))
    assert ranges(olive, "/leaderboard/2026-W47.csv") == before
