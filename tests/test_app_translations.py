"""The pages of people who sign in: every word has its translation, in every language they have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from feedback.core.gaps.practices import PRACTICES
from feedback.core.passwords import password_problem
from feedback.wording import i18n
from feedback.wording.labels import LOOKED_UP

ROOT = Path(__file__).parent.parent
TAGS = sorted(path.stem for path in i18n.APP.glob("*.po"))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "_app": None,
    "ngettext": (1, 2),
    "app_text": None,
    "lazy_app_text": None,
    "app_count": (1, 2),
}
# Rooms of owners, whose pages are in English as a whole, and pages of clients, who have catalogues of their own.
ELSEWHERE = {"people", "teams", "imports", "exports", "settings", "webhooks", "chat", "audit", "status", "privacy", "start", "client"}  # fmt: skip
CLIENTS = {"client.html", "receipt.txt"}
PYTHON = ("web", "actions", "calendar", "chat", "sending", "wording")
TRIMMED: dict[str, Any] = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}


def _extracted() -> Iterator[tuple[str, Any]]:
    for folder in (ROOT / "templates").iterdir():
        if folder.is_dir() and folder.name not in ELSEWHERE:
            methods = [("**.html", "jinja2"), ("**.txt", "jinja2")]
            for found in extract_from_dir(folder, methods, options_map=TRIMMED, keywords=KEYWORDS):
                yield found[0], found[2]
    for name in PYTHON:
        for found in extract_from_dir(ROOT / "feedback" / name, [("**.py", "python")], keywords=KEYWORDS):
            yield found[0], found[2]


@pytest.fixture(scope="module")
def strings() -> set[str]:
    """Every text that somebody who signs in may read, as it stands in the source."""
    found = {words for name, words in _extracted() if Path(name).name not in CLIENTS}
    return found | {words for several in PRACTICES.values() for words in several}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)


def parts(words: str) -> list[str]:
    """Return what a translation has to have as well: placeholders, names and tags."""
    return sorted(set(re.findall(r"%\(\w+\)s|%%|\{\w+\}|</?\w+[^>]*>", words)))


def broken(message: Message) -> bool:
    """Tell whether a plural has other placeholders than its source, or a text other parts."""
    sources = message.id if isinstance(message.id, tuple) else (message.id,)
    words = message.string if isinstance(message.string, tuple) else (message.string,)
    if len(sources) == 1:
        return parts(sources[0]) != parts(words[0])
    # A singular may say "one" without its number.
    return parts(sources[1]) != parts(words[1]) or not set(parts(words[0])) <= set(parts(sources[1]))


def test_four_languages_are_there():
    assert set(i18n.app_languages()) == {"en", "de", "fr", "es"}


@pytest.mark.parametrize("tag", TAGS)
def test_every_word_of_the_app_is_translated(tag, strings):
    ours, clients = catalogue(i18n.APP / f"{tag}.po"), catalogue(i18n.FOLDER / f"{tag}.po")
    known = {m.id: m for m in ours if m.id}
    missing = [
        words for words in strings
        if not ((m := known.get(words) or clients.get(words)) and all(m.string if isinstance(words, tuple) else [m.string]))
    ]  # fmt: skip
    assert missing == []
    assert [m.id for m in known.values() if m.fuzzy or broken(m)] == []
    assert [words for words in known if words not in strings] == []


@pytest.mark.parametrize("tag", TAGS)
def test_no_quote_ends_an_attribute(tag):
    """What has no tag may stand in an attribute, where a straight quote would end it."""
    for message in catalogue(i18n.APP / f"{tag}.po"):
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.id or any("<" in each for each in words) or '"' not in "".join(words), message.id


def test_refusals_of_a_password_are_known():
    own = ("Alice Baker", "alice@example.com")
    tried = ("short", "x1y2" * 60, "aaaaaaaaaaaaaaaa", "alice@example.com")
    assert {password_problem(each, own) for each in tried} <= {str(words) for words in LOOKED_UP}


def test_imported_macros_keep_no_language():
    """A template that is imported without context is run once: words at its top would stay in one language."""
    looked_at = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if text.lstrip().startswith(("{% extends", "<!doctype")) or "{% macro" not in text:
            continue
        name = path.relative_to(ROOT / "templates").as_posix()
        importers = [
            p for p in (ROOT / "templates").rglob("*.html") if f'from "{name}" import' in p.read_text()
        ]
        if all(re.search(rf'from "{name}" import [^%]*with context', p.read_text()) for p in importers):
            continue
        looked_at.add(name)
        outside = text[: text.index("{% macro")] + text[text.rindex("endmacro") :]
        assert not re.search(r"\b_\(|ngettext\(|\{%-? trans", outside), name
    assert "shared/_charts.html" in looked_at, looked_at


# What one thing would be called beside the word that docs/translating.md has for it.
SECOND_WORDS = {
    "de": r"Kundenfirm|Knöpfe|\bKnopf\b",
    "fr": r"agenda|\bissues?\b|interrogé",
    "es": r"lealtad|desenlace|consult(ar a|ado|ó)",
}


@pytest.mark.parametrize("tag", TAGS)
def test_one_thing_has_one_word(tag):
    """Also: nobody is called du, tu or tú, French signs keep to their word, and Spanish questions are opened."""
    familiar = {
        "de": r"\b([Dd]u|[Dd]eine?[mnrs]?|dir|dich)\b",
        "fr": r"\b(tu|ton|tes|toi)\b",
        "es": r"\b(tú|tus?|te)\b",
    }
    for message in catalogue(i18n.APP / f"{tag}.po"):
        for words in message.string if isinstance(message.string, tuple) else (message.string,):
            said = re.sub(r"<[^>]*>", "", words) if message.id else ""
            assert not re.search(SECOND_WORDS[tag], said), said
            assert not re.search(familiar[tag], said), said
            assert tag != "fr" or not re.search(r" [:;?!»]|« ", said), said
            assert tag != "es" or (said.count("?"), said.count("!")) == (said.count("¿"), said.count("¡")), (
                said
            )
