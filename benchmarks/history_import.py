"""How fast does `feedback import history` go, and how much memory does it take?

    .venv/bin/python benchmarks/history_import.py --rows 100000
    .venv/bin/python benchmarks/history_import.py --insteval

Writes a file of made-up past feedback (two of three clients answered, two of three reps guessed, a comment in
one row of four), imports it into a new SQLite database, or into an empty one at --url, and compares every
stored number with a replay. The rate is rows divided by the whole time from the file's first byte to the
commit; the memory is the whole process's peak. --megabytes asks for a file of at least that size instead.
--again imports the same file a second time, which changes nothing. --check times `feedback check` and
`feedback rescore` without their start, too.

--insteval: 73,421 rows in the shape of the public InstEval set (validity.py): 1,128 reps, 2,972 clients, each pair
once, most reps with few clients and few with hundreds, all six rated, no guesses, over six half-years.

On SQLite the floor follows, in turn, but not with --megabytes: all rows that the import wrote, in one CSV file for each table, are read
by csv.reader and written by executemany into an equal database, without any rule, in one transaction. The
ratio is the import's time to the floor's.
"""

import argparse
import csv
import io
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from figures import note

from feedback import migrations
from feedback.actions.change import change
from feedback.actions.people import NewOrganisation, set_up
from feedback.actions.scoring.rescore import rescore
from feedback.core.gaps.stages import STAGES
from feedback.db.engine import Database
from feedback.imports.history.row import CLIENT, COLUMNS, REP
from feedback.imports.report import relaxed_gc
from feedback.imports.run import ImportKind, import_file
from feedback.store.replay import differences, orphaned_rows

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
KEYS = ("k" * 40,)
WORDS = (
    "fine good the meeting was shorter than planned but we knew what to do next and who would do it".split()
)
CONTACTS_OF_AN_ACCOUNT = 4
# The shape of InstEval: students, ratings, lecturers, the six semesters' shares, and so many ratings of a
# lecturer at these quantiles.
CLIENTS, RATINGS, REPS = 2972, 73_421, 1128
HALF_YEARS = (0.274, 0.222, 0.150, 0.118, 0.085, 0.151)
RATINGS_OF_A_REP = ((0, 10), (0.25, 16), (0.5, 31), (0.75, 83), (0.9, 173), (0.99, 337), (1, 792))
LEAST_RATE, MOST_MEMORY = 4000, 200  # rows a second of a processor, and MB, that are wanted
NULL = "\\N"
# What an import writes, in the order in which rows point at one another.
WRITTEN = (
    "users",
    "accounts",
    "contacts",
    "meetings",
    "invitations",
    "feedback",
    "relationships",
    "activity",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--megabytes", type=float, help="instead of --rows")
    parser.add_argument("--insteval", action="store_true", help="instead of --rows and --reps")
    parser.add_argument("--reps", type=int, default=40)
    parser.add_argument("--meetings", type=int, default=8, help="of each relationship")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--url", help="an empty database instead of SQLite in a temporary folder")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.insteval:
        options.rows, options.reps = RATINGS, REPS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.csv"
        limit = options.megabytes * 1e6 if options.megabytes else None
        found = insteval(options.seed) if options.insteval else history(options)
        rows = write(file, found, None if limit else options.rows, limit)
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.1f} MB, {options.reps} reps")
        url = options.url or f"sqlite:///{folder}/feedback.sqlite3"
        with get_context("spawn").Pool(1) as elsewhere:
            organisation_id = elsewhere.apply(empty, (url,))
        db = Database(url, KEYS)
        print(f"peak memory before: {peak():.0f} MB")
        people = "".join(f"Rep {i},rep{i}@example.com,rep,\n" for i in range(options.reps))
        with timed("people", options.reps), io.BytesIO(b"name,email,role,team\n" + people.encode()) as opened:
            import_file(db, organisation_id, ImportKind.PEOPLE, opened, now=NOW)
        for times in ("first", "second")[: 1 + options.again]:
            with timed(f"history, {times} time", rows) as took, file.open("rb") as opened:
                report = import_file(db, organisation_id, ImportKind.HISTORY, opened, now=NOW)
            print(f"{', '.join(report.added) or 'nothing'} added, {report.already:,} already here")
            if times == "first":
                whole = took
                if options.megabytes:
                    note(
                        f"import of {options.megabytes:.0f} MB: memory at the peak",
                        peak(),
                        "MB",
                        most=MOST_MEMORY,
                    )
            print(f"peak memory {peak():.0f} MB")
        if not options.url and not options.megabytes:
            bare = floor(db, Path(folder), rows)
            print(f"{whole[0] / bare:.1f} times as long as the floor")
            note(f"import of {rows:,} rows", rows / whole[0], "rows/s", least=LEAST_RATE, floor=rows / bare)
        with timed("check", rows), relaxed_gc(), db.reading() as session:
            wrong = [*orphaned_rows(session), *differences(session, organisation_id)]
        print(f"{len(wrong)} differences from a replay")
        if options.check:
            with timed("rescore", rows), relaxed_gc(), change(db, organisation_id, NOW) as c:
                rescore(c)
        db.dispose()


def empty(url: str) -> UUID:
    """Makes the tables and one organisation; returns its id. In a process of its own, for what makes tables needs more
    memory than what imports."""
    db = Database(url, KEYS)
    migrations.migrate(db)
    new = NewOrganisation("Doughnuts", "Olive", "olive@example.com", "a short sentence", "Europe/Berlin")
    return set_up(db, new, NOW)[0]


@contextmanager
def timed(what: str, rows: int) -> Iterator[list[float]]:
    """Prints how long the block took; the list holds its seconds of processor time, once it is over."""
    took: list[float] = []
    started, worked = time.perf_counter(), time.process_time()
    yield took
    took.append(time.process_time() - worked)
    print(
        f"{what}: {rows / took[0]:,.0f} rows a second of a processor: {took[0]:.2f} s, "
        f"{time.perf_counter() - started:.2f} s by the clock"
    )


def floor(db: Database, folder: Path, rows: int) -> float:
    """Returns the seconds of processor time that the same rows take without the import."""
    db.dispose()
    copy = folder / "floor.sqlite3"
    new = Database(f"sqlite:///{copy}", KEYS)
    migrations.migrate(new)
    new.dispose()
    with (
        closing(sqlite3.connect(folder / "feedback.sqlite3")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        target.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
        load(target, "organisations", dump(source, "organisations", folder))
        files = {table: dump(source, table, folder) for table in WRITTEN}
        with timed("floor", rows) as took, target:
            for table in WRITTEN:
                load(target, table, files[table])
    return took[0]


def dump(source: sqlite3.Connection, table: str, folder: Path) -> Path:
    """Writes a table as CSV, with a header."""
    found = source.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 (our names)
    file = folder / f"{table}.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(column[0] for column in found.description)
        writer.writerows([NULL if cell is None else cell for cell in cells] for cells in found)
    return file


def load(target: sqlite3.Connection, table: str, file: Path) -> None:
    """Inserts the rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.reader(opened)
        names = next(reader)
        values = ([None if cell == NULL else cell for cell in cells] for cells in reader)
        marks = ", ".join("?" * len(names))
        target.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608 (our names)


def insteval(seed: int) -> Iterator[dict[str, object]]:
    """The rows of a set in the shape of InstEval, client by client."""
    chance = random.Random(seed)
    busy = list(accumulate(chance.uniform(0.1, 1.9) for _ in range(CLIENTS)))
    pairs: set[tuple[int, int]] = set()
    for rep in range(REPS):
        wanted = len(pairs) + ratings_of(rep / (REPS - 1))
        while len(pairs) < wanted:
            pairs.add((chance.choices(range(CLIENTS), cum_weights=busy)[0], rep))
    while len(pairs) < RATINGS:
        pairs.add((chance.choices(range(CLIENTS), cum_weights=busy)[0], chance.randrange(REPS)))
    for client, rep in sorted(chance.sample(sorted(pairs), RATINGS)):
        half_years = chance.choices(range(len(HALF_YEARS)), HALF_YEARS)[0]
        held_at = NOW - timedelta(days=182.6 * half_years, seconds=chance.randrange(182 * 86400))
        rating = chance.choices((1, 2, 3, 4, 5), (14, 18, 24, 23, 21))[0]
        ratings = {c: min(5, max(1, rating + chance.choice((-1, 0, 0, 1)))) for c in CLIENT}
        yield met(client, rep, held_at) | ratings


def ratings_of(rank: float) -> int:
    """How many ratings the rep has that stands there among all by them, 0..1."""
    for (low, few), (high, many) in pairwise(RATINGS_OF_A_REP):
        if rank <= high:
            return round(few * (many / few) ** ((rank - low) / (high - low)))
    raise ValueError(rank)


def history(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Endlessly many rows: each relationship's meetings lie a few weeks apart, across the file."""
    chance = random.Random(options.seed)
    first = 0
    while True:
        contacts = range(first, first + 500)
        first += 500
        for meeting in range(options.meetings):
            for contact in contacts:
                held_at = NOW - timedelta(
                    days=30 * (options.meetings - meeting), seconds=chance.randrange(86400 * 20)
                )
                yield row(chance, contact, contact % options.reps, held_at)


def met(contact: int, rep: int, held_at: datetime) -> dict[str, object]:
    return {
        "rep_email": f"rep{rep}@example.com",
        "account": f"Account {contact // CONTACTS_OF_AN_ACCOUNT}",
        "contact": f"Contact {contact}",
        "contact_email": f"contact{contact}@example.com",
        "held_at": held_at.isoformat(),
    }


def row(chance: random.Random, contact: int, rep: int, held_at: datetime) -> dict[str, object]:
    found = met(contact, rep, held_at)
    for columns in (CLIENT, REP):
        if chance.random() < 2 / 3:
            found |= {column: chance.choice((2, 3, 4, 4, 5, 5)) for column in columns}
    if chance.random() < 1 / 4:
        found |= {"comment": " ".join(chance.choices(WORDS, k=12)), "nps": chance.randrange(11)}
        found |= {"stage": chance.choice(STAGES), "rep_stage": chance.choice(STAGES)}
    return found


def write(file: Path, found: Iterator[dict[str, object]], rows: int | None, size: float | None) -> int:
    """Writes that many rows, or that many bytes; returns how many rows."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        for number, each in enumerate(found):
            if number == rows or (size and number % 1000 == 0 and opened.tell() > size):
                return number
            writer.writerow(each)
    return number + 1


def peak() -> float:
    """The process's peak memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
