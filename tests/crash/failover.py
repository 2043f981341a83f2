"""python -m crash.failover --rounds 5: under load the primary of a pair is killed, and the other one takes over."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from support.patroni import Pair, running_pair

from crash.__main__ import say
from crash.run import Crashes

PAUSE = 2.0  # seconds; a phone that tried ten times a second would meet the limit of its code


class Failovers(Crashes):
    """One run before a pair of PostgreSQL. away: how many seconds nothing was acknowledged, of each round."""

    def __init__(self, folder: Path, seed: int, pair: Pair) -> None:
        super().__init__(folder, seed, pair)
        self.pair = pair
        self.away: list[float] = []
        for phone in self.phones:
            phone.pause = PAUSE

    def _round(self) -> None:
        if self.served.process is None:
            self.served.start()
            self.served.wait()
        self._meet()
        time.sleep(self.dice.uniform(0.5, 3))
        lost = self.pair.primary()
        before, killed_at = self._acknowledged(), time.monotonic()
        lost.kill()
        self.told.kills["the primary"] += 1
        self.pair.wait_for_another(lost)
        while self._acknowledged() < before + len(self.phones):  # the last of the old may be counted late
            assert time.monotonic() < killed_at + 240, "nothing is acknowledged any more"
            time.sleep(0.05)
        self.away.append(time.monotonic() - killed_at)
        self.db.dispose()
        self.told.lost += self._missing()
        lost.start()
        self.pair.wait_until_whole()
        self.told.lost += self._missing()
        self.told.rounds += 1

    def _acknowledged(self) -> int:
        return sum(phone.requests - phone.failures for phone in self.phones)

    def _come_to_rest(self) -> None:
        self.served.stop()
        super()._come_to_rest()


def main() -> int:
    """Print what was found; return 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with running_pair() as pair, tempfile.TemporaryDirectory(prefix="failover-") as folder:
        run = Failovers(Path(folder), asked.seed, pair)
        lost = say("A pair under Patroni", run.run(asked.rounds))
    print("seconds without an acknowledged request:", *(f"{each:.0f}" for each in run.away))
    return min(lost, 1)


if __name__ == "__main__":
    sys.exit(main())
