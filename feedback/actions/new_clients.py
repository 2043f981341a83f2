"""Accounts and contacts that a manager adds one by one, and to which rep a contact is given."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from feedback.actions.asking import stop_mail
from feedback.actions.clients import write_search
from feedback.actions.meetings import NewContact, find_or_add_account, find_or_add_contact
from feedback.core.asking import StopReason
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.models import Account, Contact, User
from feedback.store.asking import mail_stops
from feedback.store.clients import account_named
from feedback.wording.i18n import app_text


@dataclass(frozen=True, slots=True)
class NewClient:
    """A company, and perhaps somebody there, as a manager types it. Of a company that is here already the values stay."""

    account: str
    name: str = ""  # of the person; blank: the company alone
    email: str = ""
    role: str = ""
    language: str = ""
    no_mail: bool = False
    value: float | None = None
    review_days: int | None = None
    renews_on: date | None = None
    given_to: UUID | None = None  # a rep

    @property
    def values(self) -> dict[str, object]:
        """What was typed about the company."""
        said = {"value": self.value, "review_days": self.review_days, "renews_on": self.renews_on}
        return {name: each for name, each in said.items() if each is not None}


def add_client(c: Change, by: UUID, new: NewClient) -> tuple[UUID, UUID | None]:
    """Add a contact, and its company where that is missing, or a company alone. Return the ids of both. Whether it is
    somebody who is here already was asked before: a second one of the name is another person. Raises Invalid."""
    known = account_named(c.session, c.organisation_id, new.account)
    if known and new.values:
        _refuse_other_values(c, known, new)
    contact_id = _add_contact(c, new) if new.name.strip() else None
    account_id = known or find_or_add_account(c, new.account)
    if not known:
        account = c.session.get_one(Account, (c.organisation_id, account_id))
        for name, value in new.values.items():
            setattr(account, name, value)
        c.audit(by, AuditKind.ACCOUNT_ADDED, account_id, name=account.name)
    if contact_id:
        contact = c.session.get_one(Contact, (c.organisation_id, contact_id))
        c.audit(by, AuditKind.CONTACT_ADDED, contact_id, name=contact.name, after=_with(c, new.given_to))
    c.session.flush()
    return account_id, contact_id


def give_contact(c: Change, by: UUID, contact_id: UUID, rep_id: UUID | None) -> None:
    """Say which rep is to meet a contact, or that none is; twice is once."""
    contact = c.session.get_one(Contact, (c.organisation_id, contact_id))
    before = contact.given_to_id
    if before != rep_id:
        contact.given_to_id = rep_id
        c.audit(
            by, AuditKind.CONTACT_CHANGED, contact_id, name=contact.name,
            before=_with(c, before), after=_with(c, rep_id),
        )  # fmt: skip


def _add_contact(c: Change, new: NewClient) -> UUID:
    try:
        contact_id = find_or_add_contact(
            c,
            NewContact(
                new.name,
                new.account,
                new.email,
                " ".join(new.role.split()) or None,
                new.language or None,
                another=True,
            ),
        )
    except Invalid as error:
        fields = {"contact_name": "name", "account_name": "account", "contact_email": "email"}
        raise Invalid(**{fields.get(name, name): why for name, why in error.reasons.items()}) from error
    contact = c.session.get_one(Contact, (c.organisation_id, contact_id))
    contact.email_typed_at = None  # it is a rep's typing that is looked at twice
    contact.given_to_id = new.given_to
    if contact.email and new.no_mail and not mail_stops(c.session, c.organisation_id, [contact.email]):
        stop_mail(c, contact.email, StopReason.NOTED)
    write_search(c, [contact_id])
    return contact_id


def _refuse_other_values(c: Change, account_id: UUID, new: NewClient) -> None:
    """Raises Invalid where the company has other values than were typed."""
    account = c.session.get_one(Account, (c.organisation_id, account_id))
    why = app_text(
        "%(name)s is here already. Leave this empty, and change it on its own page.", name=account.name
    )
    other = {name: why for name, value in new.values.items() if getattr(account, name) != value}
    if other:
        raise Invalid(**other)


def _with(c: Change, rep_id: UUID | None) -> dict[str, str | None]:
    return {"rep": c.session.get_one(User, (c.organisation_id, rep_id)).name if rep_id else None}
