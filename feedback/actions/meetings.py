"""A rep starts a meeting: each contact gets a personal invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from feedback.actions.change import change
from feedback.actions.people import normal_email
from feedback.actions.scoring.recompute import locked_relationship, recount
from feedback.actions.trust import Fingerprint
from feedback.core.tokens import new_token
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.models import Account, Contact, Invitation, Meeting
from feedback.pages.meetings import meeting_by_form_key
from feedback.store.contacts import contacts_by_id, name_key

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


def start_meeting(
    db: Database,
    organisation_id: UUID,
    rep_id: UUID,
    *,
    contact_ids: Sequence[UUID] = (),
    new_contact: NewContact | None = None,
    topic: str | None = None,
    form_key: str | None = None,
    visit: Fingerprint | None = None,
    now: datetime,
) -> UUID:
    """A meeting held now, with an invitation for each contact; returns its id.

    The same form_key twice (a double click, a retry) returns the meeting made the first time. Raises
    Invalid for nobody, for unknown contacts, and for names that are missing or too long.
    """
    told = (contact_ids, new_contact, topic, form_key, visit, now)
    for _ in ("account", "contact", "meeting"):
        try:
            return _start(db, organisation_id, rep_id, *told)
        except IntegrityError:
            continue  # somebody else made the same one a moment ago: this time it is found
    return _start(db, organisation_id, rep_id, *told)


def _start(
    db: Database,
    organisation_id: UUID,
    rep_id: UUID,
    contact_ids: Sequence[UUID],
    new_contact: NewContact | None,
    topic: str | None,
    form_key: str | None,
    visit: Fingerprint | None,
    now: datetime,
) -> UUID:
    with change(db, organisation_id, now) as c:
        made = form_key and meeting_by_form_key(c.session, organisation_id, rep_id, form_key)
        if made:
            return made
        ids = [contact.id for contact in contacts_by_id(c.session, organisation_id, list(contact_ids))]
        if set(ids) != set(contact_ids):
            raise Invalid(contact_id="One of these contacts is not known here. Choose again.")
        if new_contact:
            ids.append(find_or_add_contact(c, new_contact))
        if not ids:
            raise Invalid(contact_name="Who did you meet? Choose a contact, or write a name and a company.")
        if len(ids) > MOST_CONTACTS:
            raise Invalid(contact_id=f"At most {MOST_CONTACTS} people in one meeting.")
        meeting = Meeting(
            organisation_id=organisation_id,
            rep_id=rep_id,
            held_at=now,
            topic=_short(topic, "topic"),
            form_key=form_key,
            network_hash=visit.network if visit else None,
            browser_hash=visit.browser if visit else None,
            created_at=now,
        )
        c.session.add(meeting)
        c.session.flush()
        for contact_id in dict.fromkeys(ids):
            invite(c, meeting, contact_id)
        recount(c, rep_id, now)
        return meeting.id


def invite(c: Change, meeting: Meeting, contact_id: UUID) -> Invitation:
    """An invitation with a token of its own, and the relationship it belongs to."""
    invitation = Invitation(
        organisation_id=c.organisation_id,
        meeting_id=meeting.id,
        contact_id=contact_id,
        token=new_token(c.organisation.code),
        closes_at=meeting.held_at + timedelta(days=c.organisation.invitation_days),
        created_at=c.now,
    )
    c.session.add(invitation)
    c.session.flush()
    relationship = locked_relationship(c, meeting.rep_id, contact_id)
    relationship.last_meeting_at = max(meeting.held_at, relationship.last_meeting_at or meeting.held_at)
    c.session.flush()
    return invitation


def find_or_add_contact(c: Change, new: NewContact) -> UUID:
    """The contact of this name at this account, made where it is missing. Raises Invalid."""
    name, account = _short(new.name, "contact_name"), _short(new.account, "account_name")
    if not name or not account:
        reasons = {"contact_name": "Who was it?"} if not name else {}
        reasons |= {"account_name": "At which company?"} if not account else {}
        raise Invalid(**reasons)
    try:
        email = normal_email(new.email) if new.email and new.email.strip() else None
    except Invalid as error:
        raise Invalid(contact_email=error.reasons["email"]) from error
    account_id = find_or_add_account(c.session, c.organisation_id, account, c.now)
    found = c.session.exec(
        select(Contact).where(
            col(Contact.organisation_id) == c.organisation_id,
            col(Contact.account_id) == account_id,
            col(Contact.name_key) == name_key(name),
        )
    ).first()
    if found is None:
        found = Contact(
            organisation_id=c.organisation_id,
            account_id=account_id,
            name=name,
            name_key=name_key(name),
            role=new.role,
            language=new.language,
            created_at=c.now,
        )
        c.session.add(found)
    if email and not found.email:
        found.email, found.email_typed_at = email, c.now
    c.session.flush()
    return found.id


def find_or_add_account(session: Session, organisation_id: UUID, name: str, now: datetime) -> UUID:
    found = session.exec(
        select(Account).where(
            col(Account.organisation_id) == organisation_id, col(Account.name_key) == name_key(name)
        )
    ).first()
    if found is None:
        found = Account(organisation_id=organisation_id, name=name, name_key=name_key(name), created_at=now)
        session.add(found)
        session.flush()
    return found.id


def _short(text: str | None, field: str) -> str | None:
    """Trimmed, None when empty. Raises Invalid when it is too long."""
    trimmed = " ".join((text or "").split())
    if len(trimmed) > LONGEST_NAME:
        raise Invalid(**{field: f"At most {LONGEST_NAME} characters; this has {len(trimmed)}."})
    return trimmed or None
