"""One rep with one contact. At a half-life of 90 days, days 0, 90 and 180 weigh 1, 2 and 4."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.dimensions import NO_MEANS, NO_RATINGS
from feedback.core.relationships import Moment, Numbers, relate

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
FIVES, FOURS, THREES = (5,) * 6, (4,) * 6, (3,) * 6


def met(day, client=NO_RATINGS, mirror=NO_RATINGS):
    return Moment(FIRST_DAY + timedelta(days=day), client, mirror)


def test_nothing_is_known_before_the_first_meeting():
    nothing = Numbers(None, 0.0, NO_MEANS, NO_MEANS, NO_MEANS, 0, 0, None)
    assert relate([], 90) == Numbers() == nothing


def test_loyalty_is_the_plain_mean_of_six_points():
    numbers = relate([met(0, (5, 4, 3, 2, 1, 5))], 90)
    assert numbers.points == (100, 56.25, 25, 6.25, 0, 100)
    assert numbers.loyalty == pytest.approx(287.5 / 6)


def test_the_later_answer_weighs_double_after_a_half_life():
    numbers = relate([met(0, FIVES), met(90, THREES)], 90)
    assert numbers.loyalty == 50.0  # (1 * 100 + 2 * 25) / 3
    assert numbers.client == (pytest.approx(11 / 3),) * 6  # (1 * 5 + 2 * 3) / 3


def test_a_shorter_half_life_forgets_faster():
    # h = 45: day 90 weighs 4, (1 * 100 + 4 * 25) / 5
    assert relate([met(0, FIVES), met(90, THREES)], 45).loyalty == 40.0


def test_each_dimension_is_weighed_over_the_meetings_that_rated_it():
    numbers = relate([met(0, (5, 5, *NO_RATINGS[2:])), met(90, (3, *NO_RATINGS[1:]))], 90)
    assert numbers.points == (50.0, 100.0, None, None, None, None)  # (100 + 2 * 25) / 3, and 100 alone
    assert numbers.client == (pytest.approx(11 / 3), 5.0, None, None, None, None)
    assert numbers.loyalty == 75.0  # (50 + 100) / 2: dimensions count alike


def test_one_client_is_one_voice_however_many_answers():
    numbers = relate([met(0, FIVES), met(45, FIVES), met(90, FIVES)], 90)
    assert (numbers.vote, numbers.answers) == (2.0, 3)


def test_a_meeting_the_client_did_not_rate_renews_no_vote():
    numbers = relate([met(90, FOURS), met(180, mirror=FIVES)], 90)
    assert (numbers.vote, numbers.answers) == (2.0, 1)
    assert numbers.last_client_at == FIRST_DAY + timedelta(days=90)


def test_the_last_answer_is_the_last_meeting_in_whatever_order():
    assert relate([met(90, FOURS), met(0, FOURS)], 90).last_client_at == FIRST_DAY + timedelta(days=90)


def test_mirror_means_are_over_all_sealed_mirrors_answered_or_not():
    numbers = relate([met(0, FOURS, FIVES), met(90, mirror=THREES)], 90)
    assert numbers.mirror == (pytest.approx(11 / 3),) * 6  # (1 * 5 + 2 * 3) / 3
    assert numbers.client == (4.0,) * 6


def test_mirrors_alone_make_no_loyalty():
    numbers = relate([met(0, mirror=FIVES)], 90)
    assert (numbers.loyalty, numbers.vote, numbers.answers, numbers.both) == (None, 0.0, 0, 0)


def test_both_counts_the_meetings_that_either_side_rated():
    history = [met(0, FOURS, FIVES), met(1, FOURS), met(2, mirror=FIVES), met(3, FOURS, (1, *NO_RATINGS[1:]))]
    numbers = relate(history, 90)
    assert (numbers.answers, numbers.both) == (3, 2)


def test_one_tap_is_an_answer():
    numbers = relate([met(0, (1, *NO_RATINGS[1:]))], 90)
    assert (numbers.loyalty, numbers.vote, numbers.answers) == (0.0, 1.0, 1)


def test_rounding_never_makes_fives_more_than_a_hundred_points():
    # the weights are no round numbers here; the database would refuse 100.00000000000001
    for day in range(1, 200):
        numbers = relate([met(0, FIVES), met(day / 7, FIVES)], 90)
        assert (numbers.loyalty, numbers.client) == (100.0, (5.0,) * 6)
