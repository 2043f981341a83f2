"""Accounts and contacts: corrected, archived, and brought back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from feedback.actions.asking import allow_mail, stop_mail
from feedback.actions.meetings import find_or_add_account
from feedback.actions.outcomes import move_outcomes_of_contacts
from feedback.actions.people import normal_email
from feedback.core.access import NotFound
from feedback.core.asking import StopReason
from feedback.core.audit import AuditKind
from feedback.core.finding import search_text
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import Account, Contact
from feedback.store.asking import mail_stops
from feedback.store.contacts import name_key
from feedback.store.search import (
    contacts_at_accounts,
    free_key,
    names_of_contacts,
    second_names,
    unsearchable,
)
from feedback.wording.i18n import app_text, lazy_app_text

_app = lazy_app_text  # translated when it is shown

LONGEST = 200  # characters of a name
AT_A_TIME = 500  # contacts
NEEDED = _app("This is needed.")
KEEP_ADDRESS = _app(
    "An address can be corrected here, and taken away by a manager: the client's copy goes to it."
)
TAKEN = _app("Another account has this name. Join the two instead, or choose another name.")


@dataclass(frozen=True, slots=True)
class ContactEdit:
    """A contact as somebody wants it."""

    name: str
    account: str
    email: str = ""
    role: str = ""
    language: str = ""
    no_mail: bool = False


@dataclass(frozen=True, slots=True)
class AccountEdit:
    """An account as somebody wants it."""

    name: str
    value: float | None = None
    review_days: int | None = None
    renews_on: date | None = None


def edit_contact(c: Change, by: UUID, contact_id: UUID, edit: ContactEdit, *, rep: bool) -> None:
    """Change a contact. rep: a rep does, who may correct an address and not take it away, and whose address is known as
    typed by a rep from then on. Two of one name at one company stay two. Raises Invalid and NotFound."""
    contact = _contact(c, contact_id)
    name, account, role = (
        _short(edit.name, "name"),
        _short(edit.account, "account"),
        _short(edit.role, "role"),
    )
    missing = {field: NEEDED for field, value in (("name", name), ("account", account)) if not value}
    if missing:
        raise Invalid(**missing)
    email = normal_email(edit.email) if edit.email.strip() else None
    if rep and contact.email and not email:
        raise Invalid(email=KEEP_ADDRESS)
    before = _contact_values(c, contact)
    if contact.email != email:
        contact.email, contact.email_typed_at = email, c.now if rep and email else None
    contact.role, contact.language = role or None, edit.language or None
    _stop_or_allow(c, before["email"], email, edit.no_mail)
    account_id = find_or_add_account(c, account)
    if account_id != contact.account_id or name_key(name) != name_key(contact.name):
        contact.name_key = free_key(c.session, c.organisation_id, account_id, name, contact.id)
    moved = contact.account_id != account_id
    contact.name, contact.account_id = name, account_id
    c.session.flush()
    if moved:
        move_outcomes_of_contacts(c, [contact_id])
    _told(c, by, AuditKind.CONTACT_CHANGED, contact, before, _contact_values(c, contact))
    write_search(c, [contact_id])


def edit_account(c: Change, by: UUID, account_id: UUID, edit: AccountEdit) -> None:
    """Change an account. Raises Invalid, and NotFound."""
    account = _account(c, account_id)
    name = _short(edit.name, "name")
    if not name:
        raise Invalid(name=NEEDED)
    key = name_key(name)
    if key != account.name_key:
        if locked(c.session, Account, organisation_id=c.organisation_id, name_key=key):
            raise Invalid(name=TAKEN)
        account.name_key = key
    before = _account_values(account)
    renamed = account.name != name
    account.name, account.search = name, search_text(name)
    account.value, account.review_days, account.renews_on = edit.value, edit.review_days, edit.renews_on
    c.session.flush()
    _told(c, by, AuditKind.ACCOUNT_CHANGED, account, before, _account_values(account))
    if renamed:
        write_search_of_accounts(c, [account_id])


def archive_contact(c: Change, by: UUID, contact_id: UUID, *, archived: bool) -> None:
    """Take a contact out of the lists to choose from, or bring it back. Nothing else changes; twice is once."""
    contact = _contact(c, contact_id)
    if (contact.archived_at is not None) != archived:
        contact.archived_at = c.now if archived else None
        what = AuditKind.CONTACT_ARCHIVED if archived else AuditKind.CONTACT_BACK
        c.audit(by, what, contact.id, name=contact.name)


def archive_account(c: Change, by: UUID, account_id: UUID, *, archived: bool) -> None:
    """Take an account and its contacts out of the lists to choose from, or bring them back; those who were archived by
    themselves stay so."""
    account = _account(c, account_id)
    if (account.archived_at is not None) == archived:
        return
    at, account.archived_at = account.archived_at, c.now if archived else None
    theirs = col(Contact.organisation_id) == c.organisation_id, col(Contact.account_id) == account_id
    which = col(Contact.archived_at).is_(None) if archived else col(Contact.archived_at) == at
    c.session.execute(update(Contact).where(*theirs, which).values(archived_at=account.archived_at))
    what = AuditKind.ACCOUNT_ARCHIVED if archived else AuditKind.ACCOUNT_BACK
    c.audit(by, what, account.id, name=account.name)


def write_search(c: Change, contact_ids: Sequence[UUID]) -> None:
    """Write anew what these contacts are searched by: name, company, address, and those of who was joined with them."""
    c.session.flush()
    for first in range(0, len(contact_ids), AT_A_TIME):
        some = contact_ids[first : first + AT_A_TIME]
        others = second_names(c.session, c.organisation_id, some)
        for contact_id, known in names_of_contacts(c.session, c.organisation_id, some).items():
            said = search_text(*known, *others.get(contact_id, ()))
            c.execute(_WRITE_SEARCH, {"organisation": c.organisation_id, "contact": contact_id, "said": said})


def write_search_of_accounts(c: Change, account_ids: Collection[UUID]) -> None:
    """Write anew what the contacts of these accounts are searched by."""
    write_search(c, contacts_at_accounts(c.session, c.organisation_id, account_ids))


def fill_search(c: Change, limit: int = 500) -> int:
    """Write what contacts and accounts are searched by that the version before added; return how many it were."""
    accounts, contacts = unsearchable(c.session, c.organisation_id, limit)
    for account in accounts:
        account.search = search_text(account.name)
    write_search(c, contacts)
    return len(accounts) + len(contacts)


def _contact(c: Change, contact_id: UUID) -> Contact:
    found = locked(c.session, Contact, organisation_id=c.organisation_id, id=contact_id)
    if found is None or found.erased_at or found.merged_at:
        raise NotFound("contact")
    return found


def _account(c: Change, account_id: UUID) -> Account:
    found = locked(c.session, Account, organisation_id=c.organisation_id, id=account_id)
    if found is None or found.merged_at:
        raise NotFound("account")
    return found


def _contact_values(c: Change, contact: Contact) -> dict[str, Any]:
    account = c.session.get_one(Account, (c.organisation_id, contact.account_id))
    return {
        "name": contact.name, "account": account.name, "email": contact.email, "role": contact.role,
        "language": contact.language, "wants_no_mail": _is_stopped(c, contact.email),
    }  # fmt: skip


def _stop_or_allow(c: Change, before: str | None, email: str | None, no_mail: bool) -> None:
    """Note that an address wants no mail that asks, or that it does. What its reader has stopped stays; and an address that
    is new here is not freed of what is known of it."""
    if email and no_mail and not _is_stopped(c, email):
        stop_mail(c, email, StopReason.NOTED)
    elif email and not no_mail and email == before:
        allow_mail(c, email)


def _is_stopped(c: Change, email: str | None) -> bool:
    return bool(email and mail_stops(c.session, c.organisation_id, [email]))


def _account_values(account: Account) -> dict[str, Any]:
    return {
        "name": account.name, "value": account.value, "review_days": account.review_days,
        "renews_on": account.renews_on and account.renews_on.isoformat(),
    }  # fmt: skip


def _told(
    c: Change,
    by: UUID,
    what: AuditKind,
    row: Contact | Account,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Write what changed into the audit log; nothing where nothing did."""
    other = [name for name, value in before.items() if value != after[name]]
    if other:
        c.audit(
            by, what, row.id, name=row.name,
            before={name: before[name] for name in other}, after={name: after[name] for name in other},
        )  # fmt: skip


def _short(text: str, field: str) -> str:
    trimmed = " ".join(text.split())
    if len(trimmed) > LONGEST:
        why = app_text("At most %(most)s characters; this has %(count)s.", most=LONGEST, count=len(trimmed))
        raise Invalid(**{field: why})
    return trimmed


# Built once: a company of thousands is renamed by as many.
_WRITE_SEARCH = (
    update(Contact)
    .where(col(Contact.organisation_id) == bindparam("organisation"), col(Contact.id) == bindparam("contact"))
    .values(search=bindparam("said"))
)
