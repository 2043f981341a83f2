"""What each rule says of hundreds of arguments, at its limits and between them, is written down: rules/.

Of the core, and of what is as pure in the rooms above it: what files and calendars of others mean, what records tell of
themselves, what is drawn, how it is worded.
"""

import os
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from support.trying import Untried, rules_of, written

import feedback
from feedback.core.scoring import rank_ranges

HERE = Path(__file__).parent / "rules"
ROOMS = (
    "core", "charts", "pages", "store", "wording.filters", "wording.names", "wording.own_words", "wording.summary",
    "calendar.event", "calendar.lines", "calendar.people", "calendar.planned", "calendar.zones",
    "chat.addresses", "chat.card", "chat.slack", "chat.teams",
    "imports.accounts", "imports.cells", "imports.columns", "imports.csv_header", "imports.csv_rows", "imports.csv_text",
    "imports.doubts", "imports.ledger", "imports.outcomes", "imports.people", "imports.report",
    "sending.doctor.database", "sending.fetching", "sending.smtp", "webhooks.events", "webhooks.targets",
    "actions.change", "actions.client_lines", "actions.meetings", "actions.new_clients", "actions.people",
    "actions.settings", "api.shapes", "web.csv", "web.paging", "web.values",
)  # fmt: skip
# What is never the same twice, asks the network, or needs a request.
NOT_TRIED = {
    "new_key", "new_api_token", "new_code", "new_token", "new_random", "new_question", "record", "fetch", "connect",
    "verify_password", "checked_address", "qr_png", "relaxed_gc", "caldav_events", "Budget.seconds", "Instructions.book", "audit_naming",
    "_dummy_hash",
}  # fmt: skip


def modules() -> list[str]:
    """Return the names of the modules of these rooms."""
    names = (each.name for each in walk_packages(feedback.__path__, "feedback.") if not each.ispkg)
    rooms = tuple(f"feedback.{room}" for room in ROOMS)
    return sorted(name for name in names if any(f"{name}.".startswith(f"{room}.") for room in rooms))


def now(name: str) -> str:
    """Return what the rules of a module say now."""
    module, lines = import_module(name), []
    for rule, call, of in rules_of(module):
        if rule not in NOT_TRIED:
            try:
                lines += written(module, rule, call, of)
            except Untried:
                continue  # it asks the database, or the like
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def few_draws(monkeypatch):
    """Ranges of ranks are drawn a thousand times for each board: the same rule says as much with forty."""
    monkeypatch.setattr(rank_ranges, "MOST_DRAWS", 40)


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("name", modules())
def test_rule_says_what_is_written(name):
    path, told = HERE / f"{name.removeprefix('feedback.')}.txt", now(name)
    if os.environ.get("WRITE_GOLDEN") and told:
        path.write_text(told, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert told == before, "If it is meant: WRITE_GOLDEN=1, and read what it changed."


def test_written_rules_are_those_of_a_module():
    assert {f"feedback.{path.stem}" for path in HERE.iterdir()} <= set(modules())
