"""The server itself, on raw connections: slow and half-sent ones hold nobody up, and WSGI is told what arrived."""

import asyncio
import os
import select
import signal
import threading
import time
import tracemalloc
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from support.served import LARGEST, LARGEST_UPLOAD, answer, served, told

from feedback.app import create_app
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.serving import bridge as bridges
from feedback.serving.arriving import Arrival, Room
from feedback.serving.bridge import Beforehand, Bridge
from feedback.serving.processes import MOST_CONNECTIONS, beforehand_of
from feedback.web.bodies import LARGEST_FORM, TAKE_A_FILE, UPLOADS, largest_body

MEGABYTE = 1 << 20
SAID_ITSELF = {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "server": "web",
    "strict-transport-security": "max-age=9",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-request-id": "one",
    "connection": "close",
}
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"


def run(coroutine) -> None:
    """Run it in a loop of its own, on a thread of its own: a browser test before may have left a loop on this one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="module")
def server():
    with served() as running:
        yield running


def post(body: bytes, *headers: bytes, path: bytes = b"/") -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: x", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_hundred_half_sent_bodies_hold_nobody_up(server):
    lines = [server.connect(HALF) for _ in range(100)]
    began = time.monotonic()
    assert server.ask(GET).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 0.9  # they are refused after a second
    for line in lines:
        line.close()


def test_half_sent_body_is_408_in_words(server):
    with server.connect(HALF) as line:
        reply = answer(line)
        assert reply.startswith(b"HTTP/1.1 408 ")
        assert b"nothing was changed" in reply
        assert line.recv(1) == b""


def test_dripping_body_is_408_too(server):
    with server.connect(HALF[:-3]) as line:
        for _ in range(4):
            line.sendall(b"x")
            time.sleep(0.2)
        assert answer(line).startswith(b"HTTP/1.1 408 ")


def test_late_end_of_body_is_taken(server):
    with server.connect(HALF) as line:
        time.sleep(0.5)
        line.sendall(b"defghi")
        assert told(answer(line))["body"] == "abcdefghi"


def test_client_gone_midway_leaves_no_trace(server):
    for _ in range(20):
        server.connect(HALF).close()
    assert server.ask(GET).startswith(b"HTTP/1.1 200")


def test_body_is_not_awaited_where_none_is_taken(server):
    reply = told(server.ask(HALF.replace(b"POST", b"GET")))
    assert (reply["body"], reply.get("CONTENT_LENGTH")) == ("", None)


def test_chunked_body_arrives_whole(server):
    reply = told(server.ask(post(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"Transfer-Encoding: chunked")))
    assert (reply["body"], reply["CONTENT_LENGTH"]) == ("abcde", "5")


def test_length_beside_chunks_hides_no_second_request(server):
    """What two programs in a row would cut in two ways is refused, or cut by its chunks, and the rest is not answered."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    both = (b"Content-Length: %d" % (5 + len(hidden)), b"Transfer-Encoding: chunked")
    for headers in (both, both[::-1]):
        reply = server.ask(post(b"0\r\n\r\n" + hidden, *headers))
        assert reply.startswith(b"HTTP/1.1 400") or told(reply)["body"] == ""
        assert reply.count(b"HTTP/1.1 ") == 1
    twice = server.ask(post(b"abcd", b"Content-Length: 4", b"Content-Length: 2"))
    assert twice.startswith(b"HTTP/1.1 400")


def test_too_large_body_is_left_to_the_application(server):
    declared = told(server.ask(post(b"x", b"Content-Length: %d" % (LARGEST + 1))))
    assert (declared["body"], declared["CONTENT_LENGTH"]) == ("", str(LARGEST + 1))
    chunk = b"%x\r\n%s\r\n" % (LARGEST // 2 + 1, b"x" * (LARGEST // 2 + 1))
    chunked = told(server.ask(post(2 * chunk, b"Transfer-Encoding: chunked")))
    assert chunked["body"] == ""
    assert int(chunked["CONTENT_LENGTH"]) > LARGEST


def test_body_of_the_largest_size_is_taken(server):
    reply = told(server.ask(post(b"x" * LARGEST, b"Content-Length: %d" % LARGEST)))
    assert len(reply["body"]) == LARGEST


def test_client_that_asks_first_is_told_to_go_on(server):
    with server.connect(post(b"", b"Content-Length: 3", b"Expect: 100-continue")) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"abc")
        assert told(answer(line))["body"] == "abc"


def test_head_has_the_length_and_no_content(server):
    with server.connect(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + GET) as line:
        head, _, rest = line.recv(65536).partition(b"\r\n\r\n")
        assert int(head.lower().split(b"content-length: ")[1].split()[0]) > 100
        assert rest[:9] in (b"", b"HTTP/1.1 ")


def test_environ_is_as_wsgi_wants_it(server):
    reply = told(
        server.ask(
            b"GET /a%FF%2Fb%20c?x=%FF&y HTTP/1.1\r\nHost: feedback.example:81\r\nX-A: one\r\nX-A: \xe9\r\n"
            b"X_A: forged\r\nCookie: a=1\r\nCookie: b=2\r\nContent-Type: text/x\r\n\r\n"
        )
    )
    assert (reply["PATH_INFO"], reply["QUERY_STRING"]) == ("/a\xff/b c", "x=%FF&y")
    assert (reply["HTTP_X_A"], reply["HTTP_COOKIE"]) == ("one,\xe9", "a=1; b=2")
    assert (reply["HTTP_HOST"], reply["SERVER_PORT"]) == ("feedback.example:81", str(server.port))
    assert (reply["REMOTE_ADDR"], reply["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert (reply["REQUEST_METHOD"], reply["SCRIPT_NAME"]) == ("GET", "")
    assert (reply["SERVER_PROTOCOL"], reply["CONTENT_TYPE"]) == ("HTTP/1.1", "text/x")
    assert told(server.ask(b"GET / HTTP/1.0\r\n\r\n"))["SERVER_PROTOCOL"] == "HTTP/1.0"


def test_headers_that_come_twice_leave_twice(server):
    assert server.ask(GET).lower().count(b"set-cookie:") == 2


def test_lines_are_sent_whole(server):
    reply = server.ask(b"GET /lines HTTP/1.1\r\nHost: x\r\n\r\n")
    assert reply.endswith(b"99998\n99999\n")


def test_slow_readers_hold_nobody_up(server):
    lines = [server.connect(b"GET /lines HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(20)]
    for line in lines:
        line.recv(1)
    assert server.ask(GET).startswith(b"HTTP/1.1 200")
    for line in lines:
        line.close()
    assert server.ask(GET).startswith(b"HTTP/1.1 200")


def test_application_that_breaks_is_500_in_words(server):
    for _ in range(3):  # its only thread goes on
        reply = server.ask(b"GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 500 ")
        assert b"That was our fault" in reply


def test_what_the_bridge_says_itself_carries_exactly_these_headers(server):
    dripping, broken = HALF, post(b"zz\r\n", b"Transfer-Encoding: chunked")
    breaking, crowded = b"GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n", post(b"x", b"Content-Length: 2")
    with served(most_arriving=1) as full, closing([full.connect(crowded), full.connect(crowded)]) as lines:
        refused = answer(select.select(lines, [], [])[0][0])
    replies = [server.ask(dripping), refused, server.ask(breaking), server.ask(broken)]
    assert [reply[9:12] for reply in replies] == [b"408", b"503", b"500", b"408"]
    for reply in replies:
        head = reply.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        found = dict(line.split(": ", 1) for line in head)
        assert found.pop("date")
        assert found.pop("content-length")
        assert found == SAID_ITSELF | ({"retry-after": "60"} if b" 503 " in reply[:14] else {})


@pytest.mark.parametrize(("base", "proxies"), [("http://localhost", 0), ("https://feedback.example", 1)])
def test_its_headers_are_those_of_the_product(tmp_path, base, proxies):
    settings = Settings(tmp_path, "", "k" * 40, base_url=base, trusted_proxies=proxies)
    carried = beforehand_of(create_app(settings, database=Database("sqlite://"))).headers
    environ = {"HTTP_X_REQUEST_ID": "of-the-proxy"}
    told = {name.lower(): value for name, value in carried(environ).items()}
    number = told.pop("x-request-id")
    assert number == environ["feedback.request"] == carried(environ)["X-Request-ID"]
    assert (number == "of-the-proxy") is bool(proxies)
    tls = {"strict-transport-security": "max-age=31536000"} if base.startswith("https") else {}
    left_out = ("connection", "x-request-id", "strict-transport-security")
    assert told == {name: value for name, value in SAID_ITSELF.items() if name not in left_out} | tls


def test_malformed_request_is_400(server):
    assert server.ask(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert server.ask(post(b"abc", b"Content-Length: 3x")).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("told_to", [signal.SIGTERM, signal.SIGHUP])
def test_running_request_is_finished(told_to):
    with served() as server, server.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        time.sleep(0.3)
        server.process.send_signal(told_to)
        assert answer(line).startswith(b"HTTP/1.1 200")


def test_web_process_that_dies_is_replaced(server):
    main = server.process.pid
    (web,) = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    os.kill(int(web), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while True:
        try:
            assert server.ask(GET).startswith(b"HTTP/1.1 200")
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


# A form's body lacks its last byte.
NEARLY_WHOLE = post(b"x" * (LARGEST - 1), b"Content-Length: %d" % LARGEST)
TAP = post(b"x" * 8000, b"Content-Length: 8000")


@pytest.fixture(scope="module")
def small_server():
    """What it holds is ten bodies of the largest size, of uploads two; and twenty may be on their way in."""
    limits = {"MOST_HELD": MEGABYTE, "MOST_UPLOADED": 2 * MEGABYTE}
    with served(body_seconds=20.0, most_arriving=20, **limits) as running:
        yield running


def held(server, count: int, sent: bytes) -> list:
    """Connections that have sent these bytes and wait. (In which order the server hears of them is nearly this one.)"""
    lines = []
    for _ in range(count):
        lines.append(server.connect())
        with suppress(OSError):  # it was refused midway
            lines[-1].sendall(sent)
    time.sleep(0.3)
    return lines


@contextmanager
def closing(lines: list):
    try:
        yield lines
    finally:
        for line in lines:
            line.close()
        time.sleep(0.1)


def sent_from(network: str, request: bytes) -> bytes:
    """A request that came through a proxy."""
    return request.replace(b"Host: x\r\n", b"Host: x\r\nX-Forwarded-For: %s\r\n" % network.encode(), 1)


def waiting(lines: list) -> int:
    """How many of them were not answered yet."""
    return len(lines) - len(select.select(lines, [], [], 0)[0])


def test_nearly_whole_bodies_stop_nobody(small_server):
    with closing(held(small_server, 15, NEARLY_WHOLE)):
        for request in (TAP, post(b"x" * LARGEST, b"Content-Length: %d" % LARGEST)):
            began = time.monotonic()
            assert small_server.ask(request).startswith(b"HTTP/1.1 200")
            assert time.monotonic() - began < 2


def test_nearly_whole_body_gives_way_in_words(small_server):
    lines = held(small_server, 15, NEARLY_WHOLE)
    last = held(small_server, 1, NEARLY_WHOLE)
    with closing(lines + last):
        assert waiting(lines) == 11  # 16 KB of each stand elsewhere
        refused, _, _ = select.select(lines, [], [])
        assert answer(refused[0]).startswith(b"HTTP/1.1 503 ")
        last[0].sendall(b"y")
        assert told(answer(last[0]))["body"].endswith("xxy")


def test_many_half_sent_bodies_stop_nobody(small_server):
    lines = held(small_server, 60, HALF)
    last = held(small_server, 1, HALF)
    with closing(lines + last):
        assert waiting(lines) == 19
        assert small_server.ask(TAP).startswith(b"HTTP/1.1 200")
        last[0].sendall(b"defghi")
        assert told(answer(last[0]))["body"] == "abcdefghi"


def test_network_that_holds_most_gives_way_first(small_server):
    slow = held(small_server, 1, sent_from("192.0.2.7", HALF))
    others = held(small_server, 60, sent_from("198.51.100.1", HALF))
    with closing(slow + others):
        assert waiting(others) == 19
        slow[0].sendall(b"defghi")
        assert told(answer(slow[0]))["body"] == "abcdefghi"


def test_who_claims_many_networks_comes_from_one(small_server):
    slow = held(small_server, 1, sent_from("192.0.2.7", HALF))
    others = [held(small_server, 1, sent_from(f"{n}.0.2.1, 198.51.100.1", HALF))[0] for n in range(1, 25)]
    with closing(slow + others):
        assert (waiting(slow), waiting(others)) == (1, 19)


def test_uploads_hold_back_no_form_and_the_first_get_done(small_server):
    upload = post(b"x" * (LARGEST_UPLOAD - 1), b"Content-Length: %d" % LARGEST_UPLOAD, path=b"/upload")
    first = held(small_server, 2, upload)
    last = held(small_server, 2, upload)
    with closing(first + last + held(small_server, 8, NEARLY_WHOLE)):
        assert (waiting(first), waiting(last)) == (2, 0)
        assert small_server.ask(TAP).startswith(b"HTTP/1.1 200")
        first[0].sendall(b"y")
        assert told(answer(first[0]))["body"].endswith("xxy")


def room_of(most: int, *bodies: tuple[str, int], last_goes: bool = False) -> list[str]:
    """Who is in a room after bodies have come in one after the other, a name each that begins with its network."""
    room, named = Room(most, last_goes=last_goes), {}
    for name, amount in bodies:
        named[name] = body = Arrival(name[0])
        body.take(room, amount)
        body.whole = name.endswith("!")
    assert room.held == sum(amount for name, amount in bodies if not named[name].gave_way)
    return [name for name, body in named.items() if not body.gave_way]


@pytest.mark.parametrize(
    ("most", "bodies", "left"),
    [
        (80, [("a1", 40), ("a2", 40)], ["a1", "a2"]),
        (80, [("a1", 40), ("a2", 40), ("b1", 1)], ["a2", "b1"]),
        (
            80,
            [("b1", 20), ("a1", 40), ("a2", 20), ("a3", 1)],
            ["b1", "a2", "a3"],
        ),  # the network that holds most
        (80, [("b1", 30), ("a1", 30), ("c1", 21)], ["a1", "c1"]),
        (80, [(f"{n}", 10) for n in range(9)], [f"{n}" for n in range(1, 9)]),  # nobody more than an eighth
        (80, [("a1!", 60), ("b1", 20), ("c1", 10)], ["a1!", "c1"]),  # a whole one stays
        (80, [("a1!", 80), ("b1", 1)], ["a1!"]),
        (80, [("a1", 81)], []),
    ],
)
def test_oldest_of_the_fullest_network_gives_way(most, bodies, left):
    assert room_of(most, *bodies) == left


def test_last_of_the_fullest_network_gives_way_where_the_first_shall_get_done():
    bodies = [("b1", 20), ("a1", 40), ("a2", 20), ("b2", 10)]
    assert room_of(80, *bodies, last_goes=True) == ["b1", "a1", "b2"]


CHUNKED = {"method": "POST", "raw_path": b"/", "query_string": b"", "scheme": "http", "http_version": "1.1",
           "server": ("x", "80"), "client": None, "headers": [(b"transfer-encoding", b"chunked")]}  # fmt: skip


def exchange(bridge: Bridge, received: Iterable[dict]) -> list[dict]:
    """Run one request through a bridge without a server; return what it sent."""
    sent, waiting = [], iter(received)

    async def receive():
        return next(waiting)

    async def send(message):
        sent.append(message)

    run(bridge(CHUNKED, receive, send))
    return sent


UP_TO_100 = Beforehand(lambda *_: 100, lambda address, _headers: address, lambda _environ: {})


GONE = {"type": "http.disconnect"}


def part(size: int) -> dict:
    return {"type": "http.request", "body": b"x" * size, "more_body": True}


@pytest.fixture
def nothing_is_small(monkeypatch):
    monkeypatch.setattr(bridges, "SMALL", 0)


def test_too_much_at_once_is_503(monkeypatch, nothing_is_small):
    monkeypatch.setattr(bridges, "MOST_HELD", 5)
    bridge = Bridge(lambda *_: [], UP_TO_100, threads=0)
    start, body = exchange(bridge, [part(6)])
    assert (start["status"], b"Too much arrives" in body["body"]) == (503, True)
    assert bridge._forms.held == bridge._arriving.held == 0


def test_client_gone_midway_gives_back_what_it_held(nothing_is_small):
    bridge = Bridge(lambda *_: [], UP_TO_100, threads=0)
    assert exchange(bridge, [part(3), GONE])[0]["status"] == 408  # which nobody reads
    assert bridge._forms.held == bridge._arriving.held == 0


def test_body_in_tiny_parts_takes_no_more_than_its_bytes():
    bridge = Bridge(
        lambda *_: [], Beforehand(lambda *_: 100_000, lambda *_: "", lambda _environ: {}), threads=0
    )
    parts = (
        {"type": "http.request", "body": number.to_bytes(2), "more_body": True} for number in range(50_000)
    )
    tracemalloc.start()
    try:
        exchange(bridge, chain(parts, [GONE]))
        assert tracemalloc.get_traced_memory()[1] < 400_000
    finally:
        tracemalloc.stop()


def test_whole_body_counts_until_it_is_answered(monkeypatch, nothing_is_small):
    monkeypatch.setattr(bridges, "MOST_HELD", 10)
    bridge, refused = Bridge(lambda *_: [], UP_TO_100, threads=0), []

    async def receive():
        return part(3) | {"more_body": False}

    async def send(message):
        refused.append(message.get("status"))

    async def many():
        requests = [asyncio.create_task(bridge(CHUNKED, receive, send)) for _ in range(5)]
        await asyncio.wait(requests, timeout=0.1)
        assert bridge._forms.held == 9
        for request in requests:
            request.cancel()
        await asyncio.wait(requests)

    run(many())
    assert refused == [503, None] * 2
    assert bridge._forms.held == bridge._arriving.held == 0


def test_what_fails_before_the_application_is_500_in_words():
    def breaks(*_):
        raise RuntimeError

    start, body = exchange(
        Bridge(lambda *_: [], replace(UP_TO_100, largest_body=breaks), threads=0), [part(1)]
    )
    assert (start["status"], b"our fault" in body["body"]) == (500, True)


def test_each_request_has_a_thread_to_itself():
    busy, most, lock = [], [], threading.Lock()

    def application(_environ, start_response):
        with lock:
            busy.append(1)
            most.append(len(busy))
        time.sleep(0.05)
        with lock:
            busy.pop()
        start_response("200 OK", [])
        return []

    bridge = Bridge(application, Beforehand(lambda *_: 0, lambda *_: "", lambda _environ: {}), threads=2)

    async def many():
        async def sink(_message):
            pass

        scope = {"method": "GET", "raw_path": b"/", "query_string": b"", "scheme": "http", "http_version": "1.1",
                 "server": ("x", "80"), "client": None, "headers": []}  # fmt: skip
        await asyncio.gather(*(bridge(scope, None, sink) for _ in range(8)))

    run(many())
    assert (len(most), max(most)) == (8, 2)


def test_larger_bodies_are_read_where_files_are_taken(tmp_path):
    app = create_app(Settings(tmp_path, "", "k" * 40), database=Database("sqlite://"))
    taking = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in TAKE_A_FILE}
    assert taking == TAKE_A_FILE
    assert {path: largest_body("POST", path) for path in taking.values()} == UPLOADS
    assert min(UPLOADS.values()) > LARGEST_FORM
    assert largest_body("POST", "/sign-in") == LARGEST_FORM == app.config["MAX_CONTENT_LENGTH"]
    assert {largest_body(method, "/sign-in") for method in ("GET", "HEAD", "PUT", "OPTIONS")} == {0}
    assert largest_body("POST", "/static/css/base.css") == 0


def test_operating_says_how_large_bodies_a_proxy_has_to_pass():
    folder = Path(__file__).parent.parent
    text = " ".join((folder / "docs" / "operating.md").read_text().split())
    calendar, imports, logo = (
        UPLOADS[path] >> 20 for path in ("/meetings/calendar", "/import", "/settings/look")
    )
    assert len(UPLOADS) == 3
    assert calendar == max(UPLOADS.values()) >> 20
    told = f"bodies of up to {calendar} MB (a calendar; an import has up to {imports} MB, a logo {logo} MB)"
    assert told in text
    assert f"`client_max_body_size {calendar}m`" in text
    assert f"A form may have {LARGEST_FORM >> 10} KB, an upload of a calendar {calendar} MB" in text
    assert "max_size" not in (folder / "deploy" / "Caddyfile").read_text()  # by itself Caddy has no limit


def test_operating_says_what_bodies_may_hold():
    text = " ".join((Path(__file__).parent.parent / "docs" / "operating.md").read_text().split())
    held, uploaded, small = bridges.MOST_HELD >> 20, bridges.MOST_UPLOADED >> 20, bridges.SMALL >> 10
    assert f"| {bridges.MOST_ARRIVING:,} at once, or half of the connections" in text
    assert f"the first {small} KB of each body" in text
    assert f"| {held} MB together" in text
    assert f"| {uploaded} MB together" in text
    assert f"{(MOST_CONNECTIONS * small >> 10) + held + uploaded} MB at the very worst" in text


@pytest.mark.parametrize("path", ["/api/v1/meetings", "/mcp"])
def test_programs_send_a_body_where_something_is_to_be_changed(path):
    assert {largest_body(method, path) for method in ("POST", "PATCH", "PUT")} == {LARGEST_FORM}
    assert {largest_body(method, path) for method in ("GET", "HEAD", "DELETE", "OPTIONS")} == {0}
