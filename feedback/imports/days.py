"""Days and times as spreadsheets and other programs write them, made such that each can be read in one way alone."""

import re
from functools import cache

_DAY_FIRST = re.compile(r"(?P<d>[0-9]{1,2})\. ?(?P<m>[0-9]{1,2})\. ?(?P<y>[0-9]{4})(?![0-9])")
_YEAR_FIRST = re.compile(
    r"(?P<y>[0-9]{4})(?P<mark>[/.-]) ?(?P<m>[0-9]{1,2})(?P=mark) ?(?P<d>[0-9]{1,2})(?![0-9])\.?"
)
_JAPANESE = re.compile(r"(?P<y>[0-9]{4})年 ?(?P<m>[0-9]{1,2})月 ?(?P<d>[0-9]{1,2})日")
_MONTH = (
    "(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_NAMED = (
    re.compile(rf"(?P<d>[0-9]{{1,2}})[ .-]+{_MONTH}[ .,-]+(?P<y>[0-9]{{4}})(?![0-9])", re.IGNORECASE),
    re.compile(rf"{_MONTH}\.? (?P<d>[0-9]{{1,2}}),? (?P<y>[0-9]{{4}})(?![0-9])", re.IGNORECASE),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = re.compile(r"([^\W\d_]{2,12})\.?,? (?=[0-9]|[A-Za-z]{3})")
_WEEKDAYS_IN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi")
_HALF_DAY = re.compile(r"(0?[1-9]|1[0-2])(:[0-9]{2}(?::[0-9]{2})?)?\s?([ap])\.?m\.?(?![a-z])", re.IGNORECASE)
_OFFSET = re.compile(r"\s*(?:GMT|UTC)(?=[+-][0-9])", re.IGNORECASE)
_ZONE_AGAIN = re.compile(r"(?<=[0-9Zz])\[[\w/+-]+\]$")  # of Java, behind the offset


def iso_day(text: str) -> str:
    """Return a text that begins with a day as one that begins with 2026-05-01, as far as the day can be read in one way
    alone: 1.5.2026 with dots, 2026/05/01 and 2026-5-1 with the year first, 1 May 2026. 05/01/2026 is two days, and
    stays. The time behind it is one of 24 hours then."""
    found = _day_in(text)
    if found is None and (weekday := _WEEKDAY.match(text)) and weekday[1].casefold() in _weekdays():
        text = text[weekday.end() :]
        found = _day_in(text)
    if found is None:
        return text
    said = found.groupdict()
    month = said["m"] if said["m"].isdigit() else _MONTHS.index(said["m"][:3].lower()) + 1
    rest = _HALF_DAY.sub(_whole_day, text[found.end() :].lstrip(" ,Tt").rstrip(" ,"), count=1)
    rest = _ZONE_AGAIN.sub("", _OFFSET.sub("", rest))
    return f"{said['y']}-{int(month):02}-{int(said['d']):02} {re.sub('^(?=[0-9]:)', '0', rest)}".rstrip()


@cache
def _weekdays() -> frozenset[str]:
    """Return what weekdays are called, in small letters; another word before a day, as in "before 1 May 2026", says
    something else."""
    from babel.dates import get_day_names  # only files that name them need it

    names = (
        get_day_names(width, locale=tag) for tag in _WEEKDAYS_IN for width in ("wide", "abbreviated", "short")
    )
    return frozenset(name.casefold().rstrip(".") for each in names for name in each.values())


def _day_in(text: str) -> re.Match[str] | None:
    return next(
        filter(None, (each.match(text) for each in (_DAY_FIRST, _YEAR_FIRST, *_NAMED, _JAPANESE))), None
    )


def _whole_day(found: re.Match[str]) -> str:
    """Return 14:30 for 2:30 PM."""
    hour = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
    return f"{hour:02}{found[2] or ':00'}"
