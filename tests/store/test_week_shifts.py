"""How relationships moved in a week: what is stored says the same as the whole history."""

import random
from datetime import timedelta

import pytest
from sqlmodel import col, select

from feedback.core.calendar.weekly_mail import score_shift
from feedback.core.calendar.weeks import week_of
from feedback.models import Meeting, User
from feedback.pages import week_shifts as page
from feedback.store.history import history
from feedback.store.people import Viewer, viewer_of

CLIENTS = ("Dana", "Eli", "Fay", "Gus")


@pytest.fixture
def viewer(db, cast) -> Viewer:
    with db.reading() as session:
        return viewer_of(session, cast.olive.organisation_id, cast.olive.id)


@pytest.fixture
def weeks(cast, viewer):
    """Four weeks in which two reps meet their clients, also just before and after midnight between Sunday and Monday; some
    answers do not count, one is erased later, and one has settled that was not processed yet."""
    dice = random.Random(11)
    began = week_of(cast.clock(), viewer.scoring.zone).starts(viewer.scoring.zone)
    found = [week_of(began + timedelta(weeks=n), viewer.scoring.zone) for n in range(4)]
    for week in found:
        starts = week.starts(viewer.scoring.zone)
        for after in (0, 1, 70 * 3600, 7 * 86400 - 1):
            cast.clock.now = starts + timedelta(seconds=after)
            for rep, contact in {(dice.choice(("alice", "bob")), dice.choice(CLIENTS)) for _ in range(3)}:
                cast.answer(
                    cast.meeting(rep, contact), *dice.choices(range(1, 6), k=6), done=dice.random() < 0.8
                )
        cast.clock.forward(days=2)
        cast.settle()
    cast.answer(cast.meeting("alice", "Dana"), 2, done=False)
    cast.clock.forward(days=1)
    return found


def test_stored_loyalty_gives_shifts_of_history(db, cast, viewer, weeks, clock):
    zone, told, looked_back = viewer.scoring.zone, 0, 0
    with db.reading() as session:
        reps = [rep for (rep,) in session.execute(select(col(User.id)))]
        everything = history(session, viewer.organisation_id, col(Meeting.rep_id).in_(reps), clock())
        for week in (weeks[0].plus(-1), *weeks, weeks[-1].plus(1)):
            starts, ends = week.starts(zone), week.ends(zone)
            found = page.week_shifts(session, viewer, reps, week, zone, clock())
            by_pair = {pair: shift for shifts in found.values() for pair, shift in shifts.items()}
            for pair in {(past.rep_id, past.contact_id) for past in everything}:
                mine = [p.moment() for p in everything if (p.rep_id, p.contact_id) == pair]
                wanted = score_shift(pair, mine, viewer.scoring, starts, ends)
                answered = any(any(m.client) and starts <= m.held_at < ends for m in mine)
                assert (
                    by_pair.get(pair) == wanted
                    if answered
                    else not by_pair.get(pair) or wanted.before == wanted.after
                )
                told += answered
                looked_back += answered and any(any(m.client) and m.held_at >= ends for m in mine)
    assert told > 12
    assert looked_back > 5


def test_history_is_not_read_where_week_brought_last_answer(db, cast, viewer, weeks, clock, monkeypatch):
    read = []
    monkeypatch.setattr(
        page, "history_of_pairs", lambda _s, _o, pairs, _now: read.extend(pairs) or {p: [] for p in pairs}
    )
    zone = viewer.scoring.zone
    with db.reading() as session:
        found = page.week_shifts(
            session, viewer, [cast.alice.id, cast.bob.id], weeks[-1].plus(1), zone, clock()
        )
        assert [list(shifts) for shifts in found.values()]
        assert not read
        page.week_shifts(session, viewer, [cast.alice.id, cast.bob.id], weeks[0], zone, clock())
    assert read


def test_others_and_their_weeks_are_left_out(db, cast, viewer, weeks, clock):
    zone = viewer.scoring.zone
    with db.reading() as session:
        for week in (*weeks, weeks[-1].plus(1)):  # in the last only what has settled just now, of Alice
            assert set(page.week_shifts(session, viewer, [cast.bob.id], week, zone, clock())) <= {cast.bob.id}
