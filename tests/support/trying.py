"""Tries a rule with hundreds of arguments: drawn by their types, and gathered where the rule's module has its limits.

The same rule is always tried with the same arguments, so that what it says can be written down.
"""

import ast
import inspect
import types
from collections.abc import (
    Callable,
    Collection,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from hashlib import sha256
from random import Random
from types import ModuleType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ClauseElement
from sqlmodel import SQLModel

from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.reps import Voice, VoiceSums, sum_voices
from support.cast import NOON

CORE, OTHERS, CROWDS = 240, 80, 8  # how often a rule is tried
SHOWN = 4
WIDEST = 150
WHOLE = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 20, 30, 60, 100, 365)
PARTS = (
    -2.0,
    -0.25,
    0.0,
    0.25,
    0.5,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    3.5,
    4.0,
    4.5,
    5.0,
    7.5,
    12.0,
    33.3,
    40.0,
    60.0,
    65.0,
    80.0,
    90.0,
    100.0,
)
STEPS = (*(timedelta(seconds=each) for each in (0, 1, 59, 600, 3600)), *(timedelta(days=each) for each in (1, 2, 3, 7, 13, 30, 90, 400)))  # fmt: skip
TEXTS = (
    "", " ", "a", "Dana Whitfield", "Dr. Dana  Whitfield", "Whitfield, Dana", "dana@x.example", "Dana@X.example", "Ünal Ç",
    "good", "fine, thank you", "it was OK", "great!", "12", "123456", "100", "Northwind", "=1+1", "line\nline", "x" * 70,
    "e\u0301e\u0301e\u0301e\u0301e\u0301", "\U0001f469\u200d\U0001f4bb \U0001f469\u200d\U0001f4bb", "\u05d3\u05e0\u05d4 Dana", "2026-W47", "2026-W60", "#0A7F5C", "#ffe", "feedback-2026-11-18.sqlite3", "47CDFGHJKMNPQRTVWXY346", "fbr_47CD_xyz",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1",
)  # fmt: skip
ZONES = tuple(map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "UTC")))
A_BIT = 1e-6
NONE_OF = (type(None), None)
SEVERAL = (Sequence, Iterable, Collection, Iterator, list)
WITHOUT_ORDER = (Set, Container, set, frozenset)


class Untried(Exception):
    """Arguments of this type are not drawn."""


class Drawer:
    """Draws arguments for one rule."""

    def __init__(self, module: ModuleType, name: str) -> None:
        self.random = Random(f"{module.__name__}.{name}")
        limits = [value for key, value in sorted(vars(module).items()) if key.strip("_").isupper()]
        self.numbers = [each for each in limits if type(each) in (int, float) and abs(each) < 100_000]
        self.numbers += compared_with(module)
        self.spans = [each for each in limits if isinstance(each, timedelta)]
        self.words = [
            each for some in limits if isinstance(some, tuple) for each in some if isinstance(each, str)
        ]
        self.spans += [timedelta(days=each) for each in self.numbers if type(each) is int and 0 < each < 1000]

    def draw(self, hint: Any, name: str = "") -> Any:
        """Draw a value of a type. name: of the parameter. Raises Untried."""
        origin, given = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            plain = [each for each in given if each not in NONE_OF]
            if len(plain) < len(given) and self.random.random() < 0.25:
                return None
            return self.draw(self.random.choice(plain), name)
        if origin is tuple:
            return self._tuple(given, name)
        if origin in SEVERAL or origin in WITHOUT_ORDER:
            many = [self.draw(given[0], name) for _ in range(self.random.choice((0, 1, 2, 3, 5, 8, 21)))]
            return frozenset(many) if origin in WITHOUT_ORDER else many
        if origin in (Mapping, dict):
            keys = [self.draw(given[0], self.random.choice(("", "dimension"))) for _ in range(self.random.choice((0, 1, 2, 4, 9)))]  # fmt: skip
            return {key: self.draw(given[1]) for key in keys}
        return self._one(origin or hint, name)

    def _tuple(self, given: tuple[Any, ...], name: str) -> tuple[Any, ...]:
        if given[-1] is not Ellipsis:
            return tuple(self.draw(each, name) for each in given)
        plain = [each for each in get_args(given[0]) or given[:1] if each not in NONE_OF]
        if plain[0] not in (int, float):
            return tuple(self.draw(given[0], "dimension") for _ in range(self.random.choice((0, 1, 2, 3))))
        optional, way = len(get_args(given[0])) > 1, self.random.random()
        one = self._rating(plain[0])
        six = [one if way < 0.2 else self._rating(plain[0]) for _ in DIMENSIONS]
        return tuple(
            None if optional and 0.2 < way < 0.5 and self.random.random() < 0.5 else each for each in six
        )

    def _rating(self, kind: type) -> float:
        return self.random.randint(1, 5) if kind is int else self.random.randint(4, 20) / 4

    def _one(self, kind: Any, name: str) -> Any:
        pick = self.random.choice
        if kind is bool:
            return pick((False, True))
        if kind is int:
            near = [each + more for each in self.numbers if type(each) is int for more in (-1, 0, 1)]
            return pick(near) if near and self.random.random() < 0.4 else pick(WHOLE)
        if kind is float:
            near = [each + more for each in self.numbers for more in (-A_BIT, 0.0, A_BIT)]
            return float(pick(near) if near and self.random.random() < 0.4 else pick(PARTS))
        if kind is str:
            own = DIMENSIONS if name == "dimension" else self.words if self.random.random() < 0.5 else ()
            return pick(own or TEXTS)
        if kind in (datetime, date):
            span = pick(self.spans) if self.spans and self.random.random() < 0.5 else pick(STEPS)
            moment = NOON + pick((-1, 0, 1)) * span + pick((0, 0, 0, -1, 1)) * timedelta(microseconds=1)
            return moment if kind is datetime else moment.date()
        if kind is timedelta:
            return pick([*self.spans, *STEPS]) + pick((-1, 0, 0, 1)) * timedelta(microseconds=1)
        if kind is UUID:
            return UUID(int=self.random.randint(1, 4))
        if kind is ZoneInfo:
            return pick(ZONES)
        if kind is VoiceSums:  # sums of what is not there would be of nobody
            return sum_voices(self.draw(list[Voice]))
        if inspect.isclass(kind) and issubclass(kind, Enum):
            return pick(list(kind))
        if is_dataclass(kind):
            return self._record(kind)
        if isinstance(kind, TypeVar) or kind in (Any, Hashable, object):
            return pick("abcdefgh")
        raise Untried(str(kind))

    def _record(self, kind: Any) -> Any:
        hints, values = hints_of(kind), {}
        for each in fields(kind):
            has_default = each.default is not MISSING or each.default_factory is not MISSING
            if each.init and not (has_default and self.random.random() < 0.3):
                values[each.name] = self.draw(hints[each.name], each.name)
        return kind(**values)


class CrowdDrawer(Drawer):
    """Draws many of what a finding is made of: with a few, all that it says is that it is too early."""

    alike = False  # whether all that is drawn just now is the same

    def draw(self, hint: Any, name: str = "") -> Any:
        """Draw a value of a type. Raises Untried."""
        given = get_args(hint)
        if get_origin(hint) in SEVERAL and is_dataclass(given[0]):
            self.alike = self.random.random() < 0.2
            many = [self._record(given[0]) for _ in range(self.random.choice((60, 150, 300)))]
            return sorted(many, key=_ids_of)
        return super().draw(hint, name)

    def _one(self, kind: Any, name: str) -> Any:
        if kind is UUID:
            return UUID(int=self.random.randint(1, 24))
        if kind in (int, float) and self.alike:
            return kind(5)
        if kind is float:
            return round(
                self.random.uniform(0, 100) if name in ("loyalty", "score") else self.random.gauss(0.4, 1), 3
            )
        if kind is int:
            return self.random.randint(1, 20)
        return super()._one(kind, name)


def _ids_of(row: Any) -> list[int]:
    """Return the ids of a row, an account's first: what is of one account is given together."""
    named = sorted((each.name for each in fields(row)), key=lambda name: (name != "account_id", name))
    return [each.int for name in named if isinstance(each := getattr(row, name), UUID)]


def rules_of(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any], type | None]]:
    """Yield the rules that a module makes itself: its functions, and what its public records tell of themselves."""
    for name, found in list(vars(module).items()):
        if getattr(found, "__module__", None) != module.__name__ or name.startswith("__"):
            continue
        if inspect.isfunction(found):
            yield name, found, None
        elif inspect.isclass(found) and is_dataclass(found) and not name.startswith("_"):
            for part, made in list(vars(found).items()):
                rule = made.fget if isinstance(made, property) else made
                if inspect.isfunction(rule) and not part.startswith("_"):
                    yield f"{name}.{part}", rule, found


@cache
def compared_with(module: ModuleType) -> list[int | float]:
    """Return the numbers that a module's rules compare with and do not call by a name, such as 300 in `status < 300`."""
    compared = (
        each for each in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(each, ast.Compare)
    )
    numbers = {
        part.value
        for each in compared
        for part in ast.walk(each)
        if isinstance(part, ast.Constant) and type(part.value) in (int, float) and 2 <= part.value < 100_000
    }
    return sorted(numbers)


@cache
def hints_of(rule: Any) -> dict[str, Any]:
    """Return the types of a rule's parameters, or of a record's fields."""
    return get_type_hints(rule)


@cache
def parameters_of(rule: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """Return what a rule is called with."""
    return tuple(inspect.signature(rule).parameters.values())


def arguments(drawer: Drawer, rule: Callable[..., Any], of: type | None) -> tuple[list[Any], dict[str, Any]]:
    """Draw what a rule is called with: in their order, and by name. Raises Untried."""
    try:
        hints, plain, named = hints_of(rule), [], {}
    except NameError as error:  # a type that only whoever reads the types imports
        raise Untried(str(error)) from error
    for each in parameters_of(rule):
        if each.name == "self" and of:
            plain.append(drawer.draw(of))
        elif each.kind is each.VAR_KEYWORD:
            continue
        elif each.kind is each.VAR_POSITIONAL:
            plain += [drawer.draw(hints[each.name], each.name) for _ in range(3)]
        elif each.default is not each.empty and drawer.random.random() < 0.3:
            if each.kind is not each.KEYWORD_ONLY:
                break
        elif each.kind is each.KEYWORD_ONLY:
            named[each.name] = drawer.draw(hints[each.name], each.name)
        else:
            plain.append(drawer.draw(hints[each.name], each.name))
    return plain, named


def shown_call(plain: Iterable[Any], named: Mapping[str, Any]) -> str:
    """Return what a rule is called with as text."""
    return ", ".join([*map(shown, plain), *(f"{key}={shown(value)}" for key, value in named.items())])


def written(module: ModuleType, name: str, rule: Callable[..., Any], of: type | None) -> list[str]:
    """Return what a rule says, as lines: what all tries come to, and a few of them. Raises Untried."""
    lines = _tried(
        Drawer(module, name), name, rule, of, CORE if module.__name__.startswith("feedback.core.") else OTHERS
    )
    if module.__name__.startswith("feedback.core.evidence.") and of is None:
        lines += _tried(CrowdDrawer(module, name), f"{name} of many", rule, of, CROWDS)
    return lines


def _tried(drawer: Drawer, name: str, rule: Callable[..., Any], of: type | None, times: int) -> list[str]:
    told = []
    for _ in range(times):
        plain, named = arguments(drawer, rule, of)
        asked = shown_call(plain, named)
        try:
            said = shown(rule(*plain, **named))
        except Exception as error:
            said = type(error).__name__
        told.append((asked, said))
    digest = sha256("\n".join(f"{asked} -> {said}" for asked, said in told).encode()).hexdigest()[:16]
    some = {said: asked for asked, said in reversed(told) if len(asked) + len(said) < WIDEST}
    return [f"{name}: {digest}", *(f"    {asked} -> {said}" for said, asked in [*some.items()][::-1][:SHOWN])]


def shown(value: Any) -> str:
    """Return a value as text: the same on every machine."""
    if value is None or type(value) in (str, int, bool):
        return repr(value)  # most are, and what follows takes its time
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, float):
        return f"{value + 0.0:.9g}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return f"#{value.int}"
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, ClauseElement):
        return " ".join(f"{value} {value.compile().params}".split())
    if isinstance(value, SQLModel):
        return f"{type(value).__name__}({', '.join(f'{key}={shown(each)}' for key, each in sorted(value))})"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    if isinstance(value, Set):
        return f"{{{', '.join(sorted(map(shown, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{shown(key)}: {shown(each)}' for key, each in value.items())}}}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f"[{', '.join(map(shown, value))}]"
    if is_dataclass(value) and not isinstance(value, type):
        told = ", ".join(shown(getattr(value, each.name)) for each in fields(value) if each.repr)
        return f"{type(value).__name__}({told})"
    return type(value).__name__ if " at 0x" in repr(value) else repr(value)
