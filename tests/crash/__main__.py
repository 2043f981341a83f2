"""python -m crash --rounds 100: the server is killed so often, on SQLite and on PostgreSQL."""

import argparse
import sys
import tempfile
from pathlib import Path

from support.postgres import running_server

from crash.run import Crashes, Told


def main() -> int:
    """Print what was found; return 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    lost = 0
    if asked.only != "postgresql":
        with tempfile.TemporaryDirectory(prefix="crash-") as folder:
            lost += say("SQLite", Crashes(Path(folder), asked.seed).run(asked.rounds))
    if asked.only != "sqlite":
        with running_server(durable=True) as server, tempfile.TemporaryDirectory(prefix="crash-") as folder:
            lost += say("PostgreSQL", Crashes(Path(folder), asked.seed, server).run(asked.rounds))
    return min(lost, 1)


def say(where: str, told: Told) -> int:
    """Print what a run brought; return how much was lost."""
    print(f"{where}: {told}", *told.lost[:50], sep="\n  ", flush=True)
    return len(told.lost)


if __name__ == "__main__":
    sys.exit(main())
