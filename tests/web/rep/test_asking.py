"""/meetings/<id>/ask and /stop/<token>: asking somebody who is not in the room, and being left alone."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import col, select
from support.keys import KEY
from support.mail_server import mail_server
from support.pages import six, words

from feedback.actions.asking import set_aside_bounced
from feedback.actions.people import choose_language
from feedback.core.asking import StopReason, Way
from feedback.core.links import stop_token
from feedback.models import Contact, Invitation, MailStop, Outbox
from feedback.sending.bounces import read_bounce
from feedback.sending.worker import deliver_mails

HERE = "http://localhost"
SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def office():
    with mail_server() as office:
        yield office


@pytest.fixture
def post(app, db, clock, office):
    """post(days=2): the worker looks so much later; returns what arrived for clients."""
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
        return [mail for mail in office.mails[before:] if not mail["To"].endswith("@example.com")]  # clients'

    return look


@pytest.fixture
def dana(cast):
    """Alice's meeting with Dana, whose address is known."""
    return cast.meeting(email="dana@bücher.example")


@pytest.fixture
def ask(sign_in):
    """ask(invitation) is Alice's tap on "Ask by mail", and the page that follows."""

    def send(invitation, **form):
        alice = sign_in("alice")
        path = f"/meetings/{invitation.meeting_id}"
        alice.post(f"{path}/ask", {"invitation": invitation.id, "way": "mail", **form})
        return words(alice.get(path).text)

    return send


def part(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def test_mail_asks_in_the_contacts_language(cast, db, dana, ask, post):
    with db.writing() as session:
        session.get_one(Contact, (dana.organisation_id, dana.contact_id)).language = "de"
    assert "goes out in a moment" in ask(dana)
    (mail,) = post()
    assert str(mail["From"]) == '"Alice (Doughnut Partners)" <us@feedback.example>'
    assert (mail["To"], mail["Reply-To"]) == ("dana@xn--bcher-kva.example", "alice@example.com")
    assert mail["Date"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for text in (part(mail), part(mail, "html")):
        assert f"{HERE}/f/{dana.token}" in text
        assert mail["List-Unsubscribe"].strip("<>") in text
        assert "Guten Tag" in text
    assert part(mail, "html").count("?integrity=") == 5
    assert "Asked by mail at dana@bücher.example" in ask(dana)
    assert "One reminder follows on 20 Nov" in ask(dana)


def test_one_reminder_after_two_working_days(dana, ask, post):
    ask(dana)
    post()
    assert post(days=1) == []
    (mail,) = post(days=1)
    assert "This is the only reminder." in part(mail)
    assert post(days=3) == []
    assert "no further mail follows" in ask(dana)


def test_whoever_taps_is_not_reminded(cast, dana, ask, post, db):
    ask(dana)
    post()
    cast.answer(dana, 4, done=False)
    assert post(days=2) == []
    with db.reading() as session:
        assert sorted(session.exec(select(Outbox.error).where(col(Outbox.given_up_at).is_not(None)))) == [
            "not told: answered before the mail went out"
        ]


@SQLITE
def test_whoever_is_tapping_gets_no_mail(cast, dana, ask, post):
    other = cast.meeting("alice", "Eli", "Eastwind", "eli@eastwind.example")
    for each in (dana, other):
        ask(each)
    cast.answer(dana, 4, done=False)
    assert [mail["To"] for mail in post()] == ["eli@eastwind.example"]


@SQLITE
def test_mail_uses_the_organisations_own_words(cast, dana, ask, post, sign_in):
    own = {"integrity": "Does what was said", "rating_5": "Splendid"}
    sign_in("olive").post("/settings/words/en", own)
    ask(dana)
    (mail,) = post()
    assert [each in part(mail, "html") for each in own.values()] == [True, True]


@SQLITE
def test_scanner_that_follows_links_changes_nothing(dana, ask, post, stranger, stored_rows):
    ask(dana)
    post()
    before = stored_rows()
    page = stranger.get(f"/f/{dana.token}?integrity=4").text
    assert re.search(r'name="integrity" value="4"\s+checked', page)
    assert page.count(" checked") == 2  # and the tick that the rep may see it
    for odd in ("9", "x", ""):
        assert stranger.get(f"/f/{dana.token}?integrity={odd}").text.count(" checked") == 1
    assert stored_rows() == before


@pytest.fixture
def stored_rows(db):
    """stored_rows() is what is stored of answers, invitations and stops."""

    def look():
        with db.reading() as session:
            rows = (*session.exec(select(Invitation)), *session.exec(select(MailStop)))
            return [row.model_dump() for row in rows]

    return look


def test_at_most_one_mail_in_fourteen_days(cast, dana, ask, post, clock):
    ask(dana)
    post()
    clock.forward(days=10)
    later = cast.meeting(email="dana@bücher.example")
    assert "less than 14 days ago, about this or another meeting. The next mail may go out from 2 Dec" in ask(
        later
    )
    twin = cast.meeting(contact="D. Whitfield", email="dana@bücher.example")
    assert "less than 14 days ago" in ask(twin)
    assert [m["To"] for m in post()] == ["dana@xn--bcher-kva.example"]  # the reminder of the first
    clock.forward(days=4)
    assert "goes out in a moment" in ask(later)


def test_double_click_asks_once(dana, ask, post):
    ask(dana)
    ask(dana)
    assert len(post()) == 1


def test_one_click_stops_every_mail(cast, dana, ask, post, stranger, clock, stored_rows):
    ask(dana)
    (mail,) = post()
    stop = mail["List-Unsubscribe"].strip("<>").removeprefix(HERE)
    before = stored_rows()
    assert "Stop these mails" in stranger.get(stop).text
    assert stranger.client.head(stop).status_code == 200
    assert stored_rows() == before
    assert stranger.client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code in (200, 303)
    assert "will not ask you by e-mail any more" in stranger.get(stop).text
    assert post(days=2) == []
    clock.forward(days=20)
    again = cast.meeting(rep="alice", contact="Somebody", email="dana@bücher.example")
    assert "Does not want mail: whoever reads this address stopped it" in ask(again)
    stranger.client.post(stop, data={"again": "1"})
    assert "goes out in a moment" in ask(again)


@SQLITE
def test_forged_stop_is_unknown(stranger, dana):
    assert stranger.get("/stop/AAAA").status_code == 404
    assert stranger.client.post("/stop/AAAA").status_code == 404


def test_stop_at_an_organisation_that_is_gone_is_unknown(stranger, stored_rows):
    before, gone = stored_rows(), f"/stop/{stop_token(KEY, UUID(int=7), 'ab' * 32)}"
    assert stranger.get(gone).status_code == 404
    assert stranger.client.post(gone).status_code == 404
    assert stored_rows() == before


@pytest.mark.parametrize(
    ("said", "refused"),
    [(b"550 5.1.1 nobody here", True), (b"553 no such user", True), (b"554 5.7.1 relay access denied", False),
     (b"451 4.3.0 try later", False)],
)  # fmt: skip
@SQLITE
def test_refused_address_is_set_aside(cast, dana, ask, post, office, said, refused):
    ask(dana)
    office.recipients_reply = said
    assert post() == []
    assert ("says that it does not exist" in ask(dana)) is refused
    office.recipients_reply = None
    assert len(post(minutes=10)) == (0 if refused else 1)


@SQLITE
def test_address_is_typed_where_none_is_known(cast, ask, post, db, sign_in):
    met = cast.meeting()
    alice = sign_in("alice")
    form = {"invitation": met.id, "way": "mail", "contact_email": "not an address"}
    refused = alice.post(f"/meetings/{met.meeting_id}/ask", form)
    assert refused.status_code == 422
    assert "This is not an e-mail address" in refused.text
    assert "not an address" in refused.text
    assert "goes out in a moment" in ask(met, contact_email="dana@client.example")
    assert [mail["To"] for mail in post()] == ["dana@client.example"]
    with db.reading() as session:
        assert session.exec(select(Contact.email_typed_at)).one() is not None


@SQLITE
def test_ways_to_begin(sign_in, post, db):
    alice = sign_in("alice")
    for way, seen in (("link", "Copy the line"), ("mail", "goes out in a moment"), ("code", "Show this to")):
        form = {"contact_name": f"Dana {way}", "account_name": "Northwind", "way": way}
        form["contact_email"] = f"dana-{way}@client.example"
        reply = alice.post("/meetings/new", form)
        assert seen in words(alice.get(reply.location).text)
    with db.reading() as session:
        assert sorted(session.exec(select(Invitation.way))) == [Way.CODE, Way.LINK, Way.MAIL]
    assert len(post()) == 1


@SQLITE
def test_without_a_mail_server_the_line_is_left(sign_in, invitation, meeting):
    alice = sign_in("alice")
    alice.post(f"{meeting}/ask", {"invitation": invitation.id, "way": "mail"})
    page = words(alice.get(meeting).text)
    assert "We send no mail here" in page
    assert "Copy the line" in page


@SQLITE
def test_mail_that_waits_goes_with_what_is_taken_back(dana, ask, post, sign_in, db):
    ask(dana)
    reply = sign_in("alice").post(f"/meetings/{dana.meeting_id}/taken-back", {"invitation": dana.id})
    assert reply.status_code == 303
    assert post() == []
    with db.reading() as session:
        assert [mail for mail in session.exec(select(Outbox)) if mail.invitation_id] == []


@SQLITE
def test_chosen_tap_is_saved_with_done(dana, stranger, cast):
    stranger.client.post(f"/f/{dana.token}", data={**six(5), "done": "1"})
    assert cast.reload(dana).progress.done


@SQLITE
def test_bounce_sets_the_address_aside(dana, ask, post, db, clock):
    ask(dana)
    (mail,) = post()
    for status, done in (("4.2.2", False), ("5.2.2", False), ("5.1.1", True)):
        found = read_bounce(bounce_of(mail, status))
        assert found is not None
        assert (found.for_good and set_aside_bounced(db, found.mail_id, clock())) is done
    assert post(days=2) == []
    assert read_bounce(b"Subject: hello\n\nno report") is None
    assert read_bounce(b"\xff\x00") is None


@SQLITE
def test_stop_of_the_client_outlives_a_bounce(dana, ask, post, db, clock, stranger):
    ask(dana)
    (mail,) = post()
    stranger.client.post(mail["List-Unsubscribe"].strip("<>").removeprefix(HERE))
    assert set_aside_bounced(db, read_bounce(bounce_of(mail, "5.1.1")).mail_id, clock())
    with db.reading() as session:
        assert session.exec(select(MailStop.reason)).one() == StopReason.CLIENT


@SQLITE
def test_mail_that_has_not_left_cannot_have_bounced(dana, ask, post, db, clock):
    ask(dana)
    with db.reading() as session:
        waits = session.exec(select(Outbox.id).where(Outbox.kind == "ask")).one()
    assert set_aside_bounced(db, waits, clock()) is False
    (mail,) = post()
    assert mail["To"] == "dana@xn--bcher-kva.example"  # it waits on, and goes
    assert set_aside_bounced(db, waits, clock()) is True


def bounce_of(mail, status) -> bytes:
    """A report as mail servers send it."""
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; here\r\n\r\n"
        f"Final-Recipient: rfc822; dana@client.example\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {mail['Message-ID']}\r\nSubject: x\r\n\r\n"
        "--b--\r\n"
    ).encode()


@SQLITE
@pytest.mark.parametrize(("tag", "told"), [("de", "am 18. Nov. – es"), ("fr", "du 18 nov. ; il")])
def test_line_to_remind_ends_no_day_with_two_full_stops(cast, dana, clock, sign_in, tag, told):
    with cast.changing() as c:
        choose_language(c, cast.alice.id, tag)
    clock.forward(days=1)
    page = words(sign_in("alice").get("/asked").text).replace("\u00a0", " ")
    assert told in page
    assert ".." not in page
