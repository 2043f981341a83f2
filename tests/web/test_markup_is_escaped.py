"""Markup in every text that a person can type comes out as text: on every page, in every part of one, in every mail."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select, update
from support.chat_services import chat_channel
from support.dump import TABLES
from support.mail_server import mail_server
from support.pages import six
from support.tokens import token_of

from feedback.actions import practices, promises
from feedback.actions.alerts import handle
from feedback.actions.answers import dispute_answer
from feedback.actions.decisions import decide_answer
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.rooms import open_room
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.calendar.file import read_calendar
from feedback.chat.channels import pause_channel, post_test
from feedback.core.calendar.faults import SourceKind
from feedback.core.chat import PauseCause
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.jobs import add_job
from feedback.models import (
    Alert,
    CalendarAddress,
    CalendarEntry,
    ClientLine,
    Contact,
    IdentityProvider,
    ImportJob,
    ImportRow,
    Organisation,
    Outbox,
    Passkey,
    Promise,
    Relationship,
    Side,
    User,
    WebhookDelivery,
)
from feedback.models.webhook import Event
from feedback.sending.worker import deliver_mails, run_due_jobs
from feedback.store.rooms import token_of_room
from feedback.webhooks import subscriptions

ROOT = Path(__file__).parents[2]
# What people type, by column; and what no page may take for text of ours.
TYPED = {
    "api_tokens": ["name"],
    "organisations": ["name"], "users": ["name"], "teams": ["name"], "accounts": ["name"], "contacts": ["name", "role"],
    "meetings": ["topic"], "feedback": ["comment"], "promises": ["words"], "outcomes": ["reason"], "alert_events": ["note"], "audit": ["reason", "about_name"],
    "sign_ups": ["organisation", "name"], "calendar_entries": ["title", "emails"], "webhooks": ["url"], "chat_channels": ["name"], "chat_messages": ["error"], "passkeys": ["name"], "identity_providers": ["label"], "webhook_deliveries": ["error"], "import_jobs": ["file_name"], "import_rows": ["about"], "outbox": ["error"], "client_lines": ["words"], "rep_calendars": ["named"], "calendar_addresses": ["name", "named"],
}  # fmt: skip
FIXED = {
    "api_tokens": ["kind", "hash", "hint", "scopes"], "api_replays": ["key_hash", "request_hash"], "group_codes": ["token"],
    "accounts": ["name_key", "search"], "contacts": ["name_key", "search", "email", "language"], "users": ["email", "role", "password_hash", "subject", "language"], "counters": ["key"], "sessions": ["device", "hash", "pin_hash", "network"], "taken_back": ["token"], "sign_in_links": ["browser_hash"], "recovery_codes": ["hash"], "passkeys": ["credential_id", "public_key"], "identity_providers": ["issuer", "client_id", "domains", "role"], "reserved_codes": ["token"],
    "relationships": ["place"], "user_links": ["kind"], "import_jobs": ["kind", "state"], "import_rows": ["about_key"], "sign_ups": ["email", "timezone"],
    "organisations": ["code", "timezone", "language", "workdays", "holidays", "days_off", "currency", "accent", "look", "second_factor_for"],
    "logos": ["hash"], "wordings": ["language"], "scoring_changes": ["timezone", "state"],
    "chat_channels": ["service", "topics", "paused_because"], "chat_messages": ["event"],
    "webhooks": ["events"], "webhook_deliveries": ["event"], "audit": ["what", "network"], "standings": ["team", "badge"],
    "meetings": ["form_key", "network_hash", "browser_hash"], "alerts": ["kind", "severity", "outcome"], "outcomes": ["outcome", "source"],
    "invitations": ["token", "way"], "mail_stops": ["address_mark", "reason"], "practice_choices": ["dimension"], "alert_events": ["what", "outcome"],
    "alert_reasons": ["kind", "severity"], "answer_keys": ["hash", "kind"], "promises": ["side", "verdict"],
    "outbox": ["kind", "recipient", "base_url"], "calendar_entries": ["read_from"], "rep_calendars": ["own_emails", "kind", "etag", "last_modified", "fault", "fault_words"], "calendar_addresses": ["kind", "etag", "last_modified", "fault", "fault_words"],
    "feedback": ["side", "visibility", "worth_it", "stage", "language", "counts", "extra", "signals", "device_hash",
                 "network_hash", "browser_hash"],
}  # fmt: skip
RAW = re.compile(r"""<x-|["'] ?onx=""")
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261118T140000Z\r\nSUMMARY:Review\r\n"
    "ATTENDEE:mailto:zeb@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
ASKED = (
    "q",
    "lang",
    "next",
    "page",
    "team",
    "rep",
    "account",
    "closed",
    "step",
    "entry",
    "sort",
    "change",
    "told",
)


def markup(where: str) -> str:
    """A text that opens a tag of its own, and would end an attribute in either quotes."""
    return f"""<x-{where}>" onx=' onx=0"""


def test_every_text_column_is_typed_or_fixed():
    """A column that is new is to be named above."""
    words = {
        t.name: sorted(c.name for c in t.columns if type(c.type).__name__ in ("AutoString", "Word", "Words"))
        for t in TABLES
    }
    known = {name: sorted(TYPED.get(name, []) + FIXED.get(name, [])) for name in TYPED.keys() | FIXED.keys()}
    assert {name: columns for name, columns in words.items() if columns} == known


def test_no_template_or_module_turns_escaping_off():
    off = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape|\bMarkup\(")
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "feedback").rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if off.search(path.read_text())}
    # style and script, from files of ours; names, each of them escaped
    assert found == {"feedback/web/assets.py", "feedback/wording/names.py"}


@pytest.fixture
def world(cast, db, clock):
    """Meetings with all that can come of them, and then markup wherever somebody could have typed. The ids, as the
    addresses call them."""
    cast.add("dora", "manager", "South")
    met = cast.meeting("alice", "Dana", "Northwind", email="dana@example.org")
    doubted = cast.meeting("alice", "Eli", "Northwind")
    waiting = cast.meeting("alice", "Fay", "Contoso")
    for each in (met, doubted):
        cast.seal(each, 5)
        cast.answer(each, 1, comment="said", stage="curious")
    with cast.changing() as c:
        for side in ("rep", "client"):
            for each in (met, waiting):
                promises.note_promise(
                    c, each.meeting_id, each.contact_id, NewPromise(side=side, words="w", due_on=None)
                )
        dispute_answer(c, doubted.id, with_key=True)
        alert, *_ = c.session.exec(select(Alert).order_by(Alert.created_at)).all()
        handle.note_on_alert(c, alert.id, cast.carol.id, markup("alert_events-note"))
        mine = c.session.exec(select(Relationship.id).where(Relationship.id == alert.relationship_id)).one()
        practices.choose_practice(c, mine, dimension="savvy", number=1, assigned_by_id=cast.carol.id)
        read = read_calendar(CALENDAR.encode(), own_email=cast.alice.email, zone=c.zone, now=clock())
        address.note_upload(c, cast.alice.id, replace(read, unread=1, named=("Landing",)))
        address.subscribe(c, cast.bob.id, NewAddress(SourceKind.ICS, "https://calendar.example/bob.ics"))
        c.session.exec(select(CalendarAddress)).one().unread = 1
        job = c.session.get_one(
            ImportJob, (c.organisation_id, add_job(c, cast.olive.id, "people", "people.csv", b"name"))
        )
        job.state, job.report = "checked", {"added": ["1 person"], "rows": {"rows": 1}}
        c.session.add(
            ImportRow(
                organisation_id=c.organisation_id, job_id=job.id, number=2, about="Sam", about_key="sam",
                says=[markup("import_rows-says")],
            )
        )  # fmt: skip
        open_room(c, waiting.meeting_id)
        c.session.add(
            ClientLine(
                organisation_id=c.organisation_id, alert_id=alert.id, by_id=cast.carol.id, words="w", created_at=c.now,
            )
        )  # fmt: skip
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        channel = chat_channel(c, cast.olive.id)
        post_test(c, channel, cast.olive.id)
        pause_channel(c, channel, PauseCause.OWNER)  # so that its log says why nothing was posted
        at = c.session.get_one(Contact, (c.organisation_id, met.contact_id)).account_id
        lost = OutcomeSaid(ClientOutcome.LOST, c.now.date(), met.contact_id, reason="typed")
        outcome = note_outcome(c, cast.olive.id, at, lost, OutcomeSource.PAGE)
        here = {"organisation_id": c.organisation_id, "created_at": c.now}
        c.session.add(
            Passkey(
                **here, user_id=cast.alice.id, name="p", credential_id="eHg", public_key="eHg", sign_count=0
            )
        )
        c.session.add(
            IdentityProvider(**here, label="l", issuer="https://8.8.8.8", client_id="us", secret="x")
        )
    clock.forward(minutes=1)
    again = cast.meeting("alice", "Dana", "Northwind")
    cast.answer(again, 2, comment="said")
    with cast.changing() as c:
        decide_answer(c, doubted.id, cast.carol.id, accept=True, reason=markup("audit-reason"))
        c.audit(None, "import.done", name=markup("audit-about_name"))
    token_of(cast, "olive")
    _type_markup(db)
    with db.reading() as session:
        ids = {
            "session_id": alert.id,  # nobody's
            "token_id": alert.id,
            "calendar_id": session.exec(select(CalendarAddress.id)).one(),
            "entry_id": session.exec(select(CalendarEntry.id)).one(),
            "promise_id": session.exec(select(Promise.id).where(Promise.side == Side.CLIENT)).first(),
            "delivery_id": session.exec(select(WebhookDelivery.id)).first(),
            "outcome_id": outcome, "relationship_id": mine, "alert_id": alert.id, "webhook_id": hook, "channel_id": channel, "rep_id": cast.alice.id,
            "job_id": session.exec(select(ImportJob.id)).one(), "kind": "people", "user_id": cast.carol.id, "contact_id": met.contact_id, "team_id": session.exec(select(User.team_id).where(User.id == cast.alice.id)).one(),
        }  # fmt: skip
    return ids, {"met": met, "doubted": doubted, "waiting": waiting, "again": again}


def _type_markup(db) -> None:
    with db.writing() as session:
        for table in TABLES:
            for name in TYPED.get(table.name, []):
                if table.name in ("alert_events", "audit"):
                    continue  # is final: was written so
                text = markup(f"{table.name}-{name}")
                value = (text.replace(" ", ""),) if name == "emails" else text
                only = {"feedback": {"side": Side.CLIENT}, "teams": {"name": "North"}}.get(table.name, {})
                session.execute(update(table).filter_by(**only).values({name: value}))


@pytest.fixture
def addresses(app, cast, db, world):
    """addresses("GET") is every address that takes it, once for each of the meetings."""
    ids, invitations = world
    with db.reading() as session:
        account = session.get_one(
            Contact, (cast.olive.organisation_id, invitations["met"].contact_id)
        ).account_id
    keys = {name: cast.answer_address(each).rsplit("/", 1)[1] for name, each in invitations.items()}

    def of(method):
        rules = [rule.rule for rule in app.url_map.iter_rules() if method in rule.methods]
        for name, each in invitations.items():
            known = ids | {
                "meeting_id": each.meeting_id, "invitation_id": each.id, "account_id": account, "token": each.token,
                "key": keys[name], "week_name": "2026-W47", "ticket": "x", "merge_id": each.id, "name": "days", "change_id": each.id, "tag": "de", "digits": "0b7a75", "code": "x",
            }  # fmt: skip
            with db.reading() as session:
                room = token_of_room(session, cast.olive.organisation_id, invitations["waiting"].meeting_id)
            for rule in rules:
                if rule.casefold() == "/g/<token>":
                    yield rule.replace("<token>", room)
                    continue
                yield re.sub(r"<(?:\w+:)?(\w+)>", lambda part, known=known: str(known[part[1]]), rule)

    return of


def raw(reply) -> str | None:
    """What stands in a page as markup that somebody typed."""
    if not (reply.mimetype or "").startswith("text/html"):
        return None
    found = RAW.search(reply.text)
    return reply.text[max(0, found.start() - 60) : found.end() + 60] if found else None


def _browsers(sign_in, stranger):
    return {name: sign_in(name) for name in ("alice", "carol", "olive")} | {"stranger": stranger}


def test_markup_is_text_on_every_page_and_part(addresses, sign_in, stranger):
    shown, found = set(), {}
    # Bob's calendar is read from an address; the import's entry is by now not on the log's first page
    for name, browser in ({"bob": sign_in("bob")} | _browsers(sign_in, stranger)).items():
        pages = ["/meetings/calendar"] if name == "bob" else [*addresses("GET"), "/audit?kind=import.done"]
        for path in dict.fromkeys(pages):
            for headers in ({}, {"HX-Request": "true"}):
                reply = browser.get(path, headers=headers)
                found[name, path] = raw(reply)
                shown |= set(re.findall(r"&lt;x-([\w-]+)&gt;", reply.text))
    assert {key: what for key, what in found.items() if what} == {}
    # And each of the texts was seen: a page that stops to show one makes this test know less.
    unseen = {f"{table}-{name}" for table, names in TYPED.items() for name in names} - shown
    # what a mail server said, of a mail that is late; and of a sign-up, which its link alone shows
    assert unseen == {"outbox-error", "sign_ups-organisation", "sign_ups-name"}


def test_markup_in_an_address_is_text(app, addresses, sign_in, stranger):
    """What is searched for, and what is asked for that there is not."""
    typed = markup("asked")
    query = dict.fromkeys(ASKED, typed)
    for browser in _browsers(sign_in, stranger).values():
        for path in dict.fromkeys(addresses("GET")):
            for options in ({"query_string": query}, {"query_string": {"q": typed}}):
                reply = browser.get(path, **options)
                assert raw(reply) is None, path
        for rule in ("/f/{}", "/f/x/{}", "/leaderboard/{}", "/demo/{}", "/{}", "/accounts/{}"):
            assert raw(browser.get(rule.format("<x-path>\"'onx="))) is None, rule
    assert "&lt;x-asked&gt;" in sign_in("carol").get("/accounts", query_string={"q": typed}).text
    assert "&lt;x-asked&gt;" in sign_in("alice").get("/meetings/new", query_string={"q": typed}).text


def test_markup_in_a_form_comes_back_as_text(addresses, sign_in, stranger):
    """Every form, with markup in every field that a page of ours has; most are refused, and shown again."""
    came_back = set()
    for who, browser in _browsers(sign_in, stranger).items():
        fields = {
            name
            for path in dict.fromkeys(addresses("GET"))
            for name in re.findall(
                r'<(?:input|textarea|select)[^>]* name="([^"]+)"', browser.get(f"{path}?step=extras").text
            )
        } - {"csrf_token"}
        form = {name: markup(f"form-{name}") for name in sorted(fields)}
        for path in dict.fromkeys(addresses("POST")):
            if path.endswith(("/sign-out", "/hand-over")):
                continue
            for more in ({}, {**six(3), "done": "1"}):
                reply = browser.post(path, {**form, **more})
                assert raw(reply) is None, (who, path)
                if (reply.mimetype or "").startswith("text/"):
                    came_back |= set(re.findall(r"&lt;x-form-([\w-]+)&gt;", reply.text))
    assert came_back >= {"comment", "contact_name", "account_name", "topic", "note", "reason", "email", "url",
                         "days_off", "holidays"}  # fmt: skip


def test_markup_is_text_in_every_mail(app, cast, clock, world, tmp_path):
    with mail_server() as office:
        settings = replace(
            app.extensions["feedback"].settings,
            smtp_url=office.url, mail_from="us@feedback.example", base_url="https://here",
        )  # fmt: skip
        with cast.db.writing() as session:
            session.execute(update(Organisation).values(reps_weekly_mail=True))
        clock.forward(days=7)  # so that the weekly mail says who moved a score
        cast.answer(cast.meeting("alice", "Dana", "Northwind"), 5)
        clock.forward(days=6)
        with app.app_context():
            run_due_jobs(cast.db, clock())
            clock.forward(minutes=1)
            deliver_mails(cast.db, settings, clock)
        with cast.db.reading() as session:
            assert {mail.kind for mail in session.exec(select(Outbox))} >= {"alert", "weekly", "own_weekly"}
    parts = [(mail["To"], part.get_content()) for mail in office.mails if (part := mail.get_body(("html",)))]
    assert [RAW.search(text) for _, text in parts] == [None] * len(parts)
    assert any("Open the alert" in text and "&lt;x-contacts-name&gt;" in text for _, text in parts)
    html = {to: text for to, text in parts if "Who moved most, and after which answers" in text}
    for to in ("carol@example.com", "olive@example.com"):
        shown = set(re.findall(r"&lt;x-([\w-]+)&gt;", html[to]))
        assert shown == {"users-name", "contacts-name", "accounts-name", "organisations-name"}
    why = (
        html["carol@example.com"]
        .split("Who moved most, and after which answers")[1]
        .split("Alerts overdue")[0]
    )
    assert "&lt;x-contacts-name&gt;" in why
    plain = [mail.get_body(("plain",)).get_content() for mail in office.mails]
    assert any("<x-contacts-name>" in text for text in plain)  # in plain text there is nothing to escape
