"""The fit of the drivers, by numpy, which is loaded when something is fitted and is not there everywhere."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlmodel import Session

from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.drivers import PENALTY, Drivers, DriverSilence, DriverTarget, DriverWeight
from feedback.pages.evidence.drivers import DriverRow, driver_data
from feedback.pages.evidence.frame import EvidenceScope

MOST_DRAWS, LEAST_DRAWS, SEED = 1000, 200, 2020
MOST_DRAWN = 5_000_000  # rows over all draws


def drivers_section(session: Session, scope: EvidenceScope) -> dict[str, Any]:
    """Return the weights of the six, or why there are none."""
    data = driver_data(session, scope)
    found = fit_drivers(data.rows, data.target, len(data.rep_ids)) if data.target else DriverSilence.FEW
    silence = found.value if isinstance(found, DriverSilence) else None
    fitted = None if isinstance(found, DriverSilence) else asdict(found)
    return {"complete": data.complete, "silence": silence, "fitted": fitted}


def numpy_is_there() -> bool:
    """Tell whether numpy can be loaded."""
    from importlib.util import find_spec

    return find_spec("numpy") is not None


def ridge_weights(items: Any, target: Any, penalty: float = PENALTY) -> Any:
    """Return standardised ridge weights b of an n x k array and n targets: (C + penalty * I) b = c, with C the correlations
    of the items and c theirs with the target. An item, or a target, that never varies correlates 0 with everything."""
    import numpy

    return _solve(numpy.column_stack([items, target]).astype(float), numpy.ones(len(target)), penalty)


def fit_drivers(rows: Sequence[DriverRow], target: DriverTarget, reps: int) -> Drivers | DriverSilence:
    """Fit the six to the target, a row for each client. The ranges are the middle 80 % of bootstrap draws of clients, with a
    fixed seed; the rows are sorted first, so that their order changes nothing."""
    if not numpy_is_there():
        return DriverSilence.NO_LIBRARY
    import numpy

    table = numpy.array(sorted((*ratings, value) for ratings, value in rows), dtype=float)
    if not len(table) or not table[:, -1].std() or not table[:, :-1].std(axis=0).any():
        return DriverSilence.ALIKE
    whole = _solve(table, numpy.ones(len(table)), PENALTY)
    rng, many = numpy.random.default_rng(SEED), min(MOST_DRAWS, max(LEAST_DRAWS, MOST_DRAWN // len(table)))
    draws = numpy.array(
        [
            _solve(
                table,
                numpy.bincount(rng.integers(len(table), size=len(table)), minlength=len(table)),
                PENALTY,
            )
            for _ in range(many)
        ]
    )
    low, high = numpy.percentile(draws, (10, 90), axis=0)
    first = numpy.bincount(draws.argmax(axis=1), minlength=len(DIMENSIONS)) / many
    weights = [
        DriverWeight(name, float(whole[d]), float(low[d]), float(high[d]), float(first[d]))
        for d, name in enumerate(DIMENSIONS)
    ]
    return Drivers(target, len(table), reps, tuple(sorted(weights, key=lambda each: -each.weight)))


def _solve(table: Any, counts: Any, penalty: float) -> Any:
    """Return the weights of a table whose last column is the target, each row counted so often."""
    import numpy

    centred = table - counts @ table / counts.sum()
    products = (centred * counts[:, None]).T @ centred
    spread = numpy.sqrt(products.diagonal())
    spread[spread < 1e-9] = numpy.inf  # what never varies goes with nothing
    correlations = products / numpy.outer(spread, spread)
    items = correlations[:-1, :-1].copy()
    numpy.fill_diagonal(items, 1.0 + penalty)
    return numpy.linalg.solve(items, correlations[:-1, -1])
