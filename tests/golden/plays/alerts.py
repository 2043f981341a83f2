"""Alerts' whole life, doubts and decisions, lines to clients, practices, promises, and what became of a client."""

from support.pages import six

from golden.story import Story


def answered(
    s: Story, name: str, *ratings: int, rep: str = "alice", mirror: int | None = None, **extras: str
) -> str:
    """Let a rep meet somebody of Northwind who answers; return the address of the answer."""
    s.post(rep, "/meetings/new", contact_name=name, account_name="Northwind", same="no")
    if mirror:
        s.post(rep, s.reply.location + "/mirror", six(mirror), done="1")
    code = s.code()
    s.post(name.split()[0], code + "/opened")
    s.later(seconds=20)
    s.post(name.split()[0], code, six(*ratings), done="1")
    key = s.reply.location.partition("?")[0]
    s.post(name.split()[0], key, extras, done="1")
    return key


def play(s: Story) -> None:
    s.open(told=True)
    s.cast.add("nora", "manager", "South")
    s.silently()
    alert = "/alerts/<alert 1>"

    s.scene("A low answer, and an alert that is taken, noted, closed and opened again")
    answered(s, "Dana Whitfield", 5, 1, 5, 5, 5, 5, mirror=5, comment="Late again")
    for who in ("alice", "nora", "mallory", "nobody"):
        s.post(who, alert, what="taken")
    s.post("carol", alert, what="nonsense")
    s.post("carol", alert, what="taken")
    s.post("carol", alert, what="taken", aside="a second click")
    s.later(minutes=5)
    s.post("olive", alert, what="taken")
    s.post("carol", alert, what="noted", note="")
    s.post("carol", alert, what="noted", note="n" * 2001)
    s.post("carol", alert, what="noted", note="I called; she is away until Monday.")
    s.post("carol", alert, what="assigned", practice="competency 6")
    s.post("carol", alert, what="assigned", practice="competency 2")
    s.post("carol", alert, what="reopened")
    s.post("carol", alert, what="closed", outcome="recovered", note="")
    s.post("carol", alert, what="closed", note="Called")
    s.post("carol", alert + "/line", line="We moved it.")
    s.later(minutes=5)
    s.post(
        "carol",
        alert,
        what="closed",
        outcome="recovered",
        note="Called Dana, all is well",
        line="We moved your deliveries to Tuesday.",
    )
    s.post("carol", alert, what="closed", outcome="lost", note="A second click")
    s.post("carol", alert, what="noted", note="It is closed")
    s.post("carol", alert + "/line", line="We moved it again.")
    s.post("nora", alert + "/line", back="1")
    s.post("carol", alert + "/line", back="1")
    s.post("carol", alert + "/line", back="1")
    s.post("carol", alert + "/line", line="See https://evil.example")
    s.post("carol", alert + "/line", line="l" * 201)
    s.post("carol", alert + "/line", line="We moved it to Monday.")
    s.post("alice", "/meetings/new", contact_id="<Dana Whitfield>", aside="the line stands on her next page")
    s.post("carol", alert, what="reopened")
    s.post("carol", alert, what="reopened")
    s.post("carol", alert, what="closed", outcome="lost", note="They left us")

    s.scene("Reasons come and fall away: four fives and a three are fine, a two is watched, a one is urgent")
    key = answered(s, "Eli Ode", 4, 4, 4, 4, 3, 3)
    s.post("Eli", key, six(4, 4, 4, 4, 3, 2), done="1")
    s.post("Eli", key, six(4, 4, 4, 4, 2, 2), done="1")
    s.post("Eli", key, six(4, 4, 4, 4, 5, 5), done="1", aside="struck out, and closed by itself")
    s.later(days=1)
    answered(s, "Fay Gray", 3, 3, 3, 4, 4, 4, mirror=4)
    answered(s, "Gus Hill", 3, 3, 3, 4, 4, 5, mirror=5)
    answered(s, "Hal Ito", 3, 4, 4, 4, 4, 4, mirror=5)
    answered(s, "Ida Jung", 2, 4, 4, 4, 4, 4, mirror=5)

    s.scene("A drop by 25 points, and by a little less")
    for name, now in (("Eli Ode", six(4, 4, 3, 3, 3, 3)), ("Dana Whitfield", six(3, 3, 3, 3, 3, 4))):
        s.later(days=1)
        s.post("alice", "/meetings/new", contact_id=f"<{name}>")
        s.post(name.split()[0], s.code(), now, done="1")

    s.scene("Doubts, and who decides them")
    s.later(days=1)
    s.post("alice", "/meetings/new", contact_name="Kim Lee", account_name="Acme")
    n = len(s.rows("invitations"))
    s.post("alice", s.code(), six(5), done="1", aside="in the browser where Alice is signed in")
    answer = f"/answers/<invitation {n}>"
    for who in ("alice", "nora", "mallory"):
        s.post(who, answer, decision="accept", reason="It is fine")
    s.post("carol", answer, decision="accept", reason="")
    s.post("carol", answer, decision="perhaps", reason="It is fine")
    s.post("carol", answer, decision="accept", reason="r" * 501)
    s.later(minutes=3)
    s.post("carol", answer, decision="accept", reason="I called Kim")
    s.later(minutes=3)
    s.post("carol", answer, decision="accept", reason="A second click")
    s.post("carol", answer, decision="set_aside", reason="It was Alice after all")
    s.post("carol", "/answers/<invitation 3>", decision="set_aside", reason="Nothing is doubted here")

    s.scene("One phone for three clients; six taps within four seconds, and in four; the same six of three")
    for number, name in enumerate(("Lou May", "Mia Noe", "Ned Orr")):
        s.post("bob", "/meetings/new", contact_name=name, account_name="Initech")
        code = s.code()
        s.post("One", code + "/opened", options={"headers": {"HX-Request": "true"}}, mark="d" * 32)
        s.later(seconds=3 + number, milliseconds=999 if number == 0 else 0)
        s.post("One", code, six(5), done="1", mark="d" * 32)
    s.post(
        "nora",
        f"/answers/<invitation {len(s.rows('invitations'))}>",
        decision="set_aside",
        reason="One phone for three",
    )

    s.scene("Practices")
    s.post("bob", "/relationships/<relationship 1>/practice", dimension="savvy", number="1")
    s.post("alice", "/relationships/<relationship 1>/practice", dimension="savvy", number="6")
    s.post("alice", "/relationships/<relationship 1>/practice", dimension="savvy", number="0")
    s.post("alice", "/relationships/<relationship 1>/practice", dimension="savvy", number="5")
    s.post(
        "alice",
        "/relationships/<relationship 1>/practice",
        dimension="savvy",
        number="5",
        aside="a second click",
    )
    s.later(hours=1)
    s.post("carol", "/relationships/<relationship 1>/practice", dimension="integrity", number="1")
    s.post("alice", "/relationships/<relationship 2>/practice", dimension="integrity", number="2")

    s.scene("Promises of both sides")
    at = "/meetings/<meeting 1>/promises"
    s.post("bob", at, side="rep", words="Send the list")
    s.post("alice", at, side="both", words="Send the list")
    s.post("alice", at, side="rep", words="")
    s.post("alice", at, side="rep", words="w" * 201)
    s.post("alice", at, side="rep", words="Send the list", due_on="yesterday")
    s.post("alice", at, side="rep", words="Send the list", due_on="2026-11-25")
    s.post("alice", at, side="client", words="Show the numbers")
    s.post("alice", "/promises/<promise 1>", verdict="kept", aside="the client says that")
    s.post("bob", "/promises/<promise 2>", verdict="kept")
    s.post("alice", "/promises/<promise 2>", verdict="perhaps")
    s.post("alice", "/promises/<promise 2>", verdict="kept")
    s.later(hours=1)
    s.post("alice", "/promises/<promise 2>", verdict="not_kept", aside="said once more")

    s.scene("What became of a client")
    at = "/accounts/<Northwind>/outcomes"
    said = {
        "outcome": "shrank",
        "happened_on": "2026-11-02",
        "value_before": "1200,50",
        "value_after": "900",
        "reason": "They left one site",
    }
    s.post("alice", at, outcome="lost")
    s.post("mallory", at, outcome="lost")
    s.post("carol", at, outcome="vanished")
    s.post("carol", at, outcome="lost")
    s.post("carol", at, outcome="lost", aside="a double click")
    s.post("nora", "/outcomes/<outcome 1>", said)
    s.post("carol", "/outcomes/<outcome 1>", said, happened_on="1999-12-31")
    s.post("carol", "/outcomes/<outcome 1>", said, happened_on="2026-11-23", aside="tomorrow")
    s.post("carol", "/outcomes/<outcome 1>", said, value_before="many")
    s.post("carol", "/outcomes/<outcome 1>", said, reason="r" * 501)
    s.later(minutes=1)
    s.post("carol", "/outcomes/<outcome 1>", said, happened_on="2000-01-01", contact="<Eli Ode>")
    s.post("carol", "/outcomes/<outcome 1>", said, happened_on="2026-11-22", reason="r" * 500)
    s.post(
        "carol",
        "/outcomes/<outcome 1>",
        said,
        happened_on="2026-11-22",
        reason="r" * 500,
        aside="a second click",
    )
    s.post("nora", "/outcomes/<outcome 1>/retraction")
    s.post("carol", "/outcomes/<outcome 1>/retraction")
    s.post("carol", "/outcomes/<outcome 1>/retraction", aside="a second click")
    s.post("carol", "/outcomes/<outcome 1>/retraction", what="back")
    s.post("carol", "/outcomes/<outcome 1>/retraction", what="back", aside="a second click")
