"""Which question follows the six ratings: at most one."""

from datetime import datetime, timedelta
from enum import StrEnum

STAGE_GROWS_OLD = timedelta(days=60)
RECOMMEND_EVERY = timedelta(days=90)


class Extra(StrEnum):
    PROMISES = "promises"
    STAGE = "stage"
    RECOMMEND = "recommend"
    WORTH_IT = "worth_it"


def extra_of(
    *, promises_due: int, stage_known: datetime | None, recommend_asked: datetime | None, now: datetime
) -> Extra:
    """Choose the question that follows the six ratings.

    Promises that are due come first; else the stage, when it is unknown or older than 60 days; else the
    recommend question, at most once per contact in 90 days; else "was this meeting worth your time?".
    """
    if promises_due:
        return Extra.PROMISES
    if stage_known is None or now - stage_known > STAGE_GROWS_OLD:
        return Extra.STAGE
    if recommend_asked is None or now - recommend_asked >= RECOMMEND_EVERY:
        return Extra.RECOMMEND
    return Extra.WORTH_IT
