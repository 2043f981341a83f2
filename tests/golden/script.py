"""A world's script: when and where it is, what happens there, and who looks at it afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Looks:
    """Who looks at a world, and at what."""

    readers: Sequence[str]  # of pages; "nobody" has not signed in
    agreed: Sequence[str]  # who look once more where a works agreement applies
    programs: Sequence[str]  # of the API, by their tokens
    queries: Mapping[
        str, Sequence[str]
    ]  # by rule: what an address is asked for beside itself; links are followed anyway
    most: Mapping[str, int]  # how many rows of a kind are looked at, by rule; of the others `others`
    words: Mapping[str, Sequence[str]]  # what stands in an address in place of a row, by its name there
    stopped: Sequence[str]  # addresses of clients that are asked by mail, or not
    handed: str = ""  # a rep of whom clients were handed over
    first: Sequence[str] = ()  # rows that are looked at before others, by their name
    others: int = 2
    keys: int = 1  # pages of clients with a key that are asked for something beside themselves


@dataclass(frozen=True)
class Script:
    """What happens in a small world, by what each part of it is called."""

    seen: str  # the folder of its golden files
    organisation: str
    zone: ZoneInfo
    began: datetime
    ends: datetime
    happens: Sequence[Callable[[Any], None]]  # of the world
    beside: Sequence[Callable[[Any], None]] = ()  # likewise, in other organisations, from the beginning again
    afterwards: Sequence[Callable[[Any], None]] = ()  # when all who look have signed in
    looks: Looks = field(kw_only=True)
    morning: int = 6  # the hour of UTC in which the worker looks

    @property
    def folder(self) -> Path:
        """Return where its golden files are."""
        return HERE / self.seen
