"""Ten idle minutes are the worker's to notice; every page, figure and count agrees with it before it has."""

import pytest
from support.pages import plain


@pytest.fixture
def pages(cast, sign_in):
    """pages() is what managers and reps are shown, by address."""
    browsers = {name: sign_in(name) for name in ("carol", "olive", "alice")}

    def look():
        paths = ("/leaderboard", "/leaderboard.csv", "/relationships", "/accounts", "/coaching", "/answers", "/today",
                 f"/reps/{cast.alice.id}", "/meetings", "/alerts")  # fmt: skip
        return {
            (name, path): plain(browser.get(path)) for name, browser in browsers.items() for path in paths
        }

    return look


@pytest.fixture
def tapped(cast):
    """Four clients of Alice's were heard and guessed; Dana has tapped six fours, and never tapped Done."""
    for contact in ("Eli", "Fay", "Gus", "Hal"):
        met = cast.meeting(contact=contact)
        cast.answer(met, 5)
        cast.seal(met, 5)
    met = cast.meeting(contact="Dana")
    cast.answer(met, 4, done=False)
    cast.seal(met, 4)
    return met


def test_unfinished_taps_count_nowhere(cast, clock, pages):
    met = cast.meeting()
    cast.seal(met, 4)
    before = pages()
    cast.answer(met, 1, done=False)
    cast.settle()
    assert pages() == before


@pytest.mark.usefixtures("tapped")
def test_pages_count_idle_answer_before_worker_settles(cast, clock, pages):
    tapping = pages()
    clock.forward(minutes=10)
    unnoticed = pages()
    cast.settle()
    assert {where for where, body in pages().items() if body != unnoticed[where]} == set()
    changed = {where for where in tapping if tapping[where] != unnoticed[where]}
    assert {("carol", "/leaderboard.csv"), ("carol", "/relationships"), ("alice", "/meetings")} <= changed


def test_frozen_week_ignores_when_worker_settled(cast, clock, db, fork, sign_in):
    """One worker notices at once; in the other world it is down until Tuesday."""
    from datetime import UTC, datetime

    clock.now = datetime(2026, 11, 22, 22, 40, tzinfo=UTC)  # Sunday, 23:40 in Berlin
    met = cast.meeting()
    cast.answer(met, 4, done=False)
    late = cast.meeting(contact="Eli")
    before, boards = fork(), []
    for awake in (True, False):
        before.restore()
        clock.forward(minutes=12)
        cast.answer(late, 1, done=False)  # settles after midnight: it is next week's
        if awake:
            cast.settle()
        clock.forward(hours=30)
        cast.settle()
        boards.append(sign_in("carol").get("/leaderboard/2026-W47.csv").text)
    assert boards[0] == boards[1]
    assert ",1.00," in boards[0]
