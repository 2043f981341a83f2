"""Who may see what, when."""

import pytest

from feedback.core.access import (
    Role,
    Visibility,
    is_manager,
    rep_may_see_answer,
    rep_picture_includes,
    sees_all_teams,
)


@pytest.mark.parametrize(
    ("sealed", "visibility", "expected"),
    [
        (True, "rep", True),
        (False, "rep", False),
        (True, "manager", False),
        (False, "manager", False),
    ],
)
def test_a_rep_sees_an_answer_once_sealed_and_only_if_the_client_lets_them(sealed, visibility, expected):
    assert rep_may_see_answer(sealed=sealed, visibility=visibility) is expected


@pytest.mark.parametrize("visibility", ["rep", "manager"])
def test_an_answer_whose_mirror_can_still_be_sealed_leaves_no_trace_in_a_reps_picture(visibility):
    assert rep_picture_includes(sealed=False, open_=True, visibility=visibility, voices=99) is False


@pytest.mark.parametrize(("sealed", "open_"), [(True, True), (True, False), (False, False)])
def test_once_the_mirror_is_sealed_or_too_late_the_answer_counts(sealed, open_):
    assert rep_picture_includes(sealed=sealed, open_=open_, visibility="rep", voices=0)


@pytest.mark.parametrize(("voices", "expected"), [(2.99, False), (3.0, True)])
def test_a_manager_only_answer_hides_among_three_voices(voices, expected):
    assert rep_picture_includes(sealed=True, open_=True, visibility="manager", voices=voices) is expected


@pytest.mark.parametrize(
    ("role", "manages", "everywhere"),
    [("rep", False, False), ("manager", True, False), ("owner", True, True)],
)
def test_managers_see_their_teams_and_owners_see_all(role, manages, everywhere):
    assert is_manager(role) is manages
    assert sees_all_teams(role) is everywhere


def test_there_are_three_roles_and_two_visibilities():
    assert list(Role) == ["rep", "manager", "owner"]
    assert list(Visibility) == ["rep", "manager"]
