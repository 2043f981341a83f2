"""How an organisation wants things to be."""

from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from feedback.db.change import Change, Invalid
from feedback.store.working_days import public_holidays

LONGEST_LIST = 2000  # characters of days off: about 180 days


@dataclass(frozen=True, slots=True)
class SettingsInput:
    """review_days, invitation_days: 1..3650 and 1..365. alert_due_days: working days, 0..30. workdays: ISO numbers,
    "12345". holidays: "", "DE" or "DE-BY". days_off: one ISO date to a word."""

    review_days: int
    invitation_days: int
    alert_due_days: int
    workdays: str
    holidays: str
    days_off: str
    reps_see_all: bool
    reps_weekly_mail: bool


def change_settings(c: Change, user_id: UUID, wishes: SettingsInput) -> list[str]:
    """Writes what is different, and that it was changed; returns the names. Raises Invalid, and keeps all as it was."""
    wishes = _checked(wishes)
    different = [
        field.name
        for field in fields(SettingsInput)
        if getattr(c.organisation, field.name) != getattr(wishes, field.name)
    ]
    for name in different:
        setattr(c.organisation, name, getattr(wishes, name))
    if different:
        listed = ", ".join(f"{name}: {getattr(wishes, name)}" for name in different)[:2000]
        c.audit(user_id, "settings.changed", reason=listed)
    return different


def _checked(wishes: SettingsInput) -> SettingsInput:
    reasons = {}
    workdays = "".join(sorted(set(wishes.workdays)))
    if not workdays or set(workdays) - set("1234567"):
        reasons["workdays"] = "Choose at least one day."
    place = wishes.holidays.strip().upper()
    if place and not _known(place):
        reasons["holidays"] = "We know no such place. Write a country like DE, or a part of one like DE-BY."
    days, wrong = [], []
    for word in wishes.days_off.replace(",", " ").split():
        try:
            days.append(date.fromisoformat(word).isoformat())
        except ValueError:
            wrong.append(word)
    if wrong:
        reasons["days_off"] = f"Write days like 2026-12-24; this is none: {wrong[0][:40]}"
    elif len(" ".join(days)) > LONGEST_LIST:
        reasons["days_off"] = "These are too many days; leave the past ones out."
    if reasons:
        raise Invalid(**reasons)
    return SettingsInput(
        wishes.review_days, wishes.invitation_days, wishes.alert_due_days, workdays, place,
        " ".join(sorted(set(days))), wishes.reps_see_all, wishes.reps_weekly_mail,
    )  # fmt: skip


def _known(place: str) -> bool:
    try:
        public_holidays(place)
    except (NotImplementedError, ValueError, TypeError):
        return False
    return True
