"""Accounts and contacts."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions.clients import (
    AccountEdit,
    ContactEdit,
    archive_account,
    archive_contact,
    edit_account,
    edit_contact,
)
from feedback.actions.merging import merge_accounts, merge_contacts, undo_merge
from feedback.actions.new_clients import NewClient, add_client
from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Name, Out, SearchQuery, Text, rounded
from feedback.api.who_is_meant import ask_which_company, ask_who_is_meant
from feedback.core.access import NotFound
from feedback.core.accounts import AccountState
from feedback.core.api_tokens import Scope
from feedback.db.change import Change, Invalid
from feedback.pages import account_list, accounts, groups
from feedback.pages.accounts import AccountView
from feedback.pages.groups import PlainAccount
from feedback.store import clients, contacts, people
from feedback.store.asking import mail_stops
from feedback.store.clients import account_meant, client_for
from feedback.store.contacts import contacts_meant
from feedback.store.merges import merge_for
from feedback.web.context import current_user, now, read_session
from feedback.wording.i18n import languages


class AccountOut(Out):
    """A client company. Under a works agreement nothing about how sound it is."""

    id: UUID
    name: str
    value: float | None = Field(description="What it is worth a year.")
    review_days: int | None = Field(None, description="How many days may pass between two meetings.")
    renews_on: date | None = None
    archived: bool = False
    state: AccountState | None = None
    loyalty: float | None = Field(None, description="0 to 100.")
    relationships: int | None = None
    voices: float | None = Field(None, description="What the loyalty rests on.")
    last_meeting_at: datetime | None = None


class AccountsQuery(SearchQuery):
    """Which accounts."""

    state: AccountState | None = None
    archived: bool = False


class AccountChange(Body):
    """What is to be changed of an account; what is missing stays."""

    name: Name | None = None
    value: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] | None = None
    review_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    renews_on: date | None = None
    archived: bool | None = None


class PersonAtAccount(Out):
    """Somebody at an account."""

    id: UUID
    name: str
    role: str | None


class ContactOut(Out):
    """A person at an account."""

    id: UUID
    name: str
    account: str
    role: str | None
    email: str | None


class ContactDetail(ContactOut):
    """A contact with all that can be changed."""

    account_id: UUID
    language: str | None
    archived: bool
    no_mail: bool = Field(description="Gets no mail that asks.")


class ContactsQuery(SearchQuery):
    """Which contacts."""

    archived: bool = Field(False, description="For managers.")


class NewClientBody(Body):
    """Somebody at a company, which is added where it is missing."""

    account: Name
    name: Name
    email: Annotated[Text, Field(max_length=320)] = ""
    role: Annotated[Text, Field(max_length=200)] = ""
    language: Annotated[Text, Field(max_length=16)] = ""
    no_mail: bool = Field(False, description="Gets no mail that asks.")
    value: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] | None = None
    review_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    renews_on: date | None = None
    rep_id: UUID | None = Field(None, description="Who is to meet them; managers have to say it.")
    another: bool = Field(False, description="Somebody else than whoever has this name or address already.")


class ContactChange(Body):
    """What is to be changed of a contact; what is missing stays."""

    name: Name | None = None
    account: Name | None = None
    email: Annotated[Text, Field(max_length=320)] | None = None
    role: Annotated[Text, Field(max_length=200)] | None = None
    language: Annotated[Text, Field(max_length=16)] | None = None
    no_mail: bool | None = None
    archived: bool | None = Field(None, description="For managers.")


class MergeBody(Body):
    """Which one is the same, and goes."""

    other: UUID


class MergeOut(Out):
    """That two were joined; DELETE it within a day to undo it."""

    id: UUID


@operation("GET", "/accounts", roles=MANAGERS)
def list_accounts(query: AccountsQuery) -> Listing[AccountOut]:
    """List the accounts that somebody is responsible for, the worst first; by name under a works agreement."""
    who, session, words = current_user(), read_session(), query.q.strip()
    if not who.figures.by_person:
        return query.page(groups.PlainAccounts(session, who, words, query.archived).page, _plain)
    return query.page(
        lambda skip, take: (
            account_list.accounts(
                session, who, now(), skip, take, words=words, state=query.state, archived=query.archived
            ).shown
        ),
        _shown,
    )


def _plain(found: PlainAccount) -> AccountOut:
    return AccountOut(
        id=found.id, name=found.name, value=found.value, review_days=found.own_review_days,
        renews_on=found.renews_on, archived=found.archived_at is not None,
    )  # fmt: skip


def _shown(found: AccountView) -> AccountOut:
    sound = found.soundness
    return AccountOut(
        id=found.id, name=found.name, value=found.value, review_days=found.own_review_days,
        renews_on=found.renews_on, archived=found.archived_at is not None, state=found.state,
        loyalty=rounded(sound.loyalty), relationships=sound.relationships, voices=rounded(sound.voices),
        last_meeting_at=found.last_meeting_at,
    )  # fmt: skip


def _account(session: Session, account_id: UUID) -> AccountOut:
    who = current_user()
    meant = account_meant(session, who.organisation_id, account_id)
    if not who.figures.by_person:
        return _plain(groups.plain_account(session, who, meant))
    return _shown(accounts.account_for(session, who, meant, now()))


@operation("GET", "/accounts/<uuid:account_id>", roles=MANAGERS)
def show_account(account_id: UUID) -> AccountOut:
    """Show one account; of one that was joined with another, the other."""
    return _account(read_session(), account_id)


@operation("GET", "/accounts/<uuid:account_id>/contacts", roles=MANAGERS)
def list_account_contacts(account_id: UUID, query: ListQuery) -> Listing[PersonAtAccount]:
    """List the people at an account, by name."""
    session, who = read_session(), current_user()
    meant = groups.plain_account(session, who, account_meant(session, who.organisation_id, account_id)).id
    found = [each for each in groups.plain_contacts(session, who, meant) if not each.erased]
    return query.page_of(found, PersonAtAccount.model_validate)


@operation("PATCH", "/accounts/<uuid:account_id>", Scope.WRITE, MANAGERS, current=_account)
def change_account(c: Change, account_id: UUID, body: AccountChange) -> AccountOut:
    """Change an account: what it is worth, when it renews."""
    by, found = current_user().id, groups.plain_account(c.session, current_user(), account_id)
    sent = body.model_fields_set
    edit = AccountEdit(
        body.name or found.name,
        body.value if "value" in sent else found.value,
        body.review_days if "review_days" in sent else found.own_review_days,
        body.renews_on if "renews_on" in sent else found.renews_on,
    )
    if sent - {"archived"}:
        edit_account(c, by, account_id, edit)
    if body.archived is not None:
        archive_account(c, by, account_id, archived=body.archived)
    return _account(c.session, account_id)


@operation("POST", "/accounts/<uuid:account_id>/merge", Scope.WRITE, MANAGERS, status=201)
def join_accounts(c: Change, account_id: UUID, body: MergeBody) -> MergeOut:
    """Join another account with this one, which stays."""
    for each in (account_id, body.other):
        groups.plain_account(c.session, current_user(), each)
    return MergeOut(id=merge_accounts(c, current_user(), account_id, body.other))


@operation("GET", "/contacts")
def list_contacts(query: ContactsQuery) -> Listing[ContactOut]:
    """List contacts: for a rep those met lately, or found by `q`; for managers those they are responsible for."""
    session, who, words = read_session(), current_user(), query.q.strip()
    if who.is_rep:
        found = (
            contacts.search_contacts(session, who.organisation_id, words, limit=100)
            if words
            else contacts.recent_contacts(session, who.organisation_id, who.id, limit=100)
        )
        return query.page_of(found, ContactOut.model_validate)
    return query.page(
        lambda skip, take: clients.clients(session, who, words, query.archived, skip, take),
        ContactOut.model_validate,
    )


@operation("POST", "/contacts", Scope.WRITE, MANAGERS, status=201)
def create_contact(c: Change, body: NewClientBody) -> ContactDetail:
    """Add a client by hand. Where others have the name or the address, or a company is spelled alike, it is asked first
    who is meant."""
    who = current_user()
    if body.language and body.language not in languages():
        raise Invalid(language="Choose one of the languages.")
    mine = {each.id for each in people.reps(c.session, who)}
    if body.rep_id not in mine and not (who.is_owner and body.rep_id is None):
        raise Invalid(rep_id="Send the id of one of your reps.")
    if not body.another:
        ask_which_company(c, "account", body.account)
        ask_who_is_meant(c, "name", body.name, body.email)
    _, contact_id = add_client(
        c,
        who.id,
        NewClient(
            body.account, body.name, body.email, body.role, body.language, body.no_mail, body.value,
            body.review_days, body.renews_on, body.rep_id,
        ),
    )  # fmt: skip
    if contact_id is None:
        raise Invalid(name="Who is it?")
    return _contact(c.session, contact_id)


def _contact(session: Session, contact_id: UUID) -> ContactDetail:
    ours = current_user().organisation_id
    found = client_for(session, current_user(), contacts_meant(session, ours, [contact_id])[contact_id])
    stop = mail_stops(session, ours, [found.email]).get(found.email) if found.email else None
    return ContactDetail(
        id=found.id, name=found.name, account=found.account, role=found.role, email=found.email,
        account_id=found.account_id, language=found.language, archived=found.archived_at is not None, no_mail=bool(stop),
    )  # fmt: skip


@operation("GET", "/contacts/<uuid:contact_id>")
def show_contact(contact_id: UUID) -> ContactDetail:
    """Show a contact whom somebody looks after; of one who was joined with another, the other."""
    return _contact(read_session(), contact_id)


@operation("PATCH", "/contacts/<uuid:contact_id>", Scope.WRITE, current=_contact)
def change_contact(c: Change, contact_id: UUID, body: ContactChange) -> ContactDetail:
    """Correct a contact."""
    who, before, sent = current_user(), _contact(c.session, contact_id), body.model_fields_set
    if before.id != contact_id:
        raise NotFound("contact")
    if body.language and body.language not in (*languages(), before.language):
        raise Invalid(language="Choose one of the languages.")
    edit = ContactEdit(
        body.name or before.name,
        body.account or before.account,
        (body.email if "email" in sent else before.email) or "",
        (body.role if "role" in sent else before.role) or "",
        (body.language if "language" in sent else before.language) or "",
        before.no_mail if body.no_mail is None else body.no_mail,
    )
    if sent - {"archived"}:
        edit_contact(c, who.id, contact_id, edit, rep=who.is_rep)
    if body.archived is not None:
        if who.is_rep:
            raise Invalid(archived="A manager archives contacts.")
        archive_contact(c, who.id, contact_id, archived=body.archived)
    return _contact(c.session, contact_id)


@operation("POST", "/contacts/<uuid:contact_id>/merge", Scope.WRITE, status=201)
def join_contacts(c: Change, contact_id: UUID, body: MergeBody) -> MergeOut:
    """Join another contact with this one, who stays."""
    for each in (contact_id, body.other):
        client_for(c.session, current_user(), each)
    return MergeOut(id=merge_contacts(c, current_user(), contact_id, body.other))


@operation("DELETE", "/merges/<uuid:merge_id>", Scope.WRITE, status=204)
def part(c: Change, merge_id: UUID) -> None:
    """Undo that two were joined, within a day."""
    found = merge_for(c.session, current_user(), merge_id)
    if found.into_account_id:
        groups.plain_account(c.session, current_user(), found.into_account_id)
    undo_merge(c, current_user(), found.id)
