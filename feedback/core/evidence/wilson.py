"""The range of a share that was counted in a few cases."""

from math import sqrt

Z_80 = 1.2816  # of the normal distribution, for 80 % in the middle


def wilson(part: int, whole: int, z: float = Z_80) -> tuple[float, float] | None:
    """Return the Wilson score interval of part / whole, each end 0..1; None of nothing.

    centre = (p + z²/2n) / (1 + z²/n), half = z / (1 + z²/n) * sqrt(p(1-p)/n + z²/4n²): it stays within 0 and 1, and is
    wide, not empty, where all or none were counted.
    """
    if not whole:
        return None
    p, shrink = part / whole, 1 + z * z / whole
    centre = (p + z * z / (2 * whole)) / shrink
    half = z / shrink * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    return max(0.0, centre - half), min(1.0, centre + half)
