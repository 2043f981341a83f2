"""One rep with one contact. At a half-life of 90 days, days 0, 90 and 180 weigh 1, 2 and 4."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.core.dimensions import NO_MEANS, NO_RATINGS
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
FIVES, FOURS, THREES, ONES = (5,) * 6, (4,) * 6, (3,) * 6, (1,) * 6
QUARTERLY = Scoring(90)
HOURLY = Scoring(0.25)  # halves every six hours: hours 0, 6, 12, 18 and 24 weigh 1, 2, 4, 8 and 16


def met(day, client=NO_RATINGS, mirror=NO_RATINGS):
    return Moment(FIRST_DAY + timedelta(days=day), client, mirror)


def at(hour, client=NO_RATINGS, mirror=NO_RATINGS):
    return met(hour / 24, client, mirror)


def test_no_meetings_give_empty_numbers():
    nothing = Numbers(None, 0.0, NO_MEANS, NO_MEANS, 0, 0, None)
    assert relationship_numbers([], QUARTERLY) == Numbers() == nothing


def test_loyalty_is_scaled_mean_rating():
    numbers = relationship_numbers([met(0, (5, 4, 3, 2, 1, 5))], QUARTERLY)
    assert numbers.client == (5, 4, 3, 2, 1, 5)
    assert numbers.loyalty == pytest.approx(350 / 6)  # (100 + 75 + 50 + 25 + 0 + 100) / 6


def test_later_answer_weighs_double_after_half_life():
    numbers = relationship_numbers([met(0, FIVES), met(90, THREES)], QUARTERLY)
    assert numbers.loyalty == pytest.approx(200 / 3)  # (1 * 100 + 2 * 50) / 3
    assert numbers.client == (pytest.approx(11 / 3),) * 6  # (1 * 5 + 2 * 3) / 3


def test_shorter_half_life_forgets_faster():
    # h = 45: day 90 weighs 4, (1 * 100 + 4 * 50) / 5
    assert relationship_numbers([met(0, FIVES), met(90, THREES)], Scoring(45)).loyalty == pytest.approx(60.0)


def test_dimension_mean_uses_meetings_that_rated_it():
    numbers = relationship_numbers(
        [met(0, (5, 5, *NO_RATINGS[2:])), met(90, (3, *NO_RATINGS[1:]))], QUARTERLY
    )
    # (5 + 2 * 3) / 3, and 5 alone
    assert numbers.client == (pytest.approx(11 / 3), 5.0, None, None, None, None)
    # (66.67 + 100) / 2: dimensions count alike
    assert numbers.loyalty == pytest.approx(250 / 3)


def test_one_client_is_one_voice():
    numbers = relationship_numbers([met(0, FIVES), met(45, FIVES), met(90, FIVES)], QUARTERLY)
    assert (numbers.vote, numbers.answers) == (2.0, 3)


def test_meeting_unrated_by_client_renews_no_vote():
    numbers = relationship_numbers([met(90, FOURS), met(180, mirror=FIVES)], QUARTERLY)
    assert (numbers.vote, numbers.answers) == (2.0, 1)
    assert numbers.last_client_at == FIRST_DAY + timedelta(days=90)


def test_last_answer_is_by_meeting_date():
    numbers = relationship_numbers([met(90, FOURS), met(0, FOURS)], QUARTERLY)
    assert numbers.last_client_at == FIRST_DAY + timedelta(days=90)


def test_mirror_means_include_unanswered_meetings():
    numbers = relationship_numbers([met(0, FOURS, FIVES), met(90, mirror=THREES)], QUARTERLY)
    assert numbers.mirror == (pytest.approx(11 / 3),) * 6  # (1 * 5 + 2 * 3) / 3
    assert numbers.client == (4.0,) * 6


def test_mirrors_alone_give_no_loyalty():
    numbers = relationship_numbers([met(0, mirror=FIVES)], QUARTERLY)
    assert (numbers.loyalty, numbers.vote, numbers.answers, numbers.both) == (None, 0.0, 0, 0)


def test_both_counts_only_days_rated_by_both():
    history = [met(0, FOURS, FIVES), met(1, FOURS), met(2, mirror=FIVES), met(3, FOURS, (1, *NO_RATINGS[1:]))]
    numbers = relationship_numbers(history, QUARTERLY)
    assert (numbers.answers, numbers.both) == (3, 2)


def test_one_tap_is_an_answer():
    numbers = relationship_numbers([met(0, (1, *NO_RATINGS[1:]))], QUARTERLY)
    assert (numbers.loyalty, numbers.vote, numbers.answers) == (0.0, 1.0, 1)


def test_rounding_keeps_loyalty_at_100():
    # the weights are no round numbers here; the database would refuse 100.00000000000001
    for day in range(1, 200):
        numbers = relationship_numbers([met(0, FIVES), met(day / 7, FIVES)], QUARTERLY)
        assert (numbers.loyalty, numbers.client) == (100.0, (5.0,) * 6)


@pytest.mark.parametrize("side", ["client", "mirror"])
@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([(0, FIVES), (12, ONES)], 3.0),  # (5 + 1) / 2, without weights
        ([(0, FIVES), (12, ONES), (24, FIVES)], 4.6),  # hour 12 gives the day's weight: (4 * 3 + 16 * 5) / 20
        ([(0, ONES), (12, FIVES), (24, FIVES)], 4.6),  # what was said first in a day weighs no less
        ([(0, FIVES), (24, ONES), (36, FIVES)], 3 + 2 / 65),  # (1 * 5 + 64 * 3) / 65
        ([(0, ONES), (18, NO_RATINGS), (24, FIVES)], 1 + 64 / 17),  # hour 18 was not rated: (1 * 1 + 16 * 5) / 17
    ],
)  # fmt: skip
def test_meetings_of_one_day_count_once(side, history, expected):
    numbers = relationship_numbers([at(hour, **{side: ratings}) for hour, ratings in history], HOURLY)
    assert getattr(numbers, side) == (pytest.approx(expected),) * 6


def test_five_quick_codes_weigh_as_one():
    """Held on its own day a 1 keeps its weight, whether the next day brings one 5 or five within a minute."""
    bad, five_codes = met(0, ONES), [met(90 + second / 86400, FIVES) for second in (0, 10, 20, 30, 40)]
    numbers = relationship_numbers([bad, *five_codes], QUARTERLY)
    assert numbers.client == relationship_numbers([bad, five_codes[-1]], QUARTERLY).client
    assert numbers.client == (pytest.approx(11 / 3, abs=1e-5),) * 6  # (1 * 1 + 2 * 5) / 3
    assert numbers.answers == 6


def test_low_rating_joins_its_days_mean():
    within_a_minute = [met(90 + 10 * i / 86400, ratings) for i, ratings in enumerate([ONES] + [FIVES] * 5)]
    numbers = relationship_numbers([met(0, FOURS), *within_a_minute], QUARTERLY)
    # the day's mean is (1 + 5 * 5) / 6 = 4.33 and it weighs 2: (4 + 2 * 4.33) / 3, not (4 + 2 * 26) / 13
    assert numbers.client == (pytest.approx(38 / 9, abs=1e-5),) * 6
    assert numbers.loyalty == pytest.approx(25 * (38 / 9 - 1), abs=1e-4)


def test_unrated_dimension_takes_other_meetings_mean():
    numbers = relationship_numbers([at(0, (5, 5, *NO_RATINGS[2:])), at(12, (2, *NO_RATINGS[1:]))], HOURLY)
    assert numbers.client == (3.5, 5.0, None, None, None, None)  # (5 + 2) / 2, and 5 alone


@pytest.mark.parametrize(
    ("zone", "hours", "days"),
    [
        ("UTC", (12, 23.5), 1),
        ("Europe/Berlin", (12, 23.5), 2),  # 13:00, and 00:30 of the next day
        ("UTC", (23.5, 36), 2),
        ("Europe/Berlin", (23.5, 36), 1),  # 00:30 and 13:00 of the same day
        ("America/New_York", (12, 28.5), 1),  # 07:00 and 23:30
    ],
)
def test_day_uses_the_organisations_time_zone(zone, hours, days):
    numbers = relationship_numbers([at(hour, FOURS, FIVES) for hour in hours], Scoring(90, ZoneInfo(zone)))
    assert (numbers.both, numbers.answers) == (days, 2)


def test_time_zone_decides_which_meetings_merge():
    # In Berlin the 1 stands alone, then 64 * 5 a day later; in UTC (1 + 5) / 2 is all there was.
    history = [at(12, ONES), at(23.5, FIVES)]
    weight = 2 ** (11.5 / 6)  # against hour 12
    berlin, utc = (
        relationship_numbers(history, Scoring(0.25, ZoneInfo(name))) for name in ("Europe/Berlin", "UTC")
    )
    assert berlin.client == (pytest.approx((1 + weight * 5) / (1 + weight)),) * 6
    assert utc.client == (3.0,) * 6


@pytest.mark.parametrize(
    ("history", "days"),
    [
        ([at(0, FOURS, FIVES), at(12, FOURS, FIVES)], 1),
        ([at(0, FOURS), at(12, mirror=FIVES)], 1),  # each side rated that day, if not the same meeting
        ([at(0, FOURS), at(24, mirror=FIVES)], 0),
        ([at(0, FOURS, FIVES), at(12, FOURS), at(24, FOURS, FIVES)], 2),
    ],
)
def test_both_counts_a_day_once(history, days):
    assert relationship_numbers(history, HOURLY).both == days


@pytest.mark.parametrize(
    ("history", "vote"),
    [
        ([at(0, FIVES), at(12, FIVES)], 4.0),  # of the last answer, not the first of the day
        ([at(12, FIVES), at(0, FIVES)], 4.0),  # in whatever order they come
        ([at(0, FIVES), at(12, FIVES), at(18, mirror=FIVES)], 4.0),  # a guess renews no vote
    ],
)
def test_vote_follows_the_last_answer(history, vote):
    numbers = relationship_numbers(history, HOURLY)
    assert (numbers.vote, numbers.last_client_at) == (vote, FIRST_DAY + timedelta(hours=12))
