"""How the client's page does on a bad line: is it there in a second, and do six taps arrive?

    .venv/bin/python benchmarks/bad_line.py [--rounds 5]

A real Chromium behind a proxy that is as slow as the line: each piece of up to 1,400 bytes waits for its turn at that
rate and for half a round trip, and a lost one comes a retransmission (one second, the least that TCP waits at first)
later, with all that follows it. Two lines: slow 4G (1.6 Mbit/s down, 0.75 up, 400 ms) with a processor four times
slower, and a corridor (50 kbit/s, 600 ms, 5 % lost). Printed are the medians: first paint, when the first tap can be
made (the script listens), and when the sixth of six taps, made a quarter of a second apart, was stored. In turn with them
a bare page, one line without style or script, is opened on the same line: what its first paint takes is the line's and the
browser's.
"""

import argparse
import asyncio
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from client_page import fill, served, settings
from figures import note
from playwright.sync_api import Browser, Page, sync_playwright

from feedback.core.dimensions import DIMENSIONS

PIECE, RETRANSMISSION = 1400, 1.0  # bytes; seconds
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line to the server."""

    name: str
    down: float  # bit/s
    up: float
    round_trip: float  # seconds
    lost: float = 0.0  # share of the pieces
    slower: int = 1  # how many times slower the phone's processor is
    most_to_paint: float = 0.0  # seconds wanted
    most_to_store: float = 0.0


LINES = (
    Line("slow 4G", 1.6e6, 0.75e6, 0.4, slower=4, most_to_paint=1.0),
    Line("corridor", 50e3, 50e3, 0.6, lost=0.05, most_to_store=10.0),
)


BARE = b"<!doctype html><title>Bare</title><link rel=icon href=data:,><p>Hello\n"
PAINTED = """() => new Promise((tell) => {
  const done = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (!paint) return setTimeout(done, 20);
    tell([paint.startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd]);
  };
  done();
})"""


class Proxy:
    """Carries connections to a port as the line would."""

    def __init__(self, line: Line, port: int, seed: int) -> None:
        self.line, self.target, self.dice = line, port, random.Random(seed)
        self.free_at = {"up": 0.0, "down": 0.0}  # when the line has sent all that waits
        self.loop = asyncio.new_event_loop()
        self.port = 0
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), daemon=True).start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.line.round_trip)  # SYN and its answer
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(
            self._carry(reader, back, "up", self.line.up), self._carry(there, writer, "down", self.line.down)
        )

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str, rate: float
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

        async def deliver() -> None:
            arrives = 0.0
            while item := await queue.get():
                arrives = max(arrives, item[0])  # in order
                await asyncio.sleep(max(0.0, arrives - time.monotonic()))
                writer.write(item[1])
            writer.close()

        delivering = asyncio.create_task(deliver())
        try:
            while piece := await reader.read(PIECE):
                now = time.monotonic()
                self.free_at[way] = max(now, self.free_at[way]) + len(piece) * 8 / rate
                late = RETRANSMISSION if self.dice.random() < self.line.lost else 0.0
                queue.put_nowait((self.free_at[way] + self.line.round_trip / 2 + late, piece))
        except ConnectionError:
            pass
        queue.put_nowait(None)
        await asyncio.gather(delivering, return_exceptions=True)


class Bare(BaseHTTPRequestHandler):
    """Answers with one line."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(BARE)))
        self.end_headers()
        self.wfile.write(BARE)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def opened(browser: Browser, line: Line) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 664}, is_mobile=True, has_touch=True)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": line.slower})
    yield page
    context.close()


def painted(page: Page, port: int, path: str) -> tuple[float, float]:
    """Seconds until first paint, and until the script has run."""
    page.goto(f"http://127.0.0.1:{port}{path}", wait_until="domcontentloaded")
    paint, ready = page.evaluate(PAINTED)
    return paint / 1000, max(paint, ready) / 1000


def visit(page: Page, port: int, path: str) -> tuple[float, float, float]:
    """Seconds until first paint, until the first tap can be made, and from the first tap until six are stored."""
    stored: list[float] = []
    page.on(
        "requestfinished",
        lambda each: each.method == "POST" and "/opened" not in each.url and stored.append(time.monotonic()),
    )
    paint, ready = painted(page, port, path)
    began = time.monotonic()
    for name in DIMENSIONS:
        page.locator(f"input[name={name}][value='4']").check(force=True)
        page.wait_for_timeout(250)
    while page.evaluate("() => Object.keys(localStorage).some((name) => name.startsWith('answer '))"):
        page.wait_for_timeout(50)
    whole = (stored[-1] if stored else time.monotonic()) - began
    return paint, ready, whole


def tell(line: Line, bare: float, paint: float, tap: float, whole: float) -> None:
    """Leave the figures that are wanted of a line."""
    if line.most_to_paint:
        note(
            f"{line.name}: first paint, beside a bare page's", paint, "s", floor=bare, most=line.most_to_paint
        )
        note(f"{line.name}: first tap possible, likewise", tap, "s", floor=bare, most=line.most_to_paint)
    if line.most_to_store:
        note(f"{line.name}: six taps stored", whole, "s", most=line.most_to_store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        world = fill(f"sqlite:///{folder}/ours.sqlite3", 60)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        tokens = iter(world.tokens)
        print(
            f"{'':12}"
            + "".join(f"{word:>13}" for word in ("bare page", "first paint", "first tap", "six stored"))
            + f"   seconds, medians of {options.rounds}"
        )
        bare = ThreadingHTTPServer(("127.0.0.1", 0), Bare)
        threading.Thread(target=bare.serve_forever, daemon=True).start()
        with served("feedback.app:create_app", settings(world, folder)) as port:
            for line in LINES:
                rows = []
                for seed in range(options.rounds):
                    with opened(browser, line) as page:
                        floor, _ = painted(page, Proxy(line, bare.server_port, seed).port, "/")
                    with opened(browser, line) as page:
                        rows.append((floor, *visit(page, Proxy(line, port, seed).port, f"/f/{next(tokens)}")))
                medians = [median(each) for each in zip(*rows, strict=True)]
                print(f"{line.name:12}" + "".join(f"{each:13.2f}" for each in medians), flush=True)
                tell(line, *medians)
        browser.close()


if __name__ == "__main__":
    main()
