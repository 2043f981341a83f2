"""Amounts of money in form fields."""

from typing import Any

from feedback.db.change import Invalid
from feedback.imports.cells import amount
from feedback.wording.i18n import app_text


def plain_value(value: float | None) -> str:
    """Write an amount as a field has it, without marks for thousands."""
    return "" if value is None else f"{value:.2f}".removesuffix(".00")


def typed_value(field: Any) -> float | None:
    """Return the amount that was typed into a field; None where it is blank. Raises Invalid with the field's name."""
    text = (field.data or "").strip()
    try:
        return amount(text) if text else None
    except ValueError:
        why = app_text("This has to be a number from 0, without a thousands mark, like 1200.50.")
        raise Invalid(**{field.name: why}) from None
