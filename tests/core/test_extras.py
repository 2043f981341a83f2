"""At most one more question, by rule."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.extras import Extra, extra_of

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


@pytest.mark.parametrize(
    ("promises", "stage", "recommend", "expected"),
    [
        (1, None, None, Extra.PROMISES),
        (2, ago(days=1), ago(days=1), Extra.PROMISES),
        (0, None, None, Extra.STAGE),
        (0, ago(days=60, seconds=1), None, Extra.STAGE),
        (0, ago(days=60), None, Extra.RECOMMEND),
        (0, ago(days=1), ago(days=90), Extra.RECOMMEND),
        (0, ago(days=1), ago(days=90, seconds=-1), Extra.WORTH_IT),
        (0, ago(days=1), ago(days=1), Extra.WORTH_IT),
    ],
)
def test_extra_question_follows_fixed_priority(promises, stage, recommend, expected):
    assert extra_of(promises_due=promises, stage_known=stage, recommend_asked=recommend, now=NOW) == expected
