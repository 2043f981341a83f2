"""Does a restart under load lose a request?

    .venv/bin/python benchmarks/restart.py [--workers 2] [--times 3] [--pause 0.02]

Serves an empty database, and asks for pages from eight lines at once: four on a connection for each request, which
says nothing for a moment, as over a radio; and four that keep theirs and open another when it was closed between two
requests, as browsers and proxies do. Meanwhile the
main process is told to begin anew (HUP), several times. Prints how many requests were answered and how many were
not, and whether all processes are new ones; exits 1 if one was not answered.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from example import FEEDBACK, free_port, wait_for
from process import tree

LONGEST = 90.0  # seconds that one restart may take while eight lines ask as fast as they can


def main() -> None:
    """Print what was answered."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--pause", type=float, default=0.02, help="seconds before a new connection speaks")
    given = arguments.parse_args()
    port, counts, stop = free_port(), Counter(), threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [*FEEDBACK, "serve", "--port", str(port), "--workers", str(given.workers)],
            env={**os.environ, "FEEDBACK_INSTANCE": folder},
            stdout=subprocess.DEVNULL,
        )
        wait_for(port)
        asking = [
            threading.Thread(target=ask, args=(port, given.pause * (number % 2), counts, stop))
            for number in range(8)
        ]
        for each in asking:
            each.start()
        for _ in range(given.times):
            before, began = set(tree(server.pid)[1:]), time.monotonic()
            server.send_signal(signal.SIGHUP)
            while (now := set(tree(server.pid)[1:])) & before or len(now) < given.workers + 1:
                if time.monotonic() - began > LONGEST:
                    sys.exit("old processes stay")
                time.sleep(0.1)
            print(f"all processes are new after {time.monotonic() - began:.1f} s")
            time.sleep(2)
        stop.set()
        for each in asking:
            each.join()
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        left = [pid for pid in now if Path(f"/proc/{pid}").exists()]
    print(f"answered {counts['answered']}, not answered {counts['lost']}, processes left over {len(left)}")
    sys.exit(1 if counts["lost"] or left else 0)


def ask(port: int, pause: float, counts: Counter, stop: threading.Event) -> None:
    """Ask for a page again and again, on a connection that is kept, or with a pause on one for each request."""
    line, fresh = http.client.HTTPConnection("127.0.0.1", port, timeout=30), True
    while not stop.is_set():
        try:
            if pause:
                line.connect()
                time.sleep(pause)
            line.request("GET", "/healthz")
            answered = line.getresponse()
            answered.read()
            counts["answered" if answered.status == 200 else "lost"] += 1
            fresh = answered.will_close or pause > 0
        except (http.client.HTTPException, OSError) as error:
            if fresh:  # a kept connection may have been closed before the request
                counts["lost"] += 1
                print(f"lost: {error!r}")
            fresh = True
        if fresh:
            line.close()
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)


if __name__ == "__main__":
    main()
