"""What holds for every history, field and clock."""

from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import walk_packages
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from feedback import core
from feedback.core.calendar.weeks import parse_week, week_of
from feedback.core.dimensions import GOOD, count_rated
from feedback.core.gaps.analysis import GapClass, classify, sides_disagree
from feedback.core.scoring.points import Scoring, weight
from feedback.core.scoring.ranking import Contender, rank
from feedback.core.scoring.relationships import Moment, relationship_numbers
from feedback.core.scoring.reps import Field, Voice, field_of, score_of

always = settings(deadline=None, derandomize=True, max_examples=100)

ZONES = ("UTC", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "America/St_Johns")
FIRST, LAST = datetime(2020, 1, 1), datetime(2045, 1, 1)  # noqa: DTZ001

moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
three_days = st.datetimes(FIRST, FIRST + timedelta(days=3), timezones=st.just(UTC))
one_day = st.datetimes(FIRST, FIRST + timedelta(hours=23), timezones=st.just(UTC))
half_lives = st.integers(30, 730)
scorings = st.builds(Scoring, half_lives, st.sampled_from(ZONES).map(ZoneInfo))
ratings = st.tuples(*[st.none() | st.integers(1, 5)] * 6)
answered = ratings.filter(count_rated)
# far apart, or some of them on one day
histories = st.lists(st.builds(Moment, moments | three_days, ratings, ratings), max_size=8)
percents = st.floats(0, 100)
means = st.floats(1, 5)
voices = st.lists(st.builds(Voice, vote=st.floats(0.01, 100), loyalty=percents), max_size=40)
fields = st.builds(Field, mu=percents, sigma=st.floats(8, 50))
contenders = st.lists(
    st.builds(Contender, st.integers(), st.text(max_size=3), st.sampled_from([40.0, 50.0, 50.1]), st.floats(0, 6)),
    unique_by=(lambda c: c.key, lambda c: c.name),
    max_size=12,
)  # fmt: skip


@always
@given(histories, scorings, st.randoms(use_true_random=False))
def test_order_of_history_is_irrelevant(history, scoring, random):
    shuffled = random.sample(history, len(history))
    assert relationship_numbers(shuffled, scoring) == relationship_numbers(history, scoring)


@always
@given(
    st.lists(st.builds(Moment, one_day, answered, answered), min_size=2, max_size=6),
    st.lists(st.builds(Moment, moments.filter(lambda at: at.date() > FIRST.date()), ratings, ratings), max_size=4),
    half_lives,
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_order_within_a_day_is_irrelevant(day, others, half_life, random):
    """Who said what first, of several meetings of one day."""
    said = random.sample(day, len(day))
    swapped = [replace(met, client=by.client, mirror=by.mirror) for met, by in zip(day, said, strict=True)]
    assert relationship_numbers([*swapped, *others], Scoring(half_life)) == relationship_numbers(
        [*day, *others], Scoring(half_life)
    )


@always
@given(
    st.lists(st.builds(Moment, moments, ratings, ratings), min_size=1, max_size=5, unique_by=lambda m: m.held_at.date()),
    half_lives,
    st.data(),
)  # fmt: skip
def test_answer_repeated_that_day_changes_no_mean(history, half_life, data):
    scoring, once = Scoring(half_life), data.draw(st.sampled_from(history))
    times = data.draw(st.integers(1, 5))
    midnight = datetime.combine(once.held_at, datetime.min.time(), UTC)
    before, after = (
        relationship_numbers([*history, *extra], scoring)
        for extra in ((), [replace(once, held_at=midnight)] * times)
    )
    assert replace(after, answers=before.answers) == before
    assert after.answers == before.answers + (times if count_rated(once.client) else 0)


@always
@given(voices, st.randoms(use_true_random=False))
def test_order_of_relationships_is_irrelevant(heard, random):
    shuffled = random.sample(heard, len(heard))
    assert field_of({1: shuffled, 2: heard}) == field_of({2: heard, 1: shuffled})
    assert score_of(shuffled, Field(), 1.0) == score_of(heard, Field(), 1.0)


@always
@given(histories.filter(len), scorings, st.data())
def test_better_rating_never_lowers_score(history, scoring, data):
    nth = data.draw(st.integers(0, len(history) - 1))
    dimension = data.draw(st.integers(0, 5))
    rating = history[nth].client[dimension]
    assume(rating is not None and rating < 5)
    client = list(history[nth].client)
    client[dimension] = data.draw(st.integers(rating + 1, 5))
    better = [*history[:nth], replace(history[nth], client=tuple(client)), *history[nth + 1 :]]
    before, after = relationship_numbers(history, scoring), relationship_numbers(better, scoring)
    assert after.loyalty >= before.loyalty
    assert score_alone(after) >= score_alone(before)


def score_alone(numbers):
    """The score of a rep who is the whole organisation, so that mu moves with the rating too."""
    heard = [Voice(numbers.vote, numbers.loyalty)]
    return score_of(heard, field_of({1: heard}), numbers.vote).score


@always
@given(voices, voices, fields)
def test_scores_and_ranges_stay_on_scale(mine, others, other_field):
    for field in (field_of({1: mine, 2: others}), other_field):
        score = score_of(mine, field, 1.0)
        assert 0 <= score.low <= score.score <= score.high <= 100


@always
@given(histories, scorings)
def test_loyalty_and_means_stay_on_scale(history, scoring):
    numbers = relationship_numbers(history, scoring)
    assert numbers.loyalty is None or 0 <= numbers.loyalty <= 100
    assert all(1 <= value <= 5 for value in (*numbers.client, *numbers.mirror) if value is not None)


@always
@given(voices, st.floats(0.01, 100), st.floats(8, 30), st.floats(40, 60))
def test_range_narrows_with_every_voice(heard, vote, sigma, mu):
    level = [replace(voice, loyalty=mu) for voice in heard]  # at mu the ends of the scale cut nothing off
    few = score_of(level, Field(mu, sigma), 1.0)
    more = score_of([*level, Voice(vote, mu)], Field(mu, sigma), 1.0)
    assert more.high - more.low < few.high - few.low


@always
@given(st.lists(percents, min_size=10, max_size=10), percents, fields, st.floats(0, 120))
def test_one_answer_never_outranks_ten_better_ones(ten, lucky, field, days):
    faded = 2 ** (-days / 90)  # the newcomer was heard today, the others up to four months ago
    experienced = score_of([Voice(faded, max(loyalty, lucky)) for loyalty in ten], field, 1.0)
    newcomer = score_of([Voice(1.0, lucky)], field, 1.0)
    assume(experienced.voices >= 3)
    places = rank(
        [Contender("A newcomer", "A", newcomer.score, newcomer.voices),
         Contender("Experienced", "Z", experienced.score, experienced.voices)], field.sigma
    )  # fmt: skip
    assert [(place.key, place.rank) for place in places] == [("Experienced", 1), ("A newcomer", None)]


@always
@given(st.lists(percents, min_size=10, max_size=10), percents, st.lists(percents, min_size=20, max_size=20))
def test_one_answer_never_outscores_ten_above_mean(ten, lucky, others):
    field = field_of({"others": [Voice(1.0, loyalty) for loyalty in others]})
    experienced = score_of([Voice(1.0, max(loyalty, lucky, field.mu)) for loyalty in ten], field, 1.0)
    assert score_of([Voice(1.0, lucky)], field, 1.0).score <= experienced.score + 1e-9


@always
@given(histories, histories, half_lives, st.integers(-1000, 1000))
def test_passing_time_keeps_loyalty_and_vote_ratio(history, other, half_life, days):
    scoring = Scoring(
        half_life
    )  # in UTC, where every day has 24 hours: a day later the days are the same days

    def later(rows):
        return relationship_numbers(
            [replace(m, held_at=m.held_at + timedelta(days=days)) for m in rows], scoring
        )

    here, there = relationship_numbers(history, scoring), relationship_numbers(other, scoring)
    assume(here.loyalty is not None and there.loyalty is not None)
    assert later(history).loyalty == pytest.approx(here.loyalty, abs=1e-9)
    assert later(history).vote / later(other).vote == pytest.approx(here.vote / there.vote, rel=1e-9)


@always
@given(voices, st.floats(1, 1000))
def test_passing_time_moves_score_towards_mean(heard, later):
    field = field_of({1: heard})
    now, then = score_of(heard, field, 1.0), score_of(heard, field, later)
    assert abs(then.score - field.mu) <= abs(now.score - field.mu) + 1e-9


@always
@given(moments, half_lives)
def test_voice_halves_every_half_life(moment, half_life):
    later = weight(moment + timedelta(days=half_life), half_life)
    assert weight(moment, half_life) / later == pytest.approx(0.5, rel=1e-12)


@always
@given(contenders, st.floats(8, 50), st.randoms(use_true_random=False))
def test_ranking_is_a_total_order(reps, sigma, random):
    places = rank(reps, sigma)
    ranked = [place for place in places if place.rank is not None]
    assert rank(random.sample(reps, len(reps)), sigma) == places
    assert sorted(place.key for place in places) == sorted(rep.key for rep in reps)
    assert [place.rank for place in places] == [*range(1, len(ranked) + 1)] + [None] * (
        len(reps) - len(ranked)
    )


@always
@given(means, means)
def test_swapping_sides_swaps_advantage_and_blind_spot(client, rep):
    swapped = {GapClass.ADVANTAGE: GapClass.BLIND_SPOT, GapClass.BLIND_SPOT: GapClass.ADVANTAGE}
    assert sides_disagree(client, rep) == sides_disagree(rep, client)
    if sides_disagree(client, rep):
        assert classify(rep, client) is swapped[classify(client, rep)]
    elif client >= GOOD and rep >= GOOD:
        assert classify(rep, client) is classify(client, rep) is GapClass.STRENGTH


@always
@given(moments, st.sampled_from(ZONES).map(ZoneInfo))
def test_every_moment_is_in_one_week(moment, zone):
    week = week_of(moment, zone)
    assert week.starts(zone) <= moment < week.ends(zone) == week.plus(1).starts(zone)
    assert parse_week(str(week)) == week


@always
@given(moments, st.integers(-200, 200), st.sampled_from(ZONES).map(ZoneInfo))
def test_week_steps_can_be_undone(moment, steps, zone):
    week = week_of(moment, zone)
    assert week.plus(steps).plus(-steps) == week
    assert (week.plus(steps) > week) == (steps > 0)


def test_core_dataclasses_are_frozen():
    modules = [import_module(module.name) for module in walk_packages(core.__path__, "feedback.core.")]
    handed_out = {
        kind
        for module in modules
        for name, kind in vars(module).items()
        if is_dataclass(kind) and not name.startswith("_")
    }
    assert handed_out
    for kind in handed_out:
        made = kind.__dataclass_params__
        assert made.frozen or made.unsafe_hash, kind  # a record, which the type checker keeps frozen
        assert hasattr(kind, "__slots__"), kind
