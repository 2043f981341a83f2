"""Threads that send messages round by round, to several receivers in parallel."""

import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Thread
from typing import TypeVar

from feedback.sending.http import TIMEOUT_SECONDS

log = logging.getLogger("feedback.sending")
LOOK_EVERY = 2.0  # seconds
PARALLEL_RECEIVERS = 4  # receivers that are sent to in parallel

Clock = Callable[[], datetime]
Message = TypeVar("Message")


def start_rounds(name: str, send_due: Callable[[], object], stop: Event) -> Thread:
    """Start a thread that sends what is due, again and again, until `stop` is set. A round that fails is logged; the
    next one tries again."""

    def run() -> None:
        while not stop.is_set():
            try:
                send_due()
            except Exception:
                log.exception("this round of %s failed; the next one tries again", name)
            stop.wait(LOOK_EVERY)

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def join_rounds(thread: Thread) -> None:
    """Wait for the messages being sent. One that is cut off stays claimed, and is sent again when the claim
    expires."""
    thread.join(TIMEOUT_SECONDS + LOOK_EVERY)


def in_turn(
    batches: Collection[list[Message]], send: Callable[[Message], bool], stop: Event | None = None
) -> int:
    """Send the messages to each receiver in turn, until one fails: the rest would fail too, and waits for the next
    round. Several receivers are sent to in parallel, and each gets a few messages a round, so that one that lets every
    message time out does not delay other organisations' messages. Return how many went out."""
    if not batches:
        return 0

    def send_batch(batch: list[Message]) -> int:
        count = 0
        for message in batch:
            if (stop and stop.is_set()) or not send(message):
                break
            count += 1
        return count

    with ThreadPoolExecutor(min(PARALLEL_RECEIVERS, len(batches))) as pool:
        return sum(pool.map(send_batch, batches))
