"""The listening sockets: the main process keeps them for as long as it lives, as whatever program it begins anew.

A connection waits in the queue of a socket until a web process accepts it. Were the socket closed with the process,
whoever waits there would be turned away; so a web process is lent one, and the next one in its place goes on with it.
"""

import os
import socket
from collections.abc import Callable
from typing import Any

from granian._granian import SocketHolder
from granian.server.mp import MPServer, WorkerProcess

SILENT_SECONDS = (
    1  # after which a process is given a connection though it has said nothing, and closes it in time
)
_KEPT = "OLD_FEEDBACK_SOCKETS"  # their numbers, for the program that comes next


class KeepingServer(MPServer):
    """Granian's server of processes, one listening socket each; the system spreads connections over them evenly."""

    def _init_shared_socket(self) -> None:
        self._sockets = _kept() or [self._listen() for _ in range(self.workers)]
        os.environ[_KEPT] = ",".join(str(each.fileno()) for each in self._sockets)

    def _spawn_worker(  # type: ignore[override]  # so is the server's own
        self, idx: int, target: Callable[..., Any], callback_loader: Callable[..., Any]
    ) -> WorkerProcess:
        lent = self._sockets[idx % len(self._sockets)]
        self._sso: Any = lent
        self._shd: Any = SocketHolder(lent.fileno(), False, self.backlog)  # type: ignore[call-arg]  # not in its stub
        return super()._spawn_worker(idx, target, callback_loader)

    def _drop_shared_socket(self) -> None:
        os.environ.pop(_KEPT, None)
        for each in self._sockets:
            each.close()

    def _listen(self) -> socket.socket:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            self.bind_addr, self.bind_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # handed over once the first byte is here: one that has said nothing yet would be closed by a process that ends
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)
        made.bind(address)
        made.listen(self.backlog)
        made.setblocking(False)
        made.set_inheritable(True)
        return made


def _kept() -> list[socket.socket]:
    """Return the sockets that the program before has left; none at a first start."""
    numbers = os.environ.pop(_KEPT, "")
    return [socket.socket(fileno=int(number)) for number in numbers.split(",") if number]
