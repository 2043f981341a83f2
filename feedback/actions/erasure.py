"""Erasing a person everywhere: a client's contact, or somebody who signed in and left.

Names, addresses and words go; ratings, sealed guesses, frozen weeks and counts stay, and say of nobody whose they are.
Erasing twice changes nothing.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, null
from sqlmodel import col

from feedback.actions.api_tokens import forget_replays
from feedback.actions.echoes import (
    delete_rows,
    forget_quotes,
    forget_reasons,
    forget_replies,
    forget_words_about,
    stop_mails,
    update_rows,
)
from feedback.actions.outcomes import untie_outcomes
from feedback.actions.scoring.recompute import recompute
from feedback.chat.posting import stop_messages
from feedback.core.access import NotFound
from feedback.core.audit import AuditKind
from feedback.core.erasure import erased_name, without, words_naming
from feedback.core.tokens import new_token
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import (
    AlertEvent,
    AnswerKey,
    ApiToken,
    Audit,
    CalendarAddress,
    CalendarEntry,
    ChatChannel,
    ChatMessage,
    ClientLine,
    Contact,
    Feedback,
    ImportJob,
    ImportRow,
    Invitation,
    JobState,
    Meeting,
    NotedOutcome,
    OneTimeCodes,
    Outbox,
    Passkey,
    Promise,
    RecoveryCode,
    Relationship,
    RepCalendar,
    SignInLink,
    TeamManager,
    User,
    UserLink,
    UserSession,
    WebhookDelivery,
)
from feedback.models.encrypted import stand_in
from feedback.store.contacts import name_key
from feedback.store.echoes import comments_of
from feedback.store.erasure import (
    ContactTrail,
    audit_naming,
    contact_trail,
    entries_naming,
    merges_moving,
    texts_naming,
)
from feedback.store.import_jobs import count_working
from feedback.store.merges import contacts_merged_into

GONE = "erased"  # in place of words that have to be some
LOG_TEXTS: tuple[tuple[Any, str], ...] = (
    (WebhookDelivery, "error"),
    (Outbox, "error"),
    (ChatMessage, "error"),
    (AlertEvent, "note"),
)  # emptied where they name somebody
# Others' words: the name in them is replaced. How long each may be.
OTHERS_WORDS: tuple[tuple[Any, str, int], ...] = (
    (Feedback, "comment", 2000),
    (Meeting, "topic", 200),
    (Promise, "words", 200),
    (ClientLine, "words", 200),
    (ImportJob, "file_name", 200),
    (NotedOutcome, "reason", 500),
    (RepCalendar, "named", 3000),
    (CalendarAddress, "named", 3000),
    (CalendarAddress, "name", 60),
    (Contact, "role", 200),
    (Passkey, "name", 100),
    (ApiToken, "name", 100),
    (ChatChannel, "name", 60),
)


def erase_contact(c: Change, by: UUID | None, contact_id: UUID) -> dict[str, int]:
    """Erase a client's contact; return how many of what went, and of what stays ("kept"); nothing for one erased before.
    by: None when the time to keep names was over. Raises NotFound, and Invalid while a file is being imported."""
    trail = contact_trail(c.session, c.organisation_id, contact_id)
    relationships = [_held(c, Relationship, each) for each in trail.relationships]
    who = _held(c, Contact, contact_id)
    if who.erased_at is not None:
        return {}
    for other in contacts_merged_into(c.session, c.organisation_id, contact_id):
        erase_contact(c, by, other)  # what they were called, too
    name, email = who.name, who.email
    counts = _erase_trail(c, contact_id, trail)
    for each in relationships:
        if each.lukewarm:  # by words that are gone now
            recompute(c, each)
    who.name = erased_name(_code(contact_id))
    who.name_key = name_key(who.name)
    who.email = who.email_typed_at = who.role = who.language = who.given_to_id = None
    who.search, who.erased_at = None, c.now
    _forget_key(c, contact_id)
    counts |= _erase_everywhere(c, contact_id, name, email, counts)
    kept = {"kept_meetings": len(set(trail.meetings)), "kept_invitations": len(trail.invitations)}
    counts["import_files"] = _forget_imports(c) if by else 0
    return _told(c, by, AuditKind.CONTACT_ERASED, contact_id, counts | kept)


def erase_person(c: Change, by: UUID | None, user_id: UUID) -> dict[str, int]:
    """Erase somebody who signed in and left; return counts as `erase_contact` does. Raises NotFound, and Invalid for
    somebody who may still sign in."""
    who = _held(c, User, user_id)
    if who.erased_at is not None:
        return {}
    if who.ended_at is None:
        raise Invalid(person=f"{who.name} still signs in. Remove {who.name} first, and then erase.")
    name, email = who.name, who.email
    counts = {
        "sessions": _delete(c, UserSession, user_id=user_id),
        "tokens": _delete(c, ApiToken, user_id=user_id),
        "links": _delete(c, UserLink, user_id=user_id) + _delete(c, SignInLink, user_id=user_id),
        "mails": stop_mails(c, col(Outbox.user_id) == user_id),
        "posts": stop_messages(c, col(ChatMessage.user_id) == user_id, GONE),
        "calendar_entries": _delete(c, CalendarEntry, rep_id=user_id)
        + _delete(c, CalendarAddress, rep_id=user_id)
        + _delete(c, RepCalendar, rep_id=user_id),
    }
    for table in (OneTimeCodes, Passkey, RecoveryCode, TeamManager):
        _delete(c, table, user_id=user_id)
    marks = {"network_hash": None, "browser_hash": None}
    held = col(Meeting.rep_id) == user_id
    kept = {"kept_meetings": update_rows(c, Meeting, held, **marks)}
    update_rows(c, Contact, col(Contact.given_to_id) == user_id, given_to_id=None)
    update_rows(c, Audit, col(Audit.user_id) == user_id, network=None)
    who.name, who.email = erased_name(_code(user_id)), f"{user_id}@erased.invalid"
    who.password_hash, who.subject, who.language, who.erased_at = None, None, None, c.now
    counts |= _erase_everywhere(c, user_id, name, email, counts)
    counts["import_files"] = _forget_imports(c) if by else 0
    return _told(c, by, AuditKind.PERSON_ERASED, user_id, counts | kept)


def _held(c: Change, table: Any, row_id: UUID) -> Any:
    found = locked(c.session, table, organisation_id=c.organisation_id, id=row_id)
    if found is None:
        raise NotFound("person")
    forget_replays(c, c.now)  # anybody may be named in them
    return found


def _code(row_id: UUID) -> str:
    """Return the last letters of an id, which are random."""
    return row_id.hex[-6:]


def _erase_trail(c: Change, contact_id: UUID, trail: ContactTrail) -> dict[str, int]:
    """Erase the words in what belongs to a contact. The pages with its questions have other addresses from now on, which
    nobody was given."""
    answers = col(Feedback.invitation_id).in_(trail.invitations)
    said, first = comments_of(c.session, c.organisation_id, trail.invitations)
    forget_replies(c, trail.invitations, trail.alerts)
    written = forget_words_about(c, trail.alerts)
    counts = {
        "comments": update_rows(c, Feedback, answers & col(Feedback.comment).is_not(None), comment=None),
        "notes": written["notes"],
        "promises": update_rows(c, Promise, col(Promise.contact_id) == contact_id, words=GONE),
        "outcomes": untie_outcomes(c, contact_id),
        "topics": update_rows(
            c, Meeting, col(Meeting.id).in_(trail.meetings) & col(Meeting.topic).is_not(None), topic=None
        ),
        "told": written["told"],
        "links": delete_rows(c, AnswerKey, col(AnswerKey.invitation_id).in_(trail.invitations)),
        "mails": written["mails"] + stop_mails(c, col(Outbox.invitation_id).in_(trail.invitations)),
        "posts": stop_messages(c, col(ChatMessage.alert_id).in_(trail.alerts), GONE),
        "calendar_entries": delete_rows(c, CalendarEntry, col(CalendarEntry.meeting_id).in_(trail.meetings)),
    }  # fmt: skip
    marks = dict.fromkeys(("language", "device_hash", "network_hash", "browser_hash"))
    update_rows(c, Feedback, answers, **marks)
    for invitation_id in trail.invitations:
        nobody = {"token": stand_in(new_token(c.organisation.code)), "encrypted_token": None}
        update_rows(
            c, Invitation, col(Invitation.id) == invitation_id, **nobody
        )  # whose page nobody can open again
    forget_reasons(c, trail.invitations)
    if said:
        forget_quotes(c, contact_id, trail, said, first)
    return counts


def _erase_everywhere(
    c: Change, about_id: UUID, name: str, email: str | None, counts: dict[str, int]
) -> dict[str, int]:
    """Erase somebody from what others wrote, the audit log and files that wait; return the counts, with these added."""
    words = words_naming(name, email)
    entries = entries_naming(c.session, c.organisation_id, name, words, email)
    added = {
        "calendar_entries": delete_rows(c, CalendarEntry, col(CalendarEntry.id).in_(entries)),
        "mails": stop_mails(c, col(Outbox.recipient) == email) if email else 0,
        "mentions": sum(_replace(c, table, column, longest, words) for table, column, longest in OTHERS_WORDS)
        + sum(_empty(c, table, column, words) for table, column in LOG_TEXTS),
        "audit_entries": _empty_audit(c, about_id, words),
    }
    return {what: counts.get(what, 0) + added.get(what, 0) for what in counts | added}


def _forget_key(c: Change, contact_id: UUID) -> None:
    """Forget what a contact was filed under before its account was joined with another: its name. Where the two are parted
    again, it is filed anew."""
    for merge in merges_moving(c.session, c.organisation_id, contact_id):
        filed = [[each, "" if each == str(contact_id) else key] for each, key in merge.moved["contacts"]]
        merge.moved = {**merge.moved, "contacts": filed}


def _replace(c: Change, table: Any, column: str, longest: int, words: list[str]) -> int:
    """Replace a name in others' words; return in how many."""
    found = texts_naming(c.session, c.organisation_id, table, column, words)
    other = {row_id: new[:longest] for row_id, text in found if (new := without(text, words)) != text}
    return sum(
        update_rows(c, table, col(table.id) == row_id, **{column: new}) for row_id, new in other.items()
    )


def _empty(c: Change, table: Any, column: str, words: list[str]) -> int:
    found = texts_naming(c.session, c.organisation_id, table, column, words)
    ids = [row_id for row_id, text in found if without(text, words) != text]
    return update_rows(c, table, col(table.id).in_(ids), **{column: None})


def _empty_audit(c: Change, about_id: UUID, words: list[str]) -> int:
    """Empty what names somebody in the audit log; the entries stay."""
    nameless = {"about_name": None, "before": None, "after": None}
    about = update_rows(c, Audit, col(Audit.about_id) == about_id, **nameless)
    return about + (update_rows(c, Audit, audit_naming(words), **nameless, reason=None) if words else 0)


def _forget_imports(c: Change) -> int:
    """Forget the files that wait to be imported, and what was said about those that were: who is named in them cannot be
    told without reading all of them."""
    if count_working(c.session, c.organisation_id):
        raise Invalid(person="A file is being imported, and may name this person. Wait until it is done.")
    c.session.execute(delete(ImportRow).where(col(ImportRow.organisation_id) == c.organisation_id))
    waiting = col(ImportJob.content).is_not(None)
    update_rows(c, ImportJob, col(ImportJob.report).is_not(None), report=null())
    return update_rows(c, ImportJob, waiting, content=None, state=JobState.STOPPED, ended_at=c.now)


def _told(
    c: Change, by: UUID | None, kind: AuditKind, about_id: UUID, counts: dict[str, int]
) -> dict[str, int]:
    c.session.flush()
    c.audit(by, kind, about_id, after=counts)
    return counts


def _delete(c: Change, table: Any, **where: UUID) -> int:
    ((name, value),) = where.items()
    return delete_rows(c, table, col(getattr(table, name)) == value)
