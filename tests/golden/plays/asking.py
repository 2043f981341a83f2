"""A rep asks, guesses, sees, corrects and takes back."""

from support.pages import six

from golden.story import Story

DANA = {
    "contact_name": "Dana Whitfield",
    "account_name": "Northwind",
    "contact_email": "dana@northwind.example",
}


def play(s: Story) -> None:
    s.open(told=True)
    s.scene("Alice meets Dana, whom nobody knows yet")
    s.post("alice", "/meetings/new", account_name="Northwind")
    s.post("alice", "/meetings/new", DANA, contact_email="dana")
    s.post("alice", "/meetings/new", DANA, topic="t" * 201)
    s.post("carol", "/meetings/new", DANA)
    s.post("nobody", "/meetings/new", DANA)
    s.post("alice", "/meetings/new", DANA, topic="Renewal", form_key="one")
    s.post("alice", "/meetings/new", DANA, form_key="one", aside="a double click")
    s.post(
        "alice",
        "/meetings/new",
        contact_name="Dana Whitfield",
        account_name="North Wind",
        aside="is it the same?",
    )
    s.post(
        "mallory",
        "/meetings/new",
        {"contact_id": str(s.id("Dana Whitfield"))},
        aside="of another organisation",
    )
    s.later(minutes=59, seconds=59)
    s.post(
        "alice",
        "/meetings/new",
        contact_id="<Dana Whitfield>",
        aside="within the hour it is the same meeting",
    )
    s.later(seconds=1)
    s.post("alice", "/meetings/new", contact_id="<Dana Whitfield>", aside="on the hour")
    s.later(seconds=1)
    s.post("alice", "/meetings/new", contact_id="<Dana Whitfield>", aside="after the hour")
    met, also = "/meetings/<meeting 1>", "/meetings/<meeting 2>"

    s.scene("The guess, which is final")
    for who in ("bob", "carol", "mallory"):
        s.post(who, f"{met}/mirror", six(4), done="1")
    s.post("alice", f"{met}/mirror", six(4), integrity="6")
    s.post("alice", f"{met}/mirror", savvy=2, stage="change")
    s.later(seconds=1)
    s.post("alice", f"{met}/mirror", savvy=2, done="1", aside="six are needed to seal")
    s.post("alice", f"{met}/gap", invitation="<invitation 1>", aside="not sealed yet")
    s.later(seconds=1)
    s.post("alice", f"{met}/mirror", six(5), stage="change", done="1")
    s.post("alice", f"{met}/mirror", six(1), done="1", aside="sealed is final")
    s.post("alice", f"{met}/gap", invitation="<invitation 1>", aside="nobody has answered")

    s.scene("Dana answers, and the gap is seen once")
    s.post("Dana", s.code(0) + "/opened")
    s.post("Dana", s.code(0), six(5, 2, 5, 5, 5, 5), done="1")
    key = s.reply.location.partition("?")[0]
    s.post("Dana", key, comment="Late again", done="1")
    s.post("bob", f"{met}/gap", invitation="<invitation 1>")
    s.later(seconds=30)
    s.post("alice", f"{met}/gap", invitation="<invitation 1>")
    s.later(seconds=30)
    s.post("alice", f"{met}/gap", invitation="<invitation 1>", aside="it was seen already")

    s.scene("Corrections, while nobody has answered")
    at = f"{also}/correct"
    s.post("alice", f"{met}/correct", what="time", held_at="2026-11-18T11:30", aside="answered")
    s.post("alice", f"{met}/correct", what="declined", invitation="<invitation 1>", aside="answered")
    s.post("alice", f"{met}/taken-back", invitation="<invitation 1>", aside="answered")
    s.post("bob", at, what="time", held_at="2026-11-17T09:30")
    s.post("alice", at, what="time", held_at="soon")
    s.post("alice", at, what="time", held_at="2026-11-18T13:01", aside="a minute from now")
    s.post("alice", at, what="time", held_at="2026-11-11T12:59", aside="a minute more than a week ago")
    s.post("alice", at, what="time", held_at="2026-11-11T13:01", aside="a week ago, but for seconds")
    s.post("alice", at, what="time", held_at="2026-11-18T13:00", aside="now")
    s.post("bob", at, what="declined", invitation="<invitation 2>")
    s.post("alice", at, what="declined", invitation="<invitation 2>")
    s.post("alice", at, what="declined", invitation="<invitation 2>", aside="a double click")
    s.post("alice", at, what="not_declined", invitation="<invitation 2>")
    s.post("alice", at, what="nonsense", invitation="<invitation 2>")

    s.scene("A wrong tap is taken back")
    s.post("alice", "/meetings/new", contact_name="Eli Ode", account_name="Acme", form_key="two")
    s.post("alice", "/meetings/<meeting 3>/promises", side="rep", words="Send the list", due_on="2026-11-30")
    s.post("alice", "/meetings/<meeting 3>/mirror", six(3))
    eli = s.code()
    s.post("bob", "/meetings/<meeting 3>/taken-back", invitation="<invitation 3>")
    s.post("alice", "/meetings/<meeting 3>/taken-back", invitation="<invitation 3>")
    s.post("alice", "/meetings/<meeting 3>/taken-back", invitation="<invitation 3>", aside="a second click")
    s.post("Eli", eli, six(4), aside="the code was taken back")
    s.post("alice", "/meetings/new", contact_id="<Eli Ode>")
    s.post("Eli", s.code() + "/opened")
    s.post("alice", "/meetings/<meeting 4>/taken-back", invitation="<invitation 4>", aside="opened")
    s.post(
        "alice", "/meetings/<meeting 4>/taken-back", invitation="<invitation 1>", aside="of another meeting"
    )

    s.scene("Asking by link and by mail")
    s.post("alice", "/meetings/<meeting 4>/ask", invitation="<invitation 4>", way="link")
    s.post(
        "alice",
        "/meetings/<meeting 4>/ask",
        invitation="<invitation 4>",
        way="mail",
        aside="no address is known",
    )
    s.post(
        "bob",
        "/meetings/<meeting 4>/ask",
        invitation="<invitation 4>",
        way="mail",
        contact_email="eli@acme.example",
    )
    s.post("alice", "/meetings/<meeting 4>/ask", invitation="<invitation 4>", way="mail", contact_email="eli")
    s.post(
        "alice",
        "/meetings/<meeting 4>/ask",
        invitation="<invitation 4>",
        way="mail",
        contact_email="eli@acme.example",
    )
    s.post(
        "alice", "/meetings/<meeting 4>/ask", invitation="<invitation 4>", way="mail", aside="a second click"
    )
    s.post("alice", "/meetings/<meeting 1>/ask", invitation="<invitation 1>", way="mail", aside="answered")
    s.post("alice", "/meetings/<meeting 4>/ask", invitation="<invitation 4>", way="pigeon")
    s.later(days=13, hours=23, minutes=59, seconds=59)
    s.post("alice", "/meetings/new", contact_id="<Eli Ode>", form_key="three")
    s.post(
        "alice",
        "/meetings/<meeting 5>/ask",
        invitation="<invitation 5>",
        way="mail",
        aside="a second short of two weeks after the last mail",
    )
    s.later(seconds=1)
    s.post(
        "alice",
        "/meetings/<meeting 5>/ask",
        invitation="<invitation 5>",
        way="mail",
        aside="two weeks after it",
    )
    s.post("Eli", f"/stop/{s.stop_of('eli@acme.example')}")
    s.post("Eli", f"/stop/{s.stop_of('eli@acme.example')}", aside="a second click")
    s.later(days=15)
    s.post("alice", "/meetings/new", contact_id="<Eli Ode>", way="mail", aside="who stopped is never mailed")
    s.post("Eli", f"/stop/{s.stop_of('eli@acme.example')}", again="1")
    s.post("Eli", "/stop/nonsense")
    s.post(
        "alice", "/meetings/<meeting 6>/ask", invitation="<invitation 6>", way="mail", aside="allowed again"
    )

    s.scene("Two at once, and too many")
    s.post("alice", "/meetings/new", contact_id=["<Dana Whitfield>", "<Eli Ode>"], way="link")
    s.post("alice", "/meetings/new", contact_id=["<Dana Whitfield>", "0190b5a4-0000-7000-8000-000000000000"])
