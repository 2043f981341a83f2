"""A calendar that takes long is waited for by nobody but whoever sent it: the product behind the bridge that serves it,
with one thread and with two. The reader of calendars is held, as by one that takes as long as it may."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute
from support.cast import Browser
from support.dump import dump
from support.pages import words
from support.tokens import Program, token_of
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import feedback
from feedback.calendar.reader import READER
from feedback.serving import bridge as bridges
from feedback.serving import processes
from feedback.serving.bridge import SMALL, Bridge
from feedback.serving.processes import beforehand_of
from feedback.web import limits
from feedback.web.turns import TAKE_LONG, takes_long

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261118T140000Z\r\nSUMMARY:{}\r\n"
    "ATTENDEE:mailto:eli@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
TEA = CALENDAR.format("Tea")
BUSY = "Others are uploading their calendars just now Nothing was changed."


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def serving(request, app) -> Iterator["Serving"]:
    """What the tests ask goes through a bridge with so many threads from here on."""
    with Serving(app, request.param) as found:
        yield found


class Serving:
    """An event loop with the bridge on it, which the test's browsers ask in place of the application."""

    def __init__(self, app, threads: int) -> None:
        self.app, self.sent, self.loop = app, 0, asyncio.new_event_loop()
        self.bridge = Bridge(app.wsgi_app, beforehand_of(app), threads)
        self.people, self.runs = ThreadPoolExecutor(8), threading.Thread(target=self.loop.run_forever)

    def __enter__(self) -> "Serving":
        self.runs.start()
        self.app.wsgi_app = self.wsgi_app
        return self

    def __exit__(self, *_error: object) -> None:
        self.people.shutdown()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.runs.join()
        self.loop.close()

    def wsgi_app(self, environ, start_response):
        body = environ["wsgi.input"].read()
        names = {
            name: name.removeprefix("HTTP_") for name in environ if name.startswith(("HTTP_", "CONTENT_"))
        }
        headers = [
            (short.replace("_", "-").lower().encode(), environ[name].encode("latin-1"))
            for name, short in names.items()
            if environ[name] != ""
        ]
        scope = {"method": environ["REQUEST_METHOD"], "raw_path": environ["PATH_INFO"].encode("latin-1"),
                 "query_string": environ["QUERY_STRING"].encode(), "scheme": "http", "http_version": "1.1",
                 "server": (environ["SERVER_NAME"], "80"), "client": ("127.0.0.1", 1), "headers": headers}  # fmt: skip
        sent = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        done = asyncio.run_coroutine_threadsafe(self.bridge(scope, receive, send), self.loop)
        self.sent += 1
        done.result()
        start, content = sent
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        start_response(f"{start['status']} .", pairs)
        return [content["body"]]

    def meanwhile(self, ask, *given) -> Future:
        """Ask on a thread of its own; return once the bridge has the request."""
        before = self.sent
        asked = self.people.submit(ask, *given)
        until(lambda: self.sent > before)
        time.sleep(0.1)  # a thread that would take it has taken it by then
        return asked

    def soon(self, ask, *given):
        """Ask, and return what is answered: in less than the time that a reader may take."""
        return self.people.submit(ask, *given).result(timeout=5)


def until(true) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def held() -> Iterator[None]:
    """Keep the reader of calendars busy while the block runs."""
    with READER._turn():
        yield


@pytest.fixture
def alice(serving, sign_in) -> Browser:
    return sign_in("alice")


@pytest.fixture
def bob(serving, sign_in) -> Browser:
    return sign_in("bob")


def upload(browser: Browser, text: str = TEA):
    return browser.post("/meetings/calendar", {"calendar": text})


def led_on(reply) -> bool:
    return (reply.status_code, reply.location) == (303, "/meetings/calendar")


def test_two_that_take_long_hold_no_page_up(serving, alice, bob):
    with held():
        uploads = [serving.meanwhile(upload, alice), serving.meanwhile(upload, bob)]
        assert serving.soon(alice.get, "/meetings").status_code == 200
        assert serving.soon(bob.get, "/meetings/calendar").status_code == 200
        assert not any(asked.done() for asked in uploads)
    assert all(led_on(asked.result(20)) for asked in uploads)
    assert "Tea 15:00" in words(bob.get("/meetings").text)


def test_programs_that_upload_hold_no_page_up(serving, app, cast, alice):
    program = Program(app.test_client(), token_of(cast, "bob"))
    with held():
        asked = [serving.meanwhile(program.ask, "PUT", "/calendar", {"calendar": TEA}) for _ in range(2)]
        assert serving.soon(alice.get, "/meetings").status_code == 200
    assert [each.result(20).status_code for each in asked] == [200, 200]


def test_quick_upload_leads_where_it_led(serving, alice):
    assert led_on(upload(alice))
    refused = upload(alice, "Dear Alice")
    assert (refused.status_code, "This is not a calendar." in words(refused.text)) == (422, True)
    assert "Dear Alice" in refused.text


def test_who_gets_no_turn_in_time_is_told_that_nothing_was_changed(serving, db, alice, bob, monkeypatch):
    monkeypatch.setattr(bridges, "TURN_WITHIN", 0.3)
    with held():
        first = serving.meanwhile(upload, alice)
        before = dump(db)
        refused = serving.soon(upload, bob)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert BUSY in words(refused.text)
        assert dump(db) == before
    assert led_on(first.result(20))
    assert "Tea" not in bob.get("/meetings").text
    assert led_on(upload(bob))


def test_program_that_gets_no_turn_is_told_so_in_its_way(serving, app, cast, alice, monkeypatch):
    monkeypatch.setattr(bridges, "TURN_WITHIN", 0.3)
    program = Program(app.test_client(), token_of(cast, "bob"))
    with held():
        first = serving.meanwhile(upload, alice)
        refused = serving.soon(program.ask, "PUT", "/calendar", {"calendar": TEA})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert refused.json["detail"] == "Nothing was changed."
    assert led_on(first.result(20))


def test_no_more_than_so_many_bytes_wait_for_their_turn(serving, alice, bob):
    uploads, large = serving.bridge._uploads, TEA + " " * (SMALL + 3000)
    uploads.most = 5000
    with held():
        first = serving.meanwhile(upload, alice, large)
        assert 3000 < uploads.held < 5000
        assert serving.soon(upload, bob, large).status_code == 503  # at once
        second = serving.meanwhile(upload, bob)
    assert led_on(first.result(20))
    assert led_on(second.result(20))
    assert uploads.held == 0


def test_whose_calendars_take_long_waits_a_minute_and_nobody_else_does(serving, alice, bob, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS_READ_PER_PERSON", RateLimitItemPerMinute(1))
    with held():
        slow = serving.meanwhile(upload, alice)
        time.sleep(1.1)
    assert led_on(slow.result(20))
    assert upload(alice).status_code == 429
    assert led_on(upload(bob))


def test_nothing_stays_on_disk(serving, app, alice, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    instance = app.extensions["feedback"].settings.instance
    before = {path for path in instance.rglob("*") if path.suffix != ".cache"}
    file = FileStorage(BytesIO(TEA.encode() + b" " * (1 << 20)), "work.ics")
    # Not by the test client: it would leave a file open.
    boundary, body = encode_multipart({"csrf_token": alice._new_token(), "file": file})
    sent = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
    assert led_on(alice.client.post("/meetings/calendar", **sent))
    assert list(tmp_path.iterdir()) == []
    assert {path for path in instance.rglob("*") if path.suffix != ".cache"} <= before


def test_wherever_a_calendar_is_read_for_a_request_it_takes_its_turn(app, monkeypatch):
    there = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint in TAKE_LONG}
    assert {
        (name, method, rule.rule) for name, rule in there.items() for method in rule.methods - {"OPTIONS"}
    } == {(name, *how) for name, how in TAKE_LONG.items()}
    package = Path(feedback.__file__).parent
    reading = [
        str(path.relative_to(package))
        for room in ("web", "api")
        for path in (package / room).rglob("*.py")
        if "READER.read(" in path.read_text()
    ]
    assert sorted(reading) == ["api/calendar.py", "web/calendar.py"]
    monkeypatch.setattr(processes, "_loaded", [app])
    assert processes._bridge(0)._beforehand.takes_long is takes_long
