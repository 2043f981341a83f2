"""The sums of each rep: the database's are those of the core, and readers see theirs."""

from contextlib import suppress
from dataclasses import replace
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from sqlmodel import col

from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.answers import Submission
from feedback.actions.meetings import NewContact, find_or_add_contact
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.scoring.recompute import columns_of
from feedback.actions.scoring.rescore import rescore
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.leaderboard import rep_standings
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.core.scoring.reps import Voice, field_of_sums, sum_voices, voices_left
from feedback.core.scoring.sums import UNRATED, sum_numbers, unlike
from feedback.models import Feedback, Meeting, Relationship, StoredSums, User
from feedback.pages.leaderboard import scoring_calendar
from feedback.store.history import history
from feedback.store.rep_sums import field_now, stored_sums, sums_by_rep, sums_visible_to_reps
from feedback.store.replay import differences

WITHIN = 0.005
means = st.tuples(*[st.none() | st.floats(1, 5)] * 6)
answered = st.builds(
    Numbers, loyalty=st.just(0.0) | st.floats(1e-9, 100), vote=st.floats(1e-3, 1e6), client=means, mirror=means,
    answers=st.integers(1, 9), both=st.integers(0, 3),
)  # fmt: skip
unanswered = st.builds(Numbers, mirror=means)


@pytest.fixture
def ours(cast):
    return cast.olive.organisation_id


@pytest.fixture
def scoring(db, ours) -> Scoring:
    with db.reading() as session:
        return scoring_calendar(session, ours).scoring


@pytest.fixture
def look(db, ours, scoring, clock):
    """look(sums_by_rep) is what that function gives now."""

    def read(function, *more, **options):
        with db.reading() as session:
            return function(session, ours, scoring, clock(), *more, **options)

    return read


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("alice", "bob")), answered | unanswered), max_size=40))
def test_standings_from_rows_equal_those_from_relationships(cast, db, look, ours, relationships):
    with cast.changing() as c:
        c.session.execute(delete(Relationship).where(col(Relationship.organisation_id) == ours))
        for n, (rep, numbers) in enumerate(relationships):
            contact = cast_contact(c, n)
            pair = {"rep_id": cast.people[rep].id, "contact_id": contact}
            c.session.add(Relationship(organisation_id=ours, created_at=c.now, **pair, **columns_of(numbers)))
        c.rescored.update((cast.alice.id, cast.bob.id))
    by_rep = {cast.people[rep].id: [n for who, n in relationships if who == rep] for rep in ("alice", "bob")}
    names = {cast.alice.id: "Alice", cast.bob.id: "Bob"}
    wanted, field = rep_standings(names, {rep: sum_numbers(ns) for rep, ns in by_rep.items()}, {}, 10.0)
    found, found_field = rep_standings(names, look(sums_by_rep), {}, 10.0)
    assert (found_field.mu, found_field.sigma) == pytest.approx((field.mu, field.sigma), abs=WITHIN)
    assert look(field_now) == found_field
    for one, other in zip(found, wanted, strict=True):
        assert (one.rep_id, one.rank, one.badge, one.gaps) == (
            other.rep_id,
            other.rank,
            other.badge,
            other.gaps,
        )
        assert figures(one) == pytest.approx(figures(other), abs=WITHIN)


def cast_contact(c, number: int):
    return find_or_add_contact(c, NewContact(f"Client {number}", "Northwind"))


def figures(row):
    numbers = (row.score.score, row.score.low, row.score.high, row.score.voices, row.loyalty, row.reads_the_room,
               row.calibration, row.doughnuts, row.value)  # fmt: skip
    return [-1000.0 if number is None else number for number in numbers]


@pytest.fixture
def heard(cast, clock):
    for contact in ("Dana", "Eli", "Fay", "Gus"):
        for rep, rating in (("alice", 5), ("bob", 3)):
            met = cast.meeting(rep, contact)
            cast.answer(met, rating)
            cast.seal(met, 4)
    clock.forward(days=1)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("name", ["heard", "vote", "squares", "client_savvy", "mirror_votes_savvy", "bias", "could_have_gaps"])  # fmt: skip
def test_changed_sum_is_named_and_repaired(cast, db, ours, run, name):
    run(update(StoredSums).where(StoredSums.rep_id == cast.alice.id).values({name: 7}))
    with db.reading() as session:
        (found,) = differences(session, ours)
    assert found.startswith("Alice, sums: ")
    with cast.changing() as c:
        rescore(c)
    with db.reading() as session:
        assert list(differences(session, ours)) == []


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(("name", "value"), [("distance", 3.0), ("bias", None), ("real_gap", True)])
def test_changed_gap_of_a_relationship_is_named(cast, db, ours, run, name, value):
    run(update(Relationship).where(Relationship.rep_id == cast.alice.id).values({name: value}))
    with db.reading() as session:
        assert len([line for line in differences(session, ours) if "distance, bias or real_gap" in line]) == 4


@pytest.mark.usefixtures("heard")
def test_missing_sums_are_named(db, ours, run):
    run(delete(StoredSums))
    with db.reading() as session:
        assert len(list(differences(session, ours))) == 2


@pytest.mark.usefixtures("heard")
def test_who_left_is_in_no_standing(cast, clock, look, run):
    run(update(User).where(User.id == cast.bob.id).values(ended_at=clock()))
    assert look(sums_by_rep).keys() == look(sums_visible_to_reps).keys() == {cast.alice.id}
    cast.answer(cast.meeting("bob", "Hal"), 1, done=False)
    clock.forward(minutes=11)  # settled, and no worker has seen it
    assert look(sums_by_rep).keys() == look(sums_visible_to_reps).keys() == {cast.alice.id}


@pytest.mark.usefixtures("heard")
def test_first_answer_of_a_rep_is_in_the_field_at_once(cast, clock, look):
    cast.add("zoe", "rep", "South")
    cast.answer(cast.meeting("zoe", "Hal"), 1, done=False)
    clock.forward(minutes=11)  # settled, and no worker has seen it
    wanted = field_of_sums(each.voices for each in look(sums_by_rep).values())
    assert (look(field_now).mu, look(field_now).sigma) == pytest.approx((wanted.mu, wanted.sigma), abs=1e-6)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("meet", "answer", "hidden", "tap", "seal", "idle", "wait", "settle")),
        st.integers(0, 11),
        st.integers(1, 5),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_reps_see_what_the_rule_gives(cast, clock, db, look, ours, scoring, steps):
    """Against the rule applied to every relationship there is."""
    met = [cast.meeting("alice", "Dana")]
    for what, which, rating in steps:
        one = met[which % len(met)]
        with suppress(InvitationClosed, AlreadySealed):
            if what == "meet":
                met.append(cast.meeting(("alice", "bob")[which % 2], f"Client {which % 5}"))
            elif what in ("answer", "hidden", "tap"):
                extras = {"visibility": "manager"} if what == "hidden" else {}
                state = Submission(dict.fromkeys(DIMENSIONS, rating), extras, done=what != "tap")
                cast.submit(one, state)
            elif what == "seal":
                cast.seal(one, rating)
            elif what == "idle":
                clock.forward(minutes=11)
            elif what == "wait":
                clock.forward(days=which)
            else:
                cast.settle()
    seen, managers = look(sums_visible_to_reps), look(sums_by_rep)
    for rep in ("alice", "bob"):
        rep_id = cast.people[rep].id
        with db.reading() as session:
            past = history(session, ours, col(Meeting.rep_id) == rep_id, clock())
        if past:
            whole = sum_numbers(numbers_of(past, scoring, lambda p: p.moment()))
            assert unlike(managers.get(rep_id, sum_numbers([])), whole) == []
            unguessed = sum_numbers(numbers_of(past, scoring, lambda p: p.moment_for_reps(inf)))
            voices = round(unguessed.voices.vote / scoring.weight(clock()), 9)
            visible = sum_numbers(numbers_of(past, scoring, lambda p, v=voices: p.moment_for_reps(v)))
            assert unlike(seen.get(rep_id, sum_numbers([])), visible) == []
            assert look(sums_visible_to_reps, [rep_id]).get(rep_id) == seen.get(rep_id)
            assert look(sums_by_rep, [rep_id]).get(rep_id) == managers.get(rep_id)
    for read, sums in ((sums_by_rep, managers), (sums_visible_to_reps, seen)):
        assert _unguessed(look(read, guessed=False)) == _unguessed(sums)
    fields = look(field_now), look(field_now, for_reps=True)
    for found, sums in zip(fields, (managers, seen), strict=True):
        wanted = field_of_sums(each.voices for each in sums.values())
        assert (found.mu, found.sigma) == pytest.approx((wanted.mu, wanted.sigma), abs=1e-6)


def numbers_of(past, scoring, moment):
    contacts = {p.contact_id for p in past}
    return [
        relationship_numbers((moment(p) for p in past if p.contact_id == who), scoring) for who in contacts
    ]


def _unguessed(sums):
    return {rep: replace(each, mirror=UNRATED) for rep, each in sums.items()}


def test_faint_voices_beside_a_loud_one_are_summed_up_anew(cast, clock, db, look, ours, run):
    """What the loud one leaves of sixteen digits would be none of theirs."""
    for contact, rating in (("Dana", 2), ("Eli", 5)):
        met = cast.meeting("alice", contact)
        cast.answer(met, rating)
        cast.seal(met, 4)
    cast.answer(cast.meeting("alice", "Fay"), 1)  # not guessed yet
    with db.reading() as session:
        fay = session.scalars(select(Relationship.id).where(Relationship.loyalty < 5)).one()
    run(update(Relationship).where(Relationship.id != fay).values(vote=3e-12))
    with cast.changing() as c:
        c.rescored.add(cast.alice.id)
    wanted = field_of_sums([look(sums_visible_to_reps)[cast.alice.id].voices])
    assert look(field_now, for_reps=True) == wanted
    assert wanted.mu == pytest.approx(62.5)


def test_guess_costs_the_same_whoever_may_read_the_answer(cast, db, look, run):
    """Alice has one voice, among which an answer for managers only does not count for her."""
    seen = cast.meeting("alice", "Dana")
    cast.answer(seen, 4)
    cast.seal(seen, 4)
    cast.answer(cast.meeting("alice", "Eli"), 1)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    before, its = look(sums_visible_to_reps), list(statements)
    run(update(Feedback).where(Feedback.integrity == 1).values(visibility="manager"))
    statements.clear()
    assert look(sums_visible_to_reps) == before
    assert statements == its


def test_voices_are_taken_off_exactly_or_not_at_all():
    one, other = Voice(2.0, 50.0), Voice(0.25, 90.0)
    whole = sum_voices([one, other])
    assert voices_left(whole, sum_voices([other])) == sum_voices([one])
    assert voices_left(whole, whole) == sum_voices([])
    assert voices_left(sum_voices([one, Voice(1e-9, 90.0)]), sum_voices([one])) is None


def test_rep_is_summed_once_in_a_transaction(cast, db, ours):
    cast.answer(cast.meeting(), 5)
    with db.reading() as session:
        assert stored_sums(session, ours)[cast.alice.id].voices.heard == 1
        assert len(session.execute(select(StoredSums.id)).all()) == 1


def test_taps_of_a_client_move_no_guess_of_the_rep(cast, clock, look):
    """Dana was answered and guessed, and once guessed without an answer; now she taps on a third code."""
    first, unanswered, third = (cast.meeting() for _ in range(3))
    cast.answer(first, 4)
    cast.seal(first, 4)
    clock.forward(days=1)
    cast.seal(unanswered, 1)
    before = look(sums_visible_to_reps)
    cast.answer(third, 4, done=False)
    assert look(sums_visible_to_reps) == before
    cast.answer(third, 4)
    assert look(sums_visible_to_reps) == before


def test_first_sums_of_many_reps_take_as_many_statements_as_those_of_two(cast, db):
    """An import brings hundreds of reps their first client."""
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    counts = []
    for several in (2, 7):
        reps = [cast.add(f"Rep{several}{n}", "rep").id for n in range(several)]
        statements.clear()
        with cast.changing() as c:
            c.rescored.update(reps)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    with db.reading() as session:
        assert len(session.execute(select(StoredSums.id)).all()) == 9
