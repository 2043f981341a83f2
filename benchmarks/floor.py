"""The bare floor: what a client's page could cost at the least. A WSGI function, the raw driver, a page formatted
ahead, one read; a tap is one durable write of one row. Done is one durable write of as much as the product stores: the
answer, the relationship's numbers, the rep's week and sums and the version, five rows found by their keys, with values
that are made up. No framework, no check, no rule.

BENCH_DATABASE names the database (a path for SQLite, else a libpq address), BENCH_PAGE a file with the page.
"""

import os
import sqlite3
import threading
from pathlib import Path

import psycopg

from feedback.models.encrypted import SecretBox

WHERE = os.environ.get("BENCH_DATABASE", "")
PAGE = Path(os.environ["BENCH_PAGE"]).read_bytes() if "BENCH_PAGE" in os.environ else b""
ONE = threading.local()
BOX = SecretBox(("k" * 40,))
READ = """
select i.id, i.closes_at, m.held_at, u.name, c.name, a.name, o.name, i.organisation_id, m.rep_id, i.contact_id
from invitations i
join organisations o on o.id = i.organisation_id
join meetings m on m.organisation_id = i.organisation_id and m.id = i.meeting_id
join users u on u.organisation_id = m.organisation_id and u.id = m.rep_id
join contacts c on c.organisation_id = i.organisation_id and c.id = i.contact_id
join accounts a on a.organisation_id = c.organisation_id and a.id = c.account_id
where i.token = %s and i.organisation_id = (select id from organisations where code = %s)
"""
WRITE = "update feedback set savvy = %s, sequence = sequence + 1 where id = (select id from feedback where invitation_id = %s and side = 'client')"

SIX = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")
SIDES = [f"{side}_{name}" for side in ("client", "mirror") for name in SIX]
VOTES = [f"{side}_votes_{name}" for side in ("client", "mirror") for name in SIX]
LOYALTIES = ("loyalty", "quarter_loyalty", "week_loyalty")
NUMBERS = (*LOYALTIES, "vote", "distance", "bias", "urgency", "guessed", "said")
SUMS = ("vote", "loyalty", "squares", *SIDES, *VOTES, "both_votes", "distance", "bias")


def _update(table, values, where):
    return f"update {table} set {', '.join(values)} where {' and '.join(f'{name} = %s' for name in where)}"  # noqa: S608  (the words above)


def _each(names, value):
    return [f"{name} = {value}" for name in names]


# What Done writes, and by which of READ's columns: the answer, and what follows from it.
NOW = [
    f"{name} = current_timestamp"
    for name in ("updated_at", "complete_at", "done_at", "settles_at", "settled_at")
]
DONE = (
    (_update("feedback", [*_each(SIX, "%s"), "sequence = sequence + 1", *NOW, "extra = 'stage'"],
             ("organisation_id", "invitation_id")) + " and side = 'client'", (7, 0)),
    (_update("relationships", [*_each(NUMBERS, "1.25"), *_each(SIDES, "3.5"), "answers = answers + 1",
                               "last_client_at = current_timestamp"], ("organisation_id", "rep_id", "contact_id")), (7, 8, 9)),
    (_update("activity", ["answered = answered + 1", "opened = opened + 1"], ("organisation_id", "rep_id")), (7, 8)),
    (_update("rep_sums", ["heard = heard + 1", *_each(SUMS, "12.5"), "could_have_gaps = 1"], ("organisation_id", "rep_id")), (7, 8)),
    (_update("data_versions", ["number = number + 1"], ("organisation_id",)), (7,)),
)  # fmt: skip


def write_done(db, row, rating):
    db.execute("begin immediate" if ONE.mark == "?" else "begin")
    for number, (statement, keys) in enumerate(ONE.done):
        db.execute(statement, (*((rating,) * 6 if number == 0 else ()), *(row[key] for key in keys)))
    db.execute("commit")


def connection():
    if not hasattr(ONE, "connection"):
        if WHERE.startswith("postgresql"):
            ONE.connection, ONE.mark = psycopg.connect(WHERE, autocommit=True), "%s"
        else:
            ONE.connection, ONE.mark = sqlite3.connect(WHERE, isolation_level=None, timeout=10), "?"
            ONE.connection.execute("pragma journal_mode=wal")
            ONE.connection.execute("pragma synchronous=full")
        ONE.read, ONE.write = READ.replace("%s", ONE.mark), WRITE.replace("%s", ONE.mark)
        ONE.done = [(statement.replace("%s", ONE.mark), keys) for statement, keys in DONE]
    return ONE.connection


def app(environ, start_response):
    db = connection()
    token = environ["PATH_INFO"].split("/")[2]
    row = db.execute(ONE.read, (BOX.hash_token(token), token[:4])).fetchone()
    if environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        rating = body.count(b"5") % 5 + 1
        if b"done=1" in body:
            write_done(db, row, rating)
        else:
            db.execute(ONE.write, (rating, row[0]))
        start_response("204 No Content", [])
        return [b""]
    page = PAGE % {
        b"name": row[4].encode(),
        b"account": row[5].encode(),
        b"rep": row[3].encode(),
        b"token": token.encode(),
    }
    start_response(
        "200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    )
    return [page]
