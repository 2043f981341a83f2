"""What each function of the store and of the pages asks the database, and what it makes of its answers, and what each
action writes, returns and raises, is written down: statements/."""

import os
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from support.acting import Acting, told_of_action
from support.answering import Answering, told
from support.trying import Untried, rules_of

import feedback.actions
import feedback.pages
import feedback.store

HERE = Path(__file__).parent / "statements"
ROOMS = (feedback.store, feedback.pages, feedback.actions)
MODULES = [each.name for room in ROOMS for each in walk_packages(room.__path__, f"{room.__name__}.")]
# These go through a set, whose order is never the same.
NOT_TRIED = {
    "activity_until", "todays_entries", "all_entries", "next_entry", "asked_by_itself", "live_standings",
}  # fmt: skip


@pytest.fixture(scope="module")
def answering() -> Answering:
    return Answering()


@pytest.fixture(scope="module")
def acting() -> Acting:
    return Acting()


def file_of(name: str) -> Path:
    """Return where it is written down what a module asks."""
    _, room, module = name.split(".", 2)
    return HERE / room / f"{module}.txt"


def now(answering: Answering, acting: Acting, name: str) -> str:
    """Return what the functions of a module ask and write now."""
    module, lines = import_module(name), []
    for function, call, of in rules_of(module):
        if function not in NOT_TRIED:
            try:
                if name.startswith("feedback.actions."):
                    lines += told_of_action(acting, module, function, call, of)
                else:
                    lines += told(answering, module, function, call, of)
            except Untried:
                continue
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", MODULES)
def test_function_asks_and_writes_what_is_written(answering, acting, name):
    path, asked = file_of(name), now(answering, acting, name)
    if os.environ.get("WRITE_GOLDEN") and asked:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(asked, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert asked == before, "If it is meant: make golden, and read what it changes."


def test_written_functions_are_those_of_a_module():
    assert set(HERE.glob("*/*")) <= {file_of(name) for name in MODULES}
