"""Every address that writes, with the ids of somebody else's: 403 or 404, and nothing is stored."""

import re
from datetime import date

import pytest
from sqlmodel import select
from support.chat_services import chat_channel
from support.dump import dump
from support.pages import six
from support.tokens import Program, token_of

from feedback.actions import answers, promises
from feedback.actions.merging import merge_contacts
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.scoring.changes import ask_for_change
from feedback.actions.sessions import begin_session
from feedback.api.operations import OPERATIONS
from feedback.calendar import address, entries
from feedback.calendar.address import NewAddress
from feedback.calendar.file import read_calendar
from feedback.core.calendar.faults import SourceKind
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.jobs import add_job
from feedback.models import (
    Alert,
    ApiToken,
    CalendarAddress,
    CalendarEntry,
    Contact,
    Promise,
    Relationship,
    User,
    UserSession,
    WebhookDelivery,
)
from feedback.models.webhook import Event
from feedback.store.people import viewer_of
from feedback.webhooks import subscriptions
from feedback.webhooks.events import enqueue_event

CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261118T140000Z\r\n"
    "SUMMARY:Review\r\nATTENDEE:mailto:zeb@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
# A form that each of the addresses would take from whom it belongs to.
FORM = {
    **six(4), "seal": "1", "decision": "accept", "reason": "I say so", "what": "closed", "outcome": "lost",
    "note": "Gone", "words": "Call", "side": "rep", "verdict": "kept", "dimension": "savvy", "number": "1",
    "practice": "savvy-1", "name": "Zebulon", "account": "Quagmire",
}  # fmt: skip


@pytest.fixture
def bobs(cast, db, clock):
    """What Bob's meeting is made of, as the addresses call it: its answer is doubted, and an alert is open."""
    met = cast.meeting("bob", "Zebulon", "Quagmire")
    cast.answer(met, 1)
    with cast.changing() as c:
        promised = NewPromise(side="rep", words="Call Zebulon", due_on=date(2026, 11, 30))
        promises.note_promise(c, met.meeting_id, met.contact_id, promised)
        answers.dispute_answer(c, met.id, with_key=True)
        planned = read_calendar(CALENDAR.encode(), own_email=cast.bob.email, zone=c.zone, now=clock())
        entries.replace_entries(c, cast.bob.id, planned.meetings)
        address.subscribe(c, cast.bob.id, NewAddress(SourceKind.ICS, "https://calendar.example/bob.ics"))
        change_id = ask_for_change(c, cast.olive.id, 60, 90, "Europe/Berlin")
        job = add_job(c, cast.olive.id, "people", "people.csv", b"name")
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        channel = chat_channel(c, cast.olive.id)
        enqueue_event(c, Event.FEEDBACK_RECEIVED, cast.olive.id)
        begin_session(c, cast.bob.id, "Firefox on Linux")
    token_of(cast, "bob")
    tables = {
        "alert": Alert,
        "relationship": Relationship,
        "promise": Promise,
        "entry": CalendarEntry,
        "calendar": CalendarAddress,
    }
    also = cast.meeting("bob", "Zeb", "Quagmire")
    with cast.changing() as c:
        viewer = viewer_of(c.session, cast.olive.organisation_id, cast.olive.id)
        merge = merge_contacts(c, viewer, met.contact_id, also.contact_id)
    with cast.changing() as c:
        at = c.session.get_one(Contact, (c.organisation_id, met.contact_id)).account_id
        grew = OutcomeSaid(ClientOutcome.GREW, c.now.date())
        outcome = note_outcome(c, cast.olive.id, at, grew, OutcomeSource.PAGE)
    with db.reading() as session:
        account = session.get_one(Contact, (cast.bob.organisation_id, met.contact_id)).account_id
        ids = {f"{name}_id": session.exec(select(table.id)).one() for name, table in tables.items()}
        delivery = session.exec(select(WebhookDelivery.id)).first()
        running = session.exec(select(UserSession.id)).one()
        token = session.exec(select(ApiToken.id)).one()
        team = session.exec(select(User.team_id).where(User.id == cast.bob.id)).one()
    return ids | {"token_id": token} | {
        "meeting_id": met.meeting_id, "invitation_id": met.id, "webhook_id": hook, "channel_id": channel, "delivery_id": delivery,
        "user_id": cast.bob.id, "contact_id": met.contact_id, "team_id": team, "job_id": job, "session_id": running, "change_id": change_id,
        "account_id": account, "merge_id": merge, "outcome_id": outcome,
    }  # fmt: skip


@pytest.fixture
def writes(app, bobs):
    """Every address that writes something of Bob's meeting, or of Olive's organisation, by rule. Handing the
    phone over ends with nobody signed in, and so comes last."""
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and "<uuid:" in rule.rule and not rule.rule.startswith("/api/v1/")
    ]
    return {
        rule: re.sub(r"<uuid:(\w+)>", lambda part: str(bobs[part[1]]), rule)
        for rule in sorted(rules, key=lambda rule: rule.endswith("hand-over"))
    }


@pytest.mark.parametrize("name", ["alice", "carol", "mike", "mara", "mallory"])
def test_what_is_somebody_elses_cannot_be_written(cast, db, writes, sign_in, name):
    """Carol looks after another team than Bob's; Mike, Mara and Mallory are of another organisation."""
    elsewhere = {"organisation_id": cast.mallory.organisation_id}
    cast.add("mike", "rep", "South", **elsewhere)
    cast.add("mara", "manager", "South", **elsewhere)
    browser = sign_in(name)
    before = _kept(db)
    refused = {rule: browser.post(path, FORM).status_code for rule, path in writes.items()}
    assert len(refused) >= 11
    assert {rule: code for rule, code in refused.items() if code not in (403, 404)} == {}
    assert _kept(db) == before


# What each of the API's operations would take from whom the ids belong to.
BODY = {
    "change_person": {"name": "Zebulon"}, "hand_clients_over": {}, "rename_team": {"name": "West"},
    "change_account": {"name": "Zebulon"}, "join_accounts": {}, "change_contact": {"name": "Zebulon"}, "join_contacts": {},
    "correct_meeting": {"held_at": "2026-11-18T09:00:00Z"}, "note_of_invitation": {"declined": True},
    "save_guess": {"ratings": six(4), "seal": True}, "ask": {"way": "link"},
    "note_promise": {"side": "rep", "words": "Call"}, "judge_promise": {"verdict": "kept"},
    "add_outcome": {"outcome": "lost", "happened_on": "2026-11-17"}, "retract": {"retracted": True},
    "correct": {"outcome": "lost", "happened_on": "2026-11-17"},
    "decide": {"accept": True, "reason": "I say so"}, "choose": {"dimension": "savvy", "number": 1},
    "change_alert": {"state": "closed", "outcome": "lost"}, "note_on_alert": {"words": "Gone"},
    "assign": {"dimension": "savvy", "number": 1}, "tell": {"words": "We called"},
    "replace_calendar": {"address": "https://calendar.example/x.ics"}, "pause_calendar": {"paused": True},
    "put_entry_away": {"put_away": True}, "start_from_calendar": {},
}  # fmt: skip


@pytest.mark.parametrize("name", ["alice", "carol", "mike", "mara", "mallory"])
def test_what_is_somebody_elses_cannot_be_written_by_a_token(app, cast, db, bobs, name):
    """As above, over the API: with everything that a token of that person may be used for."""
    elsewhere = {"organisation_id": cast.mallory.organisation_id}
    cast.add("mike", "rep", "South", **elsewhere)
    cast.add("mara", "manager", "South", **elsewhere)
    also = {"other": bobs["contact_id"], "to": cast.alice.id, "relationship_ids": [bobs["relationship_id"]]}
    bodies = BODY | {
        "join_accounts": {"other": bobs["account_id"]}, "join_contacts": {"other": also["other"]},
        "hand_clients_over": {"to": also["to"], "relationship_ids": also["relationship_ids"]},
    }  # fmt: skip
    program = Program(app.test_client(), token_of(cast, name))
    assert program.get("/me").status_code == 200
    before = _kept(db)
    refused = {}
    for op in OPERATIONS:
        if op.changes and "<uuid:" in op.path:
            path = re.sub(r"<uuid:(\w+)>", lambda part: str(bobs[part[1]]), op.path)
            body = bodies[op.view.__name__] if op.body else None
            refused[op.method, op.path] = program.ask(op.method, path, body).status_code
    assert len(refused) >= 20
    allowed = (403, 404)
    assert {op: code for op, code in refused.items() if code not in allowed} == {}
    assert _kept(db) == before


def _kept(db):
    """Everything but the record of the refusals themselves."""
    return {name: rows for name, rows in dump(db).items() if name not in ("audit", "counters")}


@pytest.mark.parametrize("name", ["bob", "olive"])
def test_same_forms_write_for_whom_it_belongs_to(db, writes, sign_in, name):
    """So that the test above cannot pass because the forms are wrong."""
    browser = sign_in(name)
    codes = {rule: browser.post(path, FORM).status_code for rule, path in writes.items()}
    mine = {rule for rule, code in codes.items() if code not in (403, 404)}
    practice = "/relationships/<uuid:relationship_id>/practice"
    managers = {
        rule
        for rule in writes
        if rule.startswith(
            (
                "/alerts",
                "/answers",
                "/webhooks",
                "/chat",
                "/people",
                "/teams",
                "/import",
                "/contacts",
                "/accounts",
                "/merges",
                "/outcomes",
                "/settings",
                "/tokens",
            )
        )
    } | {practice}
    reps = {practice, "/contacts/<uuid:contact_id>", "/merges/<uuid:merge_id>"}
    merging = {
        "/contacts/<uuid:contact_id>/merge",
        "/accounts/<uuid:account_id>/merge",
    }  # the other is not named
    assert mine == ((set(writes) - managers) | reps if name == "bob" else managers - merging)


def test_doubt_of_another_team_stays_undecided(cast, bobs, sign_in):
    form = {"decision": "accept", "reason": "I know Zebulon"}
    path = f"/answers/{bobs['invitation_id']}"
    assert sign_in("carol").post(path, form).status_code == 404
    assert sign_in("carol").get(path).status_code == 404
    assert sign_in("olive").post(path, form).status_code == 303
