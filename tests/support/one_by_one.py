"""In place of a pool of threads."""

from collections.abc import Callable, Iterable
from typing import Any


class OneByOne:
    """Does at once, in turn, what several threads would do, so that it goes the same each time."""

    def __init__(self, _size: int) -> None:
        pass

    def __enter__(self) -> "OneByOne":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, do: Callable[[Any], Any], each: Iterable[Any]) -> list[Any]:
        """Do it for each."""
        return [do(one) for one in each]
