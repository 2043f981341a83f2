"""Names within sentences of the client's pages: kept whole, set apart from the direction of the text around them, and
listed as the language lists them."""

from collections.abc import Iterable
from functools import lru_cache

from babel.lists import format_list
from markupsafe import Markup, escape

from feedback.store.invitation_view import InvitationView
from feedback.store.people import first_name
from feedback.wording.i18n import language, locale_of, translations, written_locale


def isolate(name: str) -> Markup:
    """Return a name, or a date, whose direction neither takes nor gives anything to the text around it."""
    return Markup("<bdi>{}</bdi>").format(name)


def listed(names: Iterable[str], tag: str) -> Markup:
    """Return names as a language lists them: Alice, Bob and Carol."""
    return Markup(format_list([str(escape(name)) for name in names], locale=locale_of(tag)))  # noqa: S704 (escaped)


def listed_words(words: list[str]) -> str:
    """Return words as the reader's language lists them: Savvy, Chemistry and Integrity."""
    return str(format_list(words, locale=written_locale()))


@lru_cache(2000)
def managers_in(tag: str, managers: tuple[str, ...], organisation: str) -> Markup:
    """Return the managers of the rep's team by their first names, or the organisation's where the team has none. tag: the
    language."""
    translated = translations(tag).ugettext
    if not managers:
        words = Markup(translated("managers at %(organisation)s"))  # noqa: S704 (our own words)
        return words % {"organisation": isolate(organisation)}
    words = Markup(translated("%(name)s (manager)"))  # noqa: S704 (our own words)
    return listed((words % {"name": isolate(first_name(name))} for name in managers), tag)


def managers_line(tag: str, managers: tuple[str, ...], organisation: str, *, in_parts: bool) -> Markup:
    """Return the sentence about what managers see of an answer. tag: the language. in_parts: a works agreement leaves
    them the words and what was rated low."""
    names = managers_in(tag, managers, organisation)
    return _seen(tag, names, in_parts=in_parts)


def readers_lines(invitation: InvitationView) -> list[Markup]:
    """Return the sentences about who sees the client's answer: the rep, unless the client said otherwise, and managers."""
    tag, in_parts, shown = language(), invitation.works_agreement, not invitation.client.hidden_from_rep
    rep, whose = isolate(invitation.rep_first), (invitation.managers, invitation.organisation)
    if shown and not in_parts:
        return [_seen(tag, listed((rep, managers_in(tag, *whose)), tag))]
    return [*([_seen(tag, rep)] if shown else []), managers_line(tag, *whose, in_parts=in_parts)]


def _seen(tag: str, names: Markup, *, in_parts: bool = False) -> Markup:
    translated = translations(tag).ugettext
    whole = translated("Who sees your answers: %(names)s")
    words = translated("Who sees your words and low ratings: %(names)s") if in_parts else whole
    return Markup(words) % {"names": names}  # noqa: S704 (our own words)
