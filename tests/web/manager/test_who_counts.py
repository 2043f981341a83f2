"""Who counts in the figures of the whole field: people who still work here, and invitations that were answered."""

import csv
from io import StringIO

import pytest
from sqlmodel import select, update

from feedback.actions.answers import mark_opened
from feedback.models import User
from feedback.store.people import all_teams, of_visible_reps, viewer_of


@pytest.fixture
def standings(sign_in):
    """standings() is the file of the running week, by the rep's name."""

    def look():
        text = sign_in("olive").get("/leaderboard.csv").text
        return {row["rep"]: row for row in csv.DictReader(StringIO(text))}

    return look


def test_who_has_left_counts_in_no_mean(cast, db, clock, standings):
    """Alice's three: (300 + 5 * mu) / (3 + 5). With Bob's three zeros mu is 50: 550 / 8 = 68.75. Without them
    it is 100, and so is the score."""
    for rep, rating in (("alice", 5), ("bob", 1)):
        for contact in ("Ana", "Ben", "Cleo"):
            cast.answer(cast.meeting(rep, f"{contact} of {rep}"), rating)
    assert (standings().keys(), standings()["Alice"]["score"]) == ({"Alice", "Bob"}, "68.75")
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.bob.id).values(ended_at=clock()))
    assert (standings().keys(), standings()["Alice"]["score"]) == ({"Alice"}, "100.00")


def test_opened_is_not_answered(cast, standings):
    """Of Alice's four codes three were opened, and one of them was answered; one more was tapped, and is not done."""
    opened, tapped, done, _ = (cast.meeting("alice", contact) for contact in ("Ana", "Ben", "Cleo", "Dan"))
    for each in (opened, tapped, done):
        with cast.changing() as c:
            mark_opened(c, each.id)
    cast.answer(tapped, 4, done=False)
    cast.answer(done, 4)
    row = standings()["Alice"]
    assert (row["answered"], row["asked"]) == ("25.00", "75.00")


def test_tapped_counts_once_it_has_settled(cast, clock, standings):
    cast.meeting("alice", "Ana")
    cast.answer(cast.meeting("alice", "Ben"), 4, done=False)
    assert standings()["Alice"]["answered"] == "0.00"
    clock.forward(minutes=10)
    assert standings()["Alice"]["answered"] == "50.00"


def test_asked_and_answered_look_back_13_weeks(cast, clock, standings):
    """The running week and the twelve before it."""
    cast.meeting("alice", "Ana")
    clock.forward(weeks=12)
    cast.answer(cast.meeting("alice", "Ben"), 4)
    assert (standings()["Alice"]["answered"], standings()["Alice"]["asked"]) == ("50.00", "50.00")
    clock.forward(weeks=1)
    assert (standings()["Alice"]["answered"], standings()["Alice"]["asked"]) == ("100.00", "100.00")


def test_lists_are_of_reps_of_ones_own_who_work_here(cast, db, clock):
    """Whoever left, manages, or is of another team or organisation is no rep of a list."""
    for name, role, team in (("dan", "rep", "North"), ("gone", "rep", "North"), ("mia", "rep", "")):
        cast.add(name, role, team)
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.gone.id).values(ended_at=clock()))

    def seen(who, **asked) -> set[str]:
        person = cast.people[who]
        with db.reading() as session:
            viewer = viewer_of(session, person.organisation_id, person.id)
            here = User.organisation_id == person.organisation_id
            return {
                name.casefold()
                for name in session.scalars(
                    select(User.name).where(here, of_visible_reps(viewer, User.id, **asked))
                )
                if name != "Olive"  # who may see all asks who is no rep
            }

    with db.reading() as session:
        teams = {name: team_id for team_id, name in all_teams(session, cast.olive.organisation_id)}
    assert seen("olive") == {"alice", "bob", "dan", "mia"}
    assert seen("olive", team_id=teams["North"]) == {"alice", "dan"}
    assert seen("olive", rep_id=cast.gone.id) == set()
    assert seen("carol") == seen("carol", team_id=teams["North"]) == {"alice", "dan"}
    assert seen("carol", team_id=teams["South"]) == seen("carol", rep_id=cast.bob.id) == set()
    assert seen("carol", rep_id=cast.dan.id) == {"dan"}
