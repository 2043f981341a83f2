"""How fast does `feedback import history` go, and how much memory does it take?

    .venv/bin/python benchmarks/history_import.py --rows 100000

Writes a file of made-up past feedback (two of three clients answered, two of three reps guessed, a comment in
one row of four), imports it into a new SQLite database, or into an empty one at --url, and compares every
stored number with a replay. The rate is rows divided by the whole time from the file's first byte to the
commit; the memory is the whole process's peak. --megabytes asks for a file of at least that size instead.
--again imports the same file a second time, which changes nothing.
"""

import argparse
import csv
import io
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedback import migrations
from feedback.actions.people import NewOrganisation, set_up
from feedback.core.gaps.stages import STAGES
from feedback.db.engine import Database
from feedback.imports.history.row import CLIENT, COLUMNS, REP
from feedback.imports.run import ImportKind, import_file
from feedback.store.replay import differences

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
WORDS = (
    "fine good the meeting was shorter than planned but we knew what to do next and who would do it".split()
)
CONTACTS_OF_AN_ACCOUNT = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--megabytes", type=float, help="instead of --rows")
    parser.add_argument("--reps", type=int, default=40)
    parser.add_argument("--meetings", type=int, default=8, help="of each relationship")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--url", help="an empty database instead of SQLite in a temporary folder")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.csv"
        limit = options.megabytes * 1e6 if options.megabytes else None
        rows = write(file, history(options), None if limit else options.rows, limit)
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.1f} MB, {options.reps} reps")
        db = Database(options.url or f"sqlite:///{folder}/feedback.sqlite3")
        migrations.migrate(db)
        organisation_id, _ = set_up(db, NewOrganisation(organisation="Doughnuts", name="Olive", email="olive@example.com", password="a short sentence", timezone="Europe/Berlin"), NOW)  # fmt: skip
        people = "".join(f"Rep {i},rep{i}@example.com,rep,\n" for i in range(options.reps))
        import_file(
            db, organisation_id, ImportKind.PEOPLE,
            io.BytesIO(b"name,email,role,team\n" + people.encode()), now=NOW,
        )  # fmt: skip
        print(f"peak memory before: {peak():.0f} MB")
        for times in ("first", "second")[: 1 + options.again]:
            started, worked = time.perf_counter(), time.process_time()
            with file.open("rb") as opened:
                report = import_file(db, organisation_id, ImportKind.HISTORY, opened, now=NOW)
            took, busy = time.perf_counter() - started, time.process_time() - worked
            print(
                f"{times} time: {', '.join(report.added) or 'nothing'} added, {report.already:,} already here"
            )
            print(f"{rows / took:,.0f} rows a second: {took:.1f} s, {busy:.1f} s of them on a processor")
            print(f"peak memory {peak():.0f} MB")
        with db.reading() as session:
            wrong = sum(1 for _ in differences(session, organisation_id))
        print(f"{wrong} differences from a replay")
        db.dispose()


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


def row(chance: random.Random, contact: int, rep: int, held_at: datetime) -> dict[str, object]:
    found: dict[str, object] = {
        "rep_email": f"rep{rep}@example.com",
        "account": f"Account {contact // CONTACTS_OF_AN_ACCOUNT}",
        "contact": f"Contact {contact}",
        "contact_email": f"contact{contact}@example.com",
        "held_at": held_at.isoformat(),
    }
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
    raise AssertionError("history never ends")


def peak() -> float:
    """The process's peak memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
