"""The start of a meeting: each contact gets a personal invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from feedback.actions.client_lines import put_on_page
from feedback.actions.people import normal_email
from feedback.actions.scoring.recompute import locked_relationship, recount
from feedback.actions.trust import Fingerprint
from feedback.core.audit import AuditKind
from feedback.core.finding import search_text, with_words
from feedback.core.tokens import new_token
from feedback.db.change import Change, Invalid
from feedback.db.locks import advisory_lock, found_or_new, locked
from feedback.models import Account, Contact, Invitation, Meeting, Relationship
from feedback.models.encrypted import box_of
from feedback.pages.meetings import meeting_by_form_key, meeting_just_begun
from feedback.store.clients import contact_named
from feedback.store.contacts import accounts_meant, changed_contacts, contacts_by_id, contacts_meant, name_key
from feedback.store.search import free_key
from feedback.wording.i18n import app_text

LONGEST_NAME = 200
MOST_CONTACTS = 20


@dataclass(frozen=True, slots=True)
class NewContact:
    """Somebody not met before."""

    name: str
    account: str
    email: str | None = None
    role: str | None = None
    language: str | None = None
    another: bool = False  # than whoever has this name there already


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """What a rep says about a meeting that is to start."""

    contact_ids: Sequence[UUID] = ()
    new_contact: NewContact | None = None
    topic: str | None = None
    held_at: datetime | None = None  # of one that a calendar has, or that began without a network; None: now
    form_key: str | None = None  # of the form it came from: a double click, or a retry, makes one meeting
    most: int = MOST_CONTACTS  # contacts


def show_code(c: Change, rep_id: UUID, new: NewMeeting, fingerprint: Fingerprint | None = None) -> UUID:
    """Return the meeting whose codes to show: one of the last hour with the same people, since a double tap, a second tab
    and the back button mean the same meeting, and who answered is not asked again; else a new one (start_meeting)."""
    advisory_lock(c.session, f"meetings of {rep_id}")
    known = contacts_by_id(c.session, c.organisation_id, list(new.contact_ids))
    if known and {each.id for each in known} == set(new.contact_ids) and not new.new_contact:
        shown = meeting_just_begun(c.session, c.organisation_id, rep_id, set(new.contact_ids), c.now)
        if shown:
            meeting = c.session.get_one(Meeting, (c.organisation_id, shown))
            meeting.topic = meeting.topic or _short(new.topic, "topic")
            return shown
    return start_meeting(c, rep_id, new, fingerprint)


def start_meeting(c: Change, rep_id: UUID, new: NewMeeting, fingerprint: Fingerprint | None = None) -> UUID:
    """Start a meeting held now, or when a calendar has it, with an invitation for each contact; return its id. The same
    form_key twice returns the meeting made the first time. Raises Invalid for a meeting with nobody, for unknown contacts,
    and for names that are missing or too long."""
    if new.form_key:
        advisory_lock(c.session, f"meeting {rep_id} {new.form_key}")
        made = meeting_by_form_key(c.session, c.organisation_id, rep_id, new.form_key)
        if made:
            return made
    contact_ids = contacts_of(c, new)
    meeting = new_meeting(c, rep_id, new, fingerprint)
    # In one order, whatever the rep chose first: two meetings with the same people wait, and do not deadlock.
    relationships = {
        contact_id: locked_relationship(c, rep_id, contact_id) for contact_id in sorted(contact_ids)
    }
    bring_back(c, rep_id, contact_ids)
    for contact_id in contact_ids:
        invite(c, meeting, relationships[contact_id], new_token(c.organisation.code))
    recount(c, rep_id, meeting.held_at)
    return meeting.id


def new_meeting(c: Change, rep_id: UUID, new: NewMeeting, fingerprint: Fingerprint | None) -> Meeting:
    """Add a meeting without its invitations. Raises Invalid for a topic that is too long."""
    meeting = Meeting(
        organisation_id=c.organisation_id,
        rep_id=rep_id,
        held_at=new.held_at or c.now,
        topic=_short(new.topic, "topic"),
        form_key=new.form_key,
        network_hash=fingerprint.network if fingerprint else None,
        browser_hash=fingerprint.browser if fingerprint else None,
        created_at=c.now,
    )
    c.session.add(meeting)
    c.session.flush()
    return meeting


def bring_back(c: Change, rep_id: UUID, contact_ids: Sequence[UUID]) -> None:
    """Who is met is archived no longer. Raises Invalid for somebody who was joined with another while this waited."""
    for contact in changed_contacts(c.session, c.organisation_id, contact_ids):
        if contact.merged_at:
            raise unknown()
        contact.archived_at = None
        c.audit(rep_id, AuditKind.CONTACT_BACK, contact.id, name=contact.name)


def unknown() -> Invalid:
    """Return the refusal of a contact who is not here, or is nobody by now."""
    return Invalid(contact_id=app_text("One of these contacts is not known here. Choose again."))


def contacts_of(c: Change, new: NewMeeting) -> list[UUID]:
    """Return the ids of the contacts of a meeting that is to start; who is new is added. Raises Invalid."""
    ids = [contact.id for contact in contacts_by_id(c.session, c.organisation_id, list(new.contact_ids))]
    if set(ids) != set(new.contact_ids):
        raise unknown()
    if new.new_contact:
        ids.append(find_or_add_contact(c, new.new_contact))
    if not ids:
        raise Invalid(
            contact_name=app_text("Who did you meet? Choose a contact, or write a name and a company.")
        )
    if len(ids) > new.most:
        raise Invalid(contact_id=app_text("At most %(most)s people in one meeting.", most=new.most))
    return list(dict.fromkeys(ids))


def invite(c: Change, meeting: Meeting, relationship: Relationship, token: str) -> None:
    """Add an invitation with this token, whose page is open from now on. relationship: the one it belongs to, held."""
    invitation = Invitation(
        organisation_id=c.organisation_id,
        meeting_id=meeting.id,
        contact_id=relationship.contact_id,
        token="",
        closes_at=c.now + timedelta(days=c.organisation.invitation_days),
        created_at=c.now,
    )
    set_token(c, invitation, token)
    c.session.add(invitation)
    relationship.last_meeting_at = max(meeting.held_at, relationship.last_meeting_at or meeting.held_at)
    c.session.flush()
    put_on_page(c, invitation, relationship)


def set_token(c: Change, invitation: Invitation, token: str) -> None:
    """Let an invitation be found by this token, and by no other any more."""
    invitation.token = box_of(c.session.connection().dialect).hash_token(token)
    invitation.encrypted_token = token


def find_or_add_contact(c: Change, new: NewContact) -> UUID:
    """Return the id of the contact of this name at this account, made where it is missing; of who is meant, where that
    one was joined with another. Raises Invalid."""
    name, account = _short(new.name, "contact_name"), _short(new.account, "account_name")
    if not name or not account:
        reasons = {"contact_name": app_text("Who was it?")} if not name else {}
        reasons |= {"account_name": app_text("At which company?")} if not account else {}
        raise Invalid(**reasons)
    email = typed_address(new.email) if new.email and new.email.strip() else None
    account_id = find_or_add_account(c, account)
    found = None if new.another else contact_named(c.session, c.organisation_id, account_id, name)
    if found is None:
        another = new.another and free_key(c.session, c.organisation_id, account_id, name)
        found = found_or_new(
            c.session,
            Contact,
            {"organisation_id": c.organisation_id, "account_id": account_id, "name_key": another or name_key(name)},
            {
                "name": name, "role": new.role, "language": new.language, "created_at": c.now,
                "search": search_text(name, account),
            },
        )  # fmt: skip
    elif found.merged_at:
        meant = contacts_meant(c.session, c.organisation_id, [found.id])
        found = c.session.get_one(Contact, (c.organisation_id, meant[found.id]))
    if email and not found.email:
        found.email, found.email_typed_at = email, c.now
        found.search = with_words(found.search, email)
    c.session.flush()
    return found.id


def add_address(c: Change, contact_id: UUID, email: str) -> None:
    """Note the e-mail address that a rep typed of a contact who has none. Raises Invalid."""
    contact = locked(c.session, Contact, organisation_id=c.organisation_id, id=contact_id)
    if contact and not contact.email:
        contact.email, contact.email_typed_at = typed_address(email), c.now
        contact.search = with_words(contact.search, contact.email) if contact.search else None


def typed_address(email: str) -> str:
    """Return an address that was typed in as it is stored. Raises Invalid."""
    try:
        return normal_email(email)
    except Invalid as error:
        raise Invalid(contact_email=error.reasons["email"]) from error


def find_or_add_account(c: Change, name: str) -> UUID:
    """Return the id of the account of this name, made where it is missing; of what it was joined with."""
    key = {"organisation_id": c.organisation_id, "name_key": name_key(name)}
    found = found_or_new(
        c.session, Account, key, {"name": name, "search": search_text(name), "created_at": c.now}
    )
    return accounts_meant(c.session, c.organisation_id, [found.id])[found.id] if found.merged_at else found.id


def _short(text: str | None, field: str) -> str | None:
    """Return the text with single spaces, None when empty. Raises Invalid when it is too long."""
    trimmed = " ".join((text or "").split())
    if len(trimmed) > LONGEST_NAME:
        raise Invalid(
            **{
                field: app_text(
                    "At most %(most)s characters; this has %(count)s.", most=LONGEST_NAME, count=len(trimmed)
                )
            }
        )
    return trimmed or None
