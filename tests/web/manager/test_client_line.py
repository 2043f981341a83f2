"""You said, we did: one line from a manager to the client of a closed alert, and whom it must not reach."""

from dataclasses import replace

import pytest
from sqlmodel import col, select
from support.mail_server import mail_server
from support.pages import words

from feedback.actions import taken_back
from feedback.actions.asking import stop_mail
from feedback.actions.erasure import erase_contact
from feedback.actions.rooms import open_room
from feedback.core.asking import StopReason
from feedback.models import Audit, ClientLine, Contact, Mail, Outbox
from feedback.sending.worker import deliver_mails

HERE = "http://localhost"
LINE = "We moved your deliveries to Tuesday."
pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def post(app, db, clock):
    """post(hours=1): the worker looks so much later; returns what arrived for clients."""
    with mail_server() as office:
        known = app.extensions["feedback"]
        settings = replace(
            known.settings, smtp_url=office.url, mail_from="Us <us@feedback.example>", base_url=HERE
        )
        app.extensions["feedback"] = replace(known, settings=settings)

        def look(**later):
            clock.forward(**later)
            before = len(office.mails)
            with app.app_context():
                deliver_mails(db, settings, clock)
            return [mail for mail in office.mails[before:] if "client.example" in mail["To"]]

        yield look


@pytest.fixture
def unhappy(cast):
    """unhappy(sealed=True) is a meeting with Dana, who was unhappy; her address came with an import."""

    def made(*, sealed=True, typed=False, **extras):
        invitation = cast.meeting(email="dana@client.example")
        if not typed:
            with cast.db.writing() as session:
                session.get_one(
                    Contact, (invitation.organisation_id, invitation.contact_id)
                ).email_typed_at = None
        cast.answer(invitation, 2, **extras)
        if sealed:
            cast.seal(invitation, 4)
        return invitation

    return made


@pytest.fixture
def tell(sign_in, cast):
    """tell(invitation) is Carol closing the alert with a line; returns the address of the alert."""

    def close(invitation, line=LINE):
        carol = sign_in("carol")
        listed = carol.get("/alerts").text
        address = "/alerts/" + listed.split('href="/alerts/', 1)[1].split('"')[0]
        form = {"what": "closed", "outcome": "recovered", "note": "Called her", "line": line}
        reply = carol.post(address, form)
        assert reply.status_code == 303, words(reply.text)
        return address

    return close


def seen(app, invitation):
    return words(app.test_client().get(f"/f/{invitation.token}").text)


def test_line_goes_by_mail_and_stands_on_the_next_page(app, cast, unhappy, tell, post, sign_in, clock):
    met = unhappy()
    with cast.db.writing() as session:
        session.get_one(Contact, _contact(met)).language = "de"
    address = tell(None)
    assert not post(minutes=59)  # she can take it back for an hour
    page = words(sign_in("carol").get(address).text)
    assert "The mail goes out at" in page
    assert "next page as soon as" in page
    (mail,) = post(minutes=2)
    assert mail["Subject"] == "Sie haben es gesagt, wir haben es getan · Doughnut Partners"
    assert (mail["Reply-To"], mail["List-Unsubscribe-Post"]) == (
        "carol@example.com",
        "List-Unsubscribe=One-Click",
    )
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert LINE in text
        assert "Alice" not in text
    clock.forward(days=1)
    first, second = cast.meeting(), None
    assert f"getan {LINE}" in seen(app, first)
    assert seen(app, first) == seen(app, first)
    cast.seal(first, 4)  # so that nothing else keeps it from the next
    clock.forward(days=1)
    second = cast.meeting()
    assert LINE not in seen(app, second)  # once
    assert "Take it back" not in words(sign_in("carol").get(address).text)
    assert sign_in("carol").post(f"{address}/line", {"back": "1"}).status_code == 422


def test_line_stands_on_a_page_though_others_are_prepared(app, cast, unhappy, tell, post, clock):
    """Pages of clients to whom nothing is told are made before the application."""
    unhappy()
    tell(None)
    post(hours=2)
    clock.forward(days=1)
    other = cast.meeting("bob", "Eli", "Eastwind")
    pages = [seen(app, other) for _ in range(3)]
    assert LINE not in pages[-1]
    assert LINE in seen(app, cast.meeting())


def _contact(invitation):
    return invitation.organisation_id, invitation.contact_id


def test_line_is_taken_back_whatever_was_mailed_about_its_alert(
    cast, clock, db, unhappy, tell, post, sign_in
):
    unhappy()
    address = tell(None)
    with db.writing() as session:
        line = session.exec(select(Outbox).where(col(Outbox.kind) == Mail.WE_DID)).one()
        told = {"recipient": cast.carol.email, "user_id": cast.carol.id, "base_url": "", "sent_at": clock()}
        here = {"organisation_id": line.organisation_id, "created_at": clock(), "due_at": clock()}
        session.add(Outbox(**here, **told, kind=Mail.ALERT, alert_id=line.alert_id))
    assert sign_in("carol").post(f"{address}/line", {"back": "1"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Outbox).where(col(Outbox.kind) == Mail.WE_DID)).all() == []


def test_no_page_tells_before_the_guess(app, cast, unhappy, tell, clock):
    """The rep shows the page: a line that follows from an answer that can still be guessed would tell."""
    first = unhappy(sealed=False)
    tell(first)
    clock.forward(days=1)
    assert LINE not in seen(app, cast.meeting())
    cast.seal(first, 4)
    clock.forward(days=1)
    later = cast.meeting()
    assert LINE not in seen(app, later)  # yesterday's can still be guessed, too
    with cast.db.reading() as session:
        assert session.scalars(select(ClientLine.invitation_id)).one() is None
    clock.forward(days=20)  # both have closed
    assert LINE in seen(app, cast.meeting())


def test_what_managers_alone_were_told_stands_on_no_page(app, cast, unhappy, tell, post, clock):
    tell(unhappy(visibility="manager"))
    clock.forward(days=1)
    assert LINE not in seen(app, cast.meeting())
    assert len(post(hours=1)) == 1  # her address was not typed by the rep


@pytest.mark.parametrize("extras", [{"sealed": False}, {"visibility": "manager"}])
def test_address_that_the_rep_typed_is_not_told(unhappy, tell, post, extras, db):
    tell(unhappy(typed=True, **extras))
    with db.reading() as session:
        assert not session.scalars(select(Outbox).where(col(Outbox.kind) == Mail.WE_DID)).all()
        assert session.scalars(select(ClientLine.words)).one() == LINE
    assert not post(hours=2)


def test_address_that_the_rep_typed_meanwhile_is_not_told(cast, unhappy, tell, post, clock):
    met = unhappy(sealed=False)
    tell(met)
    with cast.db.writing() as session:
        session.get_one(Contact, _contact(met)).email_typed_at = clock()
    assert not post(hours=2)
    with cast.db.reading() as session:
        given_up = session.scalars(select(Outbox).where(col(Outbox.kind) == Mail.WE_DID)).one()
    assert (given_up.recipient, given_up.sent_at) == ("", None)
    assert given_up.given_up_at == clock()


def test_typed_address_is_told_what_the_rep_knows(unhappy, tell, post):
    tell(unhappy(typed=True))
    assert len(post(hours=2)) == 1


def test_who_stopped_the_mails_gets_none(cast, unhappy, tell, post):
    tell(unhappy())
    with cast.changing() as c:
        stop_mail(c, "dana@client.example", StopReason.CLIENT)
        assert c.session.scalars(select(ClientLine.words)).one() == LINE
    assert not post(hours=2)


def test_line_is_taken_back_before_it_has_left(app, cast, unhappy, tell, post, sign_in, db, clock):
    address = tell(unhappy())
    clock.forward(minutes=5)
    page = cast.meeting()
    assert LINE in seen(app, page)
    carol = sign_in("carol")
    assert carol.post(f"{address}/line", {"back": "1"}).status_code == 303
    assert carol.post(f"{address}/line", {"back": "1"}).status_code == 303  # twice is once
    assert LINE not in seen(app, page)
    assert not post(hours=2)
    assert carol.post(f"{address}/line", {"line": "  Another   line  "}).status_code == 303
    assert "“Another line”" in words(carol.get(address).text)
    with db.reading() as session:
        kinds = session.scalars(select(Audit.what).order_by(Audit.created_at)).all()
    assert [kind for kind in kinds if kind.startswith("client.")] == [
        "client.told", "client.line_taken_back", "client.told",
    ]  # fmt: skip


def test_bad_lines_are_refused(unhappy, tell, sign_in):
    address = tell(unhappy(), line="")
    carol = sign_in("carol")
    for line in ("", "   ", "x" * 201):
        reply = carol.post(f"{address}/line", {"line": line})
        assert reply.status_code == 422
        assert "Called her" in words(reply.text)  # the page as it was
    assert carol.post(f"{address}/line", {"line": "😀 <b>O'Neill</b> رنا"}).status_code == 303
    assert "&lt;b&gt;O&#39;Neill" in carol.get(address).text
    assert carol.post(f"{address}/line", {"line": "Other words"}).status_code == 422
    assert sign_in("alice").post(f"{address}/line", {"line": LINE}).status_code == 403
    assert sign_in("mallory").post(f"{address}/line", {"line": LINE}).status_code == 404


def test_line_moves_on_when_its_page_goes(app, cast, unhappy, tell, clock):
    tell(unhappy())
    clock.forward(days=1)
    gone = cast.meeting()
    with cast.changing() as c:
        taken_back.take_back(c, cast.alice.id, gone.id)
    clock.forward(hours=2)
    shared = cast.meeting()
    with cast.changing() as c:
        open_room(c, shared.meeting_id)
    assert LINE not in seen(app, shared)  # anybody in the room can pick her name
    cast.seal(shared, 4)
    clock.forward(hours=2)
    assert LINE in seen(app, cast.meeting())


def test_line_goes_with_the_client(cast, unhappy, tell, post, db):
    tell(unhappy())
    with cast.changing() as c:
        counts = erase_contact(c, cast.olive.id, _the_contact(db))
    assert counts["told"] == 1
    with db.reading() as session:
        assert not session.scalars(select(ClientLine)).all()
    assert not post(hours=2)


def _the_contact(db):
    with db.reading() as session:
        return session.scalars(select(Contact.id)).one()
