"""The small line of a rep's scores over 13 weeks."""

from feedback.charts.weeks import draw_weeks


def test_nobody_without_a_score_has_a_line():
    assert draw_weeks([]) is None
    assert draw_weeks([None, None]) is None


def test_one_week_is_no_line_yet():
    found = draw_weeks([None, 71.0])
    assert found is not None
    assert (found.count, found.first, found.last, found.points) == (1, 71.0, 71.0, "")


def test_line_goes_through_the_weeks_that_have_a_score():
    found = draw_weeks([60.0, None, 74.0])
    assert found is not None
    assert (found.count, found.first, found.last) == (2, 60.0, 74.0)
    # from 58, two points below, to 76, two above; the picture is 104 wide and 26 high
    assert found.points == "2.0,21.6 102.0,4.4"


def test_small_changes_look_small():
    found = draw_weeks([70.0, 71.0])
    assert found is not None
    # over 14 points at least: from 57, fourteen below the best week, to 73
    assert found.points == "2.0,6.1 102.0,4.8"
