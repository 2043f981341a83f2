"""Template filters that write numbers, dates and names. Where None is allowed, it is written as a dash."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from math import floor
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import Flask, g

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES
from feedback.core.scoring.levels import level
from feedback.core.shares import Share
from feedback.store.people import first_name
from feedback.wording import labels, names
from feedback.wording.i18n import app_count, app_text, local_number, written_locale
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
    return "–" if number is None else local_number(f"{number:.1f}").replace("-", "−")


def exact(number: float | None, decimals: int = 2) -> str:
    """Write a number with decimals, for calculations that readers redo on paper."""
    return "–" if number is None else local_number(f"{number:.{decimals}f}")


def rating_text(value: float | None) -> str:
    """Write a rating, or the mean of a day's ratings: 4, 3.5, 3.67."""
    return "–" if value is None else local_number(f"{value:.2f}".rstrip("0").rstrip("."))


def signed(number: float, decimals: int = 1) -> str:
    """Write a number with its sign: +1.3, −0.4. A number that rounds to zero has no sign."""
    text = f"{abs(number):.{decimals}f}"
    return local_number(text if float(text) == 0 else f"{'+' if number > 0 else '−'}{text}")


def span(length: timedelta | None) -> str:
    """Write a duration in minutes, from one hour on in hours, from 48 hours on in days."""
    if length is None:
        return "–"
    minutes = length.total_seconds() / 60
    if minutes < 60:
        return app_text("%(count)s min", count=f"{minutes:.0f}")
    if minutes < 48 * 60:
        return app_text("%(count)s h", count=f"{minutes / 60:.0f}")
    return app_text("%(count)s days", count=local_number(f"{minutes / 1440:.1f}"))


def money(amount: float | None) -> str:
    """Write an amount without decimals, grouped as usual in the reader's language, with the organisation's currency
    where one was chosen."""
    if amount is None:
        return "–"
    currency, number = g.viewer.currency if g.get("viewer") else "", round(amount)
    if currency:
        return str(
            format_currency(
                number, currency, format="¤¤\u00a0#,##0", locale=written_locale(), currency_digits=False
            )
        )
    return str(format_decimal(number, locale=written_locale()))


def voices(number: float) -> str:
    """Write voices with one decimal, cut and not rounded: 2.999 voices are not yet the three that a rank
    needs."""
    return local_number(f"{voices_of(number):.1f}")


def voices_of(number: float) -> float:
    """Return voices cut to one decimal."""
    return floor(number * 10) / 10


def in_voices(number: float) -> str:
    """Write voices as `voices` does, with their name: 1.0 voice, 2.3 voices."""
    return _named(voices(number), alone=voices_of(number) == 1)


def in_whole_voices(number: float) -> str:
    """Write voices without decimals, with their name: 1 voice, 23 voices."""
    shown = whole(number)
    return _named(shown, alone=shown == "1")


def _named(shown: str, *, alone: bool) -> str:
    return app_count("%(voices)s voice", "%(voices)s voices", 1 if alone else 2, voices=shown)


def _zone() -> ZoneInfo:
    return ZoneInfo(g.get("timezone") or (g.viewer.timezone if g.get("viewer") else "UTC"))


def day(moment: datetime | date | None) -> str:
    """Write a date like 19 Nov, in the organisation's time zone and the reader's language."""
    if moment is None:
        return "–"
    return _day(
        moment.astimezone(_zone()).date() if isinstance(moment, datetime) else moment, written_locale()
    )


def day_in(moment: datetime, timezone: str, tag: str) -> str:
    """Write a date as `day` does, in this time zone and language."""
    return _day(moment.astimezone(ZoneInfo(timezone)).date(), written_locale(tag))


@lru_cache(5000)
def _day(local: date, where: Locale | str) -> str:
    return str(format_skeleton("MMMd", datetime.combine(local, datetime.min.time()), locale=where))


def full_day(moment: datetime | None) -> str:
    """Write a date with its year, in the organisation's time zone and the reader's language."""
    return (
        "–"
        if moment is None
        else str(format_date(moment.astimezone(_zone()), "long", locale=written_locale()))
    )


def clock_time(moment: datetime) -> str:
    """Write the time of day, in the organisation's time zone and the reader's language."""
    return str(format_time(moment.astimezone(_zone()), "short", locale=written_locale()))


_SECOND = timedelta(seconds=1)


def ago(moment: datetime, now: datetime) -> str:
    """Write how long before or after `now` a moment is, in the reader's language."""
    length = moment - now
    if abs(length) < _SECOND:  # "in 0 seconds" is nothing that anybody says
        length = -_SECOND
    return str(format_timedelta(length, add_direction=True, locale=written_locale(), threshold=1.2))


def months(number: int) -> str:
    """Write a number of months in the reader's language: 12 months."""
    # format_unit knows no months in some languages
    length, always_months = timedelta(days=30 * number), 10**6
    return str(
        format_timedelta(length, granularity="month", threshold=always_months, locale=written_locale())
    )


def dimension_name(name: str) -> str:
    """Write the name of a dimension for people who sign in."""
    return str(labels.DIMENSION_WORDS[name])


def level_name(loyalty: float) -> str:
    """Write the level of a loyalty."""
    return str(labels.LEVEL_WORDS[level(loyalty)])


def practice_words(dimension: str, number: int, name: str) -> str:
    """Write a practice (number from 1) for a client called `name`."""
    return app_text(PRACTICES[dimension][number - 1]).replace("{name}", name)


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
        in_whole_voices=in_whole_voices,
        money=money,
        day=day,
        full_day=full_day,
        clock_time=clock_time,
        ago=ago,
        months=months,
        dimension=dimension_name,
        bdi=names.isolate,
        listed=names.listed_words,
        readers_lines=names.readers_lines,
        first_name=first_name,
        level=level_name,
        sentences=sentences,
    )
    app.jinja_env.globals.update(
        DIMENSIONS=DIMENSIONS,
        PRACTICES=PRACTICES,
        practice_words=practice_words,
        level_words=labels.LEVEL_WORDS,
        badge_words=labels.BADGE_WORDS,
        severity_words=labels.SEVERITY_WORDS,
        strength_words=labels.STRENGTH_WORDS,
        note_words=labels.NOTE_WORDS,
        stage_words=labels.STAGE_WORDS,
        stage_phrases=labels.STAGE_PHRASES,
        stage_clauses=labels.STAGE_CLAUSES,
        signal_words=labels.SIGNAL_WORDS,
        way_words=labels.WAY_WORDS,
        why_no_mail_words=labels.WHY_NO_MAIL_WORDS,
        gap_words=labels.GAP_WORDS,
        alert_labels=labels.ALERT_LABELS,
        left_out_words=labels.LEFT_OUT_WORDS,
        outcome_words=labels.OUTCOME_WORDS,
        outcome_phrases=labels.OUTCOME_PHRASES,
        client_outcome_words=labels.CLIENT_OUTCOME_WORDS,
        role_words=labels.ROLE_WORDS,
    )
