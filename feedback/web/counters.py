"""Counters of rate limits in this process. The library's own start a thread every hundredth of a second to sweep
them, which took a third of the time of a client's page; these sweep themselves, now and then, while they count."""

import time
from threading import Lock
from typing import Any

from limits.storage import Storage

SWEEP_EVERY = 60.0  # seconds


class MemoryCounters(Storage):
    """Counts by key, each until it expires."""

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}  # by key: how often, until when
        self._swept = time.time()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what a failing storage raises; this one does not fail."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, which is new `expiry` seconds after it was begun; return it."""
        now = time.time()
        with self._lock:
            if now - self._swept > SWEEP_EVERY:
                self._swept = now
                self._counts = {each: count for each, count in self._counts.items() if count[1] > now}
            count, until = self._counts.get(key, (0, 0.0))
            self._counts[key] = (count + amount, until) if until > now else (amount, now + expiry)
            return self._counts[key][0]

    def get(self, key: str) -> int:
        """Return a count."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a count ends, in seconds since 1970."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Tell that the storage works."""
        return True

    def reset(self) -> int:
        """Forget all counts; return how many there were."""
        forgotten, self._counts = len(self._counts), {}
        return forgotten

    def clear(self, key: str) -> None:
        """Forget a count."""
        self._counts.pop(key, None)
