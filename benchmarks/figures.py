"""Figures that a benchmark leaves for the one table of `make bench`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FILE = "BENCH_FIGURES"  # names the file that collects them


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    ours: float
    unit: str
    wanted: str  # in words, with the number
    met: bool
    floor: float | None = None  # of the bare floor, in the same unit; the ratio is ours to it


def note(what: str, ours: float, unit: str, *, most: float | None = None, least: float | None = None,
         floor: float | None = None, ratio: bool = False) -> None:  # fmt: skip
    """Leave a figure, if somebody collects them. most, least: what is wanted, of the ratio to the floor when `ratio`."""
    if FILE not in os.environ:
        return
    value = ours / floor if ratio and floor else ours
    met = (most is None or value <= most) and (least is None or value >= least)
    wanted = (
        f"at most {most:g}" if most is not None else f"at least {least:g}" if least is not None else "told"
    )
    with Path(os.environ[FILE]).open("a") as file:
        file.write(
            json.dumps([what, ours, unit, wanted + (" of the floor" if ratio else ""), met, floor]) + "\n"
        )


def noted(path: Path) -> Iterator[Figure]:
    """The figures that were left there."""
    for line in path.read_text().splitlines() if path.exists() else ():
        values: list[Any] = json.loads(line)
        yield Figure(*values)
