"""80 % ranges of shares, of their ratio, and of means, in closed form."""

from math import inf, sqrt

from feedback.core.evidence.wilson import wilson
from feedback.core.scoring.reps import EIGHTY_PERCENT

Bounds = tuple[float, float]  # low, high


def share_range(part: int, whole: int) -> Bounds:
    """Return the 80 % range of a share by Wilson's score, 0..1; the whole of 0..1 where there is nothing."""
    return wilson(part, whole) or (0.0, 1.0)


def ratio_of_shares(part: int, whole: int, other_part: int, other_whole: int) -> Bounds:
    """Return the 80 % range of (part / whole) / (other_part / other_whole), out of the Wilson ranges of the two shares
    (MOVER, Donner and Zou 2012). inf where the other share may be 0.

    With shares p, q, and ranges (l, u) of p, (m, v) of q:
    low = (pq - sqrt((pq)^2 - l(2p - l) v(2q - v))) / (v(2q - v)), and high likewise with u for l, m for v.
    """
    if not whole or not other_whole:
        return 0.0, inf
    p, q = part / whole, other_part / other_whole
    (low, high), (other_low, other_high) = share_range(part, whole), share_range(other_part, other_whole)
    return _ratio_bound(p, q, low, other_high, -1), _ratio_bound(p, q, high, other_low, 1)


def _ratio_bound(p: float, q: float, end: float, other_end: float, side: int) -> float:
    below = other_end * (2 * q - other_end)
    root = sqrt(max(0.0, (p * q) ** 2 - end * (2 * p - end) * below))
    if side > 0 and (below <= 0 or q == 0):
        return inf
    if below == 0:
        return 0.0
    return max(0.0, (p * q + side * root) / below)


def student(degrees: float) -> float:
    """Return how many standard errors to either side hold 80 % where the spread was estimated with so many degrees of
    freedom, from 1 on: the 90th percentile of Student's t. Exact for one and two, else by the expansion of Cornish and
    Fisher, which is right to three digits from three on."""
    if degrees < 1:
        return inf
    if degrees < 2:
        return 3.0777
    if degrees < 3:
        return 1.8856
    z, n = EIGHTY_PERCENT, degrees
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3
