"""PostgreSQL plans for what has just been filled: a client's page, tap and Done find their rows by an index from the
first minute on, when it has not looked at the tables by itself yet."""

import re
import time
from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import event

from feedback.core.answer_key import new_key
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import new_token
from feedback.db.bulk import insert_all
from feedback.db.statistics import analyze_grown
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Relationship, User
from feedback.models.columns import new_id

on_postgresql = pytest.mark.parametrize("db", ["postgresql"], indirect=True)
FRESH, REPS = 1200, 60  # so many invitations, half of them answered, of so many reps
LARGE = {"feedback", "invitations", "meetings", "contacts", "relationships"}


@pytest.fixture
def fresh(cast, db):
    """So many clients were met just now, in a database that nobody has looked at; yields a token."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM pg_statistic WHERE starelid IN (SELECT relid FROM pg_stat_user_tables)"
        )
        connection.exec_driver_sql(
            "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN (SELECT relid FROM pg_stat_user_tables)"
        )
    met = cast.meeting()
    with cast.changing() as c:
        rows, key = defaultdict(list), {"organisation_id": c.organisation_id, "created_at": c.now}
        reps = [
            {**key, "id": new_id(), "name": f"Rep {n}", "email": f"{n}@example.com", "role": "rep"}
            for n in range(REPS)
        ]
        rows[User] = reps
        for n in range(FRESH):
            rep_id = reps[n % REPS]["id"]
            ids = {name: new_id() for name in ("account", "contact", "meeting", "invitation")}
            name = {"name": f"Client {n}", "name_key": f"client {n}"}
            rows[Account].append({**key, **name, "id": ids["account"]})
            rows[Contact].append({**key, **name, "id": ids["contact"], "account_id": ids["account"]})
            rows[Meeting].append({**key, "id": ids["meeting"], "rep_id": rep_id, "held_at": c.now})
            rows[Invitation].append({**key, "id": ids["invitation"], "meeting_id": ids["meeting"],
                                     "contact_id": ids["contact"], "token": new_token(c.organisation.code),
                                     "closes_at": c.now + timedelta(days=14)})  # fmt: skip
            rows[Feedback].append({**key, "id": new_id(), "invitation_id": ids["invitation"], "side": "client",
                                   "updated_at": c.now, "settles_at": c.now, "settled_at": c.now,
                                   **dict.fromkeys(DIMENSIONS, 4)})  # fmt: skip
            rows[Relationship].append({**key, "id": new_id(), "rep_id": rep_id, "contact_id": ids["contact"],
                                       "last_meeting_at": c.now})  # fmt: skip
        rows[Feedback] = rows[Feedback][::2]
        for table, made in rows.items():
            insert_all(c.session, table, made)
    db.engine.dispose()  # a connection reports what it wrote when it closes
    return met.token


def look(db) -> None:
    """Do what the worker does every few seconds, once what was written is reported."""
    for _ in range(50):
        if set(analyze_grown(db)) >= LARGE:
            return
        time.sleep(0.1)
    raise AssertionError("nothing has grown")


@pytest.fixture
def scans(db):
    """scans(do) are the reads that do() makes of all rows of an organisation, or of a table, with the statement."""

    def found(do):
        seen = {}
        note = lambda _c, _cursor, statement, given, _context, _many: seen.setdefault(statement, given)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            do()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        planned = {s: given for s, given in seen.items() if re.match(r"\s*(SELECT|UPDATE|WITH)", s)}
        with db.writer.connect() as connection:  # of so few rows it would rather read all than take an index
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            return [
                (scan, statement)
                for statement, given in planned.items()
                for scan in whole(
                    [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given)]
                )
            ]

    return found


def whole(plan: list[str]) -> list[str]:
    """The large tables of which a plan reads all, or all of an organisation: by an index of which it uses no more than
    that column."""
    found = []
    for n, step in enumerate(plan):
        scan = re.search(r"(Seq|Index|Index Only|Bitmap Heap) Scan .*?on (\w+)", step)
        if not scan or scan[2] not in LARGE:
            continue
        wanted = next((line for line in plan[n + 1 : n + 8] if "Index Cond:" in line), "")
        columns = set(re.findall(r"\((\w+)\)?(?:::\w+)? (?:=|<|>)", wanted))
        if scan[1] == "Seq" or columns <= {"organisation_id"}:
            found.append(step.strip())
    return found


@on_postgresql
def test_fresh_tables_are_read_by_index(app, db, fresh, scans):
    look(db)
    client, key = app.test_client(), new_key()
    form = {"key": key, "sequence": 1, "integrity": 4}

    def send(path, **more):
        assert client.post(path, data={**form, **more}, headers={"HX-Request": "true"}).status_code in (
            200,
            204,
        )

    assert scans(lambda: client.get(f"/f/{fresh}")) == []
    assert scans(lambda: send(f"/f/{fresh}")) == []
    assert scans(lambda: send(f"/f/{fresh}/{key}", sequence=2, savvy=3)) == []
    assert scans(lambda: send(f"/f/{fresh}/{key}", sequence=3, savvy=3, done=1)) == []


@on_postgresql
def test_tables_are_looked_at_once(db, fresh):
    look(db)
    assert not set(analyze_grown(db)) & LARGE


def test_scan_of_an_organisation_is_noticed():
    assert whole(["  ->  Seq Scan on feedback client  (cost=0)"])
    assert whole(
        [
            "Index Scan using ix on meetings  (cost=0)",
            "  Index Cond: (organisation_id = users.organisation_id)",
        ]
    )
    assert not whole(
        ["Index Scan using pk on meetings  (cost=0)", "  Index Cond: ((organisation_id = 1) AND (id = 2))"]
    )
