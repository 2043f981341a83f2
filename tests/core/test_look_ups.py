"""Looking names up within a time, whatever the system's own look-up does."""

import socket
import threading
from threading import Event

import pytest

from feedback.webhooks.names import MOST_AT_ONCE, look_up


def test_look_ups_that_hang_are_bounded(monkeypatch):
    answered, real = Event(), socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: answered.wait(30) and [])
    before = threading.active_count()
    for _ in range(MOST_AT_ONCE + 5):
        with pytest.raises(TimeoutError):
            look_up("slow.example", 443, 0.01)
    assert threading.active_count() - before <= MOST_AT_ONCE
    monkeypatch.setattr(socket, "getaddrinfo", real)
    answered.set()
    assert [info[4] for info in look_up("127.0.0.1", 443)] == [("127.0.0.1", 443)]
    with pytest.raises(socket.gaierror):
        look_up("nowhere.invalid", 443)
