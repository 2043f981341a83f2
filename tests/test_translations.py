"""No string on a client's page is untranslated, in any language we claim to speak."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from markupsafe import Markup

from feedback.core.lukewarm.detection import lukewarm_words
from feedback.core.lukewarm.vocabulary import LUKEWARM
from feedback.wording import i18n
from feedback.wording.language_names import OWN_NAMES

ROOT = Path(__file__).parent.parent
CATALOGUES = sorted(i18n.FOLDER.glob("*.po"))
APPS = sorted(i18n.APP.glob("*.po"))
# Where the words of clients are; all else is for people who sign in.
PLACES = (("templates/client", "**.html", "jinja2"), ("templates/layouts", "client.html", "jinja2"),
          ("templates/errors", "client.html", "jinja2"), ("templates/mail", "receipt.txt", "jinja2"), ("templates/mail", "ask.*", "jinja2"),
          ("templates/start", "client.html", "jinja2"), ("feedback/web", "**.py", "python"),
          ("feedback/sending", "**.py", "python"), ("feedback/wording", "**.py", "python"))  # fmt: skip
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_text": None,
    "translate": None,
    "translated": None,
}


@pytest.fixture(scope="module")
def strings() -> set[str]:
    """Every text that a client may see, as it stands in the source."""
    found = {
        message
        for folder, names, method in PLACES
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, [(names, method)], keywords=KEYWORDS)
    }
    return {text for text in found if isinstance(text, str)}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)


def placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"%\(\w+\)s", text)))


def test_at_least_28_languages_are_available():
    assert len(i18n.languages()) >= 28
    assert {"ar", "he", "zh-Hans", "zh-Hant", "ja", "ko", "hi"} <= set(i18n.languages())


@pytest.mark.parametrize("tag", i18n.languages())
def test_every_language_is_called_what_it_calls_itself(tag):
    locale = i18n.locale_of(tag)
    assert OWN_NAMES[tag].casefold() == locale.get_display_name(locale).casefold()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_string_is_translated_with_its_placeholders(path, strings):
    known = catalogue(path)
    missing = [text for text in strings if not (m := known.get(text)) or not m.string or m.fuzzy]
    broken = [m.id for m in known if m.id and placeholders(m.id) != placeholders(m.string)]
    stale = [m.id for m in known if m.id and m.id not in strings]
    assert (missing, broken, stale) == ([], [], [])


@pytest.mark.parametrize(
    ("wish", "found"),
    [("de-AT", "de"), ("pt-BR", "pt"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"),
     ("zh", "zh-Hans"), ("no", "nb"), ("nn-NO", None), ("iw", "he"), ("in", "id"), ("en-US", "en"), ("xx", None),
     ("", None), ("../../etc", None)],
)  # fmt: skip
def test_nearest_language_is_found(wish, found):
    assert i18n.matching_language(wish) == found


@pytest.mark.parametrize("tag", [path.stem for path in CATALOGUES])
def test_every_language_has_lukewarm_words(tag):
    assert len(LUKEWARM[tag]) >= 8
    assert all(lukewarm_words(phrase) for phrase in LUKEWARM[tag])


@pytest.mark.parametrize(
    "comment",
    ["Passt, danke.", "Tout va bien", "todo bien", "Va bene.", "まあまあです", "还可以", "괜찮아요", "ठीक है"],
)
def test_fine_is_recognised_in_other_languages(comment):
    assert lukewarm_words(comment)


@pytest.mark.parametrize(
    "comment",
    ["Nicht zufrieden", "no estoy satisfecho", "pas satisfait", "不可以", "最高でした", "Ausgezeichnet"],
)
def test_other_foreign_comments_are_not_lukewarm(comment):
    assert not lukewarm_words(comment)


def _filled(app: Flask, message: Message, when: str) -> Iterator[str]:
    """What templates and code make of a text, in each of its forms, where all that is put in is such a day."""
    several = message.id if isinstance(message.id, tuple) else (message.id,)
    values = dict.fromkeys(re.findall(r"%\((\w+)\)s", " ".join(several)), Markup(when))  # noqa: S704 (our own words)
    values.pop("num", None)
    if len(several) == 1:
        yield i18n.app_text(message.id, **values)
        yield app.jinja_env.from_string("{{ _(text, **values) }}").render(text=message.id, values=values)
    else:
        for number in (1, 2):
            yield i18n.app_count(*several, number, **values)
            yield app.jinja_env.from_string("{{ ngettext(*texts, **values) }}").render(
                texts=(*several, number), values=values
            )


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", [*CATALOGUES, *APPS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_day_ends_with_two_full_stops(app, path):
    """Days end with one in twenty languages: 6. Nov., nov. 6., 6 ноября 2026 г."""
    use = i18n.use_app_language if path in APPS else i18n.use_language
    with app.test_request_context():
        assert use(path.stem) == path.stem
        for message in catalogue(path):
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and any(re.search(r"%\(\w+\)s\.", each) for each in words):
                for when in ("6. Nov.", "<bdi>6 ноября 2026 г.</bdi>"):
                    for said in _filled(app, message, when):
                        assert ".." not in re.sub(r"</?bdi>", "", said), said


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_full_stops_of_a_text_stay(app):
    with app.test_request_context():
        i18n.use_app_language("de")
        said = [
            i18n.app_text("Handed over by %(rep)s on %(day)s.", rep="A", day=day)
            for day in ("6. Nov.", "heute")
        ]
    assert said == ["Übergeben von A am 6. Nov.", "Übergeben von A am heute."]
