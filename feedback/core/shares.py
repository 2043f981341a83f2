"""Parts of a whole, with the sample they came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """part of whole, both counts from 0. percent is 0..100, None of nothing."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.part + other.part, self.whole + other.whole)


def promises_kept(kept: int, not_kept: int) -> Share:
    """Promises kept = kept / (kept + not kept): what nobody judged yet does not count."""
    return Share(kept, kept + not_kept)
