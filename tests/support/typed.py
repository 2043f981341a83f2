"""What is typed into forms, and stands in addresses: drawn when a page asks for it, by the field's name and by what the
forms and templates know of it."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, DateTimeField, Field, IntegerField
from wtforms.validators import AnyOf, NumberRange

import feedback.web
from feedback.app import RESOURCES
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import ALPHABET, RANDOM_LENGTH, TOKEN_LENGTH
from support.likely import NUMBERS, WORDS
from support.trying import TEXTS

BUTTON = re.compile(r'\bname="([a-z_]+)"[^>{}]*?\bvalue="([^"{}]*)"')
NAMED = re.compile(r'<(?:input|button|select|textarea)\b[^>]*?\bname="([\w-]+)"')
STARTS = re.compile(r'"((?:column|doubt|promise|rep|row)-)"')
READ = (
    re.compile(r'\b(?:form|args|values|files)\.(?:get|getlist)\(\s*"([\w-]+)"'),
    re.compile(r'\b(?:form|args|values|files)\["([\w-]+)"\]'),
    re.compile(r'"([\w-]+)" in request\.(?:form|args|values|files)'),
)
NOT_FIELDS = {"csrf_token"}  # the fuzz sends the real one
IDS = tuple(str(UUID(int=n)) for n in (1, 1, 2, 3))
# fields that hold the id of something
NAME_IDS = {
    "account", "after", "alert", "away", "calendar", "clients", "company", "contact_id", "entry", "id", "invitation", "organisation", "other", "person",
    "rep", "rep_id", "same", "team", "teams",
}  # fmt: skip
DAYS = ("2026-11-18", "2026-11-17", "2026-11-25", "2026-02-30", "2027-03-01")
MOMENTS = ("2026-11-18T09:30", "2026-11-17T16:00", "2026-11-25T09:00", "2026-11-18")
WHOLE = ("0", "1", "2", "3", "5", "30", "x")
YES = ("1", "1", "")
_TOKEN, _KEY = (ALPHABET * 2)[:TOKEN_LENGTH], (ALPHABET * 2)[3 : 3 + RANDOM_LENGTH]
OWN = {
    "page": ("1", "1", "2", "2", "3", "x"),
    "token": (_TOKEN, _TOKEN, _TOKEN, f"{_TOKEN[:-1]}A", "x"),
    "period": ("year", "quarter", "all", "x"),
    "next": ("/today", "/reps", "//x.example", "https://x.example"),
    "lang": ("de", "en", "xx"),
    "key": (_KEY, _KEY, _KEY, f"{_KEY[:-1]}A", "x", ""),
    "step": ("thanks", "extras", "x"),
    "weeks": ("4", "1"),
    "seen": ('{"name": "a", "half_life_days": "90", "integrity": "Honest"}', "{}", "x"),
}


def forms() -> list[type[FlaskForm]]:
    """Return every form there is, by module and name."""
    modules = (import_module(each.name) for each in walk_packages(feedback.web.__path__, "feedback.web."))
    found = {
        (each.__module__, each.__name__): each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, FlaskForm)
    }
    return [found[key] for key in sorted(found)]


@cache
def known_words() -> dict[str, tuple[str, ...]]:
    """Return what may be chosen or typed in each field, as far as forms and templates tell. Needs a request."""
    words: dict[str, dict[str, None]] = {}
    for path in sorted((RESOURCES / "templates").rglob("*.html")):
        for name, value in BUTTON.findall(path.read_text(encoding="utf-8")):
            words.setdefault(name, {})[value] = None
    for form in forms():
        for field in form(meta={"csrf": False}):
            words.setdefault(field.name, {}).update(dict.fromkeys(_fitting(field)))
    return {name: tuple(found) for name, found in words.items() if found}


@cache
def field_names() -> frozenset[str]:
    """Return the names of all fields of forms and templates, and all that a view asks a form or an address for; a name
    that goes on with an id or a number does so with 1. Needs a request."""
    sources = sorted(Path(feedback.web.__file__).parent.glob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    pages = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((RESOURCES / "templates").rglob("*.html"))
    )
    found = {name for pattern in READ for name in pattern.findall(code)}
    found |= {f"{begun}1" for begun in STARTS.findall(code)} | set(NAMED.findall(pages))
    found |= {field.name for form in forms() for field in form(meta={"csrf": False})}
    return frozenset(found - NOT_FIELDS)


def _fitting(field: Field) -> list[str]:
    """Return what a field takes, and some of what it does not."""
    if isinstance(field, BooleanField):
        return ["y"]
    if isinstance(field, DateField):
        return [*DAYS]
    if isinstance(field, DateTimeField):
        return [*MOMENTS]
    found = [str(value) for value, *_ in getattr(field, "choices", None) or ()]
    for each in field.validators:
        if isinstance(each, AnyOf):
            found += map(str, each.values)
        if isinstance(each, NumberRange):
            found += [str(n + by) for n in (each.min, each.max) if n is not None for by in (-1, 0, 1)]
    return found or ([*WHOLE] if isinstance(field, IntegerField) else [])


class Typed(MultiDict[str, str]):
    """Fields that have a value as soon as one is asked for: the same for the same name."""

    def __init__(self, about: str, often: float) -> None:
        super().__init__()
        self.about, self.often = about, often

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return bool(self.getlist(str(name)))

    def __getitem__(self, name: str) -> str:
        return next(iter(self.getlist(name)), "")

    def get(self, name: str, default: Any = None, type: Any = None) -> Any:
        """Return what was typed into a field."""
        found = self.getlist(name)
        try:
            return type(found[0]) if type and found else found[0] if found else default
        except ValueError:
            return default

    def getlist(self, name: str, type: Any = None) -> list[Any]:
        """Return all that was chosen in a field."""
        dice = Random(f"{self.about} {name}")
        if dice.random() > self.often:
            return []
        return [_text(dice, name) for _ in range(dice.choice((1, 1, 1, 2)))]


def _text(dice: Random, name: str) -> str:
    known = known_words().get(name, ())
    if known and dice.random() < 0.8:
        return dice.choice(known)
    if name in OWN:
        return dice.choice(OWN[name])
    if name in DIMENSIONS:
        return dice.choice(("1", "2", "3", "4", "5", "6", ""))
    if name in NAME_IDS:
        return dice.choice(IDS)
    if name in WORDS:
        return str(dice.choice(WORDS[name]))
    if name in NUMBERS:
        return str(dice.choice(NUMBERS[name]))
    return dice.choice((*TEXTS, *YES, *YES))
