"""The bare floor: what a client's page could cost at the least. A WSGI function, the raw driver, a page formatted
ahead, one read; a tap is one durable write. No framework, no check, no rule.

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
select i.id, i.closes_at, m.held_at, u.name, c.name, a.name, o.name
from invitations i
join organisations o on o.id = i.organisation_id
join meetings m on m.organisation_id = i.organisation_id and m.id = i.meeting_id
join users u on u.organisation_id = m.organisation_id and u.id = m.rep_id
join contacts c on c.organisation_id = i.organisation_id and c.id = i.contact_id
join accounts a on a.organisation_id = c.organisation_id and a.id = c.account_id
where i.token = %s and i.organisation_id = (select id from organisations where code = %s)
"""
WRITE = "update feedback set savvy = %s, sequence = sequence + 1 where id = (select id from feedback where invitation_id = %s and side = 'client')"


def connection():
    if not hasattr(ONE, "connection"):
        if WHERE.startswith("postgresql"):
            ONE.connection, ONE.mark = psycopg.connect(WHERE, autocommit=True), "%s"
        else:
            ONE.connection, ONE.mark = sqlite3.connect(WHERE, isolation_level=None, timeout=10), "?"
            ONE.connection.execute("pragma journal_mode=wal")
            ONE.connection.execute("pragma synchronous=full")
        ONE.read, ONE.write = READ.replace("%s", ONE.mark), WRITE.replace("%s", ONE.mark)
    return ONE.connection


def app(environ, start_response):
    db = connection()
    token = environ["PATH_INFO"].split("/")[2]
    row = db.execute(ONE.read, (BOX.hash_token(token), token[:4])).fetchone()
    if environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        db.execute(ONE.write, (body.count(b"5") % 5 + 1, row[0]))
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
