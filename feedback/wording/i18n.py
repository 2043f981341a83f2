"""The client's page in the client's language. Catalogues are read as they stand, without a build step."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations
from flask import Flask, g, request

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"
_OLD_CODES = {"no": "nb", "iw": "he", "in": "id", "zh": "zh-Hans"}


@cache
def languages() -> tuple[str, ...]:
    """The languages there is a catalogue for, and English, by their own names."""
    found = [SOURCE, *(path.stem for path in FOLDER.glob("*.po"))]
    return tuple(sorted(found, key=lambda tag: own_name(tag).casefold()))


@cache
def own_name(tag: str) -> str:
    """What the language calls itself: Deutsch, 日本語."""
    locale = Locale.parse(tag, sep="-")
    name = locale.get_display_name(locale) or tag
    return name[:1].upper() + name[1:]


@cache
def translations(tag: str) -> NullTranslations:
    path = FOLDER / f"{tag}.po"
    if tag == SOURCE or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=tag.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def use_language(*wishes: str | None) -> str:
    """Use the first wish we have a language for, and remember it for this request; returns its tag."""
    for wish in wishes:
        found = wish and matching_language(wish)
        if found:
            g.language = found
            return found
    g.language = SOURCE
    return SOURCE


def matching_language(wish: str) -> str | None:
    """Our tag for a wished language: de-AT finds de, zh-TW finds zh-Hant, no finds nb."""
    try:
        locale = Locale.parse(_OLD_CODES.get(wish.casefold(), wish.replace("_", "-")), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    with_script = f"{locale.language}-{locale.script}"
    return next((tag for tag in (with_script, locale.language) if tag in languages()), None)


def browser_language() -> str | None:
    """The best of the browser's languages that we have."""
    for wish, _ in request.accept_languages:
        if wish != "*" and (found := matching_language(wish)):
            return found
    return None


def language() -> str:
    return str(g.get("language", SOURCE))


def locale() -> Locale:
    return Locale.parse(language(), sep="-")


def install(app: Flask) -> None:
    """Teach the templates _() and ngettext()."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_gettext_callables(
        lambda text: translations(language()).ugettext(text),
        lambda one, many, n: translations(language()).ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        language=language,
        languages=languages,
        own_name=own_name,
        direction=lambda: locale().text_direction,
    )


def translate(text: str) -> str:
    return str(translations(language()).ugettext(text))


def lazy_text(text: str) -> LazyProxy:
    """A text that is looked up when it is shown, in the language of that moment."""
    return LazyProxy(translate, text, enable_cache=False)
