"""A rep's score: k = 5 voices of the whole organisation's mean, and 80 % ranges."""

from math import sqrt

import pytest

from feedback.core.scoring.reps import (
    Field,
    Score,
    Voice,
    VoiceSums,
    field_of,
    score_of,
    score_of_sums,
    vote_weighted,
)


def test_empty_field_has_default_mu_and_sigma():
    assert field_of({}) == field_of({"alice": []}) == Field(50.0, 25.0)


def test_unanswered_rep_scores_the_mean():
    score = score_of([], Field(50.0, 25.0), 1.0)
    reach = 14.328724  # 1.2816 * 25 / √5 = 32.04 / 2.236068
    assert (score.score, score.voices) == (50.0, 0.0)
    assert (score.low, score.high) == (pytest.approx(50 - reach), pytest.approx(50 + reach))


def test_mu_is_vote_weighted():
    # (1 * 100 + 3 * 20) / 4
    assert field_of({"alice": [Voice(1, 100)], "bob": [Voice(3, 20)]}).mu == 40.0


def test_sigma_is_25_below_30_relationships():
    assert field_of({"alice": [Voice(1, 80)] * 10, "bob": [Voice(1, 30)] * 19}).sigma == 25.0


def test_sigma_is_measured_from_30_relationships():
    field = field_of({"alice": [Voice(1, 80), Voice(1, 40)] * 10, "bob": [Voice(1, 30)] * 10})
    # Alice's mean is 60, Bob's 30: √((20 * 20² + 10 * 0²) / 30)
    assert field == Field(50.0, pytest.approx(sqrt(8000 / 30)))


def test_sigma_is_vote_weighted():
    field = field_of({"alice": [Voice(3, 40), Voice(1, 80)] * 15})
    # her mean is (120 + 80) / 4 = 50: √((3 * 10² + 1 * 30²) / 4) = √300
    assert field == Field(50.0, pytest.approx(17.320508))


@pytest.mark.parametrize(
    ("spread", "expected"),
    [(0, 8.0), (7.9, 8.0), (8.1, 8.1)],  # half at 50 + spread, half at 50 - spread
)
def test_sigma_is_at_least_8(spread, expected):
    field = field_of({"alice": [Voice(1, 50 + spread), Voice(1, 50 - spread)] * 15})
    assert field.sigma == pytest.approx(expected)


def test_score_starts_from_five_mean_voices():
    score = score_of([Voice(4, 90), Voice(4, 70)], Field(50.0, 20.0), 4.0)
    reach = 9.687985  # 1.2816 * 20 / √7 = 25.632 / 2.645751
    assert score == Score(
        pytest.approx(410 / 7),  # (90 + 70 + 5 * 50) / (2 + 5)
        pytest.approx(410 / 7 - reach),
        pytest.approx(410 / 7 + reach),
        2.0,
    )


def test_voice_halves_when_weight_doubles():
    score = score_of([Voice(4, 100)], Field(40.0, 20.0), 8.0)
    assert score.voices == 0.5
    assert score.score == pytest.approx(250 / 5.5)  # (50 + 5 * 40) / (0.5 + 5)


@pytest.mark.parametrize(
    ("mu", "low", "high"),
    [
        (95.0, 80.671276, 100.0),  # 95 ± 14.328724
        (5.0, 0.0, 19.328724),
    ],
)
def test_range_is_cut_to_scale(mu, low, high):
    score = score_of([], Field(mu, 25.0), 1.0)
    assert (score.low, score.high) == (pytest.approx(low), pytest.approx(high))


def test_range_hides_how_voices_were_added():
    sums = [VoiceSums(1, 3.3 + dust, 200.0) for dust in (0.0, 1e-15, -1e-15, 4e-15, -4e-15)]
    assert len({each.vote for each in sums}) > 2
    assert len({score_of_sums(each, Field(50.0, 25.0), 0.7) for each in sums}) == 1


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([(1.0, None)], None),
        ([(0.0, 5.0)], None),  # never heard
        ([(0.5, 1.0)], 1.0),
        ([(1.0, 4.0), (3.0, 2.0), (9.0, None)], 2.5),  # (4 + 6) / 4
    ],
)
def test_vote_weighted_mean_ignores_missing_values(pairs, expected):
    assert vote_weighted(pairs) == expected


def test_rounding_keeps_score_at_100():
    # 0.1 + 0.2 and thirds: no round numbers
    for votes in ([0.1, 0.2], [1 / 3, 0.7, 0.9], [1.1] * 7):
        heard = [Voice(vote, 100) for vote in votes]
        assert score_of(heard, field_of({"alice": heard}), 0.3).score == 100.0
