"""A name that a program sends, and that others have already: who is meant is a question, as on the pages."""

from feedback.db.change import Change, Invalid
from feedback.store.clients import accounts_spelled_like, namesakes

LONGEST = 2000  # characters of a question


def ask_who_is_meant(
    c: Change, field: str, name: str, email: str | None, *, certain_at: str | None = None
) -> None:
    """Raise Invalid at `field` where others have the name or the address. certain_at: the account whose contact of this
    name is certainly meant."""
    found = namesakes(c.session, c.organisation_id, name, email)
    certain = name.casefold(), (certain_at or "").casefold()
    if not found or any((each.name.casefold(), each.account.casefold()) == certain for each in found):
        return
    known = "; ".join(f"{each.name}, {each.account} ({each.id})" for each in found)
    why = f"Is it one of these? Take their id; else send `another`: true. {known}"
    raise Invalid(**{field: why[:LONGEST]})


def ask_which_company(c: Change, field: str, name: str) -> None:
    """Raise Invalid at `field` where a company is spelled alike."""
    if spelled := accounts_spelled_like(c.session, c.organisation_id, name):
        known = "; ".join(each for _, each in spelled)
        raise Invalid(
            **{field: f"Is it one of these? Send that name; else `another`: true. {known}"[:LONGEST]}
        )
