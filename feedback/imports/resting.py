"""What rests on an import, in words, so that it cannot be undone."""

from collections.abc import Collection, Sequence
from uuid import UUID

from feedback.db.change import Change
from feedback.imports.report import count_phrase
from feedback.models import ImportJob
from feedback.store.import_rows import (
    alerts_touched,
    contacts_of_relationships,
    later_import,
    pointing_at,
    stored_values,
    week_frozen_since,
)

MOST_NAMED = 5
# What rows of a table are called, one and several.
CALLED = {
    "alerts": ("alert", "alerts"),
    "alert_events": ("step about an alert", "steps about alerts"),
    "alert_reasons": ("reason of an alert", "reasons of alerts"),
    "answer_keys": ("answer", "answers"),
    "audit": ("line in the audit log of what they did", "lines in the audit log of what they did"),
    "calendar_entries": ("calendar entry", "calendar entries"),
    "contacts": ("contact", "contacts"),
    "handed_over": ("hand-over", "hand-overs"),
    "held_meetings": ("meeting of a calendar", "meetings of calendars"),
    "import_jobs": ("import", "imports"),
    "invitations": ("meeting", "meetings"),
    "meetings": ("meeting", "meetings"),
    "merges": ("time joined with another", "times joined with another"),
    "outcomes": ("outcome", "outcomes"),
    "outbox": ("mail", "mails"),
    "practice_choices": ("practice", "practices"),
    "promises": ("promise", "promises"),
    "relationships": ("relationship with a rep", "relationships with reps"),
    "calendar_addresses": ("calendar", "calendars"),
    "rep_calendars": ("calendar", "calendars"),
    "sessions": ("sign-in", "sign-ins"),
    "standings": ("frozen week", "frozen weeks"),
    "taken_back": ("code taken back", "codes taken back"),
    "team_managers": ("team to look after", "teams to look after"),
    "user_links": ("link that was made", "links that were made"),
    "users": ("person", "people"),
}
_NAMED = ("users", "teams", "accounts", "contacts")


class RestsOnIt(Exception):
    """Raised when an import cannot be undone; words: what rests on it, in sentences."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__("; ".join(words))
        self.words = list(words)


def refuse_what_rests(c: Change, job: ImportJob, rows: int) -> None:
    """Refuse an import that others, or a frozen week, rest on. rows: how many are known of it. Raises RestsOnIt."""
    if not rows or job.imported_at is None:
        raise RestsOnIt(["What it did is no longer known: somebody was erased since, or the day is over."])
    if later := later_import(c.session, job):
        raise RestsOnIt([f"{later} was imported later. Undo that first."])
    if job.kind == "history" and (monday := week_frozen_since(c.session, c.organisation_id, job.imported_at)):
        raise RestsOnIt([f"The week of {monday:%d %B %Y} is over, and its standings show it."])


def refuse_what_was_touched(c: Change, job: ImportJob, ids: Collection[UUID], gone: bool) -> None:
    """Refuse when something rests on relationships: on those that go anything, on others what came since. Raises
    RestsOnIt."""
    assert job.imported_at is not None  # noqa: S101 (looked at before)
    where, here = c.organisation_id, sorted(ids)
    if not here:
        return
    resting = pointing_at(c.session, where, "relationships", here, since=None if gone else job.imported_at)
    if not gone:
        resting += alerts_touched(c.session, where, here, job.imported_at)
    if resting:
        contacts = contacts_of_relationships(c.session, where, here)
        raise RestsOnIt(words_of(c, "contacts", [(table, contacts[at], n) for table, at, n in resting]))


def words_of(c: Change, table: str, resting: Sequence[tuple[str, UUID, int]]) -> list[str]:
    """Say in words what points at rows of a table, (table, id, how many) each, and by name at whom."""
    names = {}
    if table in _NAMED:
        ids = [row_id for _, row_id, _ in resting[:MOST_NAMED]]
        names = stored_values(c.session, c.organisation_id, table, ids, ("name",))
    said = []
    for child, row_id, number in resting[:MOST_NAMED]:
        one, many = CALLED.get(child, (child.replace("_", " "), child.replace("_", " ")))
        (counted,) = count_phrase(number, one, many)
        name = names.get(row_id, {}).get("name")
        said.append(f"{name}: {counted}" if name else f"Its meetings: {counted}")
    more = len(resting) - len(said)
    return said + ([f"And {more} more."] if more > 0 else [])
