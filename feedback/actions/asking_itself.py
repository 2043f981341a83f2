"""An owner's choice whether clients are asked by mail by itself after meetings of calendars."""

from collections.abc import Mapping
from uuid import UUID

from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import RepCalendar
from feedback.store.calendars import calendars_of_reps
from feedback.store.organisations import locked_organisation
from feedback.store.people import all_reps


def choose_asking(c: Change, user_id: UUID, everybody: bool, reps: Mapping[UUID, bool | None]) -> None:
    """Save for whom clients are asked by mail by itself. everybody: whether it is on for the organisation. reps: what
    applies to a rep, None: as the organisation has it; others stay as they are, and unknown ones are passed over. What is
    switched on applies to meetings that end from now on."""
    organisation = locked_organisation(c.session, c.organisation_id, key_share=True)
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    if everybody != (organisation.asks_since is not None):
        before["asks_by_itself"], after["asks_by_itself"] = not everybody, everybody
        organisation.asks_since = c.now if everybody else None
    known = calendars_of_reps(c.session, c.organisation_id, reps.keys())
    for rep in all_reps(c.session, c.organisation_id) if reps else ():
        was = known[rep.id].asks_itself if rep.id in known else None
        wanted = reps.get(rep.id, was)
        if wanted is was:
            continue
        key = {"organisation_id": c.organisation_id, "rep_id": rep.id}
        row = locked_or_new(c.session, RepCalendar, key, {"created_at": c.now, "own_emails": (), "unread": 0})
        row.asks_itself, row.asks_since = wanted, c.now if wanted else None
        called = rep.name if rep.name not in after else f"{rep.name} ({rep.email})"
        before[called], after[called] = was, wanted
    if after:
        c.audit(user_id, AuditKind.SETTINGS_CHANGED, before=before, after=after)
