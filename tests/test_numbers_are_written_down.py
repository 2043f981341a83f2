"""What a module calls by a name in capitals, such as a limit, a period or a share, is written down: numbers/.

People, scripts and the contract rely on these numbers, and a test that goes up to one of them is rarely worth its time.
"""

import ast
import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from typing import Any

import pytest

import feedback

HERE = Path(__file__).parent / "numbers"
LONGEST = 400  # letters of a value; what is longer is a list of words or a text
LEFT_OUT = {
    "feedback.__main__",
    "feedback.migrations",
}  # what starts the program, and what is never changed again
ROOMS = tuple(sorted({f"feedback.{each.name}" for each in iter_modules(feedback.__path__)} - LEFT_OUT))


def named(module: str) -> Iterator[tuple[str, Any]]:
    """Return what a module itself calls by a name in capitals, and its value."""
    found = import_module(module)
    for node in ast.parse(Path(str(found.__file__)).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            yield from ((name, getattr(found, name)) for name in names if name.strip("_").isupper())


def told(value: Any) -> str | None:
    """Return a value in words; None for one that is more than numbers, words, and what is made of these."""
    if isinstance(value, re.Pattern):
        return f"the pattern {value.pattern!a}"
    if isinstance(value, timedelta | date):
        return str(value)
    if value is None or isinstance(value, Enum | int | float | str | bytes):
        return repr(value)
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, dict):
        words = [
            f"{told(key)}: {told(each)}" for key, each in value.items() if None not in (told(key), told(each))
        ]
        return "{" + ", ".join(words) + "}" if len(words) == len(value) else None
    if isinstance(value, tuple | list | set | frozenset):
        words = [word for word in map(told, value) if word is not None]
        inside = ", ".join(sorted(words) if isinstance(value, set | frozenset) else words)
        return f"({inside})" if len(words) == len(value) else None
    return None


def has_number(value: Any) -> bool:
    """Tell whether a value is a number, a time or a pattern, or holds one."""
    if isinstance(value, dict):
        return any(map(has_number, value.items()))
    if isinstance(value, tuple | list | set | frozenset):
        return any(map(has_number, value))
    return isinstance(value, int | float | date | timedelta | re.Pattern) and not isinstance(
        value, bool | Enum
    )


def numbers(room: str) -> str:
    """Return the numbers of a room of the program, module by module."""
    package = import_module(room)
    inside = getattr(package, "__path__", None)
    modules = [room, *(each.name for each in walk_packages(inside, f"{room}."))] if inside else [room]
    lines = []
    for module in modules:
        for name, value in named(module):
            words = told(value)
            if words is not None and len(words) <= LONGEST and has_number(value):
                lines.append(f"{module.removeprefix('feedback.')} {name} = {words}\n")
    return "".join(lines)


@pytest.mark.parametrize("room", ROOMS)
def test_numbers_are_those_that_are_written(room):
    path, now = HERE / f"{room.removeprefix('feedback.')}.txt", numbers(room)
    if os.environ.get("WRITE_GOLDEN") and now:
        HERE.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert now == before, "If it is meant: make golden, and read what it changes."


def test_written_numbers_are_those_of_a_room():
    assert {f"feedback.{path.stem}" for path in HERE.iterdir()} <= set(ROOMS)
