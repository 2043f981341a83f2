"""What comes due by itself: weeks, mails, silence, retention, marks; and being asked by itself."""

from datetime import UTC, datetime

from support.pages import six

from golden.story import Story


def met(s: Story, rep: str, name: str, rating: int, guess: int | None = 4) -> None:
    """Let a rep meet somebody who answers, without a word about it."""
    invitation = s.cast.meeting(rep, name, "Northwind", f"{name.lower()}@northwind.example")
    if guess:
        s.cast.seal(invitation, guess)
    s.cast.answer(invitation, rating, comment=f"Said by {name}")
    s.silently()


def play(s: Story) -> None:
    s.open(told=True)
    s.weeks = True

    s.scene("A week ends: Sunday midnight in Berlin, and a second before")
    met(s, "alice", "Dana", 5)
    met(s, "alice", "Eli", 3)
    met(s, "alice", "Fay", 2)
    met(s, "bob", "Gus", 4)
    s.at(datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC))
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.daily()

    s.scene("The weekly mail: Monday at seven, and a second before")
    s.at(datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC))
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.later(hours=1)
    s.daily()
    s.mails()
    s.messages(200)
    s.weeks = False

    s.scene("A relationship that nobody met for ninety days is silent")
    s.post("olive", "/settings/kept", keep_comments_months="3", keep_names_months="4")
    s.at(datetime(2027, 2, 10, 11, tzinfo=UTC))
    for rep, name in (("alice", "Eli"), ("alice", "Fay"), ("bob", "Gus")):
        met(s, rep, name, 4)
    s.at(datetime(2027, 2, 16, 10, 59, 59, tzinfo=UTC))
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.later(days=1)
    s.daily()
    met(s, "alice", "Dana", 5)
    s.daily()

    s.scene("Comments and names are kept for so many months")
    s.at(datetime(2027, 2, 18, 10, 59, 59, tzinfo=UTC))
    s.daily()
    s.later(seconds=2)
    s.daily()
    s.at(datetime(2027, 3, 18, 11, 0, 0, tzinfo=UTC))
    s.daily()
    s.later(days=1)
    s.daily()

    s.scene("Traces of phones are kept for thirty days, networks of the log for ninety")
    s.post("alice", "/meetings/new", contact_name="Hal", account_name="Acme")
    s.post("Hal", s.code(), six(5), done="1", mark="d" * 32)
    s.post("carol", "/meetings/new", contact_name="Hal", account_name="Acme")
    s.settle()
    s.later(days=29, hours=23, minutes=59, seconds=59)
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.later(days=59, hours=23, minutes=59, seconds=58)
    s.daily()
    s.later(seconds=2)
    s.daily()

    s.scene("A code that was taken back is known for sixty days")
    s.post("alice", "/meetings/new", contact_name="Jo", account_name="Acme")
    code, mistaken = s.code(), s.last("meetings")
    s.post("alice", f"/meetings/{mistaken}/taken-back", invitation=s.last("invitations"))
    s.later(days=60)
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.post("Jo", code, six(4), aside="nobody knows it any more")

    s.scene("A meeting of the calendar is asked about by itself, two hours after its end")
    s.post("olive", "/settings/asking", asks="1")
    s.post(
        "alice",
        "/meetings/new",
        contact_name="Ida",
        account_name="Acme",
        contact_email="ida@acme.example",
        form_key="ida",
    )
    s.later(days=15)
    day = s.clock.now
    ends = day.replace(hour=14, minute=0, second=0, microsecond=0)
    begin = f"{ends:%Y%m%d}T130000Z"
    s.post("alice", "/meetings/calendar", calendar=(
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:{begin}\nDTEND:{ends:%Y%m%dT%H%M%SZ}\nSUMMARY:Review\n"
        "ATTENDEE:mailto:alice@example.com\nATTENDEE:mailto:ida@acme.example\nEND:VEVENT\nEND:VCALENDAR\n"
    ))  # fmt: skip
    s.at(ends.replace(hour=15, minute=59, second=59))
    s.asking()
    s.later(seconds=1)
    s.asking()
    s.asking()
    s.mails()

    s.scene("Figures of evidence, once a night")
    s.evidence()
    s.evidence()
    s.later(days=1)
    s.daily()
    s.evidence()
