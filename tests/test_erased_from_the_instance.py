"""What was erased is in no file of the instance: neither in the database and its log, nor in what the server said."""

import gzip
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace

import pytest
from crash.served import Served, free_port
from sqlmodel import select
from support.cast import PASSWORD, Cast, Clock
from support.mail_server import mail_server
from support.receiver import Receiver

from feedback import migrations
from feedback.actions.alerts import handle
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission, dispute_answer
from feedback.actions.decisions import decide_answer
from feedback.actions.rooms import Guest, enter_room, open_room
from feedback.config import read_settings
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import connect
from feedback.imports.jobs import add_job, start_import
from feedback.models import Alert, ImportJob, Invitation, JobState, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.invitations import invitation_by_id
from feedback.webhooks import subscriptions

pytestmark = pytest.mark.long

SAID = "The blue heron left at dawn without a word"
ADDRESS = "zerlina@plumacher.example"
NAME = "Zerlina Plumacher"
HISTORY = f"rep_email,account,contact,held_at,client_integrity,comment\n{{rep}},Northwind,{NAME},2026-10-01T10:00:00Z,2,{SAID}\n"


def until(true, seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.2)


def files_with(folder: Path, *words: str) -> set[tuple[str, str]]:
    """Which files below a folder hold these words, in which letters a program may write, packed or not."""
    found = set()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        try:
            content = file.read_bytes()
        except FileNotFoundError:  # gone meanwhile
            continue
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        content = content.lower()
        for each in words:
            small = each.lower()
            if any(small.encode(letters) in content for letters in ("utf-8", "utf-16-le", "utf-16-be")):
                found.add((file.name, each))
    return found


def echo(request) -> None:
    """Refuse a message, and repeat it, as some receivers do."""
    said = request.server.received[-1].body
    words = said[max(said.find(SAID), 0) :].encode()
    request.send_response(400)
    request.send_header("Content-Length", str(len(words)))
    request.end_headers()
    request.wfile.write(words)


@contextmanager
def served(instance: Path):
    """The server, with its mail server and a receiver that echoes, in a folder of its own that holds its log, too."""
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    with mail_server() as office, Receiver() as receiver:
        receiver.answer = echo
        environment = {
            "FEEDBACK_INSTANCE": str(instance), "FEEDBACK_BASE_URL": here, "FEEDBACK_SMTP_URL": office.url,
            "FEEDBACK_MAIL_FROM": "us@feedback.example", "FEEDBACK_PRIVATE_WEBHOOKS": "allowed",
        }  # fmt: skip
        settings = read_settings(environment)
        db = connect(settings.database_url, [settings.secret_key])
        migrations.migrate(db)
        cast = Cast(db, Clock(datetime.now(UTC)))
        cast.add_organisation("Doughnut Partners", "olive")
        cast.add("alice", "rep", "North")
        cast.add("carol", "manager", "North")
        with Served(port, environment, instance / "log") as server:
            server.start()
            server.wait()
            yield SimpleNamespace(
                here=here, cast=cast, db=db, office=office, receiver=receiver, instance=instance
            )
            server.stop()
        db.dispose()


def plant(s, met) -> None:
    """Let a client answer, and others repeat it: the receiver, a manager twice, and an owner's file."""
    cast, db = s.cast, s.db
    with cast.changing() as c:
        subscriptions.add_webhook(
            c, cast.olive.id, s.receiver.url, [Event.FEEDBACK_RECEIVED, Event.ALERT_OPENED]
        )
    said = Submission(
        ratings=dict.fromkeys(DIMENSIONS, 1), extras={"comment": SAID}, done=True, extras_sent=True
    )
    cast.submit(met, said, Sender(receipts=s.here))
    with cast.changing() as c:
        alert = c.session.exec(select(Alert)).one()
        handle.note_on_alert(c, alert.id, cast.carol.id, f"“{SAID}”, says {NAME}")
        dispute_answer(c, met.id, with_key=True)
        decide_answer(c, met.id, cast.carol.id, accept=True, reason=f"who else says “{SAID}”")
        job = add_job(c, cast.olive.id, "history", "old.csv", history(cast).encode("utf-16"))

    def arrived() -> bool:
        with db.reading() as session:
            checked = session.get_one(ImportJob, (met.organisation_id, job)).state is JobState.CHECKED
            errors = [each.error or "" for each in session.exec(select(WebhookDelivery)).all()]
        return checked and len(s.office.mails) > 0 and any(SAID in each for each in errors)

    until(arrived)
    assert files_with(s.instance, SAID)


def history(cast) -> str:
    return HISTORY.replace("{rep}", cast.alice.email)


def signed_in(s):
    """A browser in which Olive signed in."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def post(path: str, page: str, **form: str) -> str:
        with browser.open(s.here + page) as shown:
            (token, *_) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', shown.read().decode())
        data = urllib.parse.urlencode({**form, "csrf_token": token}).encode()
        request = urllib.request.Request(s.here + path, data, {"Referer": s.here + page})
        with browser.open(request) as answer:
            return answer.read().decode()

    post("/sign-in", "/sign-in", email=s.cast.olive.email, password=PASSWORD)
    return post


def test_answer_that_its_client_erased_is_in_no_file(tmp_path):
    with served(tmp_path) as s:
        room = s.cast.meeting()
        with s.cast.changing() as c:
            open_room(c, room.meeting_id)
            enter_room(c, room.meeting_id, Guest(NAME, ADDRESS, "once"))
            asked = c.session.exec(select(Invitation).where(Invitation.guest)).one()
        with s.db.reading() as session:
            met = invitation_by_id(session, room.organisation_id, asked.id, Reader.RULES, datetime.now(UTC))
        plant(s, met)
        assert files_with(tmp_path, ADDRESS)
        erase = urllib.request.Request(f"{s.here}{s.cast.answer_address(met)}/erase", b"", method="POST")
        with pytest.raises(urllib.error.HTTPError, match="410"):  # where it leads on to: it is gone
            urllib.request.urlopen(erase)
        until(lambda: not files_with(tmp_path, SAID, ADDRESS))
    assert files_with(tmp_path, SAID, ADDRESS) == set()


def test_contact_whom_the_owner_erased_is_in_no_file(tmp_path):
    with served(tmp_path) as s:
        met = s.cast.meeting("alice", NAME, "Northwind", ADDRESS)
        plant(s, met)
        with s.cast.changing() as c:
            again = add_job(c, s.cast.olive.id, "history", "again.csv", history(s.cast).encode())

        def is_in(*states) -> bool:
            with s.db.reading() as session:
                return session.get_one(ImportJob, (met.organisation_id, again)).state in states

        until(lambda: is_in(JobState.CHECKED))
        with s.cast.changing() as c:
            start_import(c, s.cast.olive.id, again)
        until(lambda: is_in(JobState.DONE))
        post = signed_in(s)
        path = f"/contacts/{met.contact_id}/erase"
        assert "Certificate of erasure" in post(path, path, sure="1")
        until(lambda: not files_with(tmp_path, SAID, ADDRESS, NAME))
    assert files_with(tmp_path, SAID, ADDRESS, NAME) == set()
