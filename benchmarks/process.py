"""What does it cost to have the product running, and how long until it does?

    .venv/bin/python benchmarks/process.py [--workers 1] [--empty]

Fills the example organisation (or, with --empty, makes a database without any) in a temporary folder and serves it
anew. Prints how long `feedback --help` and the start of `feedback serve` take on the database that is there (the
median of five, until /healthz answers) and how much of a processor that is, since the wall clock also measures who
else is at work; and the memory of each process at rest and after every kind of page was
looked at: PSS, which counts what several processes share once, in MB.

Left out: the database server of PostgreSQL.
"""

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from example import FEEDBACK, end, example, free_port, wait_for
from figures import note

PAGES = ("/", "/leaderboard", "/leaderboard.csv", "/alerts", "/coaching", "/accounts", "/settings")
MB = 1024  # kB


def main() -> None:
    """Print times and memory."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--empty", action="store_true")
    given = arguments.parse_args()
    with ExitStack() as stack:
        if given.empty:
            instance = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            port, sign_in = free_port(), None
        else:
            served = stack.enter_context(example())
            report("right after `feedback demo`", served.server.pid)
            end(served.server)
            port, instance = served.port, served.instance
            sign_in = f"http://127.0.0.1:{port}{served.owner}"
        measure(port, instance, given.workers, sign_in)


def measure(port: int, instance: Path, workers: int, sign_in: str | None) -> None:
    """Print times and memory on that instance's database."""
    started(instance, port, workers, None)  # makes the empty database, prepares static files
    help_takes = statistics.median(helped() for _ in range(5))
    note("feedback --help", help_takes, "s", most=0.3)
    print(f"feedback --help: {help_takes:.2f} s")
    times = [started(instance, port, workers, None) for _ in range(5)]
    wall, work = (statistics.median(each) for each in zip(*times, strict=True))
    note("feedback serve, until it answers", wall, "s", most=1.5)
    print(f"feedback serve, until it answers: {wall:.2f} s, {work:.2f} s of work")
    started(instance, port, workers, sign_in)


def helped() -> float:
    """Return how many seconds `feedback --help` takes."""
    began = time.perf_counter()
    subprocess.run([*FEEDBACK, "--help"], env=installed({}), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def started(instance: Path, port: int, workers: int, sign_in: str | None) -> tuple[float, float]:
    """Serve, wait for the first answer, and return how many seconds that took, and of how much work. With an address to sign in at,
    print the memory, look at pages, and print it again."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [*FEEDBACK, "serve", "--port", str(port), "--workers", str(workers)],
        env=installed({"FEEDBACK_INSTANCE": str(instance)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(port)
    took = time.perf_counter() - began, sum(work(pid) for pid in tree(server.pid))
    if sign_in is not None:
        time.sleep(5)
        report("at rest", server.pid)
        look_at_pages(port, sign_in)
        report("after pages", server.pid)
    end(server)
    return took


def installed(more: dict[str, str]) -> dict[str, str]:
    """Return the environment of a program that is installed: Python keeps what it compiled. Where it may not, each start
    compiles five hundred files, which takes a quarter of it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more


def look_at_pages(port: int, sign_in: str) -> None:
    """Look at each page, and at a few of what it links to, ten times."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    browser.open(sign_in)
    for _ in range(10):
        for page in PAGES:
            visit(browser, f"http://127.0.0.1:{port}{page}")


def visit(browser: urllib.request.OpenerDirector, address: str) -> None:
    """Look at a page, whatever its status."""
    try:
        browser.open(address).read()
    except urllib.error.HTTPError as refused:
        print(f"  ({address} says {refused.code})")


def report(when: str, pid: int) -> None:
    """Print the memory of a process and of all that it started."""
    found = [(each, pss(each)) for each in tree(pid)]
    note(f"memory {when}", sum(size for _, size in found) / MB, "MB", most=165 if when == "at rest" else None)
    print(f"{when}: {sum(size for _, size in found) / MB:.0f} MB in all", end="")
    print(f" ({', '.join(f'{size / MB:.0f}' for _, size in found)})")


def tree(pid: int) -> list[int]:
    """Return a process and all that it started, the first first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").parent.parent.glob("*/children")
    below = [int(child) for path in children for child in path.read_text().split()]
    return [pid, *(each for child in below for each in tree(child))]


def work(pid: int) -> float:
    """Return the seconds that a process has spent on a processor, with those that it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def pss(pid: int) -> int:
    """Return the memory of a process in kB; what n processes share counts 1/n in each."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+)", rollup, re.M)[1])


if __name__ == "__main__":
    main()
