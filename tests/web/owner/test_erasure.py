"""/contacts/…/erase and /people/…/erase: a person is gone everywhere, and what counts stays."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlmodel import select, update
from support.dump import dump
from support.pages import words

from feedback.actions import promises
from feedback.actions.alerts import handle
from feedback.actions.erasure import erase_contact
from feedback.actions.promises import NewPromise
from feedback.actions.sessions import begin_session
from feedback.actions.staff import bring_back, end_person
from feedback.actions.user_links import new_link
from feedback.core.access import NotFound
from feedback.imports.jobs import add_job
from feedback.jobs.daily import run_daily
from feedback.models import (
    Alert,
    Audit,
    CalendarEntry,
    ClientLine,
    Contact,
    Feedback,
    ImportJob,
    Invitation,
    JobState,
    Meeting,
    Organisation,
    Outbox,
    Relationship,
    Side,
    User,
    WebhookDelivery,
)
from feedback.models.webhook import Event
from feedback.store.replay import differences
from feedback.store.retention import count_expired
from feedback.webhooks import subscriptions

NAME, ADDRESS = "Zerlina Plümacher", "zerlina@northwind.example"
SAID = "The blue heron left at dawn"
ESCAPED = "Zerlina Pl\\u00fcmacher"

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def named_in_files(db, *said: str) -> list[tuple[str, str]]:
    """Which of these words are in which of the database's files."""
    found = []
    for end in ("", "-wal", "-shm"):
        with open(db.engine.url.database + end, "rb") as file:
            content = file.read()
            found += [(end or "database", each) for each in said if each.encode() in content]
    return found


def plant(cast, met, name: str, address: str) -> None:
    """Name somebody wherever a text can be: in another client's words, in notes, mails, logs, files, entries."""
    other = cast.meeting("bob", "Eli")
    cast.answer(other, 3, comment=f"I was told this by {name.upper()}, {address}")
    with cast.changing() as c:
        subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        for each in (met, other):
            new = NewPromise(side="rep", words=f"Call {name}", due_on=None)
            promises.note_promise(c, each.meeting_id, each.contact_id, new)
        for alert in c.session.exec(select(Alert)):
            handle.note_on_alert(c, alert.id, cast.carol.id, f"{name} said: {SAID}")
        here = {
            "organisation_id": c.organisation_id,
            "created_at": c.now,
            "rep_id": cast.bob.id,
            "starts_at": c.now,
        }
        c.session.add(CalendarEntry(**here, title=f"Lunch with {name}"))
        c.session.add(CalendarEntry(**here, title="Review", emails=(address,)))
        c.audit(cast.olive.id, "person.changed", cast.bob.id, f"as {name} asked", name=name,
                before={"name": name}, after={"email": address})  # fmt: skip
        job = add_job(c, cast.olive.id, "people", f"{name}.csv", f"name\n{name},{address}".encode())
        c.session.get_one(ImportJob, (c.organisation_id, job)).state = JobState.CHECKED
    with cast.db.writing() as session:
        session.execute(update(ImportJob).values(report={"notes": [f"{name} is new"]}))
    cast.settle()
    with cast.db.writing() as session:
        session.execute(update(WebhookDelivery).values(error=f"400 {name} {SAID}"))
        session.add(Outbox(organisation_id=met.organisation_id, created_at=met.held_at, kind="receipt", recipient=address,
                           invitation_id=met.id, base_url="https://here", due_at=met.held_at, error=f"550 {address}"))  # fmt: skip


@pytest.fixture
def met(cast):
    """Zerlina has answered, and is named in all sorts of places."""
    met = cast.meeting("alice", NAME, "Northwind", ADDRESS)
    cast.seal(met, 5)
    cast.answer(met, 1, 2, 1, 2, 1, 2, comment=SAID)
    plant(cast, met, NAME, ADDRESS)
    return met


@SQLITE
def test_erased_contact_is_in_no_file(cast, db, met, sign_in):
    planted = (NAME, ESCAPED, ADDRESS, SAID)
    assert {word for _, word in named_in_files(db, *planted)} == set(planted)
    olive = sign_in("olive")
    address = f"/contacts/{met.contact_id}/erase"
    assert NAME in olive.get(address).text
    assert olive.post(address).status_code == 422
    assert NAME in olive.get(address).text
    assert olive.post(address, {"sure": "1"}).location == address
    assert named_in_files(db, *planted) == []
    text = words(olive.get(address).text)
    assert "Certificate of erasure" in text
    assert "by Olive" in text
    assert "Comments deleted 1" in text
    assert "Meetings kept, without a name 1" in text


def test_counts_stay_and_say_of_nobody_whose(cast, db, met, clock):

    clock.forward(days=7)
    cast.meeting("alice", "Fay")  # freezes a week
    kept = ("standings", "weeks", "meetings", "activity", "rep_sums", "relationships")
    before = dump(db)
    with cast.changing() as c:
        counts = erase_contact(c, cast.olive.id, met.contact_id)
    after = dump(db)
    assert {
        len(before[name]) - len(after[name])
        for name in before
        if name not in ("audit", "answer_keys", "calendar_entries")
    } == {0}
    assert [name for name in kept if name != "meetings" and before[name] != after[name]] == []
    assert counts["kept_invitations"] == 1
    with db.reading() as session:
        row = session.exec(
            select(Feedback).where(Feedback.invitation_id == met.id, Feedback.side == Side.CLIENT)
        ).one()
        assert (row.integrity, row.competency, row.comment) == (1, 2, None)
        assert list(differences(session, met.organisation_id)) == []
    with cast.changing() as c:
        assert erase_contact(c, cast.olive.id, met.contact_id) == {}
    assert dump(db)["contacts"] == after["contacts"]


@SQLITE
def test_erased_contact_can_be_met_anew(cast, met, sign_in, stranger):
    sign_in("olive").post(f"/contacts/{met.contact_id}/erase", {"sure": "1"})
    again = cast.meeting("alice", NAME, "Northwind", ADDRESS)
    assert again.contact_id != met.contact_id
    assert stranger.get(f"/f/{met.token}").status_code == 404
    alice = sign_in("alice")
    assert alice.post("/meetings/new", {"contact_id": met.contact_id}).status_code == 422
    assert "Erased" not in alice.get("/meetings/new?q=erased").text.replace('value="erased"', "")


@SQLITE
def test_erased_person_is_in_no_file(cast, db, met, sign_in):
    zed = cast.add("zed", "rep", "North", named="Zebedee Quint")
    with cast.changing() as c:
        new_link(c, cast.olive.id, zed.id)
        begin_session(c, zed.id, "Zed’s own phone")
    plant(cast, met, "Zebedee Quint", zed.email)
    olive = sign_in("olive")
    address = f"/people/{zed.id}/erase"
    assert "Remove Zebedee Quint first" in olive.post(address, {"sure": "1"}).text
    with cast.changing() as c:
        end_person(c, cast.olive.id, zed.id)
    assert olive.post(address, {"sure": "1"}).location == address
    assert named_in_files(db, "Zebedee Quint", "zed@example.com", "Zed’s own phone") == []
    assert "Certificate of erasure" in olive.get(address).text
    assert olive.get(f"/people/{zed.id}").status_code == 404
    with pytest.raises(NotFound), cast.changing() as c:
        bring_back(c, cast.olive.id, zed.id)


@SQLITE
@pytest.mark.parametrize("path", ["/contacts/{0.contact_id}/erase", "/people/{0.rep_id}/erase"])
def test_only_owners_erase(cast, met, sign_in, path):
    codes = [
        sign_in(name).post(path.format(met), {"sure": "1"}).status_code
        for name in ("alice", "carol", "mallory")
    ]
    assert codes == [403, 403, 404]


@SQLITE
def test_running_import_is_waited_for(cast, db, met, sign_in):
    with db.writing() as session:
        session.execute(update(ImportJob).values(state=JobState.IMPORTING))
    reply = sign_in("olive").post(f"/contacts/{met.contact_id}/erase", {"sure": "1"})
    assert "A file is being imported" in reply.text
    with db.reading() as session:
        assert NAME in session.exec(select(Contact.name)).all()


def test_old_comments_and_names_go_by_settings(cast, db, met, clock):
    with db.writing() as session:
        session.execute(update(Organisation).values(keep_comments_months=12, keep_names_months=24))
        session.execute(update(User).where(User.id == cast.bob.id).values(ended_at=clock()))

    def turn(days):
        clock.forward(days=days)
        run_daily(db, met.organisation_id, clock())
        with db.reading() as session:
            comments = session.exec(select(Feedback.comment).where(Feedback.comment.is_not(None))).all()
            retentions = select(Audit.what).where(Audit.what.startswith("retention"))
            told = session.exec(retentions.order_by(Audit.id)).all()
            names = {*session.exec(select(Contact.name)), *session.exec(select(User.name))}
            assert list(differences(session, met.organisation_id)) == []
        return len(comments), told, names & {NAME, "Bob", "Alice"}

    assert turn(364) == (2, [], {NAME, "Bob", "Alice"})
    assert turn(3) == (0, ["retention.comments"], {NAME, "Bob", "Alice"})
    assert turn(366) == (0, ["retention.comments", "retention.names"], {"Alice"})
    assert turn(1)[1] == ["retention.comments", "retention.names"]
    with db.reading() as session:
        assert session.exec(select(Invitation)).all()
        assert session.exec(select(Relationship.answers)).all() == [1, 1]


@SQLITE
def test_words_that_are_deleted_count_no_longer(cast, db, clock):
    """Five of five, and "fine": lukewarm by the word alone."""
    with db.writing() as session:
        session.execute(update(Organisation).values(keep_comments_months=12))
    met = cast.meeting()
    cast.answer(met, 5, comment="fine")
    lukewarm = []
    for days in (1, 366):
        clock.forward(days=days)
        run_daily(db, met.organisation_id, clock())
        with db.reading() as session:
            lukewarm.append(session.exec(select(Relationship.lukewarm)).one())
            assert list(differences(session, met.organisation_id)) == []
    assert lukewarm == [True, False]


@SQLITE
def test_shorter_retention_asks_first(cast, db, met, clock, sign_in):
    with cast.changing() as c:
        alert = c.session.exec(select(Alert)).first()
        c.session.add(ClientLine(organisation_id=c.organisation_id, created_at=c.now, alert_id=alert.id, by_id=cast.carol.id,
                                 words="We called back."))  # fmt: skip
    clock.forward(days=400)
    olive = sign_in("olive")
    form = {"keep_comments_months": "12"}
    refused = olive.post("/settings/kept", form)
    assert refused.status_code == 422
    assert "Nothing was saved yet. With these months 5 comments and notes would be deleted" in words(
        refused.text
    )
    with db.reading() as session:
        announced = count_expired(session, met.organisation_id, clock(), 12, 0).comments
    assert olive.post("/settings/kept", {**form, "sure": "1"}).status_code == 303
    assert olive.post("/settings/kept", {**form, "keep_names_months": "600"}).status_code == 303
    refused = olive.post("/settings/kept", {**form, "keep_names_months": "12"})
    assert (refused.status_code, " 2 names" in words(refused.text)) == (422, True)
    assert 'name="keep_comments_months" value="12"' in olive.get("/settings/kept").text
    run_daily(db, met.organisation_id, clock())
    with db.reading() as session:
        (told,) = session.exec(select(Audit.after).where(Audit.what == "retention.comments")).all()
    assert sum(told.values()) == announced == 5  # what goes is what was said to go


def on_file(reply) -> tuple[dict, str]:
    """What is in the two files of the archive: the JSON, and the page as text."""
    archive = ZipFile(BytesIO(reply.data))
    assert sorted(archive.namelist()) == ["on-file.html", "on-file.json"]
    return json.loads(archive.read("on-file.json")), words(archive.read("on-file.html").decode())


@SQLITE
def test_contacts_file_tells_meetings_as_they_were_held(cast, met, sign_in, clock):
    clock.forward(days=-30)
    cast.meeting("alice", NAME, "Northwind")
    clock.forward(days=31)
    cast.meeting("bob", NAME, "Northwind")
    found, _ = on_file(sign_in("olive").post(f"/contacts/{met.contact_id}/file"))
    held = [each["held_at"] for each in found["meetings"]]
    assert len(held) == 3
    assert held == sorted(held)


@SQLITE
def test_contacts_file_has_no_other_persons_answer(cast, db, met, sign_in):
    waiting = cast.meeting("alice", NAME, "Northwind")
    cast.answer(waiting, 3, comment="Not yet for anybody", done=False)
    reply = sign_in("olive").post(f"/contacts/{met.contact_id}/file")
    found, page = on_file(reply)
    assert reply.headers["Content-Disposition"] == "attachment; filename=on-file-2026-11-18.zip"
    assert found["contact"]["email"] == ADDRESS
    assert [each["answer"] and each["answer"]["comment"] for each in found["meetings"]] == [SAID, None]
    assert [each["guess"] and each["guess"]["savvy"] for each in found["meetings"]] == [5, None]
    for text in (str(found), page):
        assert SAID in text
        assert "I was told" not in text
        assert "Not yet for anybody" not in text
    assert "Savvy" in page
    assert [each["note"] for each in found["about_alerts"] if each["note"]] == [f"{NAME} said: {SAID}"]
    with db.reading() as session:
        assert "contact.file" in session.exec(select(Audit.what)).all()


@SQLITE
def test_contacts_file_under_a_works_agreement_tells_nothing_of_the_rep(cast, met, sign_in):
    with cast.changing() as c:
        c.session.execute(
            update(Organisation)
            .where(Organisation.id == cast.olive.organisation_id)
            .values(works_agreement=True)
        )
    found, _ = on_file(sign_in("olive").post(f"/contacts/{met.contact_id}/file"))
    (meeting,) = found["meetings"]
    assert (meeting["guess"], meeting["with"]) == (None, None)
    assert meeting["answer"]["comment"] == SAID  # the contact's own


@SQLITE
def test_persons_file_has_no_clients_answer(cast, met, sign_in):
    found, page = on_file(sign_in("olive").post(f"/people/{cast.alice.id}/file"))
    assert [each["savvy"] for each in found["sealed_guesses"]] == [5]
    for text in (str(found), page):
        assert SAID not in text
        assert NAME not in text


@SQLITE
@pytest.mark.parametrize("path", ["/contacts/{0.contact_id}/file", "/people/{0.rep_id}/file"])
def test_only_owners_take_files_out(met, sign_in, path):
    codes = [sign_in(name).post(path.format(met)).status_code for name in ("alice", "carol", "mallory")]
    assert codes == [403, 403, 404]


@SQLITE
def test_register_says_what_clients_are_told(sign_in, stranger):
    text = words(sign_in("olive").get("/privacy/register").text)
    assert "To notice one person answering for many 30 days" in text
    assert "After 30 days they are deleted" in words(stranger.get("/privacy").text)
    assert "Files to be imported To check them first 24 hours" in text
    assert sign_in("carol").get("/privacy/register").status_code == 403


@SQLITE
def test_nobody_else_loses_a_word(cast, db, met, sign_in, stranger):
    other = cast.meeting("bob", "Eli Stone", "Quarry", "eli@quarry.example")
    cast.answer(other, 1, comment="KEPT comment")
    with cast.changing() as c:
        promised = NewPromise(side="rep", words="KEPT promise", due_on=None)
        promises.note_promise(c, other.meeting_id, other.contact_id, promised)
        for alert in c.session.exec(select(Alert).order_by(Alert.id)):
            handle.note_on_alert(c, alert.id, cast.olive.id, "KEPT note")
        c.session.execute(update(Meeting).where(Meeting.id == other.meeting_id).values(topic="KEPT topic"))
        entry = {"organisation_id": c.organisation_id, "created_at": c.now, "rep_id": cast.bob.id}
        c.session.add(
            CalendarEntry(**entry, starts_at=c.now, title="KEPT entry", meeting_id=other.meeting_id)
        )
    own, kept = cast.answer_address(other), ("comment", "promise", "note", "topic", "entry")
    before = str(dump(db))
    assert sign_in("olive").post(f"/contacts/{met.contact_id}/erase", {"sure": "1"}).status_code == 303
    after = str(dump(db))
    for what in kept:
        assert after.count(f"KEPT {what}") >= 1, what
    for what in ("comment", "promise", "topic", "entry"):
        assert after.count(f"KEPT {what}") == before.count(f"KEPT {what}"), what
    assert stranger.get(own).status_code in (200, 302, 303)
