"""What a rep sees of the own rank and score is what the owner's board says of that week, or nothing."""

import csv
import re
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from support.pages import words

from feedback.core.calendar.weeks import week_of
from feedback.pages.own_week import own_week
from feedback.store.people import viewer_of


def line(browser, name: str, week: str) -> dict[str, str] | None:
    """The line of a rep in the board's CSV file; None where the week is withheld."""
    reply = browser.get(f"/leaderboard/{week}.csv")
    if reply.status_code == 404:
        return None
    found = csv.DictReader(StringIO(reply.text.lstrip("\ufeff")))
    return next((row for row in found if row["rep"] == name), None)


@pytest.fixture
def two_weeks(cast, clock):
    """Bob leads in both weeks; the first one is over. Everything is guessed."""
    for _ in range(2):
        for contact in ("Ana", "Ben", "Cleo", "Eli"):
            for rep, rating in (("alice", 3), ("bob", 5)):
                met = cast.meeting(rep, contact)
                cast.answer(met, rating)
                cast.seal(met, 4)
        clock.forward(days=7)
    with cast.changing():
        return cast  # the week that is over is frozen by the first write


@pytest.mark.parametrize("week", ["2026-W47", "2026-W48"])
def test_rank_of_a_frozen_week_is_the_owners(two_weeks, sign_in, week):
    own, owners = (line(sign_in(name), "Alice", week) for name in ("alice", "olive"))
    assert own == owners
    assert own["rank"] == "2"


def test_running_week_tells_no_rank(two_weeks, sign_in):
    own, owners = (line(sign_in(name), "Alice", "2026-W49") for name in ("alice", "olive"))
    assert (own["rank"], own["movement"]) == ("", "")
    assert own["score"] == owners["score"]
    text = words(sign_in("alice").get("/leaderboard").text)
    assert "Ranks appear once the week has ended" in text
    assert "Too early to rank" not in text


def test_rank_waits_for_everybodys_guess(two_weeks, cast, clock, sign_in):
    """Bob's client answered, and Alice's rank would tell him how."""
    met = cast.meeting("bob", "Ana")
    cast.answer(met, 1)
    clock.forward(days=7)
    cast.meeting("alice", "Ana")
    assert line(sign_in("alice"), "Alice", "2026-W49")["rank"] == ""
    cast.seal(met, 4)
    assert line(sign_in("alice"), "Alice", "2026-W49") == line(sign_in("olive"), "Alice", "2026-W49")


def test_own_mail_waits_for_the_own_guess(two_weeks, cast, clock):
    """The score of a week that counted an answer tells how it was."""
    met = cast.meeting("alice", "Ana")
    cast.answer(met, 1)
    week = week_of(clock(), ZoneInfo("Europe/Berlin"))
    clock.forward(days=7)
    cast.meeting("bob", "Ana")  # the week is frozen by the first write

    def told(told_of):
        with cast.db.reading() as session:
            viewer = viewer_of(session, cast.alice.organisation_id, cast.alice.id)
            return own_week(session, viewer, told_of, clock()).mine

    assert told(week.plus(-1)).rank == 2
    assert told(week) is None
    cast.seal(met, 4)
    assert told(week).rank == 2


def test_one_score_stands_on_all_own_pages(two_weeks, cast, sign_in):
    alice = sign_in("alice")
    board = words(alice.get("/leaderboard").text)
    score = re.search(r"Your loyalty score (\d+)", board)[1]
    assert re.search(rf"rank not told Alice {score}\b", board)
    assert f"Your loyalty score {score}" in words(alice.get("/meetings").text)
    assert f"Your loyalty score {score}" in words(alice.get(f"/reps/{cast.alice.id}").text)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_first_client_has_only_begun_to_answer(cast, sign_in, invitation):
    cast.answer(invitation, 1, done=False)
    assert sign_in("alice").get("/meetings").status_code == 200


def test_means_are_read_aloud_as_they_are(cast, sign_in):
    """Rounded, a weakness was read out as 4 of 5 guessed, and 4 said."""
    for contact, said in (("Ana", 3), ("Ben", 4), ("Cleo", 3), ("Eli", 4)):
        met = cast.meeting("alice", contact)
        cast.answer(met, said)
        cast.seal(met, 4)
    page = sign_in("alice").get(f"/reps/{cast.alice.id}").text
    found = re.findall('You guessed .*? of 5, the client said [^"]*', page)
    assert found == ["You guessed 4 of 5, the client said 3.5"] * 6


def test_who_was_not_answered_yet_has_no_score(cast, two_weeks, sign_in):
    cast.add("nils", "rep", "North")
    text = words(sign_in("nils").get("/leaderboard").text)
    assert "Your loyalty score – Too early for a loyalty score Relationships" in text
    assert "of 0 voices" not in text
