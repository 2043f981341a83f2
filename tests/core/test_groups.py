"""Groups whose figures may be shown: each comes from enough people, and so does what is between any two."""

from hypothesis import given
from hypothesis import strategies as st

from feedback.core.scoring.groups import groups_of_at_least


def test_small_teams_are_shown_together():
    assert groups_of_at_least({"A": 6, "B": 3, "C": 2, "D": 0}, 5) == [("A",), ("B", "C")]


def test_small_rest_joins_smallest_large_team():
    assert groups_of_at_least({"A": 9, "B": 6, "C": 2}, 5) == [("A",), ("B", "C")]


def test_too_few_people_have_no_figures():
    assert groups_of_at_least({"A": 2, "B": 2}, 5) == []
    assert groups_of_at_least({"A": 2, "B": 3}, 5) != []
    assert groups_of_at_least({}, 5) == []


def test_without_agreement_each_team_stands_alone():
    assert groups_of_at_least({"B": 1, "A": 0}, 1) == [("A",), ("B",)]


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 12), max_size=8))
def test_every_person_is_in_one_group_of_five(sizes):
    groups = groups_of_at_least(sizes, 5)
    assert all(sum(sizes[name] for name in group) >= 5 for group in groups)
    grouped = sorted(name for group in groups for name in group)
    everybody = sorted(name for name, size in sizes.items() if size)
    assert grouped == (everybody if sum(sizes.values()) >= 5 else [])
