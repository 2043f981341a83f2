"""A week's standings. Below thirty relationships sigma is 25; votes are 1 and g(now) is 1 unless said."""

import pytest

from feedback.core.dimensions import NO_MEANS
from feedback.core.gaps.doughnuts import Badge
from feedback.core.scoring.leaderboard import (
    AskedAnswered,
    contender_of,
    movement,
    rank_standings,
    rep_standings,
    team_loyalty,
)
from feedback.core.scoring.ranking import Place
from feedback.core.scoring.relationships import Numbers
from feedback.core.scoring.reps import Field
from feedback.core.scoring.sums import side_means, sum_numbers
from feedback.core.shares import Share

FIVES, FOURS, THREES = (5.0,) * 6, (4.0,) * 6, (3.0,) * 6
NAMES = {1: "Alice", 2: "Bob"}


def relationship(loyalty=50.0, vote=1.0, client=FOURS, mirror=NO_MEANS, both=0):
    return Numbers(loyalty=loyalty, vote=vote, client=client, mirror=mirror, both=both)


def board(relationships, names=NAMES, activity=None, weight_now=1.0):
    sums = {rep: sum_numbers(numbers) for rep, numbers in relationships.items()}
    rows, _ = rep_standings(names, sums, activity or {}, weight_now)
    return {row.name: row for row in rows}


def alice(*relationships):
    return board({1: relationships})["Alice"]


def test_board_without_answers_has_no_ranks():
    rows, field = rep_standings({2: "Bob", 1: "Alice"}, {}, {}, 1.0)
    assert field == Field(50.0, 25.0)
    assert [(row.rep_id, row.name, row.score.score, row.rank) for row in rows] == [
        (1, "Alice", 50.0, None),
        (2, "Bob", 50.0, None),
    ]
    assert {rows[0].loyalty, rows[0].reads_the_room, rows[0].calibration, rows[0].doughnuts} == {None}


def test_reps_rank_by_shrunk_score():
    rows = board({1: [relationship(40)] * 4, 2: [relationship(80)] * 4})
    # mu is 60: (4 * 80 + 5 * 60) / 9 and (4 * 40 + 5 * 60) / 9
    assert list(rows) == ["Bob", "Alice"]
    assert (rows["Bob"].rank, rows["Bob"].score.score) == (1, pytest.approx(620 / 9))
    assert (rows["Alice"].rank, rows["Alice"].score.score) == (2, pytest.approx(460 / 9))
    assert (rows["Bob"].loyalty, rows["Alice"].loyalty) == (80.0, 40.0)


def test_close_neighbours_are_marked():
    # 4 * 30 / 9 = 13.33 apart, against 1.2816 * 25 * √(2/9) = 15.10; with 40 and 80 it is 17.78
    near = board({1: [relationship(50)] * 4, 2: [relationship(80)] * 4})
    far = board({1: [relationship(40)] * 4, 2: [relationship(80)] * 4})
    assert [(row.close, row.close_to_next) for row in near.values()] == [(True, True), (True, False)]
    assert not any(row.close or row.close_to_next for row in far.values())


def test_sigma_decides_who_is_close():
    sums = {1: sum_numbers([relationship(50)] * 15), 2: sum_numbers([relationship(60)] * 15)}
    rows, field = rep_standings(NAMES, sums, {}, 1.0)
    assert field == Field(55.0, 8.0)
    # (15 * 10) / 20 = 7.5 apart, against 1.2816 * 8 * √(2/20) = 3.24
    assert not rows[0].close


def test_faded_voices_leave_the_ranking():
    rows = board({1: [relationship(90)] * 5}, weight_now=2.0)
    assert (rows["Alice"].score.voices, rows["Alice"].rank) == (2.5, None)


def test_mirror_alone_gives_no_voice():
    row = alice(relationship(80), Numbers(mirror=FIVES))
    assert (row.score.voices, row.loyalty) == (1.0, 80.0)


def test_reads_the_room_is_vote_weighted():
    near, far = relationship(vote=3, mirror=FOURS), relationship(vote=1, client=THREES, mirror=FIVES)
    row = alice(near, far, relationship(vote=9))
    assert row.reads_the_room == 87.5  # the mean distance is (3 * 0 + 1 * 2) / 4 = 0.5
    assert row.calibration == 0.5  # both times rep - client


def test_low_guesses_calibrate_below_zero():
    assert alice(relationship(client=FIVES, mirror=FOURS)).calibration == -1.0


def test_gap_share_needs_two_meetings():
    row = alice(
        relationship(client=THREES, mirror=FOURS, both=2),
        relationship(client=FOURS, mirror=FOURS, both=3),
        relationship(client=THREES, mirror=FIVES, both=1),
        relationship(client=THREES),
    )
    assert row.gaps == Share(1, 2)


def test_doughnut_badge_comes_from_client_means():
    liked = (3.0, 3.0, 3.0, 3.0, 3.0, 4.0)
    row = alice(*[relationship(client=liked)] * 3)
    assert (row.value, row.doughnuts, row.badge) == (3.0, 1.0, Badge.DOUGHNUTS)
    assert alice(*[relationship(client=liked)] * 2).badge is None


def test_dimension_means_are_vote_weighted():
    one = relationship(vote=3, client=(5.0, 4.0, None, None, None, None))
    other = relationship(vote=1, client=(1.0, None, 2.0, None, None, None))
    # (3 * 5 + 1 * 1) / 4
    assert side_means(sum_numbers(iter([one, other])).client) == (4.0, 4.0, 2.0, None, None, None)


def test_activity_is_shown_per_rep():
    busy = AskedAnswered(answered=Share(3, 4), asked=Share(4, 5))
    rows = board({}, activity={2: busy})
    assert rows["Bob"].activity == busy
    assert rows["Alice"].activity == AskedAnswered(Share(0, 0), Share(0, 0))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(3, 5, 2), (5, 3, -2), (1, 1, 0), (None, 3, None), (3, None, None), (None, None, None)],
)
def test_movement_is_places_gained(now, before, expected):
    assert movement(now, before) == expected


def test_movement_is_unset_without_last_week():
    assert alice(*[relationship()] * 3).movement is None


def test_selection_is_ranked_among_itself():
    rows = board(
        {
            1: [relationship(20)] * 4,
            2: [relationship(50)] * 4,
            3: [relationship(90)] * 4,
            4: [relationship(10)],
        },
        {1: "Alice", 2: "Bob", 3: "Zoe", 4: "Newcomer"},
    )
    # a team without Zoe; Alice was first of it last week, Bob second, the newcomer third
    team = [rows["Newcomer"], rows["Alice"], rows["Bob"]]
    arranged = rank_standings(team, sigma=10.0, ranks_before={1: 1, 2: 2, 4: 3})
    assert [(row.name, row.rank, row.movement) for row in arranged] == [
        ("Bob", 1, 1),
        ("Alice", 2, -1),
        ("Newcomer", None, None),
    ]


def test_selection_has_its_own_close_neighbours():
    # Zoe stands between them, but not in the team: 160 / 9 = 17.78 apart, against 18.12 and 6.04
    rows = board(
        {1: [relationship(40)] * 4, 2: [relationship(80)] * 4, 3: [relationship(60)] * 4}, NAMES | {3: "Zoe"}
    )
    team = [rows["Alice"], rows["Bob"]]
    assert [row.close for row in rank_standings(team, sigma=30.0)] == [True, True]
    assert [row.close for row in rank_standings(team, sigma=10.0)] == [False, False]


def test_standing_gives_its_place():
    # as near as the two who are too close to call above
    rows = board({1: [relationship(50)] * 4, 2: [relationship(80)] * 4})
    assert contender_of(rows["Bob"]) == Place(2, 1, close=True, close_to_next=True)
    assert contender_of(rows["Alice"]) == Place(1, 2, close=True, close_to_next=False)


def test_team_loyalty_is_voice_weighted():
    rows = board({1: [relationship(80)] * 3, 2: [relationship(40)]}, NAMES | {3: "Newcomer"})
    assert team_loyalty(rows.values()) == 70.0  # (3 * 80 + 1 * 40) / 4
    assert team_loyalty([rows["Newcomer"]]) is None


def test_seldom_asked_share_takes_the_rank():
    voices = {1: sum_numbers([relationship(90)] * 4), 2: sum_numbers([relationship(50)] * 4)}
    picks = {1: AskedAnswered(asked=Share(3, 15)), 2: AskedAnswered(asked=Share(15, 15))}
    rows, _ = rep_standings(NAMES, voices, picks, 1.0, least_asked=50)
    assert [(row.name, row.rank, row.seldom) for row in rows] == [("Bob", 1, False), ("Alice", None, True)]
    rows, _ = rep_standings(NAMES, voices, picks, 1.0, least_asked=0)
    assert [(row.name, row.rank, row.seldom) for row in rows] == [("Alice", 1, False), ("Bob", 2, False)]
