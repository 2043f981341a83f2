"""Shares: percentages that keep the counts they came from."""

from collections.abc import Iterable

from feedback.core.records import record


@record
class Share:
    """A part of a whole."""

    part: int = 0  # count, from 0
    whole: int = 0  # count, from 0

    @property
    def percent(self) -> float | None:
        """0..100; None when the whole is 0."""
        return 100 * self.part / self.whole if self.whole else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.part + other.part, self.whole + other.whole)


def share_of_at_least(shares: Iterable[Share], least: int) -> Share:
    """Add up the shares of several people; empty where fewer than `least` of them have anything in it."""
    every = [share for share in shares if share.whole]
    return sum(every, Share()) if len(every) >= least else Share()


def promises_kept(kept: int, not_kept: int) -> Share:
    """Return the share of promises kept: kept / (kept + not kept). Promises that nobody judged yet do not
    count."""
    return Share(kept, kept + not_kept)
