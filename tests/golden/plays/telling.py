"""Webhooks, channels and mails: made, changed and ended; what is sent, refused, tried again and given up."""

import smtplib
from datetime import timedelta

from support.pages import six

from feedback.sending.queue import PAUSES
from golden.story import Story

URL, OTHER = "https://8.8.8.8/feedback?key=1", "https://8.8.4.4/feedback"
FORM = {"url": URL, "events": ["feedback.received", "alert.opened"]}
SLACK = {
    "service": "slack",
    "name": "#managers",
    "url": "https://8.8.8.8/services/T000/B000/x4Kq",
    "topics": ["alerts", "week"],
    "managers_only": "y",
}


def play(s: Story) -> None:
    s.open()

    s.scene("A webhook is made")
    s.post("carol", "/webhooks", FORM)
    s.post("olive", "/webhooks", FORM, url="http://8.8.8.8/")
    s.post("olive", "/webhooks", FORM, url="https://127.0.0.1/")
    s.post("olive", "/webhooks", FORM, url="https://10.0.0.1/")
    s.post("olive", "/webhooks", FORM, url="")
    s.post("olive", "/webhooks", FORM, events=[])
    s.post("olive", "/webhooks", FORM)
    s.post("olive", "/webhooks", FORM, url=OTHER, events=["alert.opened"])

    s.scene("A channel is made and changed")
    s.post("carol", "/chat", SLACK)
    s.post("olive", "/chat", SLACK, name="")
    s.post("olive", "/chat", SLACK, url="https://127.0.0.1/x")
    s.post("olive", "/chat", SLACK, topics=[])
    s.post("olive", "/chat", SLACK, managers_only=None, aside="alerts are for managers only")
    s.post("olive", "/chat", SLACK, service="pigeon")
    s.post("olive", "/chat", SLACK, team="<North>")
    s.post("olive", "/chat", SLACK, name="Once more", aside="there is one for this address")
    s.post(
        "olive",
        "/chat",
        {
            **SLACK,
            "service": "teams",
            "name": "Everybody",
            "topics": ["week"],
            "url": "https://8.8.8.8/workflows/0a1b/triggers/manual?sig=x4Kq",
        },
        managers_only=None,
    )
    one, two = "/chat/<chat channel 1>", "/chat/<chat channel 2>"
    s.post("mallory", one, what="pause")
    s.post("olive", one, what="nonsense")
    s.post("olive", one, SLACK, what="change", team="", aside="all teams")
    s.post("olive", one, SLACK, what="change", team="", aside="a second click")
    s.post("olive", two, what="change", topics=["alerts"], team="")
    for what in ("pause", "pause", "resume", "resume", "test"):
        s.post("olive", two, what=what)
    s.post("olive", one + "/address", url="https://127.0.0.1/x", managers_only="y")
    s.post("olive", one + "/address", url="https://8.8.4.4/services/T000/B000/new", managers_only="y")

    s.scene("A bad answer is told")
    s.post(
        "alice",
        "/meetings/new",
        contact_name="Dana Whitfield",
        account_name="Northwind",
        contact_email="dana@northwind.example",
    )
    s.post("Dana", s.code(), six(1), done="1")
    s.post("Dana", s.reply.location.partition("?")[0], comment="No more", done="1")
    s.messages(500, "Broken")
    s.mails(smtplib.SMTPServerDisconnected("gone"))
    s.later(seconds=20)
    s.messages(500, "Broken")
    s.mails(smtplib.SMTPServerDisconnected("gone"))
    s.later(seconds=40)
    s.messages(429, "slow", retry_after="7200")
    s.mails(smtplib.SMTPRecipientsRefused({"x": (550, b"5.1.1 unknown")}))
    s.later(minutes=5)
    s.messages(200, "ok")
    s.mails()
    s.later(hours=2)
    s.messages(200, "ok")
    s.messages(200, "ok")
    s.mails()

    s.scene("Whoever never answers is given up after two days")
    s.post("alice", "/meetings/new", contact_name="Eli Ode", account_name="Northwind")
    s.post("Eli", s.code(), six(1), done="1")
    for pause in (timedelta(seconds=20), *PAUSES):
        s.later(seconds=pause.total_seconds() - 1)
        s.messages(503)
        s.later(seconds=1)
        s.messages(503)
        s.mails(TimeoutError("no answer"))

    s.scene("A message is sent again, a secret changed, a webhook ended")
    again = f"/webhooks/<webhook 1>/deliveries/{s.last('webhook_deliveries')}"
    for row in s.rows("webhook_deliveries"):
        if str(row["webhook_id"]) == str(s.id("webhook 1")):
            again = f"/webhooks/<webhook 1>/deliveries/<{s.names[str(row['id'])]}>"
    s.post("carol", again)
    s.post("mallory", again)
    s.post("olive", again)
    s.post("olive", again, aside="a second click: it waits already")
    s.messages(200)
    s.post("olive", "/webhooks/<webhook 1>", what="nonsense")
    s.post("olive", "/webhooks/<webhook 1>", what="rotate", mark="wrong")
    import re

    s.browsers.pop("olive")
    mark = re.search(
        r'name="mark" value="([^"]*)"', s.browser("olive").get(f"/webhooks/{s.id('webhook 1')}").text
    )[1]
    s.post("olive", "/webhooks/<webhook 1>", what="rotate", mark=mark)
    s.post("olive", "/webhooks/<webhook 1>", what="rotate", mark=mark, aside="a second click")
    s.post("olive", again, aside="once more")
    s.post("olive", "/webhooks/<webhook 2>", what="end")
    s.post("olive", "/webhooks/<webhook 2>", what="end", aside="a second click")
    s.messages(410, "Gone")

    s.scene("A channel that is gone is paused; one is removed")
    s.post("olive", one, what="test")
    s.messages(404, "no_service")
    s.mails()
    s.post("olive", one, what="resume")
    s.post("olive", one, what="test")
    s.messages(403, "invalid_token")
    s.post("olive", two, what="test")
    s.post("olive", two, what="remove")
    s.post("olive", two, what="remove", aside="a second click")

    s.scene("A mail that asks bounces")
    s.post("alice", "/meetings/new", contact_name="Fay Gray", account_name="Acme")
    s.post(
        "alice",
        "/meetings/<meeting 3>/ask",
        invitation="<invitation 3>",
        way="mail",
        contact_email="fay@acme.example",
    )
    s.mails()
    from feedback.actions.asking import set_aside_bounced

    mail = next(
        row["id"]
        for row in reversed(s.rows("outbox"))
        if row["recipient"] == "fay@acme.example" and row["sent_at"]
    )
    s.do("the mail comes back", lambda: set_aside_bounced(s.db, mail, s.clock()))
    s.do("the mail comes back once more", lambda: set_aside_bounced(s.db, mail, s.clock()))
    s.post("alice", "/meetings/new", contact_name="Gus Hill", account_name="Acme")
    s.post(
        "alice",
        "/meetings/<meeting 4>/ask",
        invitation="<invitation 4>",
        way="mail",
        contact_email="gus@acme.example",
    )
    s.mails()
    s.later(days=1, hours=23, minutes=59, seconds=59)
    s.mails()
    s.later(seconds=1)
    s.mails()
    s.later(days=3)
    s.mails(smtplib.SMTPRecipientsRefused({"gus@acme.example": (550, b"5.1.1 unknown")}))
