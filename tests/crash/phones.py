"""Phones that answer by HTTP as client.js does: each sends its whole state until that is acknowledged."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, Queue
from random import Random
from urllib.parse import urlencode
from uuid import UUID

from feedback.core.answer_key import new_key
from feedback.core.dimensions import DIMENSIONS

AGAIN = {408, 429, 500, 503}  # by these a phone is told, or believes, that it may try once more


@dataclass
class Answer:
    """What one client taps. states: by sequence, the form as it was sent; acknowledged: the last sequence of which
    the phone was told that it is saved."""

    invitation_id: UUID
    token: str
    mailed: bool  # its contact has an address, for a receipt
    key: str = field(default_factory=new_key)
    states: dict[int, dict[str, str]] = field(default_factory=dict)
    acknowledged: int = 0
    done: bool = False  # Done was acknowledged
    whole: bool = False  # and so was the second page

    @property
    def path(self) -> str:
        """Return the address that its taps go to."""
        return f"/f/{self.token}/{self.key}" if self.acknowledged else f"/f/{self.token}"


class Phone(threading.Thread):
    """Answers what it finds in `waiting`, one after the other, until it is told to stop; ends what it has begun."""

    def __init__(self, port: int, waiting: "Queue[Answer]", seed: int) -> None:
        super().__init__(daemon=True)
        self.port, self.waiting, self.dice = port, waiting, Random(seed)
        self.begun: list[Answer] = []
        self.refused: list[str] = []  # what should not have been
        self.requests = self.failures = 0
        self.pause = 0.1  # seconds until it tries again
        self.stopped = threading.Event()
        self._line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                answer = self.waiting.get(timeout=0.1)
            except Empty:
                continue
            self.begun.append(answer)
            self._answer(answer)
        self._hang_up()

    def _answer(self, answer: Answer) -> None:
        self._until_it_is_told("GET", lambda: answer.path, answer)
        form: dict[str, str] = {"visibility": "rep", "mark": new_key(), "key": answer.key}
        taps = self.dice.sample(DIMENSIONS, len(DIMENSIONS)) + self.dice.sample(DIMENSIONS, 2)
        for name in taps:
            form = {**form, name: str(self.dice.randint(1, 5))}
            self._save(answer, form)
        form = {**form, "done": "1"}
        answer.done = self._save(answer, form)
        form = {**form, "comment": f"of {answer.token}"}
        answer.whole = self._save(answer, form)

    def _save(self, answer: Answer, form: dict[str, str]) -> bool:
        sequence = max(int(time.time() * 1000), max(answer.states, default=0) + 1)
        answer.states[sequence] = form
        if not self._until_it_is_told(
            "POST", lambda: answer.path, answer, {**form, "sequence": str(sequence)}
        ):
            return False
        answer.acknowledged = sequence
        return True

    def _until_it_is_told(
        self, method: str, path: Callable[[], str], answer: Answer, form: dict[str, str] | None = None
    ) -> bool:
        """Ask until there is an answer, whatever fails in between; tell whether it was a good one."""
        while True:
            time.sleep(self.dice.uniform(0.001, 0.03))
            status = self._ask(method, path(), answer, form)
            self.requests += 1
            if status in AGAIN or status is None:
                self.failures += 1
                time.sleep(self.pause)
                continue
            if status >= 400:
                self.refused.append(f"{method} {path()}: {status}, after {len(answer.states)} states")
            return status < 400

    def _ask(self, method: str, path: str, answer: Answer, form: dict[str, str] | None) -> int | None:
        """Return the status of the answer; None without one."""
        headers = {"HX-Request": "true", "X-Forwarded-For": f"10.{answer.invitation_id.int % 250}.1.1"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            if self._line and self._line.port != self.port:  # led to another server meanwhile
                self._hang_up()
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._line.request(method, path, form and urlencode(form), headers)
            reply = self._line.getresponse()
            reply.read()
            return reply.status
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return None

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
        self._line = None
