"""How numbers, dates and names are written."""

from datetime import date, datetime, timedelta
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, g

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES
from feedback.core.scoring.levels import level
from feedback.core.shares import Share
from feedback.store.people import first_name
from feedback.wording import labels
from feedback.wording.i18n import locale


def whole(number: float | None) -> str:
    """Loyalty and its like: no decimals. A dash for nothing."""
    return "–" if number is None else f"{number:.0f}"


def percent(share: Share | float | None) -> str:
    value = share.percent if isinstance(share, Share) else share
    return "–" if value is None else f"{value:.0f} %"


def one_decimal(number: float | None) -> str:
    return "–" if number is None else f"{number:.1f}".replace("-", "−")


def exact(number: float | None, decimals: int = 2) -> str:
    """For workings that are redone on paper."""
    return "–" if number is None else f"{number:.{decimals}f}"


def rating(value: float | None) -> str:
    """A rating, or the mean of a day's: 4, 3.5, 3.67."""
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def signed(number: float, decimals: int = 1) -> str:
    """+1.3, −0.4; what rounds to nothing has no sign."""
    text = f"{abs(number):.{decimals}f}"
    return text if float(text) == 0 else f"{'+' if number > 0 else '−'}{text}"


def span(length: timedelta | None) -> str:
    """How long something took, in the largest fitting unit."""
    if length is None:
        return "–"
    minutes = length.total_seconds() / 60
    if minutes < 60:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def money(amount: float | None) -> str:
    """Whole and grouped as the reader's language has it. The organisation's currency is not known."""
    return "–" if amount is None else str(format_decimal(round(amount), locale=_dates()))


def voices(number: float) -> str:
    """One decimal, cut and not rounded: 2.999 voices are not yet the three that a rank needs."""
    return f"{floor(number * 10) / 10:.1f}"


def _zone() -> ZoneInfo:
    return ZoneInfo(g.get("timezone") or (g.viewer.timezone if g.get("viewer") else "UTC"))


def day(moment: datetime | date | None) -> str:
    """19 Nov, by the clocks of the organisation, in the reader's language."""
    if moment is None:
        return "–"
    local = (
        moment.astimezone(_zone())
        if isinstance(moment, datetime)
        else datetime.combine(moment, datetime.min.time())
    )
    return str(format_skeleton("MMMd", local, locale=_dates()))


def full_day(moment: datetime | None) -> str:
    return "–" if moment is None else str(format_date(moment.astimezone(_zone()), "long", locale=_dates()))


def clock_time(moment: datetime) -> str:
    return str(format_time(moment.astimezone(_zone()), "short", locale=_dates()))


def ago(moment: datetime, now: datetime) -> str:
    return str(format_timedelta(moment - now, add_direction=True, locale=_dates(), threshold=1.2))


def _dates() -> Any:
    found = locale()
    # Day before month, as the sketches have it, for English that says nothing of its country.
    return "en_GB" if str(found) == "en" else found


def dimension_name(name: str) -> str:
    return name.capitalize()


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        whole=whole,
        span=span,
        signed=signed,
        percent=percent,
        one_decimal=one_decimal,
        exact=exact,
        rating=rating,
        voices=voices,
        money=money,
        day=day,
        full_day=full_day,
        clock_time=clock_time,
        ago=ago,
        dimension=dimension_name,
        first_name=first_name,
        level=level,
    )
    app.jinja_env.globals.update(
        DIMENSIONS=DIMENSIONS,
        practices=PRACTICES,
        stage_words=labels.STAGE_WORDS,
        stage_phrases=labels.STAGE_PHRASES,
        signal_words=labels.SIGNAL_WORDS,
        gap_words=labels.GAP_WORDS,
        alert_words=labels.ALERT_WORDS,
        alert_reasons=labels.ALERT_REASONS,
        alert_short=labels.ALERT_SHORT,
        left_out_words=labels.LEFT_OUT_WORDS,
        next_steps=labels.NEXT_STEPS,
        outcome_words=labels.OUTCOME_WORDS,
    )
