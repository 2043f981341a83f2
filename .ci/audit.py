"""Judges what `make audit` found: reads pip-audit's report, as JSON, from standard input.

Fails for a known vulnerability. Whoever cannot be asked tells nothing: then it says so, and passes.
"""

import json
import sys


def judge(report: str) -> tuple[str, bool]:
    """What to print of pip-audit's report ("" when it made none), and whether it passes."""
    try:
        pinned = json.loads(report)["dependencies"]
    except ValueError:
        return "not audited: no network", True
    # pip-audit counts as sound what its service does not know: a service that answers nothing would pass.
    known = [package for package in pinned if "skip_reason" not in package]
    if not known:
        return f"not audited: nobody knows of these {len(pinned)} packages here", True
    found = [
        f"{package['name']} {package['version']}: {each['id']}, repaired in {', '.join(each['fix_versions']) or 'no version yet'}"
        for package in known
        for each in package["vulns"]
    ]
    return "\n".join(
        [*found, f"{len(found)} known vulnerabilities in {len(known)} of {len(pinned)} packages"]
    ), not found


if __name__ == "__main__":
    words, passes = judge(sys.stdin.read())
    print(words)
    sys.exit(not passes)
