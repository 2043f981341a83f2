"""Who was asked in which way, and what came back."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field

from feedback.api.operations import REPS, operation
from feedback.api.reps import ShareOut, share_out
from feedback.api.shapes import Listing, ListQuery, Out
from feedback.core.asking import StopReason, Way
from feedback.core.shares import Share
from feedback.pages.asked import AskedClient, asked_by_reps, own_asked
from feedback.web.context import current_user, now, read_session

QUARTER = timedelta(weeks=13)


class WayShare(ShareOut):
    """Answered of asked, in one way."""

    way: Way


class AskedRow(Out):
    """How clients answer, by way, in 13 weeks."""

    rep_id: UUID | None = Field(description="Null for all together, as under a works agreement.")
    rep: str | None
    ways: list[WayShare]


class AskedClientOut(Out):
    """One client who was asked. In a room nothing is told before the guess."""

    meeting_id: UUID
    id: UUID = Field(description="Of the invitation.")
    contact_id: UUID
    contact: str
    account: str
    held_at: datetime
    way: Way
    mailed_at: datetime | None
    waits: bool = Field(description="Nothing has come back, as far as you may know.")
    declined: bool


class AskedClientsQuery(ListQuery):
    """Of how many weeks."""

    weeks: Literal["1", "4", "13"] = "1"


class NoMailOut(Out):
    """A client who gets no mail that asks."""

    contact_id: UUID
    contact: str
    account: str
    why: StopReason


def _row(rep_id: UUID | None, rep: str | None, by_way: dict[Way, Share]) -> AskedRow:
    ways = [WayShare(way=way, **share_out(by_way[way]).model_dump()) for way in Way if way in by_way]
    return AskedRow(rep_id=rep_id, rep=rep, ways=ways)


@operation("GET", "/asked")
def list_asked(query: ListQuery) -> Listing[AskedRow]:
    """List what of 13 weeks was answered, by way: a rep's own, or of each rep whom a manager is responsible for."""
    who, session = current_user(), read_session()
    if who.is_rep:
        rows = [_row(who.id, who.name, own_asked(session, who, now() - QUARTER, now()).by_way)]
    else:
        found = asked_by_reps(session, who, now())
        rows = [
            _row(row.rep.id if row.rep else None, row.rep.name if row.rep else None, row.by_way)
            for row in found
        ]
    return query.page_of(rows, lambda each: each)


@operation("GET", "/asked/clients", roles=REPS)
def list_asked_clients(query: AskedClientsQuery) -> Listing[AskedClientOut]:
    """List whom the rep asked, the latest met first."""
    since = now() - timedelta(weeks=int(query.weeks))
    found = own_asked(read_session(), current_user(), since, now()).clients
    return query.page_of(found, _asked)


def _asked(found: AskedClient) -> AskedClientOut:
    each = found.invitation
    return AskedClientOut(
        meeting_id=each.meeting_id, id=each.id, contact_id=each.contact_id, contact=each.contact, account=each.account,
        held_at=each.held_at, way=each.way, mailed_at=found.mail.sent_at if found.mail else None, waits=found.waits,
        declined=each.declined_at is not None,
    )  # fmt: skip


@operation("GET", "/asked/no-mail", roles=REPS)
def list_not_mailed(query: ListQuery) -> Listing[NoMailOut]:
    """List the rep's clients who get no mail that asks, by name."""
    found = own_asked(read_session(), current_user(), now(), now()).no_mail
    return query.page_of(found, NoMailOut.model_validate)
