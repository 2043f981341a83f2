"""What is done stands in the audit log, with who did it: the deeds that no other test looks for there."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from feedback.actions.answers import dispute_answer
from feedback.actions.clients import archive_account, archive_contact
from feedback.actions.decisions import decide_answer
from feedback.actions.handed_over import hand_over, undo_hand_over
from feedback.actions.merging import merge_accounts, merge_contacts, undo_merge
from feedback.actions.outcomes import OutcomeSaid, correct_outcome, note_outcome, retract_outcome
from feedback.actions.taken_back import take_back
from feedback.actions.user_links import new_link, withdraw_link
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.core.audit import AuditKind
from feedback.core.calendar.faults import SourceKind
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.models import Audit, CalendarAddress, Contact, Relationship, Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.people import viewer_of
from feedback.store.webhooks import secret_mark
from feedback.webhooks import subscriptions

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)

# About a meeting, an answer or a message, which have no name.
NAMELESS = {AuditKind.TAKEN_BACK, AuditKind.ANSWER_SET_ASIDE, AuditKind.WEBHOOK_RESENT}


@pytest.fixture
def told(cast, db):
    """told(deed) are the kinds of entries that a deed adds, each with who did it, by name."""
    names = {person.id: name for name, person in cast.people.items()}

    def look(deed) -> list[tuple[str, str | None]]:
        with db.reading() as session:
            before = set(session.exec(select(Audit.id)))
        with cast.changing() as c:
            deed(c)
        with db.reading() as session:
            added = session.exec(select(Audit).where(col(Audit.id).not_in(before)).order_by(Audit.id)).all()
        unnamed = {row.what for row in added if row.about_id and not row.about_name}
        assert unnamed <= NAMELESS, "an id tells nobody what it was about"
        return [(row.what, names.get(row.user_id)) for row in added]

    return look


def account_of(c, contact_id: UUID) -> UUID:
    return c.session.get_one(Contact, (c.organisation_id, contact_id)).account_id


def test_clients_archived_joined_and_parted(cast, told):
    dana, eli = (cast.meeting("alice", name, at) for name, at in (("Dana", "Northwind"), ("Eli", "Quarry")))
    again = cast.meeting("alice", "Dana W.", "Northwind")
    olive, merges = cast.olive.id, {}

    def join(what, *which):
        def deed(c):
            who = viewer_of(c.session, c.organisation_id, olive)
            merges[what] = what(c, who, *(each(c) if callable(each) else each for each in which))

        return deed

    def part(what):
        return lambda c: undo_merge(c, viewer_of(c.session, c.organisation_id, olive), merges[what])

    at, elsewhere = (lambda c: account_of(c, dana.contact_id)), (lambda c: account_of(c, eli.contact_id))
    for deed, kind in (
        (lambda c: archive_contact(c, olive, dana.contact_id, archived=True), AuditKind.CONTACT_ARCHIVED),
        (lambda c: archive_contact(c, olive, dana.contact_id, archived=False), AuditKind.CONTACT_BACK),
        (lambda c: archive_account(c, olive, at(c), archived=True), AuditKind.ACCOUNT_ARCHIVED),
        (lambda c: archive_account(c, olive, at(c), archived=False), AuditKind.ACCOUNT_BACK),
        (join(merge_contacts, dana.contact_id, again.contact_id), AuditKind.CONTACTS_MERGED),
        (part(merge_contacts), AuditKind.CONTACTS_PARTED),
        (join(merge_accounts, at, elsewhere), AuditKind.ACCOUNTS_MERGED),
        (part(merge_accounts), AuditKind.ACCOUNTS_PARTED),
    ):
        assert told(deed) == [(kind, "olive")]


def test_outcomes_noted_corrected_and_taken_back(cast, told):
    met, olive, noted = cast.meeting("alice", "Dana", "Northwind"), cast.olive.id, {}

    def said(c, reason):
        return OutcomeSaid(ClientOutcome.LOST, c.now.date(), met.contact_id, reason=reason)

    def note(c):
        at = account_of(c, met.contact_id)
        noted["id"] = note_outcome(c, olive, at, said(c, "price"), OutcomeSource.PAGE)

    for deed, kind in (
        (note, AuditKind.OUTCOME_NOTED),
        (lambda c: correct_outcome(c, olive, noted["id"], said(c, "service")), AuditKind.OUTCOME_CORRECTED),
        (lambda c: retract_outcome(c, olive, noted["id"], retracted=True), AuditKind.OUTCOME_RETRACTED),
        (lambda c: retract_outcome(c, olive, noted["id"], retracted=False), AuditKind.OUTCOME_BACK),
    ):
        assert told(deed) == [(kind, "olive")]


def test_calendars_of_reps(cast, told):
    alice = cast.alice.id

    def calendar(c):
        return c.session.exec(select(CalendarAddress.id)).one()

    def subscribe(path, which=lambda c: None):
        source = NewAddress(SourceKind.ICS, f"https://calendar.example/{path}.ics")
        return lambda c: address.subscribe(c, alice, source, which(c))

    for deed, kind in (
        (subscribe("one"), AuditKind.CALENDAR_SUBSCRIBED),
        (subscribe("two", calendar), AuditKind.CALENDAR_CHANGED),
        (lambda c: address.stop(c, alice, calendar(c)), AuditKind.CALENDAR_STOPPED),
        (
            lambda c: address.add_own(c, alice, cast.alice.email, "al@example.org"),
            AuditKind.OWN_ADDRESS_ADDED,
        ),
        (lambda c: address.remove_own(c, alice, "al@example.org"), AuditKind.OWN_ADDRESS_REMOVED),
    ):
        assert told(deed) == [(kind, "alice")]


def test_codes_links_answers_and_clients_of_others(cast, db, told):
    unused, doubted = cast.meeting("alice", "Eli"), cast.meeting("alice", "Dana")
    cast.answer(doubted, 1)
    with cast.changing() as c:
        dispute_answer(c, doubted.id, with_key=True)
    olive, carol, alice, bob = (cast.people[name].id for name in ("olive", "carol", "alice", "bob"))
    with db.reading() as session:
        mine = session.exec(
            select(Relationship.id).where(Relationship.contact_id == doubted.contact_id)
        ).one()
    assert told(lambda c: take_back(c, alice, unused.id)) == [(AuditKind.TAKEN_BACK, "alice")]
    assert told(lambda c: new_link(c, olive, bob)) == [(AuditKind.LINK_MADE, "olive")]
    assert told(lambda c: withdraw_link(c, olive, bob)) == [(AuditKind.LINK_ENDED, "olive")]
    set_aside = told(lambda c: decide_answer(c, doubted.id, carol, accept=False, reason="Not theirs"))
    assert (AuditKind.ANSWER_SET_ASIDE, "carol") in set_aside
    assert told(lambda c: hand_over(c, olive, alice, bob, [mine])) == [
        (AuditKind.CLIENTS_HANDED_OVER, "olive")
    ]
    back = told(lambda c: undo_hand_over(c, olive, alice, [mine]))
    assert back == [(AuditKind.CLIENTS_HANDED_BACK, "olive")]


def test_webhooks_secrets_and_messages_sent_again(cast, db, told):
    olive = cast.olive.id
    with cast.changing() as c:
        hook = subscriptions.add_webhook(c, olive, "https://8.8.8.8/", list(Event))
        mark = secret_mark(c.session.get_one(Webhook, (c.organisation_id, hook)).secrets[0])
        late = WebhookDelivery(
            organisation_id=c.organisation_id, created_at=c.now, webhook_id=hook, event=Event.ALERT_OPENED, about_id=hook,
            due_at=c.now, given_up_at=c.now,
        )  # fmt: skip
        c.session.add(late)
        c.session.flush()
        again = late.id
    renewed = told(lambda c: subscriptions.rotate_secret(c, hook, olive, mark=mark))
    assert renewed == [(AuditKind.WEBHOOK_SECRET, "olive")]
    assert told(lambda c: subscriptions.resend_delivery(c, hook, again, olive)) == [
        (AuditKind.WEBHOOK_RESENT, "olive")
    ]
