"""Who was erased is in no column and in no file of the instance: every column that can hold words is planted, or has a reason
beside it."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import JSON, LargeBinary, String, TypeDecorator, update
from sqlmodel import select
from support.chat_services import chat_channel
from support.dump import TABLES, dump
from support.tokens import token_of

from feedback.actions import promises
from feedback.actions.alerts import handle
from feedback.actions.api_tokens import keep_replay
from feedback.actions.erasure import LOG_TEXTS, OTHERS_WORDS
from feedback.actions.merging import merge_accounts, merge_contacts
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.rooms import open_room
from feedback.actions.sessions import begin_session
from feedback.actions.staff import end_person
from feedback.actions.user_links import new_link
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.chat.channels import post_test
from feedback.core.calendar.faults import SourceKind
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.jobs import add_job
from feedback.models import (
    Alert,
    ApiToken,
    CalendarAddress,
    CalendarEntry,
    ChatChannel,
    ChatMessage,
    ClientLine,
    Contact,
    ImportJob,
    ImportRow,
    JobState,
    Meeting,
    NotedOutcome,
    Outbox,
    Passkey,
    Promise,
    RepCalendar,
    User,
    WebhookDelivery,
)
from feedback.models.encrypted import EncryptedText
from feedback.models.webhook import Event
from feedback.store.api_tokens import StoredReplay
from feedback.store.erasure import certificate
from feedback.store.people import viewer_of
from feedback.webhooks import subscriptions

NAME, ADDRESS, SAID = "Zerlina Plumacher", "zerlina@northwind.example", "The blue heron left at dawn"
PERSON = "Zebedee Quint"
MARKS = ("network", "network_hash", "browser_hash", "device_hash")
SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
# Where the tests name somebody before erasing.
PLANTED = {
    "alert_events.note", "api_replays.body", "api_tokens.name", "audit.about_name", "audit.after", "audit.before", "audit.reason",
    "calendar_addresses.name", "calendar_addresses.named", "calendar_entries.emails", "calendar_entries.title", "chat_channels.name",
    "chat_messages.error", "client_lines.words", "contacts.email", "contacts.name", "contacts.name_key", "contacts.role",
    "contacts.search", "feedback.comment", "import_jobs.content", "import_jobs.file_name", "import_jobs.report", "import_rows.about",
    "import_rows.about_key", "import_rows.deeds", "import_rows.says", "meetings.topic", "merges.moved", "outbox.error",
    "outbox.recipient", "outcomes.reason", "passkeys.name", "promises.words", "rep_calendars.named", "sessions.device",
    "users.email", "users.name", "webhook_deliveries.error",
}  # fmt: skip
# And why the others name nobody who is erased.
NAMELESS = {
    "names of companies and teams, and of what belongs to the organisation": (
        "organisations.name", "accounts.name", "accounts.name_key", "accounts.search", "teams.name", "standings.team",
        "identity_providers.label", "identity_providers.issuer", "identity_providers.client_id", "identity_providers.domains",
        "webhooks.url", "wordings.words", "logos.content", "scoring_changes.timezone",
    ),
    "somebody who is of no organisation yet; deleted after a day": (
        "sign_ups.organisation", "sign_ups.name", "sign_ups.email", "sign_ups.timezone",
    ),
    "goes with the row of whom it is": (
        "users.password_hash", "users.subject", "sessions.network", "sessions.pin_hash", "sessions.hash", "passkeys.credential_id",
        "passkeys.public_key", "recovery_codes.hash", "one_time_codes.secret", "sign_in_links.browser_hash", "rep_calendars.own_emails",
        "rep_calendars.address", "rep_calendars.user_name", "rep_calendars.password", "rep_calendars.etag",
        "rep_calendars.last_modified", "calendar_addresses.address", "calendar_addresses.user_name", "calendar_addresses.password",
        "calendar_addresses.etag", "calendar_addresses.last_modified", "api_tokens.hash", "api_tokens.hint",
    ),
    "random letters and keyed hashes": (
        "counters.key", "invitations.token", "invitations.encrypted_token", "group_codes.token", "group_codes.encrypted_token",
        "reserved_codes.token", "taken_back.token", "answer_keys.hash", "api_replays.key_hash", "api_replays.request_hash",
        "feedback.device_hash", "feedback.network_hash", "feedback.browser_hash", "meetings.network_hash", "meetings.browser_hash",
        "meetings.form_key", "mail_stops.address_mark", "audit.network", "logos.hash", "organisations.code", "organisations.look",
        "webhooks.secret", "chat_channels.address", "identity_providers.secret",
    ),
    "words of ours, and figures": (
        "organisations.timezone", "organisations.language", "organisations.workdays", "organisations.holidays", "organisations.days_off",
        "organisations.accent", "organisations.currency", "organisations.second_factor_for", "evidence_figures.figures",
        "scoring_changes.preview", "scoring_changes.state", "mail_stops.reason", "webhooks.events", "wordings.language",
        "chat_channels.service", "chat_channels.topics", "chat_channels.paused_because", "users.role", "users.language",
        "webhook_deliveries.event", "api_tokens.kind", "api_tokens.scopes", "audit.what", "calendar_addresses.kind",
        "calendar_addresses.fault", "calendar_addresses.fault_words", "contacts.language", "identity_providers.role",
        "import_jobs.kind", "import_jobs.columns", "import_jobs.choices", "import_jobs.state", "rep_calendars.kind", "rep_calendars.fault",
        "rep_calendars.fault_words", "standings.badge", "user_links.kind", "calendar_entries.read_from", "invitations.way",
        "relationships.place", "alerts.kind", "alerts.severity", "alerts.outcome", "answer_keys.kind", "feedback.side",
        "feedback.visibility", "feedback.worth_it", "feedback.stage", "feedback.language", "feedback.counts", "feedback.extra",
        "feedback.signals", "practice_choices.dimension", "promises.side", "promises.verdict", "alert_events.what",
        "alert_events.outcome", "alert_reasons.kind", "alert_reasons.severity", "chat_messages.event", "outbox.kind", "outbox.base_url",
        "outcomes.outcome", "outcomes.source",
    ),
}  # fmt: skip


def test_every_column_of_words_is_planted_or_names_nobody():
    """A column that is new is to be named above."""
    texts = {
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if isinstance(
            column.type.impl if isinstance(column.type, TypeDecorator) else column.type,
            String | JSON | LargeBinary,
        )
    }
    reasons = [name for names in NAMELESS.values() for name in names]
    assert sorted([*PLANTED, *reasons]) == sorted(texts)


def named(db, *words: str) -> set[tuple[str, str]]:
    """Which of these words are where: in which column, whatever is encrypted there, or in which file beside the database."""
    found = set()
    for table in TABLES:
        for row in dump(db)[table.name]:
            for column, value in zip(table.columns.keys(), row, strict=True):
                text = value.text if isinstance(value, EncryptedText) else value
                text = text.decode() if isinstance(text, bytes) else str(text)
                found |= {
                    (f"{table.name}.{column}", each) for each in words if each.casefold() in text.casefold()
                }
    path = Path(db.engine.url.database)
    for file in path.parent.rglob(f"{path.name}*"):
        content = file.read_bytes().lower()
        found |= {(file.name, each) for each in words if each.lower().encode() in content}
    return found


def plant(cast, clock, met, name: str, email: str) -> None:
    """Name somebody in others' rows, wherever a text can be."""
    other = cast.meeting("bob", "Eli", "Quarry")
    cast.answer(other, 1, comment=f"{name} told me")
    token_of(cast, "olive")
    with cast.changing() as c:
        here = {"organisation_id": c.organisation_id, "created_at": c.now}
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        promises.note_promise(
            c, other.meeting_id, other.contact_id, NewPromise(side="rep", words="w", due_on=None)
        )
        for alert in c.session.exec(select(Alert)).all():
            handle.note_on_alert(c, alert.id, cast.carol.id, f"{name}: {SAID}")
        about = {"event": Event.ALERT_OPENED, "about_id": alert.id, "due_at": c.now}
        c.session.add(WebhookDelivery(**here, webhook_id=hook, **about))
        c.session.add(ClientLine(**here, alert_id=alert.id, by_id=cast.carol.id, words="w"))
        theirs = c.session.get_one(Contact, (c.organisation_id, other.contact_id))
        said = OutcomeSaid(ClientOutcome.LOST, c.now.date(), theirs.id, reason="typed")
        note_outcome(c, cast.olive.id, theirs.account_id, said, OutcomeSource.PAGE)
        address.subscribe(c, cast.bob.id, NewAddress(SourceKind.ICS, "https://calendar.example/bob.ics"))
        address.rep_calendar(c, cast.bob.id)
        c.session.add(CalendarEntry(**here, rep_id=cast.bob.id, starts_at=c.now, title=f"Lunch with {name}"))
        c.session.add(
            CalendarEntry(**here, rep_id=cast.bob.id, starts_at=c.now, title="Review", emails=(email,))
        )
        post_test(c, chat_channel(c, cast.olive.id), cast.olive.id)
        c.session.add(
            Passkey(
                **here, user_id=cast.bob.id, name="p", credential_id="eHg", public_key="eHg", sign_count=0
            )
        )
        job = add_job(c, cast.olive.id, "people", f"{name}.csv", f"name\n{name},{email}".encode())
        c.session.get_one(ImportJob, (c.organisation_id, job)).state = JobState.CHECKED
        c.session.flush()
        c.session.add(
            ImportRow(
                organisation_id=c.organisation_id, job_id=job, number=2, about=name, about_key=name.casefold(), says=[name],
                deeds=[["contacts", str(other.id), None, {"name": name}]],
            )
        )  # fmt: skip
        c.audit(cast.olive.id, "person.changed", cast.bob.id, f"as {name} asked", name=name,
                before={"name": name}, after={"email": email})  # fmt: skip
        token = c.session.exec(select(ApiToken.id)).one()
        keep_replay(
            c, token, "k" * 64, StoredReplay("r" * 64, 200, f'{{"name": "{name}", "email": "{email}"}}')
        )
        who = viewer_of(c.session, c.organisation_id, cast.olive.id)
        at = c.session.get_one(Contact, (c.organisation_id, met.contact_id)).account_id
        merge_accounts(c, who, theirs.account_id, at)
    clock.forward(minutes=1)
    cast.settle()
    with cast.db.writing() as session:
        session.execute(
            update(Contact).where(Contact.id == other.contact_id).values(role=f"Assistant of {name}")
        )
        for table, column in (
            (Promise, "words"), (ClientLine, "words"), (NotedOutcome, "reason"), (RepCalendar, "named"), (CalendarAddress, "named"),
            (CalendarAddress, "name"), (ApiToken, "name"), (ChatChannel, "name"), (ChatMessage, "error"), (WebhookDelivery, "error"),
            (Passkey, "name"), (Meeting, "topic"),
        ):  # fmt: skip
            session.execute(update(table).values({column: f"see {name}"}))
        session.execute(update(ImportJob).values(report={"notes": [f"{name} is new"]}))
        session.add(
            Outbox(
                organisation_id=met.organisation_id, created_at=met.held_at, kind="receipt", recipient=email, invitation_id=other.id,
                base_url="https://here", due_at=met.held_at, error=f"550 {name}",
            )
        )  # fmt: skip


def marks_of(db, user_id) -> set[str]:
    """In which columns the network or the browser of somebody who signs in is kept, whoever adds one."""
    found = set()
    for table in TABLES:
        for row in dump(db)[table.name]:
            values = dict(zip(table.columns.keys(), row, strict=True))
            if user_id in (values.get("user_id"), values.get("rep_id")):
                found |= {f"{table.name}.{name}" for name in MARKS if values.get(name)}
    return found


def mentions(db, name: str) -> int:
    """In how many texts of others somebody is named."""
    columns = [getattr(table, column) for table, column, *_ in (*OTHERS_WORDS, *LOG_TEXTS)]
    with db.reading() as session:
        return sum(name in str(text) for column in columns for text in session.exec(select(column)))


def columns_in(found: set[tuple[str, str]]) -> set[str]:
    return {where for where, _ in found if "sqlite" not in where}


@SQLITE
def test_erased_contact_is_nowhere(cast, db, clock, sign_in):
    met = cast.meeting("alice", NAME, "Northwind", ADDRESS)
    cast.answer(met, 1, 2, 1, 2, 1, 2, comment=SAID)
    shared = cast.meeting("alice", NAME, "Northwind")
    with cast.changing() as c:
        open_room(c, shared.meeting_id)
    plant(cast, clock, met, NAME, ADDRESS)
    words = (NAME, ADDRESS, SAID)
    about_people = {"users.name", "users.email", "sessions.device"}
    assert columns_in(named(db, *words)) == PLANTED - about_people
    assert sign_in("olive").post(f"/contacts/{met.contact_id}/erase", {"sure": "1"}).status_code == 303
    assert named(db, *words) == set()


@SQLITE
def test_erased_person_is_nowhere(cast, db, clock, sign_in):
    zed = cast.add("zed", "rep", "North", named=PERSON)
    met = cast.meeting("zed", "Dana", "Northwind", "dana@northwind.example")
    with cast.changing() as c:
        new_link(c, cast.olive.id, zed.id)
        begin_session(c, zed.id, f"{PERSON}’s phone")
        c.session.execute(update(Contact).where(Contact.id == met.contact_id).values(given_to_id=zed.id))
        c.session.execute(update(Contact).where(Contact.id == met.contact_id).values(given_to_id=zed.id))
    sign_in("zed")
    with cast.changing() as c:
        marks = {"network_hash": "n" * 64, "browser_hash": "b" * 64}
        c.session.execute(update(Meeting).where(Meeting.rep_id == zed.id).values(**marks))
    assert marks_of(db, zed.id) >= {"audit.network", "meetings.network_hash", "meetings.browser_hash"}
    plant(cast, clock, met, PERSON, zed.email)
    words = (PERSON, zed.email)
    of_contacts = {f"contacts.{name}" for name in ("name", "name_key", "email", "search")} | {"merges.moved"}
    assert columns_in(named(db, *words)) == PLANTED - of_contacts
    with cast.changing() as c:
        end_person(c, cast.olive.id, zed.id)
    told = mentions(db, PERSON)
    assert told > 10
    assert sign_in("olive").post(f"/people/{zed.id}/erase", {"sure": "1"}).status_code == 303
    assert (named(db, *words), marks_of(db, zed.id)) == (set(), set())
    with db.reading() as session:
        assert session.exec(select(Contact.given_to_id).where(Contact.id == met.contact_id)).one() is None
        assert session.exec(select(User.erased_at).where(User.id == zed.id)).one() == clock()
        counts = certificate(session, zed.organisation_id, zed.id).counts
        assert (counts["mails"], counts["mentions"]) == (1, told - 1)  # the mail that waited is stopped


@SQLITE
def test_second_name_is_erased_with_the_first(cast, db, sign_in):
    kept = cast.meeting("alice", "Z. P.", "Northwind")
    gone = cast.meeting("alice", NAME, "Northwind", ADDRESS)
    with cast.changing() as c:
        merge_contacts(
            c, viewer_of(c.session, c.organisation_id, cast.olive.id), kept.contact_id, gone.contact_id
        )
    assert ("contacts.search", NAME) in named(db, NAME)
    olive = sign_in("olive")
    archive = ZipFile(BytesIO(olive.post(f"/contacts/{gone.contact_id}/file").data))
    about = json.loads(archive.read("on-file.json"))
    assert (about["contact"]["name"], len(about["meetings"])) == ("Z. P.", 2)
    assert [each["name"] for each in about["contact"]["also_known_as"]] == [NAME]
    assert olive.post(f"/contacts/{gone.contact_id}/erase", {"sure": "1"}).status_code == 303
    assert "Certificate of erasure" in olive.get(f"/contacts/{gone.contact_id}/erase").text
    assert named(db, NAME, ADDRESS, "Z. P.") == set()
