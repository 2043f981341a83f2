"""Files: checked, imported, undone, put away and forgotten; and calendars, uploaded and read from an address."""

from feedback.calendar import address as addresses
from feedback.core.calendar.faults import CalendarFault
from feedback.core.dimensions import DIMENSIONS
from feedback.models import CalendarAddress
from golden.story import Story

PEOPLE = (
    b"name,email,role,team\nSam,sam@example.com,rep,West\nZo\xc3\xab,zoe@example.com,manager,North;West\n"
)
ACCOUNTS = b"account,contact,contact_email,contact_role,language,value,review_days\nNorthwind,Dana Whitfield,dana@northwind.example,COO,de,120000,60\nContoso,Ann,,,,,\n"
HISTORY = (
    f"rep_email,account,contact,held_at,{','.join(f'client_{each}' for each in DIMENSIONS)},{','.join(f'rep_{each}' for each in DIMENSIONS)},comment\n"
    "alice@example.com,Northwind,Dana Whitfield,2026-11-02T10:00Z,2,2,2,2,2,2,4,4,4,4,4,4,Late\n"
    "alice@example.com,Northwind,Dana Whitfield,2026-11-09,5,5,5,5,5,5,,,,,,,\n"
).encode()
OUTCOMES = b"account,contact_email,date,outcome,value_before,value_after,reason\nNorthwind,,2026-11-02,lost,1200.50,0,Price\ncontoso,,2026-11-03,Renewed,,,\n"
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART:20261118T140000Z
DTEND:20261118T150000Z
SUMMARY:Quarterly
ATTENDEE:mailto:alice@example.com
ATTENDEE:mailto:dana@northwind.example
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261119T150000Z
DTEND:20261119T160000Z
SUMMARY:First talk
ATTENDEE:mailto:new@client.example
END:VEVENT
END:VCALENDAR
"""
SECRET = "webcal://calendar.example/private-7f3a/basic.ics"


def play(s: Story) -> None:
    s.open(told=True)

    s.scene("Files of each kind")
    s.upload("carol", "/import", {"kind": "people"}, file=(PEOPLE, "people.csv"))
    s.upload("olive", "/import", {"kind": "nonsense"}, file=(PEOPLE, "people.csv"))
    s.upload("olive", "/import", {"kind": "people"}, file=(b"", "people.csv"))
    for kind, content in (
        ("people", PEOPLE),
        ("accounts", ACCOUNTS),
        ("history", HISTORY),
        ("outcomes", OUTCOMES),
    ):
        s.upload("olive", "/import", {"kind": kind}, file=(content, f"{kind}.csv"))
        job = s.reply.location
        s.post("olive", job, what="import", aside="not checked yet")
        s.imports()
        s.post("carol", job, what="import")
        s.post("mallory", job, what="import")
        s.post("olive", job, what="nonsense")
        s.post("olive", job, what="import")
        s.post("olive", job, what="import", aside="a second click")
        s.imports()
        s.later(minutes=1)
    s.post("olive", "/import/<import job 1>", what="undo", undone="nonsense")
    for number in (4, 3, 2, 1):
        s.post("olive", f"/import/<import job {number}>", what="undo")
        s.imports()

    s.scene("Wrong rows, a file that is put away, and one that is forgotten")
    s.upload(
        "olive",
        "/import",
        {"kind": "people"},
        file=(PEOPLE + b"Kim,nonsense,rep,\nLee,lee@example.com,king,\n", "people.csv"),
    )
    s.imports()
    s.post("olive", "/import/<import job 5>", what="import")
    s.post(
        "olive",
        "/import/<import job 5>",
        {"what": "check", "column-name": "name", "column-email": "email", "column-role": "role"},
    )
    s.imports()
    s.post("olive", "/import/<import job 5>", what="away")
    s.post("olive", "/import/<import job 5>", what="away", aside="a second click")
    s.upload("olive", "/import", {"kind": "people"}, file=(PEOPLE, "people.csv"))
    s.imports()
    s.later(hours=23, minutes=59, seconds=59)
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.later(days=6)
    s.daily()
    s.later(seconds=1)
    s.daily()

    s.scene("A calendar that is uploaded")
    s.at(s.clock.now.replace(month=11, day=18, hour=11, minute=0, second=0))
    s.browsers.clear()
    s.post(
        "alice",
        "/meetings/new",
        contact_name="Dana Whitfield",
        account_name="Northwind",
        contact_email="dana@northwind.example",
    )
    page = "/meetings/calendar"
    s.post("carol", page, calendar=ICS)
    s.post("alice", page, calendar="nonsense")
    s.post("alice", page, calendar="")
    s.post("alice", page, calendar=ICS)
    s.post("alice", page, calendar=ICS, aside="once more")
    s.post("bob", page + "/<entry 1>/away")
    s.post("alice", page + "/<entry 1>/away")
    s.post("alice", page + "/<entry 1>/away", aside="a second click")
    s.post("alice", page + "/<entry 1>/away", back="1")
    s.post("bob", page + "/<entry 1>")
    s.later(hours=4)
    s.post("alice", page + "/<entry 1>", contact_id="<Dana Whitfield>")
    s.post("alice", page + "/<entry 1>", contact_id="<Dana Whitfield>", aside="a second click")
    s.later(days=1)
    s.daily()
    s.post("alice", page, calendar=ICS.replace("UID:2", "UID:3").replace("First talk", "Second talk"))

    s.scene("Addresses of calendars")
    at = page + "/address"
    s.post("carol", at, address=SECRET)
    s.post("alice", at, address="http://calendar.example/x.ics")
    s.post("alice", at, address="ftp://calendar.example/x.ics")
    s.post("alice", at, address="")
    s.post("alice", at, address=f" {SECRET} ", name=" Team  one ", password="not used")
    s.later(minutes=1)
    s.post("alice", at, address=SECRET, aside="there already")
    s.post("alice", at, address="https://calendar.example/dav", kind="caldav", user_name="alice")
    s.post(
        "alice",
        at,
        address="https://calendar.example/dav",
        kind="caldav",
        user_name="alice",
        password="secret word",
    )
    for number in range(4):
        s.post(
            "alice",
            at,
            address=f"https://calendar.example/{number}.ics",
            aside="five and no more" if number == 3 else "",
        )
    one = {"calendar": "<calendar address 1>"}
    s.post("alice", at, one, address="", name="Renamed")
    s.later(seconds=59)
    s.post("alice", at + "/read", one, aside="within the minute")
    s.later(seconds=1)
    s.post("bob", at + "/read", one)
    s.post("alice", at + "/read", one)
    s.post("alice", at + "/pause", one)
    s.post("alice", at + "/pause", one, aside="a second click")
    s.post("alice", at + "/read", one, aside="while it is paused")
    s.post("alice", at + "/pause", one, on="1")
    calendar = s.id("calendar address 1")
    with s.db.reading() as session:
        stored = session.get_one(CalendarAddress, (s.cast.alice.organisation_id, calendar)).address.stored
    for _ in range(2):
        s.change("it cannot be read", addresses.note_fault, calendar, stored, CalendarFault.SERVER, None)
    s.change("it is as it was", addresses.note_same, calendar, stored)
    s.change("it asks for a password", addresses.note_fault, calendar, stored, CalendarFault.SIGN_IN, None)
    s.later(days=3)
    s.change("it cannot be read for days", addresses.note_fault, calendar, stored, CalendarFault.SERVER, None)
    s.later(days=30)
    s.change(
        "it cannot be read for a month", addresses.note_fault, calendar, stored, CalendarFault.SERVER, None
    )
    s.post("bob", at + "/end", one)
    s.post("alice", at + "/end", one)
    s.post("alice", at + "/end", one, aside="a second click")
    s.post("alice", page + "/own", email="nobody")
    s.post("alice", page + "/own", email="alice@example.com")
    s.post("alice", page + "/own", email=" A@Example.org ")
    s.post("alice", page + "/own", email="a@example.org", aside="there already")
    s.post("alice", page + "/own", email="a@example.org", remove="1")
    s.post("alice", page + "/own", email="a@example.org", remove="1", aside="a second click")
