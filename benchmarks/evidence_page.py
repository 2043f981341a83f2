"""What does /evidence cost with 100,000 answers, and what does it cost the worker to work its figures out?

    .venv/bin/python benchmarks/evidence_page.py

An organisation of 200 reps, filled as benchmarks/lists.py does, on SQLite in a temporary folder: 100,000 relationships with 5,000
contacts at 2,500 accounts, and about as many answers. Two accounts of three have an outcome within the last year, and of those one
in five was lost: each has a line on the page, which is read as the page is made. Prints how many answers there are, what the
worker takes for everybody's figures, and of the page for an owner and a manager the statements and the median and least
processor time. One to two minutes, most of them for filling; --keep FOLDER keeps what was filled for the next time.
"""

import argparse
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from example import as_served
from figures import note
from lists import NOW, Shape, World, visit, world
from sqlalchemy import func, insert, select
from sqlmodel import col

from feedback.actions.change import tap
from feedback.actions.evidence import want_evidence
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.jobs.evidence import work_out_evidence
from feedback.models import Account, Feedback, NotedOutcome, Side
from feedback.models.columns import new_id

SHAPE = Shape(reps=200, contacts=5_000, relationships=100_000, accounts=2_500)
PAGES = ("/evidence", "/evidence?period=all")
MOST = 300  # milliseconds that are wanted
KEPT = (ClientOutcome.RENEWED, ClientOutcome.RENEWED, ClientOutcome.GREW, ClientOutcome.SHRANK)


def note_outcomes(here: World) -> int:
    """What became of two accounts of three, unless it is there already; return of how many."""
    dice, mine = random.Random(11), col(NotedOutcome.organisation_id) == here.organisation_id
    with here.db.writing() as session:
        known = session.scalar(select(func.count()).select_from(NotedOutcome).where(mine)) or 0
        if known:
            return known
        accounts = session.scalars(
            select(col(Account.id))
            .where(col(Account.organisation_id) == here.organisation_id)
            .order_by(col(Account.id))
        )
        rows = [
            {
                "organisation_id": here.organisation_id,
                "id": new_id(),
                "created_at": NOW,
                "account_id": account,
                "happened_on": (NOW - timedelta(days=dice.randrange(1, 360))).date(),
                "outcome": ClientOutcome.LOST if dice.random() < 0.2 else dice.choice(KEPT),
                "source": OutcomeSource.IMPORT,
            }
            for n, account in enumerate(accounts)
            if n % 3
        ]
        session.execute(insert(NotedOutcome), rows)
        return len(rows)


def answers(here: World) -> int:
    """How many clients' answers there are."""
    with here.db.reading() as session:
        mine = (col(Feedback.organisation_id) == here.organisation_id) & (col(Feedback.side) == Side.CLIENT)
        return session.scalar(select(func.count()).select_from(Feedback).where(mine)) or 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        here = world(folder, SHAPE)
        noted = note_outcomes(here)
        print(f"{answers(here):,} answers, {noted:,} outcomes", flush=True)
        began = time.process_time()
        with tap(here.db, here.organisation_id, NOW) as c:
            want_evidence(c)
        work_out_evidence(here.db, here.organisation_id, NOW)
        print(f"worked out by the worker in {time.process_time() - began:.1f} s of a processor\n", flush=True)
        print("| who | page | median | least | statements |\n| --- | --- | ---: | ---: | ---: |")
        for who in ("owner", "manager"):
            visitor = visit(folder, here, who)
            for page in PAGES:
                visitor.get(page)  # compiles statements and templates
                as_served()
                kept = [visitor.get(page) for _ in range(options.rounds)]
                times = [took for took, _ in kept]
                print(
                    f"| {who} | {page} | {median(times):.0f} ms | {min(times):.0f} ms | {kept[-1][1]} |",
                    flush=True,
                )
                note(f"{page} for {who}, 100,000 answers", median(times), "ms", most=MOST)
        here.db.dispose()


if __name__ == "__main__":
    main()
