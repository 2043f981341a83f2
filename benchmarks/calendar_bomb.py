"""Does a calendar that is made to take long slow anybody else down? A ratio within one run, on the example organisation.

    .venv/bin/python benchmarks/calendar_bomb.py [--seconds 6] [--uploaders 2]

A rep uploads, again and again, on two lines, 2,000 events whose rules never come true. Beside it one client asks for
the page of a code: alone first, then beside the uploads, then alone again. It may cost at most twice the time of alone,
no page may take a second, and each upload must end in words; the program exits 1 if not. Beside the time by the clock stands the processor time of the web
process for each page, uploads included: on a machine where others are at work only that tells something, for two hundred
pages a second and a reader that is computing want more than what is left of two processors.
"""

import argparse
import http.cookiejar
import os
import re
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from example import Example, example
from figures import note
from process import tree
from slow_lines import asked

TWICE = 2.0
SLOWEST = 1000.0  # ms; a page that waits for a calendar takes some seconds
EVENT = (
    "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20260101T090000Z\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"
    "END:VEVENT\r\n"
)


def calendar(events: int) -> str:
    """Return a calendar with so many events that never are."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(map(EVENT.format, range(events)))}END:VCALENDAR\r\n"


def main() -> None:
    """Print the medians, and how long an upload took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=6.0)
    arguments.add_argument("--uploaders", type=int, default=2)
    given = arguments.parse_args()
    seconds = given.seconds
    with example() as served:
        stop, uploads = threading.Event(), list[float]()
        stop.set()
        upload(
            f"http://127.0.0.1:{served.port}", served.rep, stop, [], calendar(1)
        )  # once; nobody may send many bombs
        pages(served, 1.0)  # everything is compiled and cached by now
        stop.clear()
        before = pages(served, seconds)
        lines = [
            threading.Thread(
                target=upload,
                args=(f"http://127.0.0.1:{served.port}", served.rep, stop, uploads, calendar(2000)),
            )
            for _ in range(given.uploaders)
        ]
        for line in lines:
            line.start()
        time.sleep(1)
        beside = pages(served, seconds)
        stop.set()
        for line in lines:
            line.join()
        after = pages(served, seconds)
    slowest = beside[2]
    (clock, beside_clock), (work, beside_work) = (
        (statistics.median([first, last]), between)
        for first, between, last in zip(before[:2], beside[:2], after[:2], strict=True)
    )
    what = "the client's page beside a calendar bomb"
    note(what, beside_clock, "ms", floor=clock, most=TWICE, ratio=True)
    note(f"{what}, of a processor", beside_work, "ms", floor=work, most=TWICE, ratio=True)
    for name, alone, with_uploads in (
        ("by the clock", clock, beside_clock),
        ("of a processor", work, beside_work),
    ):
        print(
            f"{name}: alone {alone:.2f} ms, beside uploads {with_uploads:.2f} ms, {with_uploads / alone:.2f} of alone"
        )
    print(f"the slowest page beside uploads took {slowest:.0f} ms, alone {max(before[2], after[2]):.0f} ms")
    print(f"{len(uploads)} uploads were read and ended in words, {statistics.median(uploads):.1f} s each")
    note(f"{what}, the slowest", slowest, "ms", most=SLOWEST)
    if min(beside_clock / clock, beside_work / work) > TWICE or slowest > SLOWEST:
        sys.exit("a calendar slows others down")


def pages(served: Example, seconds: float) -> tuple[float, float, float]:
    """Ask for the client's page again and again; return the median time of a page by the clock, the processor time of
    the product for each, and the longest time, all in ms. The process that reads calendars is not counted."""
    processes = [pid for pid in tree(served.server.pid) if b"calendar.child" not in command(pid)]
    began = sum(map(own_work, processes))
    times = list(asked(served.port, served.code, seconds, connections=1))
    work = (sum(map(own_work, processes)) - began) / len(times)
    return statistics.median(times) * 1000, work * 1000, max(times) * 1000


def own_work(pid: int) -> float:
    """Return the seconds that a process itself has spent on a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def command(pid: int) -> bytes:
    """Return by which command a process was started."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def upload(base: str, sign_in: str, stop: threading.Event, took: list[float], text: str) -> None:
    """Upload until told to stop, at least once; keep how long each took that was read."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    opener.open(base + sign_in).read()
    page = opener.open(f"{base}/meetings/calendar").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form = urllib.parse.urlencode({"csrf_token": token[1] if token else "", "calendar": text}).encode()
    while not took or not stop.is_set():
        began = time.monotonic()
        try:
            opener.open(f"{base}/meetings/calendar", form)
        except urllib.error.HTTPError as error:
            told = {422: 'role="alert"', 429: "Too many tries", 503: "Nothing was changed"}.get(error.code)
            if told is None or told not in error.read().decode():
                raise
            if error.code != 422:
                stop.wait(1)  # as whoever reads that would, in a hurry
                continue
        took.append(time.monotonic() - began)


if __name__ == "__main__":
    main()
