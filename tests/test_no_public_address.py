"""Without FEEDBACK_BASE_URL: a mail that is nothing without its link waits, any other goes out without one, and what a
visitor says of the host is in none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.mailing import mails_of
from support.pages import six

from feedback.actions.user_links import new_link
from feedback.core.chat import ChatService, ChatTopic, PauseCause
from feedback.models import Alert, ChatChannel, Mail, Outbox
from feedback.sending.worker import deliver_mails, run_due_jobs

BEFORE = "https://before.example"  # what the setting was when a mail was queued
WAIT = {
    Mail.RECEIPT, Mail.ASK, Mail.REMINDER, Mail.WE_DID, Mail.LINK, Mail.PASSWORD_LINK, Mail.SIGN_IN_LINK,
}  # fmt: skip


@pytest.fixture
def mails(app):
    with mails_of(app, deliver_mails) as mails:
        at(app, None)
        yield mails


def at(app, base_url: str | None) -> None:
    """Give the app this public address, or none."""
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, base_url=base_url))


def whole(mail) -> str:
    """Return all that a mail says, its headers and its HTML among them."""
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


@pytest.fixture
def queued(cast, clock):
    """A mail of each kind, each due: most were queued while there was a public address."""
    met = cast.meeting(email="dana@northwind.example")
    cast.answer(met, 1)
    clock.forward(days=7)  # so that there is a week to tell of
    with cast.changing() as c:
        new_link(c, cast.olive.id, cast.bob.id)
        c.session.add(
            ChatChannel(
                organisation_id=c.organisation_id, created_at=c.now, service=ChatService.SLACK, name="Reps",
                address="https://hooks.slack.com/services/T/B/x", topics=(ChatTopic.ALERTS,),
                paused_at=c.now, paused_because=PauseCause.GONE,
            )
        )  # fmt: skip
        alert = c.session.exec(select(Alert.id)).one()
        for row in c.session.exec(select(Outbox)):
            c.session.delete(row)
        c.session.flush()
        monday = (clock() - timedelta(days=9)).date()
        about = {
            Mail.ALERT: {"user_id": cast.carol.id, "alert_id": alert},
            Mail.WEEKLY: {"user_id": cast.carol.id, "monday": monday},
            Mail.OWN_WEEKLY: {"user_id": cast.alice.id, "monday": monday},
            Mail.CHAT_PAUSED: {"user_id": cast.olive.id},
            Mail.WE_DID: {"invitation_id": met.id, "alert_id": alert},
            **{kind: {"invitation_id": met.id} for kind in (Mail.RECEIPT, Mail.ASK, Mail.REMINDER)},
        }
        c.session.add_all(
            Outbox(
                organisation_id=c.organisation_id, created_at=c.now, kind=kind, due_at=c.now,
                base_url=BEFORE if kind in WAIT else "", recipient=f"{kind}@example.com",
                **about.get(kind, {"user_id": cast.bob.id}),
            )
            for kind in Mail
        )  # fmt: skip


def test_mail_of_every_kind_waits_or_has_no_link(db, app, queued, mails):
    mails()
    told = {Mail(mail["To"].partition("@")[0]): whole(mail) for mail in mails.office.mails}
    assert told.keys() == set(Mail) - WAIT
    for kind, text in told.items():
        assert "Doughnut Partners" in text, kind
        assert [word for word in ("http", "None", "before.example", "localhost") if word in text] == [], kind
    with db.reading() as session:
        waiting = session.exec(select(Outbox).where(Outbox.sent_at.is_(None))).all()
    assert {row.kind for row in waiting} == WAIT
    assert {(row.tries, row.given_up_at, row.error) for row in waiting} == {(0, None, None)}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_what_a_visitor_says_of_the_host_is_in_no_mail(app, cast, clock, db, mails):
    """Everything by which somebody is mailed, asked for under a name that a visitor made up."""
    met = cast.meeting(email="dana@northwind.example")
    alice, olive, dana = (Evil(app, email) for email in (cast.alice.email, cast.olive.email, None))
    assert dana.post("/forgot-password", {"email": cast.alice.email}) == 422
    assert dana.post("/sign-in/link", {"email": cast.alice.email}) == 422
    assert olive.post(f"/people/{cast.bob.id}/access", {"what": "mail"}) == 303  # the page shows a link
    ask = {"way": "mail", "invitation": str(met.id)}
    assert alice.post(f"/meetings/{met.meeting_id}/ask", ask) == 303  # the page says why nobody was mailed
    assert dana.post(f"/f/{met.token}", {**six(1), "done": "1"}) == 303
    clock.forward(days=6)
    run_due_jobs(db, clock())
    mails()
    about = {mail["To"] for mail in mails.office.mails}
    assert about == {cast.carol.email, cast.olive.email}  # a warning, and the week
    text = "\n".join(whole(mail) for mail in mails.office.mails)
    assert "Dana Whitfield" in text
    assert [word for word in ("evil", "http", "localhost") if word in text.casefold()] == []
    assert "evil" not in str(dump(db)).casefold()


class Evil(Browser):
    """A browser that asks for everything under a name that is not ours."""

    def __init__(self, app, email: str | None) -> None:
        super().__init__(app.test_client())
        self.base = "http://evil.example"
        if email:
            assert self.post("/sign-in", {"email": email, "password": PASSWORD}) == 303
            self._token = None

    def post(self, path: str, data: dict[str, object], **options: object) -> int:
        """Send a form, and return the status."""
        return super().post(path, data, base_url=self.base, **options).status_code
