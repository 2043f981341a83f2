"""What each rule of the core says of hundreds of arguments, at its limits and between them, is written down: rules/."""

import os
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from support.trying import Untried, rules_of, written

from feedback import core

HERE = Path(__file__).parent / "rules"
MODULES = sorted(each.name for each in walk_packages(core.__path__, "feedback.core.") if not each.ispkg)
# What is never the same twice, or of which arguments of a type tell nothing.
NOT_TRIED = {"new_key", "new_api_token", "new_code", "new_token", "new_random", "new_question", "record"}


def now(name: str) -> str:
    """Return what the rules of a module say now."""
    module, lines = import_module(name), []
    for rule, call, of in rules_of(module):
        if rule not in NOT_TRIED:
            try:
                lines += written(module, rule, call, of)
            except Untried as untried:
                lines.append(f"{rule}: not tried, for {untried}")
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", MODULES)
def test_rule_says_what_is_written(name):
    path, told = HERE / f"{name.removeprefix('feedback.core.')}.txt", now(name)
    if os.environ.get("WRITE_GOLDEN") and told:
        path.write_text(told, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert told == before, "If it is meant: WRITE_GOLDEN=1, and read what it changed."


def test_written_rules_are_those_of_a_module():
    assert {f"feedback.core.{path.stem}" for path in HERE.iterdir()} <= set(MODULES)
