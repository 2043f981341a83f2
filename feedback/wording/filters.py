"""Template filters that write numbers, dates and names. Where None is allowed, it is written as a dash."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from math import floor
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from flask import Flask, g

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES
from feedback.core.scoring.levels import level
from feedback.core.shares import Share
from feedback.store.people import first_name
from feedback.wording import labels, names
from feedback.wording.i18n import count_of, locale, locale_of
from feedback.wording.summary import sentences


def whole(number: float | None) -> str:
    """Write a number without decimals, such as a loyalty."""
    return "–" if number is None else f"{number:.0f}"


def percent(share: Share | float | None) -> str:
    """Write a share, or a number that is a percentage already, as a whole percentage, which no line breaks."""
    value = share.percent if isinstance(share, Share) else share
    return "–" if value is None else f"{value:.0f}\u00a0%"


def one_decimal(number: float | None) -> str:
    """Write a number with one decimal and a typographic minus."""
    return "–" if number is None else f"{number:.1f}".replace("-", "−")


def exact(number: float | None, decimals: int = 2) -> str:
    """Write a number with decimals, for calculations that readers redo on paper."""
    return "–" if number is None else f"{number:.{decimals}f}"


def rating_text(value: float | None) -> str:
    """Write a rating, or the mean of a day's ratings: 4, 3.5, 3.67."""
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def signed(number: float, decimals: int = 1) -> str:
    """Write a number with its sign: +1.3, −0.4. A number that rounds to zero has no sign."""
    text = f"{abs(number):.{decimals}f}"
    return text if float(text) == 0 else f"{'+' if number > 0 else '−'}{text}"


def span(length: timedelta | None) -> str:
    """Write a duration in minutes, from one hour on in hours, from 48 hours on in days."""
    if length is None:
        return "–"
    minutes = length.total_seconds() / 60
    if minutes < 60:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def money(amount: float | None) -> str:
    """Write an amount without decimals, grouped as usual in the reader's language, with the organisation's currency
    where one was chosen."""
    if amount is None:
        return "–"
    currency, number = g.viewer.currency if g.get("viewer") else "", round(amount)
    if currency:
        return str(
            format_currency(number, currency, format="¤¤\u00a0#,##0", locale=_dates(), currency_digits=False)
        )
    return str(format_decimal(number, locale=_dates()))


def voices(number: float) -> str:
    """Write voices with one decimal, cut and not rounded: 2.999 voices are not yet the three that a rank
    needs."""
    return f"{floor(number * 10) / 10:.1f}"


def in_voices(number: float) -> str:
    """Write voices as `voices` does, with their name: 1.0 voice, 2.3 voices."""
    shown = voices(number)
    return count_of("%(voices)s voice", "%(voices)s voices", 1 if shown == "1.0" else 2) % {"voices": shown}


def _zone() -> ZoneInfo:
    return ZoneInfo(g.get("timezone") or (g.viewer.timezone if g.get("viewer") else "UTC"))


def day(moment: datetime | date | None) -> str:
    """Write a date like 19 Nov, in the organisation's time zone and the reader's language."""
    if moment is None:
        return "–"
    return _day(moment.astimezone(_zone()).date() if isinstance(moment, datetime) else moment, _dates())


def day_in(moment: datetime, timezone: str, tag: str) -> str:
    """Write a date as `day` does, in this time zone and language."""
    return _day(moment.astimezone(ZoneInfo(timezone)).date(), _dates(tag))


@lru_cache(5000)
def _day(local: date, where: Locale | str) -> str:
    return str(format_skeleton("MMMd", datetime.combine(local, datetime.min.time()), locale=where))


def full_day(moment: datetime | None) -> str:
    """Write a date with its year, in the organisation's time zone and the reader's language."""
    return "–" if moment is None else str(format_date(moment.astimezone(_zone()), "long", locale=_dates()))


def clock_time(moment: datetime) -> str:
    """Write the time of day, in the organisation's time zone and the reader's language."""
    return str(format_time(moment.astimezone(_zone()), "short", locale=_dates()))


def ago(moment: datetime, now: datetime) -> str:
    """Write how long before or after `now` a moment is, in the reader's language."""
    return str(format_timedelta(moment - now, add_direction=True, locale=_dates(), threshold=1.2))


def months(number: int) -> str:
    """Write a number of months in the reader's language: 12 months."""
    # format_unit knows no months in some languages
    length, always_months = timedelta(days=30 * number), 10**6
    return str(format_timedelta(length, granularity="month", threshold=always_months, locale=_dates()))


def _dates(tag: str | None = None) -> Locale | str:
    found = locale_of(tag) if tag else locale()
    # English without a country is written with the day before the month.
    return "en_GB" if str(found) == "en" else found


def listed(words: list[str]) -> str:
    """Write words as the reader's language lists them: Savvy, Chemistry and Integrity."""
    return str(format_list(words, locale=_dates()))


def dimension_name(name: str) -> str:
    """Write the name of a dimension for people who sign in."""
    return name.capitalize()


def install_filters(app: Flask) -> None:
    """Give the templates the filters above, and the labels as globals."""
    app.jinja_env.filters.update(
        whole=whole,
        span=span,
        signed=signed,
        percent=percent,
        one_decimal=one_decimal,
        exact=exact,
        rating=rating_text,
        voices=voices,
        in_voices=in_voices,
        money=money,
        day=day,
        full_day=full_day,
        clock_time=clock_time,
        ago=ago,
        months=months,
        dimension=dimension_name,
        bdi=names.isolate,
        listed=listed,
        managers_of=names.managers_of,
        readers_of=names.readers_of,
        first_name=first_name,
        level=level,
        sentences=sentences,
    )
    app.jinja_env.globals.update(
        DIMENSIONS=DIMENSIONS,
        practices=PRACTICES,
        stage_words=labels.STAGE_WORDS,
        stage_phrases=labels.STAGE_PHRASES,
        signal_words=labels.SIGNAL_WORDS,
        why_no_mail_words=labels.WHY_NO_MAIL_WORDS,
        gap_words=labels.GAP_WORDS,
        alert_labels=labels.ALERT_LABELS,
        left_out_words=labels.LEFT_OUT_WORDS,
        outcome_words=labels.OUTCOME_WORDS,
        role_words=labels.ROLE_WORDS,
    )
