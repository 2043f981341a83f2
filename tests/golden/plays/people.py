"""The owner's people and teams: invited, changed, gone and back, erased; links; first steps."""

from golden.story import Story

SAM = {"name": "Sam O’Hara", "email": "Sam@Example.com", "role": "rep"}


def play(s: Story) -> None:
    s.open()
    s.cast.add("otto", "owner")
    s.silently()
    south = str(s.id("South"))

    s.scene("Teams")
    s.post("carol", "/teams", name="West")
    s.post("olive", "/teams", name="")
    s.post("olive", "/teams", name="North")
    s.post("olive", "/teams", name="t" * 201)
    s.post("olive", "/teams", name=" West ")
    s.post("olive", "/teams", name="west", aside="there is one")
    s.post("mallory", "/teams/<West>", name="Wild West")
    s.post("olive", "/teams/<West>", name="South")
    s.post("olive", "/teams/<West>", name="Wild West")
    s.post("olive", "/teams/<North>", what="delete", aside="there is somebody")
    s.post("olive", "/teams/<West>", what="delete")
    s.post("olive", "/teams/<West>", what="delete")

    s.scene("Somebody is invited, and joins")
    s.post("carol", "/people/new", SAM)
    s.post("olive", "/people/new", SAM, role="king")
    s.post("olive", "/people/new", SAM, name="")
    s.post("olive", "/people/new", SAM, email="sam")
    s.post("olive", "/people/new", SAM, email="alice@example.com", teams=south)
    s.post("olive", "/people/new", {**SAM, "name": "Kim", "email": "kim@example.com"}, aside="without a team")
    s.post("olive", "/people/new", SAM, teams=[south, str(s.id("North"))], aside="in two")
    s.post("olive", "/people/new", SAM, teams=south, mail="1")
    s.post("olive", "/people/new", SAM, teams=south, aside="a second click")
    mail = s.mails()[-1]
    join = mail[mail.index("/join/") :].split()[0]
    s.post("Sam", join, password="short", again="short")
    s.post("Sam", join[:-2] + "xx", password="a short sentence")
    s.later(days=7)
    s.post("Sam", join, password="a longer sentence", aside="a week later")
    s.post("olive", "/people/<Sam O’Hara>/access", what="link")
    s.post("olive", "/people/<Sam O’Hara>/access", what="mail")
    s.post("olive", "/people/<Sam O’Hara>/access", what="withdraw")
    s.post("olive", "/people/<Sam O’Hara>/access", what="withdraw", aside="a second click")
    s.post("olive", "/people/<Sam O’Hara>/access", what="mail")
    mail = s.mails()[-1]
    join = mail[mail.index("/join/") :].split()[0]
    s.later(days=6, hours=23, minutes=59, seconds=59)
    s.post(
        "Sam", join, password="sam.ohara.sam.ohara", aside="a second short of a week, and too like the name"
    )
    s.post("Sam", join, password="a longer sentence")
    s.post("Sam", join, password="a longer sentence", aside="once only")

    s.scene("Somebody is changed")
    alice = "/people/<Alice>"
    now = {"name": "Alice A.", "email": "alice@example.com", "role": "rep", "teams": south}
    s.post("carol", alice, now)
    s.post("mallory", alice, now)
    s.post("olive", alice, now, email="bob@example.com")
    s.post("olive", alice, now, role="")
    s.post("olive", alice, now)
    s.post("olive", alice, now, aside="a second click")
    s.post("olive", alice, now, email="alice.a@example.com", aside="another address")
    s.post(
        "olive",
        "/people/<Carol>",
        name="Carol",
        email="carol@example.com",
        role="manager",
        teams=[south, str(s.id("North"))],
    )
    s.post("olive", "/people/<Carol>", name="Carol", email="carol@example.com", role="owner")
    s.post(
        "olive",
        "/people/<Carol>",
        name="Carol",
        email="carol@example.com",
        role="manager",
        teams=str(s.id("North")),
    )

    s.scene("Somebody leaves and comes back")
    s.browser("bob")
    for what in ("nonsense", "factor", "sign_out"):
        s.post("olive", "/people/<Bob>/access", what=what)
    s.post("carol", "/people/<Bob>/access", what="end")
    s.post("bob", "/meetings/new", contact_name="Dana Whitfield", account_name="Northwind")
    s.post("olive", "/people/<Bob>/access", what="end")
    s.post("olive", "/people/<Bob>/access", what="end", aside="a second click")
    s.post("olive", "/people/<Bob>/access", what="link", aside="who has left needs none")
    s.post("olive", "/people/<Bob>/access", what="back")
    s.post("olive", "/people/<Bob>/access", what="back", aside="a second click")
    s.post("olive", "/people/<Otto>/access", what="end")
    s.post("olive", "/people/<Olive>/access", what="end", aside="the last owner")
    s.post("olive", "/people/<Otto>/access", what="back")

    s.scene("Somebody wants to know what is stored, and to be erased")
    s.post("carol", "/people/<Bob>/file")
    s.post("olive", "/people/<Bob>/file")
    s.post("olive", "/people/<Bob>/erase", sure="1", aside="who has not left")
    s.post("olive", "/people/<Bob>/access", what="end")
    s.post("olive", "/people/<Bob>/erase")
    s.post("carol", "/people/<Bob>/erase", sure="1")
    s.later(minutes=1)
    s.post("olive", "/people/<Bob>/erase", sure="1")
    s.later(minutes=1)
    s.post("olive", "/people/<Bob>/erase", sure="1", aside="a second click")
    s.post("olive", "/people/<Bob>/access", what="back")

    s.scene("First steps")
    for what in ("nonsense", "links", "mail", "try", "try", "away", "away"):
        s.post("olive", "/start", what=what)
    s.post("carol", "/start", what="away")
    s.post("olive", "/status")
    s.post("carol", "/status")
    s.post("olive", "/export")
    s.post("carol", "/export")
    s.post("otto", "/people/<Olive>", name="Olive", email="olive@example.com", role="rep", teams=south)
    s.post(
        "otto",
        "/people/<Otto>",
        name="Otto",
        email="otto@example.com",
        role="rep",
        teams=south,
        aside="the last owner",
    )
