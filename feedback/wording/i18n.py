"""The language of a page. Catalogues are read from their .po files, without a build step.

Clients' pages have a catalogue of their own for each of many languages; the pages of people who sign in have a second
one (APP) for each of a few, which is read when the first of them asks for it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol
from babel.support import LazyProxy, NullTranslations, Translations
from flask import Flask, g, has_app_context, request
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from feedback.wording.language_names import OWN_NAMES

FOLDER = Path(__file__).parent / "translations"
APP = FOLDER / "app"
SOURCE = "en"
# What the menu of the client's first view has, besides the language it is in; the rest is a choice away.
COMMON = ("ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "tr", "uk", "zh-Hans")
EVERY_LANGUAGE = "-all"  # ends a wish for the page with every language in its menu
LONGEST_HEADER = 500  # characters of Accept-Language that are read
_OLD_CODES = {"no": "nb", "iw": "he", "in": "id", "zh": "zh-Hans"}  # as browsers send them: ours


@cache
def languages() -> tuple[str, ...]:
    """Return the tags of the languages that have a catalogue, and of English, sorted by own_name."""
    found = [SOURCE, *(path.stem for path in FOLDER.glob("*.po"))]
    return tuple(sorted(found, key=lambda tag: own_name(tag).casefold()))


@cache
def own_name(tag: str) -> str:
    """Return the name of a language in that language: Deutsch, 日本語."""
    if known := OWN_NAMES.get(tag):
        return known
    locale = Locale.parse(tag, sep="-")
    name = locale.get_display_name(locale) or tag
    return name[:1].upper() + name[1:]


@cache
def translations(tag: str) -> NullTranslations:
    """Return the catalogue of a language; one that translates nothing when there is none."""
    return _read(FOLDER, tag)


@cache
def app_languages() -> tuple[str, ...]:
    """Return the tags of the languages that the pages of people who sign in have, sorted by own_name."""
    return tuple(tag for tag in languages() if tag == SOURCE or (APP / f"{tag}.po").exists())


@cache
def app_translations(tag: str) -> NullTranslations:
    """Return the catalogue for people who sign in; what clients read as well is in theirs."""
    found = _read(APP, tag)
    found.add_fallback(translations(tag))
    return found


def _read(folder: Path, tag: str) -> NullTranslations:
    path = folder / f"{tag}.po"
    if tag == SOURCE or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=tag.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def menu_languages() -> tuple[str, ...]:
    """Return the languages for the menu of this page, sorted by own_name."""
    return languages() if g.get("every_language") else _short_menu(language())


@cache
def _short_menu(current: str) -> tuple[str, ...]:
    return tuple(tag for tag in languages() if tag in COMMON or tag == current)


def use_language(*wishes: str | None) -> str:
    """Use the first of `wishes` (language tags) that we have, else English, for this request; return its
    tag. A tag with EVERY_LANGUAGE after it asks for the long menu as well."""
    for wish in wishes:
        if wish and wish.endswith(EVERY_LANGUAGE):
            g.every_language = True
            wish = wish.removesuffix(EVERY_LANGUAGE)
        found = wish and matching_language(wish)
        if found:
            return _use(found, translations(found))
    return _use(SOURCE, translations(SOURCE))


def first_language(*wishes: str | None) -> str:
    """Return the first of `wishes` (language tags) that we have, else English."""
    return next(filter(None, (wish and matching_language(wish) for wish in wishes)), SOURCE)


def use_app_language(*wishes: str | None) -> str:
    """Use the first of `wishes` (language tags) that app_languages has, else English, for this request or mail; return
    its tag."""
    found = next(filter(None, map(app_language, wishes)), SOURCE)
    return _use(found, app_translations(found))


def _use(tag: str, catalogue: NullTranslations) -> str:
    g.language, g.catalogue = tag, catalogue
    return tag


def app_language(wish: str | None) -> str | None:
    """Return the tag of app_languages for a requested language tag; None for none."""
    found = matching_language(wish) if wish else None
    return found if found in app_languages() else None


@lru_cache(1000)
def matching_language(wish: str) -> str | None:
    """Return our tag for a requested language tag (de for de-AT, zh-Hant for zh-TW, nb for no); None for
    none."""
    try:
        locale = Locale.parse(_OLD_CODES.get(wish.casefold(), wish.replace("_", "-")), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    with_script = f"{locale.language}-{locale.script}"
    return next((tag for tag in (with_script, locale.language) if tag in languages()), None)


def browser_language() -> str | None:
    """Return the browser's most preferred language that we have; None when we have none of them."""
    return preferred_language(request.headers.get("Accept-Language", "")[:LONGEST_HEADER])


@lru_cache(1000)
def preferred_language(header: str) -> str | None:
    """Return the most preferred language of an Accept-Language header that we have; None when we have none."""
    return next(filter(None, map(matching_language, _wishes(header))), None)


def browser_app_language() -> str | None:
    """Return the browser's most preferred language that app_languages has; None when it wants none of them."""
    return preferred_app_language(request.headers.get("Accept-Language", "")[:LONGEST_HEADER])


@lru_cache(1000)
def preferred_app_language(header: str) -> str | None:
    """Return the most preferred language of an Accept-Language header that app_languages has; None for none."""
    return next(filter(None, map(app_language, _wishes(header))), None)


def _wishes(header: str) -> Iterator[str]:
    return (wish for wish, _ in parse_accept_header(header, LanguageAccept) if wish != "*")


def language() -> str:
    """Return the tag of this request's language; English outside of one."""
    return str(g.get("language", SOURCE)) if has_app_context() else SOURCE


def catalogue() -> NullTranslations:
    """Return the catalogue of this request; that of English outside of one."""
    found = g.get("catalogue") if has_app_context() else None
    return found or translations(SOURCE)


def locale() -> Locale:
    """Return this request's language as a Babel locale."""
    return locale_of(language())


@cache
def locale_of(tag: str) -> Locale:
    """Return a language of ours as a Babel locale."""
    return Locale.parse(tag, sep="-")


def written_locale(tag: str | None = None) -> Locale | str:
    """Return the locale for dates, numbers and lists of a language; of this request's without one."""
    found = locale_of(tag) if tag else locale()
    # English without a country is written with the day before the month.
    return "en_GB" if str(found) == "en" else found


def local_number(text: str) -> str:
    """Write a number with the reader's decimal sign, which in English is the point."""
    return text.replace(".", _decimal_sign(locale()))


@cache
def _decimal_sign(where: Locale) -> str:
    return str(get_decimal_symbol(where))


def install_translations(app: Flask) -> None:
    """Give the templates _(), ngettext() and the functions about languages."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_gettext_callables(str, lambda one, many, n: one, newstyle=True)
    fill_in = environment.globals["gettext"]  # which escapes what is put in

    @pass_context
    def gettext(context: Context, text: str, /, **values: object) -> object:
        return fill_in(context, without_second_stops(translate(text), values), **values)

    @pass_context
    def ngettext(context: Context, one: str, many: str, num: int, /, **values: object) -> object:
        values.setdefault("num", num)
        words = str(catalogue().ungettext(one, many, num))
        return fill_in(context, without_second_stops(words, values), **values)

    environment.policies["ext.i18n.trimmed"] = True  # a sentence may stand on several lines
    environment.globals.update(
        gettext=gettext,
        ngettext=ngettext,
        language=language,
        EVERY_LANGUAGE=EVERY_LANGUAGE,
        languages=languages,
        app_languages=app_languages,
        menu_languages=menu_languages,
        own_name=own_name,
        direction=lambda: locale().text_direction,
    )


def without_second_stops(text: str, values: Mapping[str, object]) -> str:
    """Return a text to be filled in without the full stops that follow a value which ends with one: 6. Nov."""
    for name in _before_stops(text):
        if str(values[name]).removesuffix("</bdi>").endswith("."):
            text = text.replace(f"%({name})s.", f"%({name})s")
    return text


@lru_cache(5000)
def _before_stops(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"%\((\w+)\)s\.", text))


def translate(text: str) -> str:
    """Translate a text into this request's language."""
    return str(catalogue().ugettext(text))


def lazy_text(text: str) -> LazyProxy:
    """Return a text that is translated when it is shown, into the language of that request."""
    return LazyProxy(translate, text, enable_cache=False)


def app_text(text: str, **values: object) -> str:
    """Translate a text for people who sign in, and fill in its placeholders: %(name)s. A % of its own is doubled."""
    return without_second_stops(translate(text), values) % values


def app_count(one: str, many: str, num: int, **values: object) -> str:
    """Translate the text that goes with a number, which is its %(num)s, and fill in its placeholders."""
    filled = {"num": num, **values}
    return without_second_stops(str(catalogue().ungettext(one, many, num)), filled) % filled


def lazy_app_text(text: str, **values: object) -> Any:
    """Return a stand-in for a str: what app_text returns, made when it is shown."""
    return LazyProxy(app_text, text, enable_cache=False, **values)
