"""Two contacts, or two accounts, that are one: joined, and parted again within a day.

What belonged to one belongs to the other: invitations with both sides' answers, promises, alerts, practices, hand-overs,
and the stop of mails. Each answer stays with its meeting and its rep, word for word; the rep's two relationships become
one, whose numbers are worked out of both histories. The row of who is meant no longer stays, so that name and address go
on to find the other. What was moved is written down in ids, and undoing puts exactly that back: what came since stays
where it was put.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.clients import write_search, write_search_of_accounts
from feedback.actions.evidence import want_evidence
from feedback.actions.outcomes import move_outcomes_of_contacts
from feedback.actions.scoring.recompute import recompute
from feedback.core.alerts.reasons import Kind, Outcome, Reason, Severity, leading
from feedback.core.audit import AuditKind
from feedback.core.merging import MergeFacts, can_be_undone, why_not_merged
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import (
    Account,
    Alert,
    AlertReason,
    Contact,
    HandedOver,
    Invitation,
    Merge,
    NotedOutcome,
    PracticeChoice,
    Promise,
    Relationship,
)
from feedback.store.clients import met_by_others
from feedback.store.contacts import name_key
from feedback.store.history import history_of
from feedback.store.merges import both_have, merge_facts
from feedback.store.merging import (
    hand_over_row,
    ids_of,
    invitations_of,
    locked_contacts,
    locked_relationships,
    merged_later,
    open_alert,
    open_practice,
    promises_of,
    reasons_of_alert,
)
from feedback.store.people import Viewer
from feedback.store.search import free_key, keys_of_name
from feedback.store.settling import AS_STORED
from feedback.wording.i18n import app_text, lazy_app_text

_app = lazy_app_text  # translated when it is shown

GONE = _app("One of them is not there any more. Look at the list again.")
TOO_LATE = _app("More than a day has passed. Nothing was changed.")
FIRST = _app("Something was joined since then. Undo that first.")
TWICE = _app(
    "Some people are at both. Say first of each whether it is one person: join the two, or give one another name."
)
FILLED = ("email", "role", "language", "asked_by_mail_at", "given_to_id")  # of a contact, where it has none
FILLED_OF_ACCOUNT = ("value", "review_days", "renews_on")


def merge_contacts(c: Change, viewer: Viewer, keep_id: UUID, gone_id: UUID) -> UUID:
    """Join two contacts of whom one is meant from now on; return the id of the merge. Raises Invalid, and changes
    nothing."""
    held = locked_relationships(c.session, c.organisation_id, (keep_id, gone_id))
    contacts = locked_contacts(c.session, c.organisation_id, (keep_id, gone_id))
    facts = merge_facts(c.session, viewer, keep_id, gone_id)
    if refusal := why_not_merged(viewer.role, facts):
        raise Invalid(merge=app_text(refusal, day=facts.together))
    if len(contacts) < 2 or any(each.merged_at or each.erased_at for each in contacts.values()):
        raise Invalid(merge=GONE)
    if len(locked_relationships(c.session, c.organisation_id, (keep_id, gone_id))) != len(held):
        raise Invalid(merge=GONE)  # somebody met one of them at this very moment
    keep, gone = contacts[keep_id], contacts[gone_id]
    moved: dict[str, Any] = {
        "invitations": _ids(invitations_of(c.session, c.organisation_id, gone_id)),
        "promises": _ids(promises_of(c.session, c.organisation_id, gone_id)),
        "outcomes": _ids(
            ids_of(c.session, c.organisation_id, NotedOutcome, NotedOutcome.contact_id, gone_id)
        ),
        "filled": _fill(keep, gone, FILLED),
        "joined": [],
        "relationships": [],
    }
    _move(c, Invitation, moved["invitations"], contact_id=keep_id)
    _move(c, Promise, moved["promises"], contact_id=keep_id)
    _move(c, NotedOutcome, moved["outcomes"], contact_id=keep_id, account_id=keep.account_id)
    _join_relationships(c, held, keep_id, moved)
    gone.merged_at = c.now
    merge = _written(c, viewer, moved, contact_id=gone_id, into_contact_id=keep_id)
    write_search(c, [keep_id])
    _audit(c, viewer, AuditKind.CONTACTS_MERGED, gone, keep)
    return merge


def merge_accounts(c: Change, viewer: Viewer, keep_id: UUID, gone_id: UUID) -> UUID:
    """Join two accounts of which one is meant from now on; their people stay who they are. Return the id of the merge.
    Raises Invalid, and changes nothing."""
    both = {
        each: locked(c.session, Account, organisation_id=c.organisation_id, id=each)
        for each in sorted({keep_id, gone_id})
    }
    people = [
        each
        for one in both
        for each in ids_of(c.session, c.organisation_id, Contact, Contact.account_id, one)
    ]
    refusal = why_not_merged(
        viewer.role, MergeFacts(same=keep_id == gone_id, others=met_by_others(c.session, viewer, people))
    )
    if refusal:
        raise Invalid(merge=app_text(refusal))
    keep, gone = both[keep_id], both[gone_id]
    if keep is None or gone is None or keep.merged_at or gone.merged_at:
        raise Invalid(merge=GONE)
    if both_have(c.session, c.organisation_id, keep_id, gone_id):
        raise Invalid(merge=TWICE)
    moved: dict[str, Any] = {"contacts": [], "filled": _fill(keep, gone, FILLED_OF_ACCOUNT)}
    for contact_id in ids_of(c.session, c.organisation_id, Contact, Contact.account_id, gone_id):
        contact = c.session.get_one(Contact, (c.organisation_id, contact_id))
        if contact.merged_at is None:
            moved["contacts"].append([str(contact_id), contact.name_key])
            contact.name_key = free_key(c.session, c.organisation_id, keep_id, contact.name, contact_id)
            contact.account_id = keep_id
    moved["outcomes"] = _ids(
        ids_of(c.session, c.organisation_id, NotedOutcome, NotedOutcome.account_id, gone_id)
    )
    _move(c, NotedOutcome, moved["outcomes"], account_id=keep_id)
    gone.merged_at = c.now
    merge = _written(c, viewer, moved, account_id=gone_id, into_account_id=keep_id)
    write_search_of_accounts(c, [keep_id])
    _audit(c, viewer, AuditKind.ACCOUNTS_MERGED, gone, keep)
    return merge


def undo_merge(c: Change, viewer: Viewer, merge_id: UUID) -> None:
    """Part what was joined: within a day, and in the reverse order of joining. Raises Invalid, and changes nothing."""
    merge = locked(c.session, Merge, organisation_id=c.organisation_id, id=merge_id)
    if merge is None or merge.undone_at is not None:
        return
    if not can_be_undone(merge.created_at, c.now):
        raise Invalid(merge=TOO_LATE)
    if merged_later(c.session, c.organisation_id, merge):
        raise Invalid(merge=FIRST)
    merge.undone_at = c.now
    if merge.moved.get("outcomes"):
        want_evidence(c)
    part = _part_contacts if merge.into_contact_id else _part_accounts
    part(c, viewer, merge)


def _join_relationships(
    c: Change, held: Sequence[Relationship], keep_id: UUID, moved: dict[str, Any]
) -> None:
    """Give the relationships with who is meant no longer to who is; where a rep has both, they become one."""
    kept = {each.rep_id: each for each in held if each.contact_id == keep_id}
    for each in held:
        if each.contact_id == keep_id:
            continue
        into = kept.get(each.rep_id)
        if into is None:
            moved["relationships"].append(str(each.id))
            each.contact_id = keep_id
            c.session.flush()
            into = each
        else:
            moved["joined"].append(_join(c, each, into))
        recompute(c, into)


def _join(c: Change, gone: Relationship, into: Relationship) -> dict[str, Any]:
    """Make two relationships of one rep one; return what undoes it."""
    where = c.session, c.organisation_id
    joined: dict[str, Any] = {
        "id": str(gone.id), "at": gone.created_at.isoformat(), "into": str(into.id),
        "ended": None, "handed_over": None, "handed": None,
    }  # fmt: skip
    theirs = open_practice(*where, gone.id)
    if theirs and open_practice(*where, into.id):
        theirs.ended_at = c.now
        joined["ended"] = str(theirs.id)
    over = hand_over_row(*where, gone.id)
    if over:
        if hand_over_row(*where, into.id):
            joined["handed_over"] = _row(over)
            c.session.delete(over)
        else:
            joined["handed"] = str(over.id)
            over.relationship_id = into.id
    joined["alert"] = _join_alerts(c, gone, into)
    c.session.flush()
    joined["alerts"] = _ids(ids_of(*where, Alert, Alert.relationship_id, gone.id))
    joined["practices"] = _ids(ids_of(*where, PracticeChoice, PracticeChoice.relationship_id, gone.id))
    _move(c, Alert, joined["alerts"], relationship_id=into.id)
    _move(c, PracticeChoice, joined["practices"], relationship_id=into.id)
    c.session.delete(gone)
    c.session.flush()
    return joined


def _join_alerts(c: Change, gone: Relationship, into: Relationship) -> dict[str, Any] | None:
    """Give the reasons of one open alert to the other, since a relationship has one; nothing is mailed, for nothing new
    was said. Return what undoes it."""
    theirs, ours = (open_alert(c.session, c.organisation_id, each.id) for each in (gone, into))
    if theirs is None or ours is None:
        return None
    reasons = reasons_of_alert(c.session, c.organisation_id, theirs.id)
    before = _row(ours)
    for reason in reasons:
        reason.alert_id = ours.id
    c.session.flush()
    stood = [r for r in reasons_of_alert(c.session, c.organisation_id, ours.id) if r.struck_at is None]
    lead = leading(Reason(Kind(r.kind), Severity(r.severity)) for r in stood)
    if lead:
        ours.kind, ours.severity = lead.kind, lead.severity
    ours.due_at, ours.taken_by_id = min(ours.due_at, theirs.due_at), ours.taken_by_id or theirs.taken_by_id
    theirs.closed_at, theirs.outcome = c.now, Outcome.MISTAKEN
    c.session.flush()
    return {"closed": str(theirs.id), "into": str(ours.id), "reasons": _ids([r.id for r in reasons]),
            "before": before, "after": _row(ours)}  # fmt: skip


def _part_contacts(c: Change, viewer: Viewer, merge: Merge) -> None:
    assert merge.contact_id and merge.into_contact_id  # noqa: S101, PT018 (a merge of contacts)
    locked_relationships(c.session, c.organisation_id, [merge.into_contact_id])
    both = locked_contacts(c.session, c.organisation_id, (merge.contact_id, merge.into_contact_id))
    keep, gone = both[merge.into_contact_id], both[merge.contact_id]
    if keep.erased_at or gone.erased_at:
        raise Invalid(merge=GONE)
    if met_by_others(c.session, viewer, [keep.id]):
        refusal = why_not_merged(viewer.role, MergeFacts(others=True))
        raise Invalid(merge=app_text(refusal) if refusal else GONE)
    moved = merge.moved
    _move(c, Invitation, moved["invitations"], contact_id=gone.id)
    _move(c, Promise, moved["promises"], contact_id=gone.id)
    _move(c, NotedOutcome, moved.get("outcomes", []), contact_id=gone.id, account_id=gone.account_id)
    for relationship_id in moved["relationships"]:
        _part_moved(c, UUID(relationship_id), keep.id, gone.id)
    for joined in moved["joined"]:
        _part_joined(c, joined, gone.id)
    _empty(keep, gone, moved["filled"])
    gone.merged_at = None
    c.session.flush()
    write_search(c, [keep.id, gone.id])
    _audit(c, viewer, AuditKind.CONTACTS_PARTED, gone, keep)


def _part_moved(c: Change, relationship_id: UUID, keep_id: UUID, gone_id: UUID) -> None:
    """Give a relationship back. Where its rep met the other one since, that is a relationship of its own."""
    mine = c.session.get(Relationship, (c.organisation_id, relationship_id))
    if mine is None:  # the only code was taken back meanwhile
        return
    rep_id, mine.contact_id = mine.rep_id, gone_id
    c.session.flush()
    if history_of(c.session, c.organisation_id, rep_id, keep_id, AS_STORED):
        recompute(c, _relationship(c, rep_id=rep_id, contact_id=keep_id, created_at=c.now))
    _recompute_or_delete(c, mine)


def _part_joined(c: Change, joined: dict[str, Any], gone_id: UUID) -> None:
    """Make two relationships of one again."""
    into = c.session.get(Relationship, (c.organisation_id, UUID(joined["into"])))
    if into is None:  # every code was taken back meanwhile
        return
    mine = _relationship(
        c, id=UUID(joined["id"]), created_at=datetime.fromisoformat(joined["at"]), rep_id=into.rep_id, contact_id=gone_id
    )  # fmt: skip
    _move(c, Alert, joined["alerts"], relationship_id=mine.id)
    _move(c, PracticeChoice, joined["practices"], relationship_id=mine.id)
    if joined["ended"]:
        _move(c, PracticeChoice, [joined["ended"]], ended_at=None)
    if joined["handed_over"]:
        c.session.add(HandedOver(organisation_id=c.organisation_id, **_read(joined["handed_over"])))
    if joined["handed"]:
        _move(c, HandedOver, [joined["handed"]], relationship_id=mine.id)
    c.session.flush()
    if joined["alert"]:
        _part_alerts(c, joined["alert"])
    for each in (into, mine):
        _recompute_or_delete(c, each)


def _relationship(c: Change, **values: Any) -> Relationship:
    row = Relationship(organisation_id=c.organisation_id, **values)
    c.session.add(row)
    c.session.flush()
    return row


def _recompute_or_delete(c: Change, relationship: Relationship) -> None:
    """Work its numbers out anew; one of which every code was taken back is none."""
    if not recompute(c, relationship):
        for each in ids_of(
            c.session, c.organisation_id, PracticeChoice, PracticeChoice.relationship_id, relationship.id
        ):
            c.session.delete(c.session.get_one(PracticeChoice, (c.organisation_id, each)))
        c.session.flush()
        c.session.delete(relationship)
        c.session.flush()


def _part_alerts(c: Change, joined: dict[str, Any]) -> None:
    """Open the alert again that was joined with another, and give it its reasons back. What somebody did with the other
    meanwhile stays done."""
    theirs = c.session.get_one(Alert, (c.organisation_id, UUID(joined["closed"])))
    ours = c.session.get_one(Alert, (c.organisation_id, UUID(joined["into"])))
    _move(c, AlertReason, joined["reasons"], alert_id=theirs.id)
    theirs.closed_at = theirs.outcome = None
    if _row(ours) == joined["after"]:
        before = _read(joined["before"])
        ours.kind, ours.severity = Kind(before["kind"]), Severity(before["severity"])
        ours.due_at, ours.taken_by_id = before["due_at"], before["taken_by_id"]
    c.session.flush()


def _part_accounts(c: Change, viewer: Viewer, merge: Merge) -> None:
    assert merge.account_id and merge.into_account_id  # noqa: S101, PT018 (a merge of accounts)
    keep = c.session.get_one(Account, (c.organisation_id, merge.into_account_id))
    gone = c.session.get_one(Account, (c.organisation_id, merge.account_id))
    for contact_id, key in merge.moved["contacts"]:
        contact = c.session.get_one(Contact, (c.organisation_id, UUID(contact_id)))
        if contact.account_id == keep.id:  # nobody has moved them since
            contact.account_id = gone.id
            where = c.session, c.organisation_id, gone.id, contact.name, contact.id
            back = key.startswith(name_key(contact.name)) and key not in keys_of_name(*where)
            contact.name_key = key if back else free_key(*where)
            c.session.flush()
    _move(c, NotedOutcome, merge.moved.get("outcomes", []), account_id=gone.id)
    move_outcomes_of_contacts(c, [UUID(contact_id) for contact_id, _ in merge.moved["contacts"]])
    _empty(keep, gone, merge.moved["filled"])
    gone.merged_at = None
    c.session.flush()
    write_search_of_accounts(c, [keep.id, gone.id])
    _audit(c, viewer, AuditKind.ACCOUNTS_PARTED, gone, keep)


def _fill(keep: Any, gone: Any, names: Sequence[str]) -> list[str]:
    """Fill what one does not say with what the other says; return what was filled."""
    filled = [name for name in names if getattr(keep, name) is None and getattr(gone, name) is not None]
    for name in filled:
        setattr(keep, name, getattr(gone, name))
    if "email" in filled:
        keep.email_typed_at = gone.email_typed_at
    return filled


def _empty(keep: Any, gone: Any, filled: Sequence[str]) -> None:
    """Take back what was filled, where nobody has changed it since."""
    for name in filled:
        if getattr(keep, name) == getattr(gone, name):
            setattr(keep, name, None)
            if name == "email":
                keep.email_typed_at = None


def _move(c: Change, table: Any, ids: Sequence[str], **values: Any) -> None:
    """Set columns of the rows that are still there."""
    these = col(table.organisation_id) == c.organisation_id, col(table.id).in_([UUID(each) for each in ids])
    if ids:
        c.session.flush()
        c.session.execute(update(table).where(*these).values(**values))


def _written(c: Change, viewer: Viewer, moved: dict[str, Any], **which: Any) -> UUID:
    merge = Merge(organisation_id=c.organisation_id, created_at=c.now, by_id=viewer.id, moved=moved, **which)
    c.session.add(merge)
    c.session.flush()
    if moved["outcomes"]:
        want_evidence(c)
    return merge.id


def _audit(c: Change, viewer: Viewer, what: AuditKind, gone: Any, keep: Any) -> None:
    """Write down which two, as they were called."""
    names = [{"name": each.name, "email": getattr(each, "email", None)} for each in (gone, keep)]
    before, after = (
        names if what in (AuditKind.CONTACTS_MERGED, AuditKind.ACCOUNTS_MERGED) else reversed(names)
    )
    c.audit(viewer.id, what, keep.id, name=keep.name, before=before, after=after)


def _ids(found: Sequence[UUID]) -> list[str]:
    return [str(each) for each in found]


# Of an alert what joining changes, and of a hand-over all: as JSON has it.
_KEPT: dict[type[Any], tuple[str, ...]] = {
    Alert: ("kind", "severity", "due_at", "taken_by_id"),
    HandedOver: ("id", "created_at", "relationship_id", "rep_id", "by_id"),
}


def _row(row: Any) -> dict[str, str | None]:
    return {name: _text(getattr(row, name)) for name in _KEPT[type(row)]}


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else None if value is None else str(value)


def _read(row: dict[str, str | None]) -> dict[str, Any]:
    return {name: _value(name, text) for name, text in row.items()}


def _value(name: str, text: str | None) -> Any:
    if text is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(text)
    return UUID(text) if name == "id" or name.endswith("_id") else text
