"""What the client's page sends, as it finds what it is about: one statement reads it, and needs no session. A tap's write
is another."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from feedback.core.answer_key import hash_key
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import code_of
from feedback.db.compiled import CompiledRead
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import AnswerKey, Contact, Feedback, Invitation, Meeting, Organisation, Side

# What a tap may change, and what else decides whether it may.
TAPPED = (
    *DIMENSIONS, "visibility", "sequence", "language", "updated_at", "complete_at", "settles_at", "device_hash",
    "network_hash", "browser_hash", "handed_over", "scripted", "signals",
)  # fmt: skip
_DECIDES = ("done_at", "settled_at", "extras_at", "erased_at", "put_away_at")
# By these a row that somebody else has written since is known: a tap changes the last, or a rating.
_SEEN = (*_DECIDES, *DIMENSIONS, "sequence", "updated_at")


def find_tapped(connection: Connection, token: str, key: str) -> Any:
    """Return the client's row (TAPPED, and what decides) of a normalised token whose answer was begun with this key, and
    the key is still in use; None for any other. With it: the organisation's id, the invitation's id and closes_at, the
    kind of the key, the languages of the contact and of the organisation, and the organisation's timezone and
    next_freeze."""
    found_by = ways_to_find(connection, token)
    wanted = {"code": code_of(token), "key_hash": hash_key(key), **found_by}
    return _find_tapped(len(found_by)).first(connection, wanted)


def find_unbegun(connection: Connection, token: str, key: str) -> Any:
    """Return the invitation of a normalised token whose client has no row yet, while no answer anywhere has this key; None
    for any other: the organisation's id, the invitation's id and closes_at, and the languages of the contact and of the
    organisation."""
    found_by = ways_to_find(connection, token)
    wanted = {"code": code_of(token), "key_hash": hash_key(key), **found_by}
    return _find_unbegun(len(found_by)).first(connection, wanted)


def find_opening(connection: Connection, token: str) -> Any:
    """Return what there is to know when the page of a normalised token is opened; None where there is none: the
    organisation's id and calendar (timezone, half_life_days, next_freeze), the invitation's id, closes_at and opened_at,
    and the meeting's rep_id and held_at."""
    found_by = ways_to_find(connection, token)
    return _find_opening(len(found_by)).first(connection, {"code": code_of(token), **found_by})


def write_first(connection: Connection, row: dict[str, Any], key: dict[str, Any]) -> bool:
    """Insert the client's row, and its key; tell whether it was the first. Else somebody else has made one meanwhile, and
    nothing is to be committed. row: its key, TAPPED, and what every row has."""
    if connection.execute(_INSERT_ROW[connection.dialect.name], row).rowcount != 1:
        return False
    connection.execute(_INSERT_KEY, key)
    return True


def write_tapped(row: Any, made: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the statement, and its parameters, that writes what a tap made of a row of find_tapped: of TAPPED
    whatever `made` has, by name. It writes nothing when the row is not any more what was read: whoever ends a key, or
    takes a tap, changes the row, too."""
    values = {name: made.get(name, getattr(row, name)) for name in TAPPED}
    was = {f"was_{name}": getattr(row, name) for name in _SEEN}
    return _WRITE_TAPPED, {"organisation": row.organisation_id, "row": row.id, **values, **was}


# Both built once, and executed without a session: a tap is most of what clients do.
@cache
def _find_tapped(ways: int) -> CompiledRead:
    return CompiledRead(
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


@cache
def _find_unbegun(ways: int) -> CompiledRead:
    return CompiledRead(
        select(
            col(Organisation.id).label("organisation_id"), col(Invitation.id).label("invitation_id"), col(Invitation.closes_at),
            col(Contact.language).label("contact_language"), col(Organisation.language).label("organisation_language"),
        )
        .select_from(Organisation)
        .join(Invitation, col(Invitation.organisation_id) == col(Organisation.id))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .where(
            col(Organisation.code) == bindparam("code"),
            found_by_any(Invitation.token, ways),
            ~exists().where(
                references(Feedback, Feedback.invitation_id, Invitation), col(Feedback.side) == Side.CLIENT
            ),
            ~exists().where(
                col(AnswerKey.organisation_id) == col(Organisation.id), col(AnswerKey.hash) == bindparam("key_hash")
            ),
        )
    )  # fmt: skip


@cache
def _find_opening(ways: int) -> CompiledRead:
    return CompiledRead(
        select(
            col(Organisation.id).label("organisation_id"), col(Organisation.timezone), col(Organisation.half_life_days),
            col(Organisation.next_freeze), col(Invitation.id).label("invitation_id"), col(Invitation.closes_at),
            col(Invitation.opened_at), col(Meeting.rep_id), col(Meeting.held_at),
        )
        .select_from(Organisation)
        .join(Invitation, col(Invitation.organisation_id) == col(Organisation.id))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(col(Organisation.code) == bindparam("code"), found_by_any(Invitation.token, ways))
    )  # fmt: skip


_FIRST = ("organisation_id", "id", "created_at", "invitation_id", "side", "counts", *TAPPED)
_INSERT_ROW = {
    name: insert(Feedback)
    .values({each: bindparam(each) for each in _FIRST})
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True)  # else psycopg tells -1 of an INSERT
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_INSERT_KEY = insert(AnswerKey)
_WRITE_TAPPED = (
    update(Feedback)
    .where(
        col(Feedback.organisation_id) == bindparam("organisation"),
        col(Feedback.id) == bindparam("row"),
        *(getattr(Feedback, name).is_not_distinct_from(bindparam(f"was_{name}")) for name in _SEEN),
    )
    .values({name: bindparam(name) for name in TAPPED})
)
