"""The settings of an organisation."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from babel.numbers import is_currency

from feedback.core.audit import AuditKind
from feedback.core.scoring.ranking import LEAST_ASKED
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import User
from feedback.store.working_days import public_holidays

LONGEST_LIST = 2000  # characters of days off: about 180 days


@dataclass(frozen=True, slots=True)
class SettingsInput:
    """The settings as an owner typed them."""

    review_days: int  # 1..3650
    invitation_days: int  # 1..365
    alert_due_days: int  # working days, 0..30
    workdays: str  # ISO numbers, such as "12345"
    holidays: str  # "", "DE" or "DE-BY"
    days_off: str  # ISO dates, separated by spaces or commas
    reps_see_all: bool
    reps_weekly_mail: bool
    least_asked: int = LEAST_ASKED  # percent, 0..100
    currency: str = ""  # "" or three letters, such as "EUR"
    keep_comments_months: int = 0  # 0..600; 0: for ever
    keep_names_months: int = 0  # likewise
    works_agreement: bool = False


def change_settings(c: Change, user_id: UUID, given: SettingsInput) -> list[str]:
    """Save the settings that differ, with a line in the audit log; return their names. Raises Invalid, and
    then changes nothing."""
    wanted = _checked(given)
    different = [name for name, value in wanted.items() if getattr(c.organisation, name) != value]
    before = {name: _plain(getattr(c.organisation, name)) for name in different}
    for name in different:
        setattr(c.organisation, name, wanted[name])
    if different:
        after = {name: _plain(wanted[name]) for name in different}
        c.audit(user_id, AuditKind.SETTINGS_CHANGED, before=before, after=after)
    return different


def note_told(c: Change, user_id: UUID) -> None:
    """Note that somebody was told whether a works agreement applies."""
    user = locked(c.session, User, organisation_id=c.organisation_id, id=user_id)
    if user:
        user.told_works_agreement = c.organisation.works_agreement


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: days as text."""
    return _in_words(value) if isinstance(value, tuple) else value


def _in_words(days: tuple[date, ...]) -> str:
    return " ".join(str(day) for day in days)


def _checked(given: SettingsInput) -> dict[str, Any]:
    """Return the values by the organisation's columns. Raises Invalid."""
    reasons = {}
    workdays = "".join(sorted(set(given.workdays)))
    if not workdays or set(workdays) - set("1234567"):
        reasons["workdays"] = "Choose at least one day."
    place = given.holidays.strip().upper()
    if place and not _known(place):
        reasons["holidays"] = "We know no such place. Write a country like DE, or a part of one like DE-BY."
    currency = (given.currency or "").strip().upper()
    if currency and not is_currency(currency):
        reasons["currency"] = "We know no such currency. Write its three letters, like EUR."
    days, invalid = [], []
    for word in given.days_off.replace(",", " ").split():
        try:
            days.append(date.fromisoformat(word))
        except ValueError:
            invalid.append(word)
    if invalid:
        reasons["days_off"] = f"Write days like 2026-12-24; this is none: {invalid[0][:40]}"
    elif len(_in_words(tuple(days))) > LONGEST_LIST:
        reasons["days_off"] = "These are too many days; leave the past ones out."
    if reasons:
        raise Invalid(**reasons)
    return asdict(given) | {
        "workdays": workdays,
        "holidays": place,
        "currency": currency,
        "days_off": tuple(sorted(set(days))),
    }


def _known(place: str) -> bool:
    try:
        public_holidays(place)
    except (NotImplementedError, ValueError, TypeError):
        return False
    return True
