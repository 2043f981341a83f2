"""Signing in and out: passwords, links, codes, passkeys, sessions, tokens; and how often one may try."""

from datetime import timedelta

import pyotp
from support.authenticator import Authenticator

from golden.story import Story

OLD, NEW = "a short sentence", "another sentence, longer"
ALICE = {"email": "alice@example.com", "password": OLD}


def play(s: Story) -> None:
    s.open()

    s.scene("A new phone signs in")
    s.post("phone", "/sign-in", ALICE, password="")
    s.post("phone", "/sign-in", ALICE, password="a wrong sentence")
    s.post("phone", "/sign-in", ALICE, email=" Alice@Example.com ")
    s.post("phone", "/sign-in", ALICE, aside="who is in already")
    s.later(minutes=9, seconds=59)
    s.post("phone", "/me/language", language="xx")
    s.post("phone", "/me/language", language="de")
    s.later(seconds=1)
    s.post("phone", "/me/language", language="", aside="seen, ten minutes later")
    s.post("phone", "/me/home", home="today", aside="reps have none")
    s.post("carol", "/me/home", home="today")
    s.post("carol", "/me/home", home="board")
    s.post("phone", "/me/organisation", organisation="<Elsewhere Ltd>", aside="where she is nobody")
    s.post("phone", "/sign-out")
    s.post("phone", "/sign-out", aside="a second click")

    s.scene("Fourteen days without a look, and thirty in all")
    s.post("idle", "/sign-in", ALICE)
    s.later(days=13, hours=23, minutes=59, seconds=59)
    s.post("idle", "/me/language", language="fr", aside="a second short of fourteen days")
    s.later(days=14)
    s.post("idle", "/me/language", language="es", aside="fourteen days later")
    s.post("idle", "/sign-in", ALICE)
    s.post("busy", "/sign-in", ALICE)
    for _ in range(2):
        s.later(days=13)
        s.post("busy", "/me/language", language="de")
    s.later(days=3, hours=23, minutes=59, seconds=59)
    s.post("busy", "/me/language", language="fr", aside="a second short of thirty days")
    s.later(seconds=1)
    s.post("busy", "/me/language", language="de", aside="thirty days")
    s.daily()

    s.scene("Passwords")
    s.post("phone", "/sign-in", ALICE)
    s.post("phone", "/me/language", language="")
    s.post("other", "/sign-in", ALICE)
    s.post("phone", "/me/password", old="wrong", password=NEW)
    s.post("phone", "/me/password", old=OLD, password="elevenlette")
    s.post("phone", "/me/password", old=OLD, password="alice alice alice")
    s.post("phone", "/me/password", old=OLD, password="password1234")
    s.post("phone", "/me/password", old=OLD, password=NEW)
    s.post("other", "/me/language", language="en", aside="the other one is out")
    s.mails()
    s.post("phone", "/forgot-password", email="nobody@example.com")
    s.post("phone", "/sign-out")
    for _ in range(4):
        s.post("phone", "/forgot-password", email="alice@example.com")
    mail = s.mails()[0]
    link = mail[mail.index("/new-password/") :].split()[0]
    s.post("phone", link, password="short")
    s.later(minutes=29, seconds=59)
    s.post("phone", link, password=OLD, aside="a second short of half an hour")
    s.post("phone", link, password=NEW, aside="once only")
    s.later(minutes=10)
    s.post("phone", "/forgot-password", email="alice@example.com")
    mail = s.mails()[-1]
    link = mail[mail.index("/new-password/") :].split()[0]
    s.later(minutes=30)
    s.post("phone", link, password=NEW, aside="half an hour later")

    s.scene("A link to sign in")
    s.post("phone", "/sign-in/link", email="nobody@example.com")
    s.post("phone", "/sign-in/link", email="alice@example.com")
    mail = s.mails()[-1]
    link = mail[mail.index("/sign-in/link/") :].split()[0]
    s.post("thief", link, aside="in another browser")
    s.later(minutes=14, seconds=59)
    s.post("phone", link, aside="a second short of a quarter of an hour")
    s.post("phone", link, aside="once only")
    s.post("phone", "/sign-out")
    s.post("phone", "/sign-in/link", email="alice@example.com")
    mail = s.mails()[-1]
    s.later(minutes=15)
    s.post("phone", mail[mail.index("/sign-in/link/") :].split()[0], aside="a quarter of an hour later")
    s.daily()

    s.scene("Sessions elsewhere")
    s.post("phone", "/sign-in", ALICE)
    for name in ("one", "two", "three"):
        s.post(name, "/sign-in", ALICE)
    one = s.last("sessions", -3)
    s.post("bob", f"/me/sessions/{one}")
    s.post("phone", f"/me/sessions/{one}")
    s.post("phone", f"/me/sessions/{one}", aside="a second click")
    s.post("phone", "/me/sessions")
    s.post("phone", "/me/sessions", aside="a second click")
    s.post("three", "/me/language", language="de")
    s.post("one", "/sign-in", ALICE)
    s.post("phone", "/sign-out", everywhere="1")
    s.post("one", "/me/language", language="de")

    s.scene("Codes of a phone")
    s.post("phone", "/sign-in", ALICE)
    page = "/me/second-factor"
    s.post("phone", page, what="confirm", code="123456")
    s.post("phone", page, what="begin")
    totp = pyotp.TOTP(s.rows("one_time_codes")[0]["secret"].text)

    def shown(steps: int = 0) -> str:
        return totp.at(s.clock() + timedelta(seconds=30 * steps))

    s.later(minutes=59, seconds=59)
    s.post("phone", page, what="begin", proof_password="wrong")
    s.post("phone", page, what="begin", proof_password=OLD, aside="a second short of an hour it goes on")
    s.later(seconds=1)
    s.post("phone", page, what="begin", aside="an hour later it begins anew")
    totp = pyotp.TOTP(s.rows("one_time_codes")[0]["secret"].text)
    s.post("phone", page, what="confirm", code=shown(2), aside="two steps ahead")
    s.post("phone", page, what="confirm", code=shown(1), aside="one step ahead")
    codes = __import__("re").findall(r"<li>([A-Z0-9-]{14})</li>", s.reply.text)
    s.post("phone", page, what="begin", aside="there are codes")
    s.post("second", "/sign-in", ALICE)
    s.post("second", "/sign-in/code", code=shown(1), aside="used already")
    s.later(seconds=60)
    s.post("second", "/sign-in/code", code=shown(-2), aside="two steps behind")
    s.post("second", "/sign-in/code", code=shown(), remember="1")
    s.post("second", "/sign-in/code", code=shown(), aside="a second click")
    s.post("second", "/sign-out")
    s.post("second", "/sign-in", ALICE, aside="remembered")
    s.post("third", "/sign-in", ALICE)
    s.post("third", "/sign-in/code", code=codes[0])
    s.post("fourth", "/sign-in", ALICE)
    s.post("fourth", "/sign-in/code", code=codes[0], aside="once only")
    for _ in range(4):
        s.post("fourth", "/sign-in/code", code="000000")
    s.post("fourth", "/sign-in/code", code=codes[1], aside="too many")
    s.later(minutes=10)
    s.post("fourth", "/sign-in/code", code=codes[1], aside="ten minutes later")
    s.post("second", page, what="codes")
    s.later(days=30)
    s.post("second", "/sign-in", ALICE, aside="thirty days after it was remembered")
    s.post("second", "/sign-in/code", code=shown())
    s.post("olive", "/people/<Alice>/access", what="factor")
    s.post("second", page, what="end", aside="there is none")
    s.mails()

    s.scene("Passkeys")
    device = Authenticator()
    s.browsers.pop("alice", None)
    alice = s.browser("alice")
    s.post("alice", "/me/passkeys", what="add", name="Phone", passkey="{}")
    s.post(
        "alice",
        "/me/passkeys",
        what="add",
        name="Phone",
        passkey=device.make(alice.get("/sign-in/passkey/new").json),
    )
    s.post(
        "alice",
        "/me/passkeys",
        what="add",
        name="Once more",
        passkey=device.make(alice.get("/sign-in/passkey/new").json),
    )
    s.post("alice", "/me/passkeys", what="rename", id="<passkey 1>", name=" ")
    s.post("bob", "/me/passkeys", what="rename", id="<passkey 1>", name="Mine")
    s.post("alice", "/me/passkeys", what="rename", id="<passkey 1>", name="Old phone")
    s.post("fifth", "/sign-in/passkey", passkey="{}")
    s.post(
        "fifth",
        "/sign-in/passkey",
        passkey=device.show(s.browser("fifth").get("/sign-in/passkey/options").json),
    )
    s.later(minutes=10, seconds=1)
    s.post("bob", "/me/passkeys", what="remove", id="<passkey 1>")
    s.post(
        "alice",
        "/me/passkeys",
        what="remove",
        id="<passkey 1>",
        aside="longer than ten minutes after the password",
    )
    s.post("alice", "/me/passkeys", what="remove", id="<passkey 1>", proof_password=OLD)
    s.post("fifth", "/sign-out")
    s.post(
        "fifth",
        "/sign-in/passkey",
        passkey=device.show(s.browser("fifth").get("/sign-in/passkey/options").json),
    )

    s.scene("Tokens of the API")
    form = {"name": "CRM", "scopes": ["read", "ask"], "days": "366"}
    s.browsers.pop("alice")
    s.post("alice", "/me/tokens", form, days="367")
    s.post("alice", "/me/tokens", form, days="0")
    s.post("alice", "/me/tokens", form, scopes=[])
    s.post("alice", "/me/tokens", form, scopes=["admin"])
    s.post("alice", "/me/tokens", form, name="")
    s.post("alice", "/me/tokens", form)
    s.post("alice", "/tokens", form, aside="the organisation's are the owner's")
    s.post("olive", "/tokens", form, days="1")
    s.post("olive", "/tokens", form, days="1", proof_password=OLD)
    s.post("bob", "/me/tokens/<api token 1>")
    s.post("alice", "/tokens/<api token 2>")
    s.post("alice", "/me/tokens/<api token 1>")
    s.post("alice", "/me/tokens/<api token 1>", aside="a second click")
    s.post("olive", "/tokens/<api token 2>")

    s.scene("Ten wrong passwords")
    for _ in range(10):
        s.post("thief", "/sign-in", ALICE, password="a wrong sentence")
    s.post("thief", "/sign-in", ALICE, aside="the right one, too late")
    s.post("phone", "/sign-in", ALICE, aside="who is known here is not held up")
    s.later(minutes=9, seconds=59)
    s.post("thief", "/sign-in", ALICE)
    s.later(seconds=1)
    s.post("thief", "/sign-in", ALICE, aside="ten minutes after the first")
    s.daily()
