"""Does a calendar that is made to take long slow anybody else down? A ratio within one run, on the example organisation.

    .venv/bin/python benchmarks/calendar_bomb.py [--seconds 6]

A rep uploads, again and again, 2,000 events whose rules never come true. Beside it one client asks for the page of a
code: alone first, then beside the uploads, then alone again. It may cost at most twice the time of alone, and each
upload must end in words; the program exits 1 if not.
"""

import argparse
import http.cookiejar
import re
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from example import example
from figures import note
from slow_lines import measured

TWICE = 2.0
EVENT = (
    "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20260101T090000Z\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"
    "END:VEVENT\r\n"
)
BOMB = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(map(EVENT.format, range(2000)))}END:VCALENDAR\r\n"


def main() -> None:
    """Print the medians, and how long an upload took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=6.0)
    seconds = arguments.parse_args().seconds
    with example() as served:
        port, path = served.port, served.code
        measured(port, path, 1.0)  # everything is compiled and cached by now
        before = measured(port, path, seconds)
        stop, uploads = threading.Event(), list[float]()
        rep = threading.Thread(target=upload, args=(f"http://127.0.0.1:{port}", served.rep, stop, uploads))
        rep.start()
        time.sleep(1)
        beside = measured(port, path, seconds)
        stop.set()
        rep.join()
        base = statistics.median([before, measured(port, path, seconds)])
    note("the client's page beside a calendar bomb", beside, "ms", floor=base, most=TWICE, ratio=True)
    print(f"alone {base:.2f} ms, beside uploads {beside:.2f} ms, {beside / base:.2f} of alone")
    print(f"{len(uploads)} uploads ended in words, {statistics.median(uploads):.1f} s each")
    if beside > TWICE * base:
        sys.exit("a calendar slows others down")


def upload(base: str, sign_in: str, stop: threading.Event, took: list[float]) -> None:
    """Upload until told to stop, at least once; keep how long each took."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    opener.open(base + sign_in).read()
    page = opener.open(f"{base}/meetings/calendar").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form = urllib.parse.urlencode({"csrf_token": token[1] if token else "", "calendar": BOMB}).encode()
    while not took or not stop.is_set():
        began = time.monotonic()
        try:
            opener.open(f"{base}/meetings/calendar", form)
        except urllib.error.HTTPError as error:
            if error.code != 422 or "This calendar" not in error.read().decode():
                raise
        took.append(time.monotonic() - began)


if __name__ == "__main__":
    main()
