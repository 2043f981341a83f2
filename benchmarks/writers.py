"""Do SQLite's writers queue fairly?

    .venv/bin/python benchmarks/writers.py [--seconds 5] [--without-queue]

Eight writers in four processes, each writing one row again and again as fast as it is let in. Prints how many writes
that were, how long they took in the middle (p50), at the slow end (p99) and at most, and how many times p50 p99 is:
under 10 is wanted. --without-queue leaves the waiting to SQLite's busy handler alone, which starves some.
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path

from figures import note
from sqlalchemy import text

from feedback.db.engine import Database
from feedback.db.writers import Writers

PROCESSES, THREADS = 4, 2


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--without-queue", action="store_true")
    given = arguments.parse_args()
    if given.without_queue:
        Writers.turn = lambda _self: nullcontext()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.sqlite3"
        db = Database(f"sqlite:///{path}")
        with db.writing() as session:
            session.execute(text("CREATE TABLE written (it INTEGER PRIMARY KEY, number INTEGER)"))
        db.dispose()
        with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
            found = pool.starmap(process, [(path, given.seconds)] * PROCESSES)
    waits = sorted(wait for some in found for writer in some for wait in writer)
    each = sorted(len(writer) for some in found for writer in some)
    p50, p99 = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
    print(f"{len(waits)} writes, {each[0]} to {each[-1]} a writer")
    print(f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, at most {waits[-1] * 1000:.0f} ms")
    print(f"p99 is {p99 / p50:.1f} times p50")
    if not given.without_queue:
        note("SQLite, 8 writers: p99 over p50", p99 / p50, "times", most=10)


def process(path: Path, seconds: float) -> list[list[float]]:
    """Write from two threads; return how long each write took, by thread."""
    db, found = Database(f"sqlite:///{path}"), [[] for _ in range(THREADS)]
    threads = [threading.Thread(target=write, args=(db, seconds, mine)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.dispose()
    return found


def write(db: Database, seconds: float, waits: list[float]) -> None:
    """Write one row again and again."""
    until = time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        with db.writing() as session:
            session.execute(text("INSERT INTO written (number) VALUES (1)"))
        waits.append(time.monotonic() - began)


if __name__ == "__main__":
    main()
