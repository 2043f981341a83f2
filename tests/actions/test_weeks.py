"""A week is frozen when it has ended, by whatever is written next, and never changes again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update
from sqlmodel import select
from support.dump import dump

from feedback.actions import answers, sessions
from feedback.actions.change import change
from feedback.actions.scoring.rescore import rescore
from feedback.core.calendar.weeks import Week as IsoWeek
from feedback.models import FrozenWeek, Organisation, Standing, Team, User
from feedback.pages.leaderboard import leaderboard
from feedback.store.people import ALL_REPS

W47, W48, W49 = (IsoWeek(2026, number) for number in (47, 48, 49))


@pytest.fixture
def ours(cast):
    return cast.olive.organisation_id


@pytest.fixture
def frozen(db, ours):
    """frozen() is every frozen standing of ours, by week and rep's name."""

    def look() -> dict[tuple[date, str], Standing]:
        with db.reading() as session:
            rows = session.exec(
                select(Standing, User.name)
                .join(User, User.id == Standing.rep_id)
                .where(Standing.organisation_id == ours)
            ).all()
        return {(row.monday, name): row for row, name in rows}

    return look


@pytest.fixture
def live(db, ours, clock):
    """live(week) is that week's board as a manager sees it, by rep's name."""

    def look(week: IsoWeek):
        with db.reading() as session:
            found = leaderboard(session, ours, ALL_REPS, week, clock())
        return {row.rep.name: row.standing for row in found.rows}

    return look


@pytest.fixture
def something(cast, db, ours, clock):
    """something() is a write that has nothing to do with anybody's numbers."""

    def write() -> None:
        with change(db, ours, clock()) as c:
            sessions.end_sessions(c, cast.olive.id)

    return write


@pytest.fixture
def heard(cast):
    """Four clients each: Alice 100, Bob 75."""
    for contact in ("Dana", "Eli", "Fay", "Gus"):
        cast.answer(cast.meeting("alice", contact), 5)
        cast.answer(cast.meeting("bob", contact), 4)


@pytest.mark.usefixtures("heard")
def test_first_write_after_the_end_freezes(clock, frozen, something):
    something()
    assert frozen() == {}
    clock.forward(days=7)
    something()
    assert set(frozen()) == {(W47.monday, "Alice"), (W47.monday, "Bob")}


@pytest.mark.usefixtures("heard")
def test_late_freeze_is_as_of_week_end(clock, frozen, live, something):
    # Heard on Wednesday 12:00, frozen as of Monday 0:00: 4.5 days of the 90 that halve a voice.
    clock.forward(days=18)
    shown = live(W47)["Alice"]
    something()
    row = frozen()[W47.monday, "Alice"]
    assert row.voices == pytest.approx(4 * 2 ** (-4.5 / 90))
    assert (row.score, row.low, row.high, row.rank) == (
        shown.score.score, shown.score.low, shown.score.high, shown.rank,
    )  # fmt: skip


@pytest.mark.usefixtures("heard")
def test_missed_weeks_are_frozen_separately(clock, frozen, something):
    clock.forward(days=21)
    something()
    voices = [frozen()[week.monday, "Alice"].voices for week in (W47, W48, W49)]
    assert len(frozen()) == 6
    assert voices[1:] == pytest.approx([voices[0] * 2 ** (-7 / 90), voices[0] * 2 ** (-14 / 90)])


def test_week_ends_in_organisations_time_zone(clock, db, something):
    # Sunday 23:00 UTC is Monday 0:00 in Berlin.
    clock.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    something()
    assert dump(db)["weeks"] == []
    clock.forward(seconds=1)
    something()
    assert len(dump(db)["weeks"]) == 1


@pytest.mark.usefixtures("heard")
def test_week_frozen_by_a_clock_that_was_ahead_stays_as_it_was(cast, clock, db, frozen, something):
    """Whatever is answered in it once the clock goes right moves no number of it, also when it does end."""
    clock.forward(days=7)
    something()
    before = {name: dump(db)[name] for name in ("weeks", "standings")}
    assert set(frozen()) == {(W47.monday, "Alice"), (W47.monday, "Bob")}
    clock.forward(days=-7)
    cast.answer(cast.meeting("alice", "Hal"), 1)
    clock.forward(days=7)
    something()
    assert {name: dump(db)[name] for name in ("weeks", "standings")} == before


@pytest.mark.usefixtures("heard")
def test_frozen_rows_never_change(cast, clock, db, frozen, ours, something):
    last = cast.meeting("alice", "Hal")
    clock.forward(days=7)
    something()
    before = {name: dump(db)[name] for name in ("weeks", "standings")}
    cast.answer(last, 1)
    cast.seal(last, 5)
    with change(db, ours, clock()) as c:
        answers.erase_answer(c, last.id)
    cast.add("eve", "rep", "North")
    with db.writing() as session:
        session.execute(update(Organisation).where(Organisation.id == ours).values(half_life_days=30))
        session.execute(update(User).where(User.id == cast.bob.id).values(name="Robert", ended_at=clock()))
    with change(db, ours, clock()) as c:
        rescore(c)
    assert {name: dump(db)[name] for name in ("weeks", "standings")} == before
    names = {name for _, name in frozen()}  # the name that is gone stands nowhere in it
    assert ("Bob" in names, "Robert" in names) == (False, True)


@pytest.mark.usefixtures("heard")
def test_freezing_write_is_not_counted(cast, clock, frozen):
    late = cast.meeting("alice", "Hal")
    clock.forward(days=7)
    cast.answer(late, 1)  # for a meeting of last week, typed this week
    row = frozen()[W47.monday, "Alice"]
    assert row.loyalty == 100
    assert (row.answered, row.invitations) == (4, 5)


def test_new_rep_is_in_no_earlier_week(cast, clock, frozen):
    clock.forward(days=7)
    cast.add("eve", "rep", "North")
    clock.forward(days=7)
    cast.meeting()
    assert {name for monday, name in frozen() if monday == W47.monday} == {"Alice", "Bob"}
    assert (W48.monday, "Eve") in frozen()


@pytest.mark.usefixtures("heard")
def test_frozen_row_keeps_its_team(cast, clock, db, frozen, something):
    clock.forward(days=7)
    something()
    with db.writing() as session:
        south = session.scalar(select(Team.id).where(Team.name == "South"))
        session.execute(update(User).where(User.id == cast.alice.id).values(team_id=south))
    assert frozen()[W47.monday, "Alice"].team == "North"


@pytest.mark.usefixtures("heard")
def test_each_organisation_freezes_its_own_weeks(cast, clock, db, something):
    clock.forward(days=7)
    with change(db, cast.mallory.organisation_id, clock()) as c:
        sessions.end_sessions(c, cast.mallory.id)
    with db.reading() as session:
        assert set(session.exec(select(FrozenWeek.organisation_id))) == {cast.mallory.organisation_id}


@pytest.mark.usefixtures("heard")
def test_writes_at_once_freeze_once(clock, db, something):
    clock.forward(days=14)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(something) for _ in range(16)]:
            done.result()
    assert len(dump(db)["weeks"]) == 2
    assert len(dump(db)["standings"]) == 4
