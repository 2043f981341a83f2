"""The client's row as a tap, or Done, finds it: one statement reads it, a tap's write is another, and neither needs a
session."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import col

from feedback.core.answer_key import hash_key
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import code_of
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import AnswerKey, Contact, Feedback, Invitation, Organisation, Side

# What a tap may change, and what else decides whether it may.
TAPPED = (
    *DIMENSIONS, "visibility", "sequence", "language", "updated_at", "complete_at", "settles_at", "device_hash",
    "network_hash", "browser_hash", "handed_over", "scripted", "signals",
)  # fmt: skip
_DECIDES = ("done_at", "settled_at", "extras_at", "erased_at", "put_away_at")


def find_tapped(connection: Connection, token: str, key: str) -> Any:
    """Return the client's row (TAPPED, and what decides) of a normalised token whose answer was begun with this key, and
    the key is still in use; None for any other. With it: the organisation's id, the invitation's id and closes_at, the
    kind of the key, the languages of the contact and of the organisation, and the organisation's timezone and
    next_freeze."""
    found_by = ways_to_find(connection, token)
    wanted = {"code": code_of(token), "key_hash": hash_key(key), **found_by}
    return connection.execute(_find_tapped(len(found_by)), wanted).first()


def write_tapped(row: Any, made: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the statement, and its parameters, that writes what a tap made of a row of find_tapped: of TAPPED
    whatever `made` has, by name. It writes nothing when the row is not any more what was read: whoever ends a key, or
    takes a tap, changes the row, too."""
    values = {name: made.get(name, getattr(row, name)) for name in TAPPED}
    was = {f"was_{name}": getattr(row, name) for name in (*_DECIDES, *TAPPED)}
    return _WRITE_TAPPED, {"organisation": row.organisation_id, "row": row.id, **values, **was}


# Both built once, and executed without a session: a tap is most of what clients do.
@cache
def _find_tapped(ways: int) -> Any:
    return (
        select(
            col(Feedback.organisation_id), col(Feedback.id), col(Feedback.invitation_id), *(getattr(Feedback, name) for name in (*_DECIDES, *TAPPED)),
            col(Invitation.closes_at), col(AnswerKey.kind).label("key_kind"),
            col(Contact.language).label("contact_language"), col(Organisation.language).label("organisation_language"),
            col(Organisation.timezone), col(Organisation.next_freeze),
        )
        .select_from(Organisation)
        .join(Invitation, col(Invitation.organisation_id) == col(Organisation.id))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .join(AnswerKey, references(AnswerKey, AnswerKey.invitation_id, Invitation))
        .where(
            col(Organisation.code) == bindparam("code"),
            found_by_any(Invitation.token, ways),
            col(Feedback.side) == Side.CLIENT,
            col(AnswerKey.hash) == bindparam("key_hash"),
            col(AnswerKey.ended_at).is_(None),
        )
    )  # fmt: skip


_WRITE_TAPPED = (
    update(Feedback)
    .where(
        col(Feedback.organisation_id) == bindparam("organisation"),
        col(Feedback.id) == bindparam("row"),
        *(
            getattr(Feedback, name).is_not_distinct_from(bindparam(f"was_{name}"))
            for name in (*_DECIDES, *TAPPED)
        ),
    )
    .values({name: bindparam(name) for name in TAPPED})
)
