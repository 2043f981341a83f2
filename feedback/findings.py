"""What `feedback doctor` finds, and the last findings of the worker, kept in the instance folder for the page /status."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

REPORT = "findings.json"


class FindingState(StrEnum):
    """How it stands."""

    OK = "ok"
    LOOK = "look"  # works, but somebody should look at it
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    state: FindingState
    words: str  # what is the case
    remedy: str = ""  # what to do; "" where nothing is to be done


@dataclass(frozen=True, slots=True)
class FindingsReport:
    """The findings of one look at everything."""

    at: datetime
    findings: tuple[Finding, ...]

    def count(self, state: FindingState) -> int:
        """Return how many findings are in a state."""
        return sum(finding.state == state for finding in self.findings)


def ok(name: str, words: str) -> Finding:
    """Return what is as it should be."""
    return Finding(name, FindingState.OK, words)


def look(name: str, words: str, remedy: str) -> Finding:
    """Return what works, but should be looked at."""
    return Finding(name, FindingState.LOOK, words, remedy)


def wrong(name: str, words: str, remedy: str) -> Finding:
    """Return what does not work."""
    return Finding(name, FindingState.WRONG, words, remedy)


def write_report(instance: Path, now: datetime, findings: Sequence[Finding]) -> None:
    """Keep the findings, in place of those before. Raises OSError."""
    part = instance / f"{REPORT}.part"
    text = json.dumps({"at": now.isoformat(), "findings": [asdict(finding) for finding in findings]})
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    part.replace(instance / REPORT)


def read_report(instance: Path) -> FindingsReport | None:
    """Return the last findings; None where there are none yet, or none that can be read."""
    try:
        stored = json.loads((instance / REPORT).read_text())
        at = datetime.fromisoformat(stored["at"]).astimezone(UTC)
        found = [Finding(**{**each, "state": FindingState(each["state"])}) for each in stored["findings"]]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return FindingsReport(at, tuple(found))
