"""Every benchmark of speed in turn, and one table at the end: ours, the bare floor run in turn with it, what is wanted.

    make bench

About an hour on two cores that are free. Ratios hold; absolute figures are of this machine.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import FILE, Figure, noted

HERE = Path(__file__).parent
SCRIPTS = (
    ("client_page.py", "--postgresql"), ("bad_line.py",), ("slow_lines.py",), ("process.py",), ("leaderboard.py",),
    ("rank_ranges.py",), ("lists.py",), ("evidence_page.py",), ("writers.py",), ("calendar_bomb.py",), ("before_sealing.py",),
    ("history_import.py", "--insteval", "--check"), ("history_import.py", "--megabytes", "200"),
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures"
        environment = {**os.environ, FILE: str(path)}
        for script, *options in SCRIPTS:
            print(f"\n== {script} {' '.join(options)}", flush=True)
            code = subprocess.run([sys.executable, str(HERE / script), *options], env=environment).returncode
            if code:
                print(f"== {script} ended with {code}")
        print(f"\n{'':44} {'ours':>10} {'floor':>10} {'ratio':>7}  wanted")
        for figure in noted(path):
            print(line(figure))


def line(figure: Figure) -> str:
    """A line of the table."""
    floor = f"{figure.floor:10.1f} {figure.ours / figure.floor:7.3f}" if figure.floor else f"{'':10} {'':7}"
    missed = "" if figure.met else "   MISSED"
    return f"{figure.what:44} {figure.ours:10.2f} {floor}  {figure.wanted} ({figure.unit}){missed}"


if __name__ == "__main__":
    main()
