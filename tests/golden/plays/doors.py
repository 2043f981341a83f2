"""An empty server is set up; somebody signs up; one person, two organisations; assistants."""

from dataclasses import replace

from feedback.config import set_up_code
from golden.story import Story

FORM = {
    "organisation": "Doughnut Partners",
    "name": "Olive Ng",
    "email": "Olive@Example.com",
    "password": "a short sentence",
    "timezone": "Europe/Berlin",
}
THIRD = {
    "organisation": "Third Ltd",
    "name": "Tess",
    "email": "Tess@Example.com",
    "timezone": "Europe/Berlin",
}


def play(s: Story) -> None:
    context = s.app.extensions["feedback"]

    s.scene("An empty server")
    code = set_up_code(context.settings)
    s.post("olga", "/set-up", FORM, code="wrong")
    for wrong in (
        {"organisation": ""},
        {"name": "n" * 201},
        {"email": "olive"},
        {"password": "short"},
        {"timezone": "Mars/Olympus"},
    ):
        s.post("olga", "/set-up", {**FORM, **wrong}, code=code)
    s.post("olga", "/set-up", FORM, code=code)
    s.post("second", "/set-up", FORM, code=code, aside="once only")

    s.scene("Signing up is closed, then open")
    s.post("tess", "/sign-up", THIRD)
    s.app.extensions["feedback"] = replace(context, settings=replace(context.settings, sign_up="open"))
    for wrong in (
        {"organisation": ""},
        {"organisation": "www.evil.example"},
        {"email": "tess"},
        {"timezone": "Mars/Olympus"},
    ):
        s.post("tess", "/sign-up", {**THIRD, **wrong})
    for _ in range(4):
        s.post("tess", "/sign-up", THIRD)
    mail = s.mails()[0]
    link = mail[mail.index("/sign-up/") :].split()[0]
    s.post("tess", link, password="short")
    s.later(hours=23, minutes=59, seconds=59)
    s.post("tess", link, password="a sentence of hers", aside="a second short of a day")
    s.post("other", link, password="a sentence of hers", aside="once only")
    s.post("uma", "/sign-up", {**THIRD, "email": "uma@example.com"})
    mail = s.mails()[-1]
    s.later(hours=24)
    s.post(
        "uma", mail[mail.index("/sign-up/") :].split()[0], password="a sentence of hers", aside="a day later"
    )

    from feedback.sending.worker import run_due_jobs

    s.do("the worker's round for all", lambda: run_due_jobs(s.db, s.clock()))

    s.scene("One person, two organisations")
    from support.cast import Person

    rows = {row["name"]: row for row in s.rows("users")}
    s.cast.people["olive"] = Person(
        rows["Olive Ng"]["organisation_id"], rows["Olive Ng"]["id"], "Olive Ng", "olive@example.com"
    )
    s.cast.add("alice", "rep", "North")
    s.cast.add("tina", "rep", "North", organisation_id=rows["Tess"]["organisation_id"])
    here, there = s.cast.alice, s.cast.people["tina"]
    with s.cast.changing(there.organisation_id) as c:
        from feedback.models import User

        c.session.get_one(User, (there.organisation_id, there.id)).email = here.email
    s.silently()
    form = {"email": "alice@example.com", "password": "a short sentence"}
    s.post("ally", "/sign-in", form, aside="which one?")
    s.post("ally", "/sign-in", form, organisation=str(here.organisation_id))
    s.post("ally", "/me/organisation", organisation=str(there.organisation_id))
    s.post("ally", "/me/organisation", organisation=str(here.organisation_id))

    s.scene("Assistants")
    s.mcp("alice", "start_meeting", {"new_contact": {"name": "Dana", "account": "Northwind"}})
    s.mcp("alice", "start_meeting", {})
    s.mcp("olive", "start_meeting", {"new_contact": {"name": "Dana", "account": "Northwind"}})
