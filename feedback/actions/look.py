"""How an organisation's pages look and read: its logo, its colour, its words."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions.settings import ChangedMeanwhile, changed_to
from feedback.core.audit import AuditKind
from feedback.core.colours import parse_colour
from feedback.core.wording import Words, checked_words
from feedback.db.change import Change, Invalid
from feedback.models import Logo, Wording
from feedback.store.look import look_of, wording
from feedback.store.organisations import locked_organisation


def set_logo(c: Change, user_id: UUID, content: bytes, width: int, height: int) -> None:
    """Show this PNG of ours as the logo, in CSS pixels."""
    _hold(c)
    digest = hashlib.sha256(content).hexdigest()[:12]
    old = _take_logo_off(c)
    c.session.add(
        Logo(
            organisation_id=c.organisation_id,
            created_at=c.now,
            hash=digest,
            content=content,
            width=width,
            height=height,
        )
    )
    if old != digest:
        _changed(c, user_id, {"logo": old}, {"logo": digest})


def remove_logo(c: Change, user_id: UUID) -> None:
    """Show no logo any more."""
    _hold(c)
    old = _take_logo_off(c)
    if old:
        _changed(c, user_id, {"logo": old}, {"logo": None})


def change_colour(c: Change, user_id: UUID, colour: str) -> None:
    """Use a colour in place of the standard one; "" for the standard one. Raises Invalid."""
    _hold(c)
    wanted = parse_colour(colour) if colour.strip() else ""
    if wanted is None:
        raise Invalid(accent="Write a colour like #0b7a75, or leave it empty.")
    old = c.organisation.accent
    if wanted != old:
        c.organisation.accent = wanted
        _changed(c, user_id, {"accent": old}, {"accent": wanted})


def change_words(
    c: Change, user_id: UUID, language: str, given: Mapping[str, str], standard: Words, seen: Words
) -> list[str]:
    """Use other words in one language; what is empty is the standard word. seen: what was there when the form was
    opened: words that somebody else changed since, and this one did not, are kept; return their names. Raises Invalid,
    ChangedMeanwhile for a word that both have changed, and then changes nothing."""
    _hold(c)
    row = wording(c.session, c.organisation_id, language)
    old = dict(row.words) if row else {}
    wanted, reasons = checked_words(given, standard)
    others = {name for name in standard if old.get(name, "") != seen.get(name, "")}
    mine = {name for name in standard if wanted.get(name, "") != seen.get(name, "")}
    both = [name for name in sorted(others & mine) if wanted.get(name, "") != old.get(name, "")]
    if both:
        raise ChangedMeanwhile(**{name: changed_to(old.get(name) or standard[name]) for name in both})
    if reasons:
        raise Invalid(**reasons)
    kept = sorted(others - mine)
    merged = {name: text for name in standard if (text := (old if name in kept else wanted).get(name))}
    _, reasons = checked_words(merged, standard)
    if reasons:
        raise Invalid(**reasons)
    if merged != old:
        _store(c, row, language, merged)
        names = [name for name in standard if merged.get(name) != old.get(name)]
        before, after = ({f"{language} {name}": w.get(name, "") for name in names} for w in (old, merged))
        _changed(c, user_id, before, after)
    return kept


def _store(c: Change, row: Wording | None, language: str, words: dict[str, str]) -> None:
    if row and words:
        row.words = words
    elif row:
        c.session.delete(row)
    else:
        c.session.add(
            Wording(organisation_id=c.organisation_id, created_at=c.now, language=language, words=words)
        )


def _take_logo_off(c: Change) -> str | None:
    """Delete the logo; return its hash, None where there was none."""
    mine = delete(Logo).where(col(Logo.organisation_id) == c.organisation_id).returning(col(Logo.hash))
    return c.session.execute(mine).scalars().first()


def _hold(c: Change) -> None:
    """Let nobody else change the look before this change ends."""
    locked_organisation(c.session, c.organisation_id, key_share=True)


def _changed(c: Change, user_id: UUID, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Give the look another version, under which pages that were prepared before are not found, and write it down."""
    c.session.flush()
    look = look_of(c.session, c.organisation_id)
    parts = [look.colour, look.logo and look.logo.hash, look.wordings]
    own = any(parts)
    text = json.dumps([str(c.organisation_id), *parts], sort_keys=True)
    c.organisation.look = hashlib.sha256(text.encode()).hexdigest()[:16] if own else ""
    c.audit(user_id, AuditKind.SETTINGS_CHANGED, before=before, after=after)
