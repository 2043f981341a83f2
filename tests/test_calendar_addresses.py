"""Calendars read from addresses: real servers that redirect into private networks, never end, unfold without end."""

import gzip
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from threading import Event
from urllib.request import Request, urlopen

import pytest
from sqlmodel import select
from support.calendar_server import HOST, CalendarServer, reply
from support.certificates import expired
from support.dump import dump

from feedback.actions.erasure import erase_person
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.calendar.reader import READER
from feedback.config import Settings
from feedback.core.calendar.faults import CalendarFault, SourceKind
from feedback.models import CalendarAddress, CalendarEntry, User
from feedback.sending import calendars, fetching
from feedback.sending.calendars import read_calendars
from feedback.store.calendars import addresses_of_rep
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def event(start: str, title: str, *lines: str, uid: str = "1") -> str:
    more = "".join(f"{line}\r\n" for line in lines)
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start}\r\nSUMMARY:{title}\r\n{more}END:VEVENT\r\n"


def ics(*events: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n"


REVIEW = ics(event("20261119T090000Z", "Review", "ATTENDEE:mailto:dana@client.example"))


@pytest.fixture
def server():
    with CalendarServer() as server:
        yield server


@pytest.fixture
def outside(server, tmp_path, monkeypatch):
    """The server under a public name, by https. Any other name, and every address, is checked as ever."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.with_certificate(tmp_path)))
    real = fetching.addresses_of
    here = socket.getaddrinfo("127.0.0.1", server.server_address[1], type=socket.SOCK_STREAM)
    monkeypatch.setattr(
        fetching, "addresses_of", lambda target, **how: here if target.host == HOST else real(target, **how)
    )
    return server


@pytest.fixture
def names(monkeypatch):
    """names["calendar.example"] = function is what a name server answers; asked: what it was asked."""
    real, known = socket.getaddrinfo, Names()

    def look_up(host, port, *args, **named):
        known.asked.append(host)
        return known[host](port) if host in known else real(host, port, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


class Names(dict):
    def __init__(self):
        super().__init__()
        self.asked = []


def at(address: str):
    """Return what a name server answers: this address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return lambda port: [(family, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture
def alice(cast, db, clock, tmp_path):
    """alice.reads(url) is what becomes of Alice's calendar when it is at this address; alice.again(hours=1) later."""
    return Alice(cast, db, clock, Settings(database_url="", instance=tmp_path, secret_key="k" * 32))


class Alice:
    def __init__(self, cast, db, clock, settings):
        self.cast, self.db, self.clock, self.settings = cast, db, clock, settings

    def reads(self, url: str, kind=SourceKind.ICS, **login) -> CalendarAddress:
        with self.cast.changing() as c:
            before = addresses_of_rep(c.session, c.organisation_id, self.cast.alice.id)
            source, private = NewAddress(kind, url, **login), url.startswith("http:")
            address.subscribe(
                c, self.cast.alice.id, source, before[0].id if before else None, private=private
            )
        return self.again()

    def again(self, **later) -> CalendarAddress:
        self.clock.forward(**later)
        read_calendars(self.db, self.settings, self.clock)
        with self.db.reading() as session:
            return session.exec(select(CalendarAddress)).one()

    def titles(self) -> list[str]:
        with self.db.reading() as session:
            return sorted(session.exec(select(CalendarEntry.title)))


def test_calendar_is_read_every_quarter_of_an_hour(outside, alice):
    def page(handler):
        known = handler.headers.get("If-None-Match"), handler.headers.get("If-Modified-Since")
        if known == ('"one"', "Tue, 17 Nov 2026 10:00:00 GMT"):
            reply(handler, 304)
        else:
            reply(handler, 200, REVIEW.encode(), ETag='"one"', Last_Modified="Tue, 17 Nov 2026 10:00:00 GMT")

    outside.pages["/secret.ics?key=1"] = page
    row = alice.reads(outside.url.replace("https://", "webcal://") + "/secret.ics?key=1")
    assert (row.fault, row.read_at, row.due_at) == (
        None,
        alice.clock(),
        alice.clock() + timedelta(minutes=15),
    )
    assert alice.titles() == ["Review"]
    alice.again(minutes=14)
    assert len(outside.asked) == 1
    assert alice.again(minutes=1).read_at == alice.clock()
    assert [headers.get("If-None-Match") for _, headers in outside.asked] == [None, '"one"']
    assert alice.titles() == ["Review"]
    alice.again(hours=13)  # another day: the days that are kept have moved on, and so it is read as a whole
    assert "If-None-Match" not in outside.asked[-1][1]


def test_redirect_is_followed_to_public_servers_only(outside, alice):
    with CalendarServer() as inside:
        inside.pages["/"] = REVIEW
        outside.pages |= {
            "/moved": lambda handler: reply(handler, 302, Location="/here"),
            "/here": REVIEW,
            "/inside": lambda handler: reply(handler, 302, Location=f"{inside.url}/"),
            "/inside-tls": lambda handler: reply(handler, 301, Location=f"https://127.0.0.1:{inside.server_address[1]}/"),
            "/name": lambda handler: reply(handler, 307, Location=f"https://localhost:{inside.server_address[1]}/"),
            "/file": lambda handler: reply(handler, 302, Location="file:///etc/passwd"),
            "/round": lambda handler: reply(handler, 302, Location="/round"),
            "/nowhere": lambda handler: reply(handler, 302),
        }  # fmt: skip
        assert alice.reads(f"{outside.url}/moved").fault is None
        faults = {
            path: alice.reads(outside.url + path).fault
            for path in outside.pages
            if path not in ("/moved", "/here")
        }
        assert faults == {
            "/inside": CalendarFault.REDIRECTS, "/inside-tls": CalendarFault.PRIVATE, "/name": CalendarFault.PRIVATE,
            "/file": CalendarFault.REDIRECTS, "/round": CalendarFault.REDIRECTS, "/nowhere": CalendarFault.REDIRECTS,
        }  # fmt: skip
        assert alice.reads(f"https://127.0.0.1:{inside.server_address[1]}/").fault is CalendarFault.PRIVATE
        assert alice.reads("https://nowhere.invalid/x.ics").fault is CalendarFault.ADDRESS
        assert inside.asked == []
    assert alice.titles() == ["Review"]  # the last good ones


def test_name_server_that_hangs_costs_one_calendar(outside, alice, names, monkeypatch):
    """The look-up, too, ends in time; the other calendars of the same round are read."""
    whole, asked, answered = fetching.Budget, Event(), Event()
    monkeypatch.setattr(calendars, "Budget", lambda private: whole(private, time.monotonic() + 0.5))

    def hang(port):
        asked.set()
        answered.wait(30)
        return at("127.0.0.1")(port)

    names["slow.example"] = hang
    outside.pages["/"] = REVIEW
    with alice.cast.changing() as c:
        address.subscribe(c, alice.cast.bob.id, NewAddress(SourceKind.ICS, f"{outside.url}/"))
        address.subscribe(c, alice.cast.alice.id, NewAddress(SourceKind.ICS, "https://slow.example/a.ics"))
    begun = time.monotonic()
    assert read_calendars(alice.db, alice.settings, alice.clock) == 1
    assert asked.is_set()
    assert time.monotonic() - begun < 10
    with alice.db.reading() as session:
        faults = dict(session.execute(select(CalendarAddress.rep_id, CalendarAddress.fault)).all())
    assert faults == {alice.cast.bob.id: None, alice.cast.alice.id: CalendarFault.TIME}
    assert alice.titles() == ["Review"]
    with pytest.raises(TimeoutError, match=r"slow\.example could not be looked up in time"):
        addresses_of(target_of("https://slow.example/", private=False), private=False, seconds=0.1)
    answered.set()


def test_inner_addresses_are_never_connected_to(server, alice, names):
    """Whatever name they hide behind; and what was looked up once is what is connected to."""
    server.pages["/"] = REVIEW
    for inner in (
        "127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "::ffff:127.0.0.1", "fd00::1", "fe80::1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ):  # fmt: skip
        names["intranet.example"] = at(inner)
        port = server.server_address[1]
        assert alice.reads(f"https://intranet.example:{port}/").fault is CalendarFault.PRIVATE, inner
        host = f"[{inner}]" if ":" in inner else inner
        assert alice.reads(f"https://{host}:{port}/").fault is CalendarFault.PRIVATE, inner
    assert server.asked == []


def test_name_is_looked_up_once_and_not_again(outside, alice, names, monkeypatch):
    """A name that leads elsewhere when it is asked again (rebinding) gains nothing."""
    monkeypatch.setattr(fetching, "addresses_of", addresses_of)
    monkeypatch.setattr("feedback.webhooks.subscriptions.is_public", lambda address: address == "127.0.0.1")
    answers = iter([at("127.0.0.1"), at("127.0.0.2")])
    names[HOST] = lambda port: next(answers)(port)
    outside.pages["/"] = REVIEW
    assert alice.reads(f"{outside.url}/").fault is None
    assert names.asked.count(HOST) == 1
    assert alice.again(minutes=15).fault is CalendarFault.PRIVATE


def test_answer_that_is_no_calendar_is_explained(outside, alice, monkeypatch):
    whole = fetching.Budget
    monkeypatch.setattr(calendars, "Budget", lambda private: whole(private, time.monotonic() + 0.7, 1 << 20))

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"BEGIN:VCALENDAR\r\n")
            time.sleep(0.05)

    def huge(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(b"x" * (1 << 16))

    bomb = gzip.compress(b"0" * (50 << 20), 1)
    outside.pages |= {
        "/endless": endless,
        "/silent": lambda handler: time.sleep(1.5),  # takes the request and says nothing
        "/huge": huge,
        "/bomb": lambda handler: reply(handler, 200, bomb, Content_Encoding="gzip"),
        "/packed": lambda handler: reply(handler, 200, gzip.compress(REVIEW.encode()), Content_Encoding="gzip"),
        "/cut": lambda handler: (handler.send_response(200), handler.send_header("Content-Length", "9999"), handler.end_headers(), handler.wfile.write(b"BEGIN")),
        "/sign-in": lambda handler: reply(handler, 401),
        "/gone": lambda handler: reply(handler, 410),
        "/broken": lambda handler: reply(handler, 503),
        "/page": "<html>Sign in</html>",
        "/half": REVIEW[:80],
    }  # fmt: skip
    faults = {path: alice.reads(outside.url + path).fault for path in outside.pages}
    assert faults == {
        "/endless": CalendarFault.TIME, "/silent": CalendarFault.TIME, "/huge": CalendarFault.SIZE, "/bomb": CalendarFault.SIZE, "/packed": None,
        "/cut": CalendarFault.CONNECTION, "/sign-in": CalendarFault.SIGN_IN, "/gone": CalendarFault.GONE,
        "/broken": CalendarFault.SERVER, "/page": CalendarFault.CALENDAR, "/half": CalendarFault.CALENDAR,
    }  # fmt: skip
    assert alice.titles() == ["Review"]
    monkeypatch.delenv("SSL_CERT_FILE")
    assert alice.reads(f"{outside.url}/packed").fault is CalendarFault.CERTIFICATE


def test_size_counts_and_the_named_type_does_not(outside, alice):
    """31 MB are too much, for all their good events; many servers call a calendar anything."""

    def named(kind):
        return lambda handler: reply(handler, 200, REVIEW.encode(), Content_Type=kind)

    outside.pages |= {
        "/large": lambda handler: reply(handler, 200, REVIEW.encode() + b"x" * (31 << 20)),
        "/html": named("text/html"), "/bytes": named("application/octet-stream"), "/odd": named("ä;;;charset=\x00"),
    }  # fmt: skip
    faults = {path: alice.reads(outside.url + path).fault for path in outside.pages}
    assert faults == {"/large": CalendarFault.SIZE, "/html": None, "/bytes": None, "/odd": None}


def test_certificate_that_has_ended_is_refused(server, alice, names, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server.with_certificate(tmp_path, expired(HOST))))
    monkeypatch.setattr("feedback.webhooks.subscriptions.is_public", lambda _address: True)
    names[HOST] = at("127.0.0.1")
    server.pages["/"] = REVIEW
    assert alice.reads(f"{server.url}/").fault is CalendarFault.CERTIFICATE
    assert server.asked == []


def test_calendar_of_who_left_is_read_no_more(outside, alice):
    outside.pages["/"] = REVIEW
    alice.reads(f"{outside.url}/")
    with alice.cast.changing() as c:
        c.session.get_one(User, (c.organisation_id, alice.cast.alice.id)).ended_at = c.now
    alice.again(hours=1)
    assert len(outside.asked) == 1
    with alice.cast.changing() as c:
        erase_person(c, alice.cast.olive.id, alice.cast.alice.id)
    assert "receiver.example" not in repr(dump(alice.db)["calendar_addresses"])
    assert dump(alice.db)["calendar_addresses"] == dump(alice.db)["calendar_entries"] == []


def test_failing_address_is_tried_less_and_then_given_up(outside, alice):
    outside.pages["/"] = REVIEW
    alice.reads(f"{outside.url}/")
    outside.pages["/"] = lambda handler: reply(handler, 404)
    row = alice.again(minutes=15)
    assert (row.fault, row.failing_since, row.stopped_at) == (CalendarFault.GONE, alice.clock(), None)
    pauses = []
    while row.due_at and len(pauses) < 100:
        pauses.append(row.due_at - alice.clock())
        row = alice.again(seconds=pauses[-1].total_seconds())
    assert pauses[0] == timedelta(minutes=15)
    assert max(pauses) == timedelta(hours=6)
    assert timedelta(days=3) <= row.stopped_at - row.failing_since < timedelta(days=3, hours=6)
    asked = len(outside.asked)
    alice.again(days=2)
    assert len(outside.asked) == asked
    assert alice.titles() == ["Review"]
    outside.pages["/"] = ics()
    with alice.cast.changing() as c:
        assert address.read_now(c, alice.cast.alice.id, row.id)
        assert c.session.exec(select(CalendarAddress)).one().stopped_at is None
    assert alice.again().fault is None


def test_empty_calendar_is_no_fault_and_unread_events_are_named(outside, alice):
    outside.pages["/"] = ics(event("banana", "Landing"), event("20261119T090000Z", "Review", uid="2"))
    row = alice.reads(f"{outside.url}/")
    assert (row.unread, row.named, alice.titles()) == (1, "Landing", ["Review"])
    outside.pages["/"] = ics()
    row = alice.again(minutes=15)
    assert (row.fault, row.unread, row.named, alice.titles()) == (None, 0, None, [])


def test_two_workers_read_once_and_a_late_answer_loses(outside, alice):
    def page(handler):
        if len(outside.asked) == 1:
            read_calendars(alice.db, alice.settings, alice.clock)  # the other worker
            with alice.cast.changing() as c:  # and meanwhile Alice changes the address
                known = c.session.exec(select(CalendarAddress)).one().id
                other = NewAddress(SourceKind.ICS, f"{outside.url}/other")
                address.subscribe(c, alice.cast.alice.id, other, known)
        reply(handler, 200, REVIEW.encode())

    outside.pages |= {"/": page, "/other": ics(event("20261119T090000Z", "Other"))}
    row = alice.reads(f"{outside.url}/")
    assert ([path for path, _ in outside.asked], row.read_at, alice.titles()) == (["/"], None, [])
    alice.again()
    assert alice.titles() == ["Other"]


def test_address_is_stored_encrypted_and_never_logged(outside, alice, caplog):
    outside.pages["/private-7f3a/basic.ics"] = lambda handler: reply(handler, 500)
    alice.reads(f"{outside.url}/private-7f3a/basic.ics")
    assert "a calendar was not read: server" in caplog.text
    assert "7f3a" not in caplog.text + repr(dump(alice.db))


@pytest.fixture
def radicale(tmp_path):
    """A CalDAV server with the calendars of alice, password "sesame": work (two events), and private (one)."""
    (tmp_path / "users").write_text("alice:sesame\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "--server-hosts": f"127.0.0.1:{port}", "--auth-type": "htpasswd", "--auth-htpasswd-filename": str(tmp_path / "users"),
        "--auth-htpasswd-encryption": "plain", "--storage-filesystem-folder": str(tmp_path / "dav"), "--auth-delay": "0",
    }  # fmt: skip
    running = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", "", *(part for option in options.items() for part in option)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "RADICALE_CONFIG": ""},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    put(url, "MKCALENDAR", "/alice/work/")
    put(url, "MKCALENDAR", "/alice/private/")
    past, daily = (
        event("20250101T090000Z", "Long ago", uid="0"),
        event("20261101T090000Z", "Daily", "RRULE:FREQ=DAILY", uid="2"),
    )
    put(url, "PUT", "/alice/work/1.ics", REVIEW)
    put(url, "PUT", "/alice/work/0.ics", ics(past))
    put(url, "PUT", "/alice/work/2.ics", ics(daily))
    put(url, "PUT", "/alice/private/3.ics", ics(event("20261120T170000Z", "Choir", uid="3")))
    yield url
    running.terminate()
    running.wait(10)


def put(url, method, path, text=""):
    request = Request(
        url + path,
        text.encode(),
        {"Authorization": "Basic YWxpY2U6c2VzYW1l", "Content-Type": "text/calendar"},
        method=method,
    )
    with urlopen(request, timeout=10) as answer:
        assert answer.status in (200, 201, 204)


def test_calendars_are_read_from_a_caldav_server(radicale, alice):
    known = {"user_name": "alice", "password": "sesame"}
    alice.settings = replace(alice.settings, private_webhooks=True)
    assert alice.reads(f"{radicale}/alice/work/", SourceKind.CALDAV, **known).fault is None
    assert set(alice.titles()) == {"Daily", "Review"}
    assert alice.titles().count("Daily") == 29  # 14 days back, today, 14 days ahead
    assert alice.reads(f"{radicale}/", SourceKind.CALDAV, **known).fault is None  # all of alice's calendars
    assert set(alice.titles()) == {"Daily", "Review", "Choir"}
    put(radicale, "PUT", "/alice/work/1.ics", REVIEW.replace("Review", "Another title"))
    alice.again(minutes=15)
    assert "Another title" in alice.titles()
    wrong = alice.reads(f"{radicale}/alice/work/", SourceKind.CALDAV, user_name="alice", password="open")
    assert wrong.fault is CalendarFault.SIGN_IN
    assert alice.reads(f"{radicale}/alice/nothing/", SourceKind.CALDAV, **known).fault in (
        CalendarFault.GONE,
        None,
    )
    assert "sesame" not in repr(dump(alice.db))


def test_caldav_server_that_leads_inside_is_not_followed(outside, alice):
    with CalendarServer() as inside:
        outside.RequestHandlerClass.do_PROPFIND = outside.RequestHandlerClass.do_REPORT = lambda handler: (
            reply(handler, 302, Location=f"https://127.0.0.1:{inside.server_address[1]}/")
        )
        row = alice.reads(f"{outside.url}/dav/", SourceKind.CALDAV, user_name="a", password="b")
        assert (row.fault, inside.asked) == (CalendarFault.PRIVATE, [])


def test_calendar_server_that_speaks_no_xml_is_explained(outside, alice):
    """It says that a calendar is there, and then sends a page."""
    kind = (
        b'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><c:calendar/></d:multistatus>'
    )
    outside.RequestHandlerClass.do_PROPFIND = lambda handler: reply(
        handler, 207, kind, Content_Type="application/xml"
    )
    outside.RequestHandlerClass.do_REPORT = lambda handler: reply(handler, 200)
    row = alice.reads(f"{outside.url}/dav/", SourceKind.CALDAV, user_name="a", password="b")
    assert row.fault is CalendarFault.CALENDAR


@pytest.mark.parametrize("said", ["file", "bomb"])
def test_calendar_server_names_no_file_and_no_bomb_of_entities(outside, alice, tmp_path, said):
    (tmp_path / "secret").write_text("a secret of the server")
    entities = f'<!ENTITY a9 SYSTEM "{(tmp_path / "secret").as_uri()}">'
    if said == "bomb":
        tens = (f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        entities = "".join(['<!ENTITY a0 "secret">', *tens])
    events = f"""<!DOCTYPE d [{entities}]><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
        <c:calendar/><c:calendar-data>BEGIN:VCALENDAR
SUMMARY:&a9;
END:VCALENDAR</c:calendar-data></d:multistatus>""".encode()
    for method in ("PROPFIND", "REPORT"):
        answer = lambda handler: reply(handler, 207, events, Content_Type="application/xml")  # noqa: E731
        setattr(outside.RequestHandlerClass, f"do_{method}", answer)
    row = alice.reads(f"{outside.url}/dav/", SourceKind.CALDAV, user_name="a", password="b")
    assert row.fault is not None
    assert "secret" not in repr(alice.titles())


@pytest.mark.parametrize(
    ("status", "fault"),
    [(401, CalendarFault.SIGN_IN), (403, CalendarFault.SIGN_IN), (404, CalendarFault.GONE), (410, CalendarFault.GONE), (500, CalendarFault.SERVER)],
)  # fmt: skip
def test_what_a_calendar_server_refuses_is_explained(outside, alice, status, fault):
    outside.RequestHandlerClass.do_PROPFIND = lambda handler: reply(handler, status)
    row = alice.reads(f"{outside.url}/dav/", SourceKind.CALDAV, user_name="a", password="b")
    assert row.fault is fault


def test_server_whose_calendars_are_not_found_is_explained(outside, alice):
    """What is at the address is no calendar, and who signs in has none."""
    none = b'<d:multistatus xmlns:d="DAV:"/>'
    replies = iter([(207, none)])
    outside.RequestHandlerClass.do_PROPFIND = lambda handler: reply(
        handler, *next(replies, (404, b"")), Content_Type="application/xml"
    )
    row = alice.reads(f"{outside.url}/dav/", SourceKind.CALDAV, user_name="a", password="b")
    assert row.fault is CalendarFault.GONE


@pytest.fixture(autouse=True, scope="module")
def _no_process_is_left():
    yield
    READER.stop()
