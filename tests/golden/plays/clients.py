"""Contacts and accounts: added, corrected, archived, joined and parted, given to another rep, erased."""

from support.pages import six

from golden.story import Story

NEW = {"name": "Zoë Müller", "account": "Søn & Co", "rep": "alice@example.com"}


def play(s: Story) -> None:
    s.open(told=True)
    s.cast.add("nora", "manager", "South")
    s.silently()

    s.scene("Clients added by hand")
    s.post("alice", "/contacts/new", NEW)
    s.post("carol", "/contacts/new", NEW, rep="bob@example.com", aside="not one of her reps")
    s.post("carol", "/contacts/new", NEW, rep="")
    s.post("carol", "/contacts/new", NEW, email="nobody")
    s.post("carol", "/contacts/new", NEW, value="many")
    s.post("carol", "/contacts/new", NEW, value="-1")
    s.post("carol", "/contacts/new", NEW, review_days="0")
    s.post("carol", "/contacts/new", NEW, review_days="3651")
    s.post("carol", "/contacts/new", NEW, language="xx")
    s.post("carol", "/contacts/new", NEW, name="n" * 201)
    s.post(
        "carol",
        "/contacts/new",
        NEW,
        email="ZOE@son.example",
        role="COO",
        language="de",
        no_mail="y",
        value="1200.50",
        renews_on="2027-01-31",
        review_days="30",
    )
    s.post("carol", "/contacts/new", NEW, email="zoe@son.example", aside="a double click")
    s.post("carol", "/contacts/new", NEW, name="Zoe Muller", account="Elsewhere", aside="is it the same?")
    s.post("carol", "/contacts/new", NEW, name="Zoe Muller", account="Elsewhere", same="no")
    s.post("olive", "/contacts/new", account="Alone", name="", value="7", review_days="3650", rep="")

    s.scene("A contact is corrected")
    zoe = "/contacts/<Zoë Müller>"
    now = {
        "name": "Zoë Miller",
        "account": "Søn & Co",
        "role": "CEO",
        "email": "zoe@miller.example",
        "language": "fr",
    }
    s.post("bob", zoe, now)
    s.post("nora", zoe, now)
    s.post("mallory", zoe, now)
    s.post("carol", zoe, now, name="")
    s.post("carol", zoe, now, email="nobody")
    s.post("carol", zoe, now, language="xx")
    s.post("carol", zoe, now, no_mail="y")
    s.post("carol", zoe, now, no_mail="y", aside="a second click")
    s.post("carol", zoe, now, account="Elsewhere", rep="bob@example.com", aside="to a rep who is not hers")
    s.post(
        "carol",
        zoe,
        now,
        account="Elsewhere",
        rep="alice@example.com",
        aside="to another company, and mailed again",
    )
    s.post("olive", zoe, now, account="Elsewhere", rep="bob@example.com", aside="to Bob")

    s.scene("An account is corrected and archived, and a contact")
    son = "/accounts/<Søn & Co>"
    s.post("alice", f"{son}/edit", name="Son", value="", review_days="", renews_on="")
    s.post("carol", f"{son}/edit", name="", value="", review_days="", renews_on="")
    s.post("olive", f"{son}/edit", name="Son", value="99", review_days="3651", renews_on="")
    s.post(
        "olive",
        f"{son}/edit",
        name="Alone",
        value="99",
        review_days="20",
        renews_on="2027-02-01",
        aside="there is one",
    )
    s.post("olive", f"{son}/edit", name="Son", value="99", review_days="20", renews_on="2027-02-01")
    s.post(
        "olive",
        f"{son}/edit",
        name="Son",
        value="99",
        review_days="20",
        renews_on="2027-02-01",
        aside="a second click",
    )
    s.post("olive", f"{son}/archive", what="archive")
    s.post("olive", f"{son}/archive", what="archive", aside="a second click")
    s.post("alice", f"{son}/archive", what="back")
    s.post("olive", f"{son}/archive", what="back")
    s.post("bob", f"{zoe}/archive", what="archive")
    s.post("olive", f"{zoe}/archive", what="archive")
    s.post("olive", f"{zoe}/archive", what="archive", aside="a second click")
    s.post("bob", "/meetings/new", contact_id="<Zoë Müller>", aside="who is met is archived no longer")
    s.post("olive", f"{zoe}/archive", what="archive")
    s.post("olive", f"{zoe}/archive", what="back")

    s.scene("Two contacts are one, for a day")
    for name, rating in (("Dana Whitfield", 4), ("D. Whitfield", 2)):
        s.post(
            "alice",
            "/meetings/new",
            contact_name=name,
            account_name="Northwind",
            same="no",
            contact_email=f"{name[0]}{rating}@northwind.example",
        )
        s.post("alice", s.reply.location + "/mirror", six(3), done="1")
        s.post(name[0], s.code(), six(rating), done="1")
        s.post(
            "carol",
            "/relationships/<relationship {}>/practice".format(len(s.rows("relationships"))),
            dimension="savvy",
            number="1",
        )
    dana = "/contacts/<Dana Whitfield>"
    s.post("bob", f"{dana}/merge", other="<D. Whitfield>")
    s.post("mallory", f"{dana}/merge", other="<D. Whitfield>")
    s.post("carol", f"{dana}/merge", other="<Dana Whitfield>", aside="with herself")
    s.post("carol", f"{dana}/merge", other="x")
    s.post("carol", f"{dana}/merge", other="<D. Whitfield>")
    s.post("carol", f"{dana}/merge", other="<D. Whitfield>", aside="a second click")
    s.post("alice", "/meetings/new", contact_id="<D. Whitfield>", topic="Who is nobody by now", form_key="x")
    s.later(hours=23, minutes=59, seconds=59)
    s.post("bob", "/merges/<merge 1>")
    s.post("carol", "/merges/<merge 1>", aside="a second short of a day later")
    s.post("carol", "/merges/<merge 1>", aside="a second click")
    s.post("carol", f"{dana}/merge", other="<D. Whitfield>")
    s.later(days=1)
    s.post("carol", "/merges/<merge 2>", aside="a day later")
    s.post("olive", f"{dana}/merge", other="<Zoë Müller>", aside="of another account")

    s.scene("Two accounts are one")
    s.post("alice", f"{son}/merge", other="<Northwind>")
    s.post("olive", f"{son}/merge", other="<Søn & Co>")
    s.post("olive", f"{son}/merge", other="<Northwind>")
    s.post("olive", f"{son}/merge", other="<Northwind>", aside="a second click")
    s.post("olive", "/merges/<merge 4>")

    s.scene("Bob looks after Alice's clients from now on, and gives one back")
    over = "/people/<Alice>/hand-over"
    s.post("carol", over, what="over", to="<Bob>", clients="<relationship 2>")
    s.post("olive", over, what="over", to="<Carol>", clients="<relationship 2>", aside="not a rep")
    s.post("olive", over, what="over", to="<Alice>", clients="<relationship 2>", aside="to herself")
    s.post("olive", over, what="over", to="<Bob>", clients="<relationship 1>", aside="it is Bob's")
    s.post("olive", over, what="over", to="<Bob>")
    s.post("olive", over, what="over", to="<Bob>", clients=["<relationship 2>", "<relationship 3>"])
    s.post("olive", over, what="over", to="<Bob>", clients="<relationship 2>", aside="a second click")
    s.post("olive", over, what="undo", undone="<relationship 2>")
    s.post("olive", over, what="undo", undone="<relationship 2>", aside="a second click")
    s.post("bob", "/meetings/new", contact_id="<Dana Whitfield>")

    s.scene("A contact wants to know what is stored, and to be erased")
    s.post("carol", f"{dana}/file")
    s.post("olive", f"{dana}/file")
    s.post("olive", f"{dana}/erase")
    s.post("carol", f"{dana}/erase", sure="1")
    s.post("mallory", f"{dana}/erase", sure="1")
    s.later(minutes=1)
    s.post("olive", f"{dana}/erase", sure="1")
    s.later(minutes=1)
    s.post("olive", f"{dana}/erase", sure="1", aside="a second click")
    s.post("alice", "/meetings/new", contact_id="<Dana Whitfield>")
    s.post("olive", dana, now)
