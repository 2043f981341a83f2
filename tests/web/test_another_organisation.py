"""Another organisation of the same names, addresses and weeks: nothing of it shows with us, and none of our rows moves.

The twin has the same people with the same addresses, the same accounts and contacts, meets them at the same moments,
imports the same files and freezes the same weeks; only what its clients say is different.
"""

import io
import re
from datetime import date

import pytest
from sqlmodel import col, select
from support.cast import NOON, Cast
from support.chat_services import chat_channel
from support.dump import TABLES
from support.pages import plain
from support.tokens import carry

from feedback.actions import practices, promises
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission, dispute_answer
from feedback.actions.held import note_held
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.trust import Fingerprint
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.calendar.file import read_calendar
from feedback.core.calendar.faults import SourceKind
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.run import ImportKind, import_file
from feedback.jobs.daily import run_daily
from feedback.jobs.evidence import work_out_evidence
from feedback.models import Account, Alert, Contact, NotedOutcome, Outbox, Relationship
from feedback.models.webhook import Event
from feedback.sending.letter import NothingToSend
from feedback.sending.letters import letter
from feedback.store.mail_queue import due_mails
from feedback.webhooks import subscriptions

ACCOUNTS = (
    "account,contact,contact_email,value,review_days\nNorthwind,Dana,dana@northwind.example,{value},{days}\n"
)
HISTORY = "rep_email,account,contact,held_at,client_integrity,client_savvy\nalice@example.com,Northwind,Dana,2026-11-02,{n},{n}\n"
PLANNED = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261209T140000Z\r\nSUMMARY:Review\r\n"
    "ATTENDEE:mailto:dana@northwind.example\r\nATTENDEE:mailto:{other}@example.com\r\nATTENDEE:mailto:tess@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
READERS = ("alice", "bob", "carol", "olive")


def live(us: Cast, said: int) -> None:
    """Two weeks and a half of an organisation whose clients say `said`, and all that may come of it."""
    us.clock.now = NOON
    where = us.olive.organisation_id
    for kind, text in ((ImportKind.ACCOUNTS, ACCOUNTS.format(value=1000 * said, days=20 * said)),
                       (ImportKind.HISTORY, HISTORY.format(n=said))):  # fmt: skip
        import_file(us.db, where, kind, io.BytesIO(text.encode()), now=us.clock())
    with us.changing() as c:
        subscriptions.add_webhook(c, us.olive.id, "https://8.8.8.8/", list(Event))
        chat_channel(c, us.olive.id)
    for _ in range(3):
        for rep, contact in (("alice", "Dana"), ("alice", "Eli"), ("bob", "Fay")):
            _meet(us, rep, contact, said)
        us.clock.forward(days=7)
    with us.changing() as c:
        planned = PLANNED.format(other="carol" if said > 3 else "bob")
        read = read_calendar(planned.encode(), own_email=us.alice.email, zone=c.zone, now=us.clock())
        address.note_upload(c, us.alice.id, read)
        source = NewAddress(SourceKind.ICS, f"https://calendar.example/{said}.ics", name=f"Team {said}")
        address.subscribe(c, us.alice.id, source)
        note_held(c, us.alice.id, us.clock(), None)
        at = c.session.exec(select(Account.id).where(col(Account.organisation_id) == where)).first()
        outcome = OutcomeSaid(ClientOutcome.LOST, date(2026, 12, said), None, 100.0 * said)
        note_outcome(c, us.olive.id, at, outcome, OutcomeSource.PAGE)
    run_daily(us.db, where, us.clock())
    work_out_evidence(us.db, where, us.clock())


def _meet(us: Cast, rep: str, contact: str, said: int) -> None:
    met = us.meeting(rep, contact, "Northwind")
    us.seal(met, 4, stage="change")
    with us.changing() as c:
        promised = NewPromise(side="rep", words=f"Call {contact}, said at {said}", due_on=None)
        promises.note_promise(c, met.meeting_id, met.contact_id, promised)
        mine = c.session.exec(
            select(Relationship).where(
                col(Relationship.rep_id) == us.people[rep].id, col(Relationship.contact_id) == met.contact_id
            )
        ).one()
        practices.choose_practice(c, mine.id, dimension="savvy", number=said)
    ratings = {**dict.fromkeys(DIMENSIONS, said), "savvy": 3}
    state = Submission(
        ratings, {"comment": f"This is {said}", "stage": "growing"}, done=True, extras_sent=True
    )
    # One phone in an office: two of one organisation may share it, and three not.
    us.submit(
        met, state, Sender(fingerprint=Fingerprint(f"phone of {contact[0] < 'F'}", "office", "browser"))
    )
    if contact == "Fay":
        with us.changing() as c:
            dispute_answer(c, met.id, with_key=True)


@pytest.fixture
def ours(cast, sign_in):
    """Olive's organisation after two weeks and a half, in which everybody has signed in."""
    browsers = {name: sign_in(name) for name in READERS}
    live(cast, 5)
    return browsers


@pytest.fixture
def twin(db, clock):
    """twin() lives it all again in another organisation, and worse."""

    def play() -> Cast:
        clock.now = NOON
        there = Cast(db, clock)
        there.add_organisation("Twin Ltd", "olive")
        there.add("carol", "manager", "North")
        there.add("alice", "rep", "North")
        there.add("bob", "rep", "South")
        there.add("tess", "rep", "South")  # a colleague there, and nobody here
        live(there, 1)
        return there

    return play


def addresses(app, cast) -> list[str]:
    """Every address that somebody who is signed in can open, with ids of ours."""
    where = cast.olive.organisation_id
    with cast.db.reading() as session:
        mine = session.exec(select(Relationship).where(col(Relationship.rep_id) == cast.alice.id)).first()
        contact = session.exec(select(Contact).where(col(Contact.id) == mine.contact_id)).one()
        alert = session.exec(select(Alert.id).where(col(Alert.organisation_id) == where)).first()
        outcome = session.exec(
            select(NotedOutcome.id).where(col(NotedOutcome.organisation_id) == where)
        ).one()
    met = cast.meeting("alice", "Gus", "Northwind")
    cast.answer(met, 5)
    ids = {
        "meeting_id": met.meeting_id, "invitation_id": met.id, "relationship_id": mine.id, "rep_id": cast.alice.id,
        "alert_id": alert, "account_id": contact.account_id, "outcome_id": outcome, "entry_id": outcome, "calendar_id": met.id, "webhook_id": met.id, "channel_id": met.id, "week_name": "2026-W47", "user_id": cast.alice.id, "contact_id": met.contact_id, "job_id": met.id, "kind": "people",
        "token": met.token, "key": "3479CDFGHJKMNPQRTVWXY3", "ticket": "x",
        "name": "organisation", "change_id": met.id, "tag": "de", "digits": "0b7a75", "code": "x", "team_id": met.id, "promise_id": met.id,
    }  # fmt: skip
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and "/F/" not in rule.rule
        and not rule.rule.startswith(
            ("/metrics", "/sign-in/passkey/")
        )  # of the whole server; a challenge, new each time
    ]
    paths = [re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(ids[part[1]]), rule) for rule in rules]
    return [
        *paths,
        "/accounts?q=north",
        "/meetings/new?q=da",
        "/leaderboard/2026-W48",
        "/leaderboard/2026-W48.csv",
    ]


def letters(app, cast) -> list[object]:
    """Every mail that waits for one of ours, as it would be written now."""
    found = []
    with app.app_context(), app.test_request_context(), cast.db.reading() as session:
        for mail in due_mails(session, cast.clock(), limit=500):
            if mail.organisation_id == cast.olive.organisation_id:
                try:
                    found.append((mail.recipient, letter(session, [mail], "https://here", cast.clock())))
                except NothingToSend as why:
                    found.append((mail.recipient, str(why)))
    return found


def rows_of(cast: Cast) -> dict[str, list[tuple]]:
    """Every row of an organisation, by table."""
    organisation_id = cast.olive.organisation_id
    with cast.db.reading() as session:
        return {
            t.name: sorted(
                map(tuple, session.execute(t.select().where(_owner(t) == organisation_id))), key=repr
            )
            for t in TABLES
            if t.name not in ("counters", "sign_ups")  # they belong to nobody yet
        }


def _owner(table):
    return table.c.id if table.name == "organisations" else table.c.organisation_id


def test_no_byte_of_ours_comes_from_another_organisation(app, cast, ours, twin):
    carry(cast, ours)
    paths, now = addresses(app, cast), cast.clock()

    def seen():
        pages = {(name, path): plain(browser.get(path)) for name, browser in ours.items() for path in paths}
        return pages | dict(enumerate(letters(app, cast)))

    before = seen()
    assert sum(isinstance(key, int) for key in before) >= 3
    assert len({page for page in before.values() if isinstance(page, bytes)}) > 40
    twin()
    assert cast.clock() == now
    after = seen()
    assert [key for key in before if before[key] != after[key]] == []
    assert after.keys() == before.keys()


def test_no_row_of_ours_is_written_by_another_organisation(cast, ours, twin):
    before = rows_of(cast)
    there = twin()
    assert rows_of(cast) == before
    other = rows_of(there)
    # Each has what the other has: all that could have been mixed up was there.
    assert {name for name in before if before[name]} == {name for name in other if other[name]}
    assert {name for name in before if not before[name]} <= {
        "answer_keys",
        "alert_events",
        "sessions",
        "user_links",
        "taken_back",
        "handed_over",
        "import_jobs",
        "merges",
        "group_codes",
        "client_lines",
        "mail_stops",
        "reserved_codes",
        "logos",
        "wordings",
        "scoring_changes",
        "import_rows",
        "api_tokens",
        "api_replays",
        "sign_in_links",
        "one_time_codes",
        "recovery_codes",
        "passkeys",
        "identity_providers",
    }
    assert len(before["weeks"]) == len(other["weeks"]) == 3
    assert len(before["standings"]) >= 6


def test_twins_figures_are_its_own(cast, db, ours, twin):
    """So that the tests above cannot pass because the two are alike."""
    there = twin()
    with db.reading() as session:
        for us, least, most in ((cast, 80, 100), (there, 0, 30)):
            found = session.exec(
                select(Relationship.loyalty).where(
                    col(Relationship.organisation_id) == us.olive.organisation_id,
                    col(Relationship.loyalty).is_not(None),
                )
            ).all()
            assert found
            assert all(least <= loyalty <= most for loyalty in found)
        assert len({mail.recipient for mail in session.exec(select(Outbox))}) >= 2
