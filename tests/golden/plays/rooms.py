"""One code for a room, the rep's own phone handed over, and meetings that begin without a network."""

import re

from support.pages import six

from golden.story import Story, another


def play(s: Story) -> None:
    s.open()
    s.scene("A room of two, and whoever else is there")
    for name in ("Dana Whitfield", "Omar Idris"):
        s.post("alice", "/meetings/new", contact_name=name, account_name="Northwind")
    s.post("alice", "/meetings/new", contact_id=["<Dana Whitfield>", "<Omar Idris>"], way="group")
    room = f"/g/{s.rows('group_codes')[0]['encrypted_token'].text}"
    page = s.browser("Dana").get(room).text
    who = dict(re.findall(r'value="([^"]+)">\s*<span><bdi>([^<]+)<', page))
    ids = {name: value for value, name in who.items()}
    s.post("Dana", room, who="nobody")
    s.post("Dana", another(room), who=ids["Dana Whitfield"])
    s.post("Dana", room, who=ids["Dana Whitfield"])
    s.post("Dana", s.reply.location, six(5), done="1")
    s.post("Omar", room, who=ids["Omar Idris"])
    s.post("Omar", s.reply.location + "/again", aside="not in a room")
    s.post("Omar", s.reply.request.path.removesuffix("/again") + "/not-me", aside="said of everybody alike")
    s.post("Zoe", room, who="else", name="")
    s.post("Zoe", room, who="else", name="Zoe Abel", email="zoe@northwind.example")
    for number in range(9):
        s.change(f"guest {number + 2} comes", _guest, s, number)
    s.change("guest 11 comes", _guest, s, 9)
    s.post(
        "alice",
        "/meetings/<meeting 3>/mirror",
        six(4),
        invitation="<invitation 3>",
        done="1",
        everybody="1",
        aside="for everybody",
    )
    s.later(days=13, hours=23, minutes=59, seconds=59)
    s.post("Late", room, who=ids["Omar Idris"], aside="a second before it closes")
    s.later(seconds=1)
    s.post("Late", room, who=ids["Omar Idris"])
    s.post("alice", "/meetings/<meeting 3>/mirror", six(4), invitation="<invitation 3>", done="1")

    s.scene("Twenty in one meeting, and one more; forty in a room, and one more")
    with s.cast.changing() as c:
        from feedback.actions.meetings import NewContact, find_or_add_contact

        many = [str(find_or_add_contact(c, NewContact(f"Person {n}", "Initech"))) for n in range(41)]
    s.silently()
    s.post("alice", "/meetings/new", contact_id=many[:21])
    s.post("alice", "/meetings/new", contact_id=many, way="group")
    with s.briefly():
        s.post("alice", "/meetings/new", contact_id=many[:20])
        s.post("alice", "/meetings/new", contact_id=many[:40], way="group")

    s.scene("Alice hands her phone to Dana")
    s.post("alice", "/meetings/new", contact_id="<Dana Whitfield>")
    at, n = s.reply.location, len(s.rows("invitations"))
    s.post("bob", f"{at}/hand-over", invitation=f"<invitation {n}>", pin="4711")
    s.post("alice", f"{at}/hand-over", invitation=f"<invitation {n}>", pin="471")
    s.post("alice", f"{at}/hand-over", invitation=f"<invitation {n}>", pin="4711")
    s.post("alice", f"{at}/mirror", six(4), aside="the phone is locked")
    s.post("alice", s.code(), six(5), done="1")
    for pin in ("0000", "0000", "4711"):
        s.post("alice", "/unlock", pin=pin)
    s.post("alice", f"{at}/mirror", six(4), aside="it is hers again")
    s.post("alice", f"{at}/hand-over", invitation=f"<invitation {n}>", pin="4711")
    for pin in ("0000", "0000", "0000", "4711"):
        s.post("alice", "/unlock", pin=pin)
    s.browsers.pop("alice")

    s.scene("Codes for when there is no network")
    s.post("carol", "/meetings/reserved", has="0")
    s.post("alice", "/meetings/reserved", has="3")
    codes = [each["token"] for each in s.reply.json["codes"]]
    s.post("alice", "/meetings/reserved", has="5", aside="a full stock")
    for _ in range(4):
        s.post("alice", "/meetings/reserved", has="0")
    codes += [each["token"] for each in s.reply.json["codes"]]
    s.post("alice", "/meetings/reserved", has="0", aside="25 and no more")
    said = {"contact_name": "Ed Sato", "account_name": "Contoso", "ago": "60"}
    s.post("Ed", f"/f/{codes[0]}", six(4), aside="its meeting has not arrived")
    s.post("bob", "/meetings/late", said, token=codes[0])
    s.post("alice", "/meetings/late", said, token=codes[0], contact_name="")
    s.post("alice", "/meetings/late", said, token=codes[0])
    s.post("alice", "/meetings/late", said, token=codes[0], aside="sent twice")
    s.post("Ed", f"/f/{codes[0]}", six(4), done="1")
    s.later(days=7)
    s.post(
        "alice", "/meetings/late", said, token=codes[1], ago="600", aside="seven days after it was reserved"
    )
    s.later(days=6, hours=23, minutes=59, seconds=59)
    s.post(
        "alice",
        "/meetings/late",
        said,
        token=codes[2],
        contact_name="Flo",
        aside="a second short of two weeks",
    )
    s.later(seconds=1)
    s.post("alice", "/meetings/late", said, token=codes[3], contact_name="Gil", aside="two weeks")
    s.daily()
    s.later(seconds=1)
    s.daily()
    s.post("alice", "/meetings/reserved", has="0")
    s.post("alice", "/sign-out", aside="the phone's codes go with it")


def _guest(c, s: Story, number: int) -> None:
    from feedback.actions.rooms import Guest, enter_room

    enter_room(c, s.id("meeting 3"), Guest(name=f"Guest {number}"))
