"""The settings of an organisation."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from babel.numbers import is_currency

from feedback.core.audit import AuditKind
from feedback.core.wording import one_line
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import Organisation, User
from feedback.store.organisations import locked_organisation
from feedback.store.working_days import public_holidays
from feedback.wording.i18n import languages

LONGEST_LIST = 2000  # characters of days off: about 180 days
LONGEST_NAME = 200

# By the columns of the organisation: whole numbers and their range, and yes or no.
RANGES = {
    "review_days": (1, 3650),
    "invitation_days": (1, 365),
    "alert_due_days": (0, 30),  # working days
    "least_asked": (0, 100),  # percent
    "keep_comments_months": (0, 600),  # 0: for ever, as below
    "keep_names_months": (0, 600),
}
SWITCHES = ("receipts", "reps_see_own", "reps_see_all", "reps_weekly_mail", "works_agreement")


class ChangedMeanwhile(Invalid):
    """Raised when somebody else has changed the same settings since the form was opened. `reasons` as in Invalid."""


def change_settings(
    c: Change, user_id: UUID, given: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> list[str]:
    """Save the settings that differ, with a line in the audit log.

    given: values as an owner typed them, by the columns of the organisation; days_off as text. seen: what `as_shown` gave
    when the form was opened. What somebody else changed since and this owner did not touch stays as the other left it;
    return the names of these. Raises Invalid, ChangedMeanwhile for what both have changed, and then changes nothing.
    """
    locked_organisation(c.session, c.organisation_id, key_share=True)  # so that two owners take turns
    wanted = _checked(given)
    stored = as_shown(c.organisation, wanted)
    plain = {name: _plain(value) for name, value in wanted.items()}
    known = {name: (seen or {}).get(name, stored[name]) for name in wanted}
    others = [name for name in wanted if known[name] != stored[name] != plain[name]]
    both = [name for name in others if plain[name] != known[name]]
    if both:
        raise ChangedMeanwhile(**{name: changed_to(stored[name]) for name in both})
    different = [name for name in wanted if plain[name] != stored[name] and name not in others]
    for name in different:
        setattr(c.organisation, name, wanted[name])
    if different:
        before, after = ({name: values[name] for name in different} for values in (stored, plain))
        c.audit(user_id, AuditKind.SETTINGS_CHANGED, before=before, after=after)
    return others


def note_told(c: Change, user_id: UUID) -> None:
    """Note that somebody was told whether a works agreement applies."""
    user = locked(c.session, User, organisation_id=c.organisation_id, id=user_id)
    if user:
        user.told_works_agreement = c.organisation.works_agreement


def as_shown(organisation: Organisation, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of these names as JSON has them: days as text."""
    return {name: _plain(getattr(organisation, name)) for name in names}


def changed_to(value: Any) -> str:
    """Return what to say where somebody else has changed a setting to this value meanwhile."""
    words = ("no", "yes")[value] if isinstance(value, bool) else "nothing" if value == "" else value
    return f"Somebody else changed this meanwhile, to {words}. Save again to put yours in its place."


def _plain(value: Any) -> Any:
    return " ".join(str(day) for day in value) if isinstance(value, tuple) else value


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by the organisation's columns. Raises Invalid."""
    reasons, values = {}, {}
    for name, value in given.items():
        try:
            values[name] = _CHECKS[name](value) if name in _CHECKS else _in_range(name, value)
        except ValueError as error:
            reasons[name] = str(error)
    if reasons:
        raise Invalid(**reasons)
    return values


def _in_range(name: str, value: Any) -> int | bool:
    if name in SWITCHES:
        return bool(value)
    least, most = RANGES[name]
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{least} to {most:,}.")
    return value


def _name(text: str) -> str:
    name = one_line(text)
    if not name:
        raise ValueError("Enter its name.")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"At most {LONGEST_NAME} letters.")
    return name


def _language(tag: str) -> str:
    if tag not in languages():
        raise ValueError("Choose one of the list.")
    return tag


def _currency(text: str) -> str:
    currency = (text or "").strip().upper()
    if currency and not is_currency(currency):
        raise ValueError("We know no such currency. Write its three letters, like EUR.")
    return currency


def _workdays(text: str) -> str:
    workdays = "".join(sorted(set(text)))
    if not workdays or set(workdays) - set("1234567"):
        raise ValueError("Choose at least one day.")
    return workdays


def _holidays(text: str) -> str:
    place = (text or "").strip().upper()
    if place:
        try:
            public_holidays(place)
        except (NotImplementedError, ValueError, TypeError):
            raise ValueError(
                "We know no such place. Write a country like DE, or a part of one like DE-BY."
            ) from None
    return place


def _days_off(text: str) -> tuple[date, ...]:
    days = set()
    for word in (text or "").replace(",", " ").split():
        try:
            days.add(date.fromisoformat(word))
        except ValueError:
            raise ValueError(f"Write days like 2026-12-24; this is none: {word[:40]}") from None
    found = tuple(sorted(days))
    if len(_plain(found)) > LONGEST_LIST:
        raise ValueError("These are too many days; leave the past ones out.")
    return found


_CHECKS: dict[str, Callable[[str], Any]] = {
    "name": _name,
    "language": _language,
    "currency": _currency,
    "workdays": _workdays,
    "holidays": _holidays,
    "days_off": _days_off,
}
