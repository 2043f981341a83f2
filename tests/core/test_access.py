"""Who may see what, when: one table, and every reader in it."""

from itertools import product

import pytest

from feedback.core.access import (
    AnswerAccess,
    AnswerStatus,
    HiddenBecause,
    Reader,
    Role,
    Shows,
    Visibility,
    WorksAgreement,
    answer_access,
    counts_in_rolling_numbers,
    figure_access,
    is_manager,
    reader_of,
    sees_all_teams,
    sees_progress,
)
from feedback.core.settling import AnswerState

OPEN, TAPPING, SETTLED = AnswerState.OPEN, AnswerState.TAPPING, AnswerState.SETTLED
WHOLE = AnswerAccess(Shows.ANSWER)


def nothing(why: HiddenBecause) -> AnswerAccess:
    return AnswerAccess(Shows.NOTHING, why)


def standing(state=SETTLED, visibility="rep", sealed=False, closed=False, erased=False) -> AnswerStatus:
    return AnswerStatus(state, visibility, sealed, closed, erased)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (standing(), nothing(HiddenBecause.GUESS_FIRST)),
        (standing(OPEN), nothing(HiddenBecause.GUESS_FIRST)),
        (standing(TAPPING), nothing(HiddenBecause.GUESS_FIRST)),
        (standing(erased=True), nothing(HiddenBecause.GUESS_FIRST)),
        (standing(visibility="manager"), nothing(HiddenBecause.GUESS_FIRST)),
        (standing(OPEN, sealed=True), nothing(HiddenBecause.NOT_ANSWERED)),
        (standing(TAPPING, sealed=True), nothing(HiddenBecause.ANSWERING)),
        (standing(sealed=True), WHOLE),
        (standing(sealed=True, closed=True), WHOLE),
        (standing(sealed=True, erased=True), nothing(HiddenBecause.ERASED)),
        (
            standing(sealed=True, visibility="manager"),
            AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.MANAGER_ONLY, 3.0),
        ),
        (standing(closed=True), AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.NOT_GUESSED)),
        (
            standing(closed=True, visibility="manager"),
            AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.MANAGER_ONLY, 3.0),
        ),
        (standing(OPEN, closed=True), nothing(HiddenBecause.NOT_ANSWERED)),
    ],
)
def test_rep_sees_only_settled_and_sealed_answer(answer, expected):
    assert answer_access(Reader.REP, answer) == expected


@pytest.mark.parametrize(
    ("state", "erased", "expected"),
    [
        (OPEN, False, nothing(HiddenBecause.NOT_ANSWERED)),
        (TAPPING, False, nothing(HiddenBecause.ANSWERING)),
        (SETTLED, False, WHOLE),
        (SETTLED, True, nothing(HiddenBecause.ERASED)),
    ],
)
def test_manager_sees_every_settled_answer(state, erased, expected):
    for visibility, sealed, closed in product(Visibility, (True, False), (True, False)):
        assert answer_access(Reader.MANAGER, standing(state, visibility, sealed, closed, erased)) == expected


@pytest.mark.parametrize("reader", [Reader.CLIENT, Reader.RULES])
def test_client_and_rules_see_everything(reader):
    for state, visibility, sealed in product(AnswerState, Visibility, (True, False)):
        assert answer_access(reader, standing(state, visibility, sealed)) == WHOLE
    assert answer_access(reader, standing(erased=True)) == nothing(HiddenBecause.ERASED)


def test_rep_sees_no_answer_before_seal():
    for state, visibility, closed, erased in product(AnswerState, Visibility, (True, False), (True, False)):
        assert not answer_access(Reader.REP, standing(state, visibility, False, closed, erased)).whole
    assert answer_access(Reader.REP, standing(sealed=True)).whole


@pytest.mark.parametrize(
    ("access", "voices", "expected"),
    [
        (WHOLE, 0, True),
        (nothing(HiddenBecause.GUESS_FIRST), 99, False),
        (AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.NOT_GUESSED), 0, True),
        (AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.MANAGER_ONLY, 3.0), 2.99, False),
        (AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.MANAGER_ONLY, 3.0), 3.0, True),
    ],
)
def test_manager_only_answer_counts_among_three_voices(access, voices, expected):
    assert counts_in_rolling_numbers(access, voices) is expected


@pytest.mark.parametrize(
    ("role", "manages", "everywhere", "reader"),
    [
        ("rep", False, False, Reader.REP),
        ("manager", True, False, Reader.MANAGER),
        ("owner", True, True, Reader.MANAGER),
    ],
)
def test_role_decides_teams_and_reader(role, manages, everywhere, reader):
    assert (is_manager(role), sees_all_teams(role)) == (manages, everywhere)
    assert reader_of(role, works_agreement=False) is reader
    agreed = Reader.TEAMS if manages else reader
    assert reader_of(role, works_agreement=True) is agreed


def test_roles_and_visibilities_are_fixed():
    assert list(Role) == ["rep", "manager", "owner"]
    assert list(Visibility) == ["rep", "manager"]


def test_figures_by_person_are_refused_under_works_agreement():
    figure_access(Role.MANAGER, works_agreement=False).require_by_person()
    with pytest.raises(WorksAgreement):
        figure_access(Role.MANAGER, works_agreement=True).require_by_person()


@pytest.mark.parametrize(
    ("role", "reps_see_all", "works_agreement", "colleagues"),
    [
        ("rep", True, False, True),
        ("rep", False, False, False),
        ("rep", True, True, False),  # the works agreement goes before it
        ("manager", True, False, False),
        ("owner", True, False, False),
    ],
)
def test_reps_see_colleagues_where_shown_and_no_works_agreement(
    role, reps_see_all, works_agreement, colleagues
):
    found = figure_access(Role(role), works_agreement=works_agreement, reps_see_all=reps_see_all)
    assert found.colleagues is colleagues


@pytest.mark.parametrize(
    ("answer", "in_a_room", "expected"),
    [
        (standing(), True, False),
        (standing(), False, True),
        (standing(sealed=True), True, True),
        (standing(closed=True), True, True),  # nobody can guess any more
    ],
)
def test_rep_hears_nothing_of_a_room_while_it_can_be_guessed(answer, in_a_room, expected):
    assert sees_progress(Reader.REP, answer, in_a_room=in_a_room) is expected
    assert sees_progress(Reader.MANAGER, answer, in_a_room=in_a_room)
