"""The whole content of a database: to see that nothing changed, and to return to an earlier moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, SQLModel

from feedback.db.engine import Database
from feedback.models import UserSession
from support.cast import Clock

TABLES = SQLModel.metadata.sorted_tables


def dump(db: Database) -> dict[str, list[tuple]]:
    """Return every row of every table, by the table's name."""
    with db.reading() as session:
        return {t.name: sorted(map(tuple, session.execute(t.select())), key=repr) for t in TABLES}


def insert_rows(session: Session, rows: dict[str, list[tuple]]) -> None:
    """Insert rows as dump() returned them."""
    for table in TABLES:
        names = [column.name for column in table.columns]
        if found := [dict(zip(names, row, strict=True)) for row in rows[table.name]]:
            session.execute(table.insert(), found)


@dataclass
class Moment:
    """A stored moment of the database and the clock, so that two runs can begin alike, down to the last
    id."""

    db: Database
    clock: Clock
    rows: dict[str, list[tuple]]
    now: datetime

    def restore(self) -> None:
        """Restore the database and the clock. Whoever is signed in stays signed in."""
        signed_in, users = UserSession.__table__, {row[:2] for row in self.rows["users"]}
        with self.db.writing() as session:
            kept = [tuple(row) for row in session.execute(signed_in.select())]
            here = {row[1] for row in self.rows["sessions"]}
            delete_rows(session)
            insert_rows(session, self.rows)
            for row in kept:
                values = dict(zip(signed_in.columns.keys(), row, strict=True))
                if values["id"] not in here and (values["organisation_id"], values["user_id"]) in users:
                    session.execute(signed_in.insert(), values)
        self.clock.now = self.now


def delete_rows(session: Session) -> None:
    """Delete every row. The organisations go first, for what is final goes after its organisation only."""
    connection = session.connection()
    deletes = [str(table.delete()) for table in TABLES]
    if connection.dialect.name == "sqlite":
        for statement in ["PRAGMA defer_foreign_keys = ON", *deletes]:
            connection.exec_driver_sql(statement)
    else:  # at once; and twenty times faster than TRUNCATE
        statements = ["SET LOCAL session_replication_role = replica", *deletes]
        connection.exec_driver_sql("; ".join(statements), execution_options={"no_parameters": True})


def empty_tables(session: Session) -> None:
    """Delete every row of PostgreSQL, and the room that rows took: what no statement orders then comes as it was
    inserted, and not where an earlier test has left room."""
    for statement in (
        "SET LOCAL session_replication_role = replica",
        f"TRUNCATE {', '.join(map(str, TABLES))}",
    ):
        session.connection().exec_driver_sql(statement)


def moment(db: Database, clock: Clock) -> Moment:
    """Store the database and the clock as they are now."""
    return Moment(db, clock, dump(db), clock.now)
