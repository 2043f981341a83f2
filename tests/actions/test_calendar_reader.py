"""Calendars are read in a process of its own, which is limited, and replaced when it is gone."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from support.pages import words

from feedback.calendar import reader
from feedback.calendar.reader import CalendarReader
from feedback.db.change import Invalid

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
EVENT = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20261118T140000Z\r\nSUMMARY:Tea\r\n{}END:VEVENT\r\n"
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n"  # looked for until the year 9999


@pytest.fixture
def read():
    """read(rules) gives the titles of a calendar with these rules; read.by is the reader."""
    by = CalendarReader()

    def look(*rules: str) -> list[str]:
        events = "".join(EVENT.format(n, rule) for n, rule in enumerate(rules))
        data = f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode()
        found = by.read(data, own_email="a@x.example", zone=ZoneInfo("Europe/Berlin"), now=NOON)
        return [meeting.title for meeting in found.meetings]

    look.by = by
    yield look
    by.stop()


def test_process_that_takes_too_long_is_replaced(read, monkeypatch):
    assert read("") == ["Tea"]
    first = read.by._process._running
    monkeypatch.setattr(reader, "READS_WITHIN", 0.5)
    with pytest.raises(Invalid, match="takes too long to be read"):
        read("", *[NEVER] * 5)
    assert first.poll() is not None
    monkeypatch.undo()
    assert read("") == ["Tea"]


def test_idle_process_is_replaced_and_holds_no_secret(read, monkeypatch):
    monkeypatch.setenv("FEEDBACK_SECRET_KEY", "k" * 40)
    assert read("") == ["Tea"]
    running = read.by._process._running
    told = Path(f"/proc/{running.pid}/environ").read_text()
    assert "PYTHONPATH" in told
    assert "FEEDBACK" not in told
    running.stdin.close()  # as it would end by itself
    assert running.wait(timeout=30) == 0
    gone = os.pipe()
    os.close(gone[0])
    running.stdin = os.fdopen(gone[1], "wb")
    assert read("") == ["Tea"]


def test_reader_that_is_busy_says_so(read, monkeypatch):
    monkeypatch.setattr(reader, "QUEUES_FOR", 0.01)
    with read.by._turn(), pytest.raises(Invalid, match="try again in a minute"):
        read("")


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_calendar_of_impossible_rules_ends_in_words(cast, sign_in):
    """2,000 rules that never come true: read elsewhere, so that it costs this process next to nothing."""
    rule = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"
    events = "".join(EVENT.format(n, rule) for n in range(2000))
    alice = sign_in("alice")
    begun = process_time()
    reply = alice.post("/meetings/calendar", {"calendar": f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n"})
    assert process_time() - begun < 1  # it was nine
    assert reply.status_code == 422
    assert re.search("repeats too much|takes too long", words(reply.text))
