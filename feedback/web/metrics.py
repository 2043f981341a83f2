"""What /metrics tells Prometheus: requests, counted by each process and added up, and what the database and the
instance folder know.

The processes that `feedback serve` forks count into files of one folder (prometheus_client's multiprocess mode), since
a scrape reaches any one of them; the files outlive a process that dies, so that no counter falls. What must be right
across restarts and machines, such as mails that wait, is asked of the database, at most once a minute and process.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from feedback import __version__
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.instance import BACKUP, WORKER, done_at
from feedback.store.figures import Figures, figures

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when it is loaded
ASKED_EVERY = 60.0  # seconds between two looks into the database
RESERVED = 64 << 10  # bytes of a new file


class ReservedDict(MmapedDict):
    """A file of counters whose room on the disk is taken before it is written to. prometheus_client's own is sparse: on
    a full disk the first write to a new page of it killed the process (SIGBUS); here it is an OSError."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            with open(filename, "ab") as file:
                self._reserve(file.fileno(), RESERVED)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # ships without types

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + 32  # with a length, padding and two numbers
        capacity = self._capacity
        while needed > capacity:
            capacity *= 2
        self._reserve(self._f.fileno(), capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]  # likewise

    @staticmethod
    def _reserve(file: int, size: int) -> None:
        """Take room on the disk for a file. Raises OSError when there is none."""
        if hasattr(os, "posix_fallocate"):  # macOS has none
            os.posix_fallocate(file, 0, size)


values.MmapedDict = ReservedDict  # type: ignore[attr-defined]  # there is no other way to say so
_OURS = CollectorRegistry()
_LABELS = ("route", "method", "status")
REQUESTS = Counter("feedback_requests", "Requests answered.", _LABELS, registry=_OURS)
SECONDS = Histogram(
    "feedback_request_seconds",
    "Time to answer a request.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OURS,
)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request. route: the template of its address."""
    with suppress(OSError):  # the folder is gone or full: the request must not fail for that
        counted, timed = _of(route, method, status)
        counted.inc()
        timed.observe(seconds)


@cache
def _of(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return the counter and the histogram of these labels. They are few: routes, methods and codes are ours."""
    return REQUESTS.labels(route, method, str(status)), SECONDS.labels(route)


def metrics_text(db: Database, settings: Settings, now: datetime) -> bytes:
    """Return everything, in the text format of Prometheus."""
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # ships without types
    else:
        registry.register(_OURS)
    registry.register(_Known(_cached_figures(db, now), settings, now))
    return generate_latest(registry)


class _Known(Collector):
    """What the database and the instance folder know."""

    def __init__(self, known: Figures, settings: Settings, now: datetime) -> None:
        self._known, self._settings, self._now = known, settings, now

    def collect(self) -> Iterator[Metric]:
        """Yield a metric for each figure."""
        known = self._known
        yield InfoMetricFamily("feedback_build", "The program.", value={"version": __version__})
        yield _gauge(
            "feedback_answers_settled", "Answers of clients that have settled.", known.answers_settled
        )
        alerts = GaugeMetricFamily("feedback_alerts_open", "Alerts that are open.", labels=["severity"])
        for severity, count in known.open_alerts.items():
            alerts.add_metric([severity], count)
        yield alerts
        yield _gauge("feedback_alerts", "Alerts, open and closed.", known.alerts)
        queued = GaugeMetricFamily(
            "feedback_queued", "Mails, and messages to webhooks and chat channels.", labels=["kind", "state"]
        )
        oldest = GaugeMetricFamily(
            "feedback_oldest_waiting_seconds",
            "How long the oldest has waited beyond its time.",
            labels=["kind"],
        )
        for kind, queue in known.queues.items():
            for state in ("waiting", "sent", "failed"):
                queued.add_metric([kind, state], getattr(queue, state))
            late = (self._now - queue.oldest_due).total_seconds() if queue.oldest_due else 0
            oldest.add_metric([kind], max(0, late))
        yield from (queued, oldest)
        yield _gauge("feedback_database_bytes", "Size of the database.", known.database_bytes)
        for name, words, mark in (
            (
                "feedback_worker_turn_timestamp_seconds",
                "The worker's last turn, where one runs here.",
                WORKER,
            ),
            ("feedback_backup_timestamp_seconds", "The last backup, if it is known.", BACKUP),
        ):
            if found := done_at(self._settings.instance, mark):
                yield _gauge(name, words, found.timestamp())


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


_asking = Lock()
_asked: dict[str, tuple[float, Figures]] = {}  # by database: when it was asked, and what it said


def _cached_figures(db: Database, now: datetime) -> Figures:
    """Return the figures of the database, at most a minute old; several scrapes at once ask it once."""
    key = str(db.engine.url)
    with _asking:
        if key not in _asked or time.monotonic() - _asked[key][0] > ASKED_EVERY:
            with db.reading() as session:
                _asked[key] = time.monotonic(), figures(session)
        return _asked[key][1]
