"""What each function of the store asks the database, and what it makes of its answers, is written down: statements/."""

import os
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from support.answering import Answering, told
from support.trying import Untried, rules_of

import feedback.store

HERE = Path(__file__).parent / "statements"
MODULES = [each.name for each in walk_packages(feedback.store.__path__, "feedback.store.")]
NOT_TRIED = {"activity_until"}  # goes through a set, whose order is never the same


@pytest.fixture(scope="module")
def answering() -> Answering:
    return Answering()


def now(answering: Answering, name: str) -> str:
    """Return what the functions of a module ask now."""
    module, lines = import_module(name), []
    for function, call, of in rules_of(module):
        if function not in NOT_TRIED:
            try:
                lines += told(answering, module, function, call, of)
            except Untried:
                continue
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", MODULES)
def test_function_asks_what_is_written(answering, name):
    path, asked = HERE / f"{name.removeprefix('feedback.store.')}.txt", now(answering, name)
    if os.environ.get("WRITE_GOLDEN") and asked:
        HERE.mkdir(exist_ok=True)
        path.write_text(asked, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert asked == before, "If it is meant: make golden, and read what it changes."


def test_written_functions_are_those_of_a_module():
    assert {f"feedback.store.{path.stem}" for path in HERE.iterdir()} <= set(MODULES)
