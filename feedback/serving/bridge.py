"""From the event loop to the application's threads and back.

The application is WSGI: it holds a thread from the first line of a request to its end. So a thread is given once
the body is here, and is given back before the response leaves: neither waits for anybody's line. What takes long for
whatever it was sent has one thread of its own, so that the others wait for none of it.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from io import BytesIO
from queue import SimpleQueue
from typing import Any, NamedTuple

from feedback.serving.environ import Environ, path_of, wsgi_environ
from feedback.web.turns import BUSY

log = logging.getLogger("feedback.serving")
BODY_SECONDS = 30.0  # for a whole body, however it drips
# bytes of bodies on their way in, of all requests of a process together; as many wait their turn
MOST_HELD = 64 << 20
TURN_WITHIN = 15.0  # seconds that what takes long waits for those before it
_TEXT = [  # as the application's pages, which never saw such a request
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"server", b"web"),  # left out, the server would name itself
]
_WORDS = {
    408: "That took too long to arrive, so nothing was changed. Go back and try once more.\n",
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


class ClientLeft(Exception):
    """Raised when the connection ended before the body was whole."""


class Bridge:
    """An ASGI application that runs a WSGI application on `threads` threads.

    largest_body(method, path, headers) is how many bytes a body may have; 0 means that none is read. A body that is
    larger is not read either: the application refuses it by its length, with a page of its own.

    takes_long(method, path) tells what one thread beside those answers, one after the other. What does not get its turn
    there in time is left to the application without its body, and with BUSY in its environ.
    """

    def __init__(
        self,
        app: WsgiApp,
        largest_body: Callable[[str, str, Headers], int],
        threads: int,
        body_seconds: float = BODY_SECONDS,
        takes_long: Callable[[str, str], bool] = lambda _method, _path: False,
    ) -> None:
        self._app = app
        self._largest_body = largest_body
        self._body_seconds = body_seconds
        self._takes_long = takes_long
        self._held = self._waiting = 0
        self._long: SimpleQueue[tuple[Environ, Future[Gathered]]] = SimpleQueue()
        threading.Thread(target=self._work_long, name="requests-long", daemon=True).start()
        self._jobs: SimpleQueue[tuple[Environ, asyncio.Future[Gathered]]] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"requests-{number + 1}", daemon=True).start()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            body, length = await self._body(scope, receive)
        except ClientLeft:
            return
        except Refused as refused:
            log.info("a request was refused with %s before its body was here", refused.status)
            await _send(send, _in_words(refused.status))
            return
        environ = wsgi_environ(scope, body, length)
        if self._takes_long(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            await _send(send, await self._in_turn(environ, len(body)))
        else:
            await _send(send, await self._at_once(environ))

    async def _body(self, scope: dict[str, Any], receive: Receive) -> tuple[bytes, int | None]:
        """Return the body, and the length that the application is told. Raises Refused and ClientLeft."""
        declared, chunked = _announced(scope["headers"])
        largest = 0
        if declared or chunked:
            largest = self._largest_body(scope["method"], path_of(scope), scope["headers"])
        if largest == 0:
            return b"", declared if declared == 0 else None
        if declared and declared > largest:
            return b"", declared
        try:
            async with asyncio.timeout(self._body_seconds):
                return await self._read(receive, declared, largest)
        except TimeoutError:
            raise Refused(408) from None

    async def _read(self, receive: Receive, declared: int | None, largest: int) -> tuple[bytes, int]:
        """Return a body, chunk by chunk, and its length; no body when it turns out to be larger than `largest`."""
        chunks: list[bytes] = []
        size = 0
        try:
            while size != declared:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientLeft
                chunks.append(message["body"])
                size += len(message["body"])
                self._held += len(message["body"])
                if size > largest:
                    return b"", size
                if self._held > MOST_HELD:
                    raise Refused(503)
                if not message["more_body"]:
                    break
        finally:
            self._held -= size
        return b"".join(chunks), size

    async def _at_once(self, environ: Environ) -> Gathered:
        """Have a request answered by the next thread that is free."""
        done: asyncio.Future[Gathered] = asyncio.get_running_loop().create_future()
        self._jobs.put((environ, done))
        return await done

    async def _in_turn(self, environ: Environ, size: int) -> Gathered:
        """Have a request with a body of `size` bytes answered by the thread for what takes long. One that has not begun in
        time never begins there, so that whoever is told that nothing was changed is told what is true."""
        if self._waiting + size <= MOST_HELD:
            job: Future[Gathered] = Future()
            self._long.put((environ, job))
            self._waiting += size
            try:
                answer = asyncio.wrap_future(job)
                await asyncio.wait([answer], timeout=TURN_WITHIN)
                if not job.cancel():
                    return await answer
            finally:
                self._waiting -= size
        return await self._at_once({**environ, BUSY: True, "wsgi.input": BytesIO()})

    def _work_long(self) -> None:
        """Answer what takes long, one request after the other, on a thread of its own."""
        while True:
            environ, job = self._long.get()
            if job.set_running_or_notify_cancel():
                job.set_result(_respond(self._app, environ))

    def _work(self) -> None:
        """Answer one request after the other, on a thread of its own."""
        while True:
            environ, done = self._jobs.get()
            response = _respond(self._app, environ)
            try:
                done.get_loop().call_soon_threadsafe(_settle, done, response)
            except RuntimeError:  # the process ends, and its loop has closed
                return


def _announced(headers: Headers) -> tuple[int | None, bool]:
    """Return the length that a request gives its body, if it does, and whether it sends one in chunks."""
    declared, chunked = None, False
    for name, value in headers:
        if name == b"content-length":
            declared = int(value)  # the server has refused what is no number
        elif name == b"transfer-encoding":
            chunked = True
    return declared, chunked


def _respond(app: WsgiApp, environ: Environ) -> Gathered:
    """Run the application for one request, and gather its whole response."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[..., None]:
        started[:] = [(status, headers)]  # an error that came up midway begins anew: nothing has left yet
        return chunks.append

    try:
        parts = app(environ, start_response)
        try:
            chunks.extend(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        status, headers = started[0]
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return Gathered(int(status[:3]), raw, b"".join(chunks))
    except BaseException:  # whatever it is, the thread goes on to the next request
        log.exception("a request failed outside the application's own error pages")
        return _in_words(500)


def _settle(done: asyncio.Future[Gathered], response: Gathered) -> None:
    if not done.done():
        done.set_result(response)


def _in_words(status: int) -> Gathered:
    headers = [*_TEXT, (b"retry-after", b"60")] if status == 503 else [*_TEXT]
    return Gathered(status, [*headers, (b"connection", b"close")], _WORDS[status].encode())


async def _send(send: Send, response: Gathered) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.content})
