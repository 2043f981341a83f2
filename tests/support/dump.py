"""Everything a database holds: to see that nothing changed, and to go back to a moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import SQLModel

from feedback.db.engine import Database
from support.cast import Clock

TABLES = SQLModel.metadata.sorted_tables


def dump(db: Database) -> dict[str, list[tuple]]:
    """Every row of every table."""
    with db.reading() as session:
        return {t.name: sorted(map(tuple, session.execute(t.select())), key=repr) for t in TABLES}


@dataclass
class Moment:
    """A moment to come back to, so that two stories can begin alike, down to the last id."""

    db: Database
    clock: Clock
    rows: dict[str, list[tuple]]
    now: datetime

    def again(self) -> None:
        with self.db.writing() as session:
            for table in reversed(TABLES):
                session.execute(table.delete())
            for table in TABLES:
                names = [column.name for column in table.columns]
                for row in self.rows[table.name]:
                    session.execute(table.insert(), dict(zip(names, row, strict=True)))
        self.clock.now = self.now


def moment(db: Database, clock: Clock) -> Moment:
    return Moment(db, clock, dump(db), clock.now)
