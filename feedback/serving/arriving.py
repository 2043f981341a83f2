"""Bodies on their way in: what they may hold together, and which of them gives way when that is too much.

Nobody is refused for being late: what has just begun is let in, and the one that has been at it longest goes. An honest
body is here within a second or two; one that is held back on purpose is the oldest soon, and its sender's network the
one that holds the most.
"""

from collections import Counter
from collections.abc import Callable

FULL = 8  # a network that holds more than this part of a room gives way before all others


class Arrival:
    """A body that arrives, or one that is whole and waits for its answer."""

    __slots__ = ("_hurry", "_rooms", "gave_way", "network", "whole")

    def __init__(self, network: str) -> None:
        self.network = network
        self.whole = False  # what is here as a whole gives way no more
        self.gave_way = False
        self._rooms: list[Room] = []
        self._hurry: Callable[[], object] = lambda: None

    def take(self, room: "Room", amount: int) -> None:
        """Hold so much more in a room. Others may have to give way for it, or this one itself."""
        if room not in self._rooms:
            self._rooms.append(room)
        room.add(self, amount)

    def leave(self, *rooms: "Room") -> None:
        """Hold nothing any more in these rooms; in none at all without any."""
        for room in rooms or tuple(self._rooms):
            if room in self._rooms:
                self._rooms.remove(room)
                room.drop(self)

    def when_it_gives_way(self, hurry: Callable[[], object]) -> None:
        """Let this be called if the body has to give way, so that whoever waits for the rest of it waits no longer."""
        self._hurry = hurry

    def give_way(self) -> None:
        """Leave all rooms, for others."""
        self.gave_way = True
        self.leave()
        self._hurry()


class Room:
    """What bodies may hold together of one thing: bytes, or a place each.

    most: how much. last_goes: of those of a network the one that began last gives way, so that the first get done; else
    the one that began first.
    """

    def __init__(self, most: int, *, last_goes: bool = False) -> None:
        self.most, self.held = most, 0
        self._last_goes = last_goes
        self._bodies: dict[Arrival, int] = {}  # in the order in which they came in
        self._networks: Counter[str] = Counter()

    def add(self, body: Arrival, amount: int) -> None:
        """Count so much more of a body that is not whole; let bodies give way until there is room for the rest."""
        self._bodies[body] = self._bodies.get(body, 0) + amount
        self._networks[body.network] += amount
        self.held += amount
        while self.held > self.most:
            self._next_to_go().give_way()

    def drop(self, body: Arrival) -> None:
        """Count a body no more."""
        amount = self._bodies.pop(body)
        self.held -= amount
        self._networks[body.network] -= amount
        if not self._networks[body.network]:
            del self._networks[body.network]

    def _next_to_go(self) -> Arrival:
        order = reversed(self._bodies) if self._last_goes else iter(self._bodies)
        fullest = max(self._networks, key=self._networks.__getitem__)
        anyone = None
        for body in order:
            if body.whole:
                continue
            if body.network == fullest or self._networks[fullest] * FULL <= self.most:
                return body
            anyone = anyone or body
        assert anyone is not None  # noqa: S101 (the one that was added is not whole)
        return anyone
