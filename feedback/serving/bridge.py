"""From the event loop to the application's threads and back.

The application is WSGI: it holds a thread from the first line of a request to its end. So a thread is given once
the body is here, and is given back before the response leaves: neither waits for anybody's line. What takes long for
whatever it was sent has one thread of its own, so that the others wait for none of it.

A process holds at most SMALL bytes of each connection's body, and beside that MOST_HELD and MOST_UPLOADED (arriving.py
tells who gives way). What is whole counts until it is answered.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from queue import SimpleQueue
from typing import Any, NamedTuple

from feedback.logs import REQUEST_NUMBER
from feedback.serving.arriving import Arrival, Room
from feedback.serving.environ import Environ, path_of, wsgi_environ
from feedback.web.bodies import LARGEST_FORM
from feedback.web.request_log import NUMBER
from feedback.web.turns import BUSY

log = logging.getLogger("feedback.serving")
BODY_SECONDS = 30.0  # for a whole body, however it drips
SMALL = 16 << 10  # bytes of each body that are let in whatever others hold: a tap has fewer
MOST_HELD = 32 << 20  # bytes beyond these, of all forms of a process together
MOST_UPLOADED = 64 << 20  # likewise, of what is larger than any form: uploads of people who signed in
MOST_ARRIVING = 4096  # bodies of a process that are not whole yet
TURN_WITHIN = 15.0  # seconds that what takes long waits for those before it
_WORDS = {
    408: "That did not arrive whole in time, so nothing was changed. Go back and try once more.\n",
    500: "That was our fault. What was saved before is kept. Go back and try once more.\n",
    503: "Too much arrives at once just now, so nothing was changed. Wait a minute, then try again.\n",
}

Headers = list[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Gathered(NamedTuple):
    """A whole response."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes


class Refused(Exception):
    """Raised with the status that a request gets instead of a thread."""

    def __init__(self, status: int) -> None:
        self.status = status


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What is told of a request by its head alone, before the application has it.

    largest_body(method, path, headers): how many bytes its body may have; 0 means that none is read. A body that is
    larger is not read either: the application refuses it by its length, with a page of its own.
    network(address, headers): from where it comes, in whatever words; address is that of the connection.
    headers(environ): what an answer in plain text carries that the application did not make; it numbers the request.
    takes_long(method, path): whether one thread beside those answers it, one after the other. What does not get its turn
    there in time is left to the application without its body, and with BUSY in its environ.
    """

    largest_body: Callable[[str, str, Headers], int]
    network: Callable[[str, Headers], str]
    headers: Callable[[Environ], dict[str, str]]
    takes_long: Callable[[str, str], bool] = lambda _method, _path: False


class Bridge:
    """An ASGI application that runs a WSGI application on `threads` threads. most_arriving: bodies that may be on their
    way in at once."""

    def __init__(
        self,
        app: WsgiApp,
        beforehand: Beforehand,
        threads: int,
        body_seconds: float = BODY_SECONDS,
        most_arriving: int = MOST_ARRIVING,
    ) -> None:
        self._app = app
        self._beforehand = beforehand
        self._body_seconds = body_seconds
        self._arriving = Room(most_arriving)
        self._forms = Room(MOST_HELD)
        self._uploads = Room(MOST_UPLOADED, last_goes=True)  # were it the first, none would get done
        self._long: SimpleQueue[tuple[Environ, Future[Gathered]]] = SimpleQueue()
        threading.Thread(target=self._work_long, name="requests-long", daemon=True).start()
        self._jobs: SimpleQueue[tuple[Environ, asyncio.Future[Gathered]]] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"requests-{number + 1}", daemon=True).start()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            response = await self._response(scope, receive)
        except Refused as refused:
            response = self._refusal(scope, refused.status)
        except Exception:
            log.exception("a request failed before the application had it")
            response = self._in_words(500, wsgi_environ(scope, b"", None))
        await _send(send, response)

    async def _response(self, scope: dict[str, Any], receive: Receive) -> Gathered:
        """Return what the application answers. Raises Refused if the body does not arrive."""
        headers: Headers = scope["headers"]
        declared, chunked = _announced(headers)
        largest = 0
        if declared or chunked:
            largest = self._beforehand.largest_body(scope["method"], path_of(scope), headers)
        if largest == 0:
            return await self._answer(scope, b"", declared if declared == 0 else None)
        if declared and declared > largest:
            return await self._answer(scope, b"", declared)
        body = Arrival(self._beforehand.network(scope["client"][0] if scope["client"] else "", headers))
        try:
            content, size = await self._in_time(body, receive, declared, largest)
            return await self._answer(scope, content, size)
        finally:
            body.leave()

    async def _answer(self, scope: dict[str, Any], content: bytes, length: int | None) -> Gathered:
        environ = wsgi_environ(scope, content, length)
        if self._beforehand.takes_long(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return await self._in_turn(environ)
        return await self._at_once(environ)

    async def _in_time(
        self, body: Arrival, receive: Receive, declared: int | None, largest: int
    ) -> tuple[bytes, int]:
        """Return a body's content and its length. Raises Refused when it takes too long, gives way or breaks off."""
        try:
            async with asyncio.timeout(self._body_seconds) as deadline:
                body.when_it_gives_way(partial(_end_now, deadline))
                return await self._read(body, receive, declared, largest)
        except TimeoutError:
            raise Refused(503 if body.gave_way else 408) from None

    async def _read(
        self, body: Arrival, receive: Receive, declared: int | None, largest: int
    ) -> tuple[bytes, int]:
        """Return the content, chunk by chunk, and its length; no content when it turns out to be larger than `largest`."""
        room = self._uploads if largest > LARGEST_FORM else self._forms
        content = bytearray()  # for a list of chunks takes 30 times as much where they are two bytes each
        body.take(self._arriving, 1)
        while len(content) != declared:
            message = await receive()
            if message["type"] != "http.request":
                # Who left, or whose chunks are none. Not 400, after which a phone sends no more.
                raise Refused(408)
            counted = max(len(content), SMALL)
            content += message["body"]
            if len(content) > largest:
                body.leave()
                return b"", len(content)
            if len(content) > counted and not body.gave_way:
                body.take(room, len(content) - counted)
            if body.gave_way:
                raise Refused(503)
            if not message["more_body"]:
                break
        body.whole = True
        body.leave(self._arriving)
        return bytes(content), len(content)

    async def _at_once(self, environ: Environ) -> Gathered:
        """Have a request answered by the next thread that is free."""
        done: asyncio.Future[Gathered] = asyncio.get_running_loop().create_future()
        self._jobs.put((environ, done))
        return await done

    async def _in_turn(self, environ: Environ) -> Gathered:
        """Have a request answered by the thread for what takes long. One that has not begun in time never begins there, so
        that whoever is told that nothing was changed is told what is true."""
        job: Future[Gathered] = Future()
        self._long.put((environ, job))
        answer = asyncio.wrap_future(job)
        await asyncio.wait([answer], timeout=TURN_WITHIN)
        if not job.cancel():
            return await answer
        return await self._at_once({**environ, BUSY: True, "wsgi.input": BytesIO()})

    def _work_long(self) -> None:
        """Answer what takes long, one request after the other, on a thread of its own."""
        while True:
            self._work_on_long(*self._long.get())

    def _work_on_long(self, environ: Environ, job: Future[Gathered]) -> None:
        if job.set_running_or_notify_cancel():
            job.set_result(self._answered(environ))

    def _work(self) -> None:
        """Answer one request after the other, on a thread of its own."""
        while self._work_on(*self._jobs.get()):
            pass

    def _work_on(self, environ: Environ, done: asyncio.Future[Gathered]) -> bool:
        """Answer a request, and keep nothing of it; tell whether there may be others."""
        response = self._answered(environ)
        try:
            done.get_loop().call_soon_threadsafe(_settle, done, response)
        except RuntimeError:  # the process ends, and its loop has closed
            return False
        return True

    def _answered(self, environ: Environ) -> Gathered:
        try:
            return _respond(self._app, environ)
        except BaseException:  # whatever it is, the thread goes on to the next request
            log.exception("a request failed outside the application's own error pages")
            return self._in_words(500, environ)

    def _refusal(self, scope: dict[str, Any], status: int) -> Gathered:
        """Return the answer to a request whose body did not arrive, and write a line for it."""
        environ = wsgi_environ(scope, b"", None)
        response = self._in_words(status, environ)
        numbered = REQUEST_NUMBER.set(environ.get(NUMBER))
        log.info("a request was refused with %s before its body was here", status)
        REQUEST_NUMBER.reset(numbered)
        return response

    def _in_words(self, status: int, environ: Environ) -> Gathered:
        headers = {**self._beforehand.headers(environ), "Connection": "close"}
        if status == 503:
            headers["Retry-After"] = "60"
        return Gathered(status, _encoded(headers.items()), _WORDS[status].encode())


def _announced(headers: Headers) -> tuple[int | None, bool]:
    """Return the length that a request gives its body, if it does, and whether it sends one in chunks."""
    declared, chunked = None, False
    for name, value in headers:
        if name == b"content-length":
            declared = int(value)  # the server has refused what is no number
        elif name == b"transfer-encoding":
            chunked = True
    return declared, chunked


def _end_now(deadline: asyncio.Timeout) -> None:
    if not deadline.expired():
        deadline.reschedule(0)  # long ago


def _respond(app: WsgiApp, environ: Environ) -> Gathered:
    """Run the application for one request, and gather its whole response."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[..., None]:
        started[:] = [(status, headers)]  # an error that came up midway begins anew: nothing has left yet
        return chunks.append

    parts = app(environ, start_response)
    try:
        chunks.extend(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = started[0]
    return Gathered(int(status[:3]), _encoded(headers), b"".join(chunks))


def _encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _settle(done: asyncio.Future[Gathered], response: Gathered) -> None:
    if not done.done():
        done.set_result(response)


async def _send(send: Send, response: Gathered) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.content})
