"""Other programs: each operation of the API, with keys against a second time and marks against a change meanwhile."""

from support.pages import six

from golden.story import Story

NEW = {"new_contact": {"name": "Dana Whitfield", "account": "Northwind", "email": "dana@northwind.example"}}
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART:20261118T140000Z
DTEND:20261118T150000Z
SUMMARY:Quarterly
ATTENDEE:mailto:alice@example.com
ATTENDEE:mailto:dana@northwind.example
END:VEVENT
END:VCALENDAR
"""


def play(s: Story) -> None:
    s.open(told=True)

    s.scene("A token is used, and how often that is written down")
    s.program("alice")
    s.later(minutes=9, seconds=59)
    s.api("alice", "POST", "/meetings", NEW, Idempotency_Key="monday-1")
    s.later(seconds=1)
    s.api("alice", "POST", "/meetings", NEW, Idempotency_Key="monday-1", aside="sent twice")
    s.api(
        "alice",
        "POST",
        "/meetings",
        {**NEW, "topic": "Other"},
        Idempotency_Key="monday-1",
        aside="another request under the key",
    )
    s.api("alice", "POST", "/meetings", NEW, Idempotency_Key="two words")
    s.api("alice", "POST", "/meetings", {"contact_ids": ["0190b5a4-0000-7000-8000-000000000000"]})
    s.api("alice", "POST", "/meetings", {"nonsense": True})
    s.api("carol", "POST", "/meetings", NEW)

    s.scene("A meeting: guessed, corrected, asked about")
    met = "/meetings/<meeting 1>"
    inv = met + "/invitations/<invitation 1>"
    s.api("bob", "PATCH", met, {"held_at": "2026-11-18T09:00:00Z"})
    s.api("alice", "PATCH", met, {"held_at": "2026-11-18T11:10:01Z"}, aside="a second from now")
    s.api("alice", "PATCH", met, {"held_at": "2026-11-11T11:09:59Z"}, aside="a second more than a week ago")
    s.api("alice", "PATCH", met, {"held_at": "2026-11-11T11:10:00Z"}, aside="a week ago")
    s.api("alice", "PATCH", met, {"held_at": "2026-11-18T09:00:00Z"}, If_Match='"old"')
    s.api("alice", "PATCH", met, {"held_at": "2026-11-18T09:00:00Z"}, If_Match=s.mark("alice", met))
    s.api("bob", "PUT", inv + "/guess", {"ratings": six(4)})
    s.api("alice", "PUT", inv + "/guess", {"ratings": {**six(4), "savvy": 6}})
    s.api("alice", "PUT", inv + "/guess", {"ratings": {**six(4), "savvy": None}, "seal": True})
    s.api("alice", "PATCH", inv, {"gap_seen": True}, aside="not sealed")
    s.api("alice", "PUT", inv + "/guess", {"ratings": six(4), "stage": "change", "seal": True})
    s.api("alice", "PUT", inv + "/guess", {"ratings": six(1), "seal": True})
    s.api("bob", "PATCH", inv, {"declined": True})
    s.api("alice", "PATCH", inv, {"declined": True})
    s.api("alice", "PATCH", inv, {"declined": False})
    s.api("bob", "POST", inv + "/ask", {"way": "link"})
    s.api("alice", "POST", inv + "/ask", {"way": "link"})
    s.api("alice", "POST", inv + "/ask", {"way": "mail"}, Idempotency_Key="ask")
    s.api("alice", "POST", inv + "/ask", {"way": "mail"}, Idempotency_Key="ask", aside="sent twice")
    s.api("alice", "POST", inv + "/ask", {"way": "mail"}, aside="asked already")
    s.api("alice", "POST", met + "/promises", {"side": "rep", "words": ""})
    s.api("bob", "POST", met + "/promises", {"side": "rep", "words": "Call"})
    s.api("alice", "POST", met + "/promises", {"side": "rep", "words": "Call", "due_on": "2026-11-20"})
    s.api("alice", "POST", met + "/promises", {"side": "client", "words": "Send the contract"})
    s.api("bob", "PATCH", "/promises/<promise 2>", {"verdict": "kept"})
    s.api("alice", "PATCH", "/promises/<promise 1>", {"verdict": "kept"})
    s.api("alice", "PATCH", "/promises/<promise 2>", {"verdict": "kept"})
    s.api("alice", "POST", "/meetings", {"new_contact": {"name": "Eli Ode", "account": "Acme"}})
    s.api("bob", "DELETE", "/meetings/<meeting 2>/invitations/<invitation 2>")
    s.api("alice", "DELETE", "/meetings/<meeting 2>/invitations/<invitation 2>")
    s.api("alice", "DELETE", "/meetings/<meeting 2>/invitations/<invitation 2>", aside="a second time")

    s.scene("Dana answers, and a manager's program handles the alert")
    s.post("Dana", s.code(0), six(4, 1, 4, 4, 4, 4), done="1")
    s.post("Dana", s.reply.location.partition("?")[0] + "/not-me")
    s.api("alice", "PATCH", inv, {"gap_seen": True})
    s.api("alice", "DELETE", inv, aside="answered")
    alert = "/alerts/<alert 1>"
    s.api("alice", "PATCH", alert, {"state": "taken"})
    s.api("mallory", "PATCH", alert, {"state": "taken"})
    s.api("carol", "PATCH", alert, {"state": "taken"})
    s.api("carol", "PATCH", alert, {"state": "closed"})
    s.api("alice", "POST", alert + "/notes", {"words": "Called"})
    s.api("carol", "POST", alert + "/notes", {"words": "n" * 2001})
    s.api("carol", "POST", alert + "/notes", {"words": "Called"})
    s.api("alice", "PUT", alert + "/practice", {"dimension": "savvy", "number": 1})
    s.api("carol", "PUT", alert + "/practice", {"dimension": "savvy", "number": 6})
    s.api("carol", "PUT", alert + "/practice", {"dimension": "savvy", "number": 5})
    s.api("carol", "PUT", alert + "/line", {"words": "We called"}, aside="while it is open")
    s.api("carol", "PATCH", alert, {"state": "closed", "outcome": "recovered", "note": "Well again"})
    s.api("alice", "PUT", alert + "/line", {"words": "We called"})
    s.api("carol", "PUT", alert + "/line", {"words": "We called"})
    s.api("alice", "DELETE", alert + "/line")
    s.api("carol", "DELETE", alert + "/line")
    s.api("carol", "DELETE", alert + "/line", aside="a second time")
    s.api("carol", "PATCH", alert, {"state": "open"})
    answer = "/answers/<invitation 1>/decisions"
    s.api("alice", "POST", answer, {"accept": True, "reason": "Fine"})
    s.api("carol", "POST", answer, {"accept": False, "reason": ""})
    s.api("carol", "POST", answer, {"accept": False, "reason": "It was somebody else"})
    s.api("carol", "POST", answer, {"accept": False, "reason": "It was somebody else"}, aside="a second time")
    s.api("bob", "PUT", "/relationships/<relationship 1>/practice", {"dimension": "savvy", "number": 1})
    s.api("alice", "PUT", "/relationships/<relationship 1>/practice", {"dimension": "integrity", "number": 2})

    s.scene("Contacts and accounts")
    body = {
        "account": "Contoso",
        "name": "Eve Adams",
        "email": "eve@contoso.example",
        "rep_id": str(s.id("Alice")),
    }
    s.api("alice", "POST", "/contacts", body)
    s.api("carol", "POST", "/contacts", {**body, "rep_id": None})
    s.api("carol", "POST", "/contacts", {**body, "email": "nobody"})
    s.api(
        "carol",
        "POST",
        "/contacts",
        {**body, "role": "Buyer", "language": "de", "value": 48000, "no_mail": True},
    )
    s.api("carol", "POST", "/contacts", {**body, "email": ""}, aside="there is one")
    s.api("carol", "POST", "/contacts", {**body, "email": "e2@contoso.example", "another": True})
    s.api("bob", "PATCH", "/contacts/<Eve Adams>", {"name": "Eva"})
    s.api("carol", "PATCH", "/contacts/<Eve Adams>", {"name": ""})
    s.api("carol", "PATCH", "/contacts/<Eve Adams>", {"name": "Eva", "no_mail": False, "archived": True})
    s.api("olive", "PATCH", "/contacts/<Eve Adams>", {"archived": False, "role": "Chief"})
    s.api("alice", "PATCH", "/accounts/<Contoso>", {"name": "Con"})
    s.api("olive", "PATCH", "/accounts/<Contoso>", {"review_days": 3651})
    s.api(
        "olive",
        "PATCH",
        "/accounts/<Contoso>",
        {"review_days": 30, "value": 7, "renews_on": "2027-01-01"},
        If_Match='"old"',
    )
    s.api(
        "olive",
        "PATCH",
        "/accounts/<Contoso>",
        {"review_days": 30, "value": 7, "renews_on": "2027-01-01", "archived": True},
    )
    s.api("olive", "PATCH", "/accounts/<Contoso>", {"archived": False})
    s.api("bob", "POST", "/contacts/<Eve Adams>/merge", {"other": str(s.id("Dana Whitfield"))})
    s.api("olive", "POST", "/contacts/<Eve Adams>/merge", {"other": str(s.id("Eve Adams"))})
    s.api("olive", "POST", "/contacts/<Eve Adams>/merge", {"other": "<Eve Adams, contact>"})
    s.api("carol", "DELETE", "/merges/<merge 1>")
    s.api("olive", "DELETE", "/merges/<merge 1>", aside="a second time")
    s.api("alice", "POST", "/accounts/<Contoso>/merge", {"other": "<Acme>"})
    s.api("olive", "POST", "/accounts/<Contoso>/merge", {"other": "<Contoso>"})
    s.api("olive", "POST", "/accounts/<Contoso>/merge", {"other": "<Northwind>"})
    s.api("olive", "DELETE", "/merges/<merge 2>")
    at = "/accounts/<Northwind>/outcomes"
    s.api("alice", "POST", at, {"outcome": "lost", "happened_on": "2026-11-17"})
    s.api("carol", "POST", at, {"outcome": "lost", "happened_on": "2026-11-19"}, aside="tomorrow")
    s.api("carol", "POST", at, {"outcome": "lost", "happened_on": "2026-11-17"})
    s.api("carol", "POST", at, {"outcome": "grew", "happened_on": "2026-11-17"}, aside="two on a day")
    s.api("alice", "PUT", "/outcomes/<outcome 1>", {"outcome": "grew", "happened_on": "2026-11-17"})
    s.api(
        "carol",
        "PUT",
        "/outcomes/<outcome 1>",
        {
            "outcome": "grew",
            "happened_on": "2026-11-17",
            "value_before": 1.5,
            "value_after": 2,
            "reason": "More",
        },
    )
    s.api("alice", "PATCH", "/outcomes/<outcome 1>", {"retracted": True})
    s.api("carol", "PATCH", "/outcomes/<outcome 1>", {"retracted": True})
    s.api("carol", "PATCH", "/outcomes/<outcome 1>", {"retracted": False})

    s.scene("People and teams")
    sam = {"name": "Sam", "email": "sam@example.com", "role": "rep", "team_ids": [str(s.id("South"))]}
    s.api("carol", "POST", "/people", sam)
    s.api("olive", "POST", "/people", {**sam, "email": "sam"})
    s.api("olive", "POST", "/people", sam)
    s.api("olive", "POST", "/people", sam, aside="there is one")
    s.api("carol", "PATCH", "/people/<Sam>", {"name": "Sammy"})
    s.api("olive", "PATCH", "/people/<Sam>", {"role": "king"})
    s.api(
        "olive",
        "PATCH",
        "/people/<Sam>",
        {"name": "Sammy", "role": "manager", "team_ids": [str(s.id("North")), str(s.id("South"))]},
    )
    s.api("olive", "PATCH", "/people/<Sam>", {"left": True})
    s.api("olive", "PATCH", "/people/<Sam>", {"left": False, "role": "rep", "team_ids": []})
    s.api("olive", "PATCH", "/people/<Olive>", {"left": True}, aside="the last owner")
    s.api("carol", "POST", "/people/<Sam>/link")
    s.api("olive", "POST", "/people/<Sam>/link", Idempotency_Key="link")
    s.api("olive", "POST", "/people/<Sam>/link", Idempotency_Key="link", aside="sent twice")
    over = {"to": "<Bob>", "relationship_ids": ["<relationship 1>"]}
    s.api("carol", "POST", "/people/<Alice>/hand-over", over)
    s.api("olive", "POST", "/people/<Alice>/hand-over", {**over, "to": "<Carol>"})
    s.api("olive", "POST", "/people/<Alice>/hand-over", over)
    s.api("carol", "POST", "/teams", {"name": "West"})
    s.api("olive", "POST", "/teams", {"name": "North"})
    s.api("olive", "POST", "/teams", {"name": "West"})
    s.api("carol", "PATCH", "/teams/<West>", {"name": "Wild West"})
    s.api("olive", "PATCH", "/teams/<West>", {"name": "North"})
    s.api("olive", "PATCH", "/teams/<West>", {"name": "Wild West"})
    s.api("olive", "DELETE", "/teams/<North>", aside="somebody is in it")
    s.api("carol", "DELETE", "/teams/<West>")
    s.api("olive", "DELETE", "/teams/<West>")

    s.scene("A calendar")
    s.api("carol", "PUT", "/calendar", {"calendar": ICS})
    s.api("alice", "PUT", "/calendar", {"calendar": "nonsense"})
    s.api("alice", "PUT", "/calendar", {"calendar": ICS})
    s.api("bob", "PATCH", "/calendar/entries/<entry 1>", {"put_away": True})
    s.api("alice", "PATCH", "/calendar/entries/<entry 1>", {"put_away": True})
    s.api("alice", "PATCH", "/calendar/entries/<entry 1>", {"put_away": False})
    s.later(hours=5)
    s.api("bob", "POST", "/calendar/entries/<entry 1>/meeting", {})
    s.api(
        "alice",
        "POST",
        "/calendar/entries/<entry 1>/meeting",
        {"contact_ids": ["<Dana Whitfield>"], "way": "link"},
    )
    s.api(
        "alice",
        "POST",
        "/calendar/entries/<entry 1>/meeting",
        {"contact_ids": ["<Dana Whitfield>"]},
        aside="a second time",
    )
    s.later(minutes=1)
    s.api("carol", "POST", "/calendar/addresses", {"address": "https://calendar.example/x.ics"})
    s.api("alice", "POST", "/calendar/addresses", {"address": "http://calendar.example/x.ics"})
    s.api(
        "alice", "POST", "/calendar/addresses", {"address": "https://calendar.example/x.ics", "name": "Team"}
    )
    one = "/calendar/addresses/<calendar address 1>"
    s.api("bob", "PUT", one, {"address": "https://calendar.example/y.ics"})
    s.api("alice", "PUT", one, {"address": "https://calendar.example/y.ics"})
    s.api("bob", "PATCH", one, {"paused": True})
    s.api("alice", "PATCH", one, {"paused": True})
    s.api("alice", "POST", one + "/read", aside="while it is paused")
    s.api("alice", "PATCH", one, {"paused": False})
    s.api("bob", "POST", one + "/read")
    s.later(minutes=1)
    s.api("alice", "POST", one + "/read")
    s.api("bob", "DELETE", one)
    s.api("alice", "DELETE", one)
    s.api("alice", "DELETE", one, aside="a second time")
    s.api("alice", "PUT", "/calendar/own-addresses", {"emails": ["nobody"]})
    s.api("alice", "PUT", "/calendar/own-addresses", {"emails": ["a@example.org", "b@example.org"]})
    s.api("alice", "PUT", "/calendar/own-addresses", {"emails": ["b@example.org"]})

    s.scene("A day later a key may be used again")
    s.later(days=1)
    s.api("alice", "POST", "/meetings", {"contact_ids": ["<Dana Whitfield>"]}, Idempotency_Key="link")
    s.later(hours=23, minutes=59, seconds=59)
    s.api(
        "alice",
        "POST",
        "/meetings",
        {"contact_ids": ["<Dana Whitfield>"]},
        Idempotency_Key="link",
        aside="a second short of a day",
    )
    s.later(seconds=1)
    s.api(
        "alice",
        "POST",
        "/meetings",
        {"contact_ids": ["<Dana Whitfield>"]},
        Idempotency_Key="link",
        aside="a day",
    )
    s.daily()

    s.scene("A token ends")
    s.later(days=87, hours=23)
    s.api("alice", "POST", "/meetings", {"contact_ids": ["<Dana Whitfield>"]})
    s.later(days=1)
    s.api("alice", "POST", "/meetings", {"contact_ids": ["<Dana Whitfield>"]})
