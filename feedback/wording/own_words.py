"""The words of the six rows and the five ratings: the standard ones, and an organisation's own in their place."""

from functools import cache

from feedback.core.dimensions import DIMENSIONS
from feedback.core.wording import NAMES, RATINGS, Words
from feedback.wording.i18n import translations


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


# In the order of core.wording.NAMES.
_STANDARD = (
    _("Keeps promises"),
    _("Has the skills to deliver"),
    _("Makes me feel valued"),
    _("Looks out for me, no surprises"),
    _("Understands my world"),
    _("Good to work with"),
    _("Poor"),
    _("Weak"),
    _("Fine"),
    _("Good"),
    _("Fantastic"),
)


@cache
def standard_words(tag: str) -> Words:
    """Return the standard words in a language of ours, by the names of core.wording."""
    texts = translations(tag)
    return {name: str(texts.ugettext(text)) for name, text in zip(NAMES, _STANDARD, strict=True)}


def rows_and_ratings(tag: str, own: Words) -> tuple[dict[str, str], list[str]]:
    """Return what the six rows are called in a language, by dimension, and the five ratings. own: the organisation's
    words in it."""
    words = {**standard_words(tag), **own}
    return {name: words[name] for name in DIMENSIONS}, [words[name] for name in RATINGS]
