"""Hearing "fine"."""

import pytest

from feedback.core.dimensions import NO_RATINGS
from feedback.core.lukewarm.detection import (
    LONGEST_LUKEWARM_COMMENT,
    is_fine,
    lukewarm_ratings,
    lukewarm_words,
)

GLOWING = (5, 5, 5, 5, 5, 5)
LUKEWARM = (3, 3, 3, 3, 3, 3)


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ((3, 3, 3, 3, 3, 3), True),
        ((4, 4, 4, 3, 3, 3), True),  # 21 / 6 = 3.5
        ((4, 4, 4, 4, 3, 3), False),  # 22 / 6 = 3.67
        ((5, 3, 3, 3, 3, 3), False),  # a 5 is not lukewarm
        ((2, 4, 3, 3, 3, 3), False),  # a 2 is worse than lukewarm
        ((1, 4, 4, 4, 3, 3), False),
        ((4, 4, 4, 4, 4, 4), False),
        ((3, 3, 3, 3, 3, None), False),  # not six ratings
        (NO_RATINGS, False),
    ],
)
def test_lukewarm_ratings_are_recognised(ratings, expected):
    assert lukewarm_ratings(ratings) is expected


@pytest.mark.parametrize(
    "comment",
    [
        "fine",
        "Fine.",
        "FINE!!!",
        "  fine\n",
        "It was fine",
        "it's fine, thanks",
        "Everything is fine :-)",
        "Everything was really fine. Thank you!",
        "ok",
        "OK 👍",
        "Okay, thanks.",
        "Satisfied",
        "very satisfied",
        "I am satisfied.",
        "We're quite satisfied with everything",
        "No complaints",
        "no complaint so far",
        "Can't complain.",
        "all good",
        "All good, no complaints!",
        "alright",
        "It was all right",
        "Not bad",
        "not bad, pretty decent",
        "As expected.",
        "Nothing to add",
        "Nothing special",
        "so-so",
        "so so",
        "Just average",
        "The meeting was acceptable",
        "adequate",
        "it works",
        "Meh.",
        "fine fine fine",
    ],
)
def test_lukewarm_comment_is_recognised(comment):
    assert lukewarm_words(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "   ",
        "...",
        "👍",
        "Thanks!",
        "thank you and the meeting",  # fillers say nothing either way
        "It was great",
        "Fine, but the invoice was wrong again",
        "Not fine",
        "not ok",
        "not satisfied at all",
        "We are satisfied with Alice, who saved our launch",
        "No complaints from me, but my boss has some",
        "everything broke",
        "Alli is fine",  # a name, not "all" and "I"
        "refined",
        "define",
        "okra",
        "smart and fine-grained advice",
        "unsatisfied",
        "above average",
        "She keeps her promises",
        "please call me",
    ],
)
def test_meaningful_comment_is_not_lukewarm(comment):
    assert not lukewarm_words(comment)


@pytest.mark.parametrize(
    ("ratings", "comment", "expected"),
    [
        (LUKEWARM, None, True),
        (LUKEWARM, "She saved our launch", True),
        (GLOWING, "fine", True),
        (NO_RATINGS, "fine", True),
        (GLOWING, None, False),
        (GLOWING, "She saved our launch", False),
    ],
)
def test_lukewarm_ratings_or_words_make_fine(ratings, comment, expected):
    assert is_fine(ratings, comment) is expected


def test_comment_is_lukewarm_up_to_its_longest():
    longest = "fine " * (LONGEST_LUKEWARM_COMMENT // 5 - 1) + "ok ok"
    assert len(longest) == LONGEST_LUKEWARM_COMMENT
    assert lukewarm_words(longest)
    assert not lukewarm_words(f"ok {longest}")
