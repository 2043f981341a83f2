"""What each field of each form accepts is written down: forms.txt. At its limits and with nonsense, field by field."""

import os
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from pkgutil import walk_packages

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field

import feedback.web

KEPT = Path(__file__).parent / "forms.txt"
LENGTHS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25, 26, 30, 31, 32, 33, 35, 36, 40, 41, 50, 51, 60, 61,
           64, 65, 70, 71, 72, 80, 81, 99, 100, 101, 120, 121, 127, 128, 129, 160, 161, 199, 200, 201, 250, 251, 254, 255, 256, 300, 301, 319, 320, 321, 500, 501, 511,
           512, 513, 999, 1000, 1001, 1023, 1024, 1025, 1999, 2000, 2001, 2047, 2048, 2049, 3999, 4000, 4001, 4095, 4096, 4097, 10_000, 10_001)  # fmt: skip
NUMBERS = (-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 24, 25, 26, 29, 30, 31, 49, 50, 51, 59, 60, 61, 89, 90, 91, 99, 100, 101, 119, 120, 121,
           179, 180, 181, 199, 200, 201, 364, 365, 366, 367, 499, 500, 501, 729, 730, 731, 999, 1000, 1001, 10**6, 10**15, 10**16, 2**31, 2**63)  # fmt: skip
WORDS = (
    " ", "on", "off", "1", "true", "yes", "x", "4.5", "1e3", "٣", "2026-11-28", "2026-02-30", "28.11.2026", "2026-11-28T09:30", "09:30", "24:00",
    "dana@example.com", "dana@", "Dana <dana@example.com>", "https://example.com/in", "http://example.com/in", "example.com", "javascript:alert(1)",
    "Europe/Berlin", "Europe/Nowhere", "de", "pt-BR", "xx", "#c2255c", "#fff", "red", "0191d3f8-0000-7000-8000-000000000000", "a\r\nb", "a\x00b", "‮abc", "ß", "😀",
    "owner", "manager", "rep", "all", "own", "none", "late", "admin", "read", "write",
)  # fmt: skip


def forms() -> Iterator[type[FlaskForm]]:
    """Return every form there is, by module and name."""
    seen = set()
    for each in sorted(walk_packages(feedback.web.__path__, "feedback.web."), key=lambda each: each.name):
        for _, found in sorted(vars(import_module(each.name)).items()):
            if (
                isinstance(found, type)
                and issubclass(found, FlaskForm)
                and found.__module__ == each.name
                and found not in seen
            ):
                seen.add(found)
                yield found


def outcome(kind: type[FlaskForm], name: str, text: str) -> str:
    """Return what comes of a text in a field: accepted, or the reasons why not."""
    form = kind(MultiDict({name: text}), meta={"csrf": False})
    field: Field = form[name]
    if field.validate(form):
        return "taken" if str(field.data) == text else f"taken as {field.data!r}"[:80]
    return "; ".join(str(each).replace(f"'{text}'", "this") for each in field.errors)


def runs(kind: type[FlaskForm], name: str, probes: list[tuple[str, str]]) -> str:
    """Return what comes of probes (word, text), neighbours that come to the same together."""
    told = []
    for came, group in groupby(probes, key=lambda probe: outcome(kind, name, probe[1])):
        words = [word for word, _ in group]
        told.append(f"{words[0]}..{words[-1]} {came}" if len(words) > 1 else f"{words[0]} {came}")
    return " | ".join(told)


def accepts(kind: type[FlaskForm]) -> Iterator[str]:
    """Return what the fields of a form accept."""
    yield f"{kind.__module__.removeprefix('feedback.web.')} {kind.__name__}"
    for field in kind(meta={"csrf": False}):
        begins = "" if field.default is None or callable(field.default) else f", begins as {field.default!r}"
        yield f"  {field.name}: {type(field).__name__}{begins}"
        for what, probes in (
            ("letters", [(str(n), "a" * n) for n in LENGTHS]),
            ("numbers", [(str(n), str(n)) for n in NUMBERS]),
            ("words", [(ascii(word), word) for word in WORDS]),
        ):
            came = runs(kind, field.name, probes)
            if " | " in came or not came.endswith(" taken"):  # what takes anything needs no words
                yield f"    {what}: {came}"


@pytest.fixture
def now(app) -> str:
    """What all forms accept now."""
    with app.test_request_context("/", method="POST"):
        return "".join(f"{line}\n" for kind in forms() for line in accepts(kind))


def test_forms_accept_what_is_written(now):
    if os.environ.get("WRITE_GOLDEN"):
        KEPT.write_text(now, encoding="utf-8")
    kept = KEPT.read_text(encoding="utf-8").splitlines()
    different = [f"-{a}\n+{b}" for a, b in zip(kept, now.splitlines(), strict=False) if a != b]
    assert not different, "If it is meant: make golden.\n" + "\n".join(different[:10])
    assert now.splitlines() == kept


def test_every_form_is_tried():
    assert len(list(forms())) > 20
