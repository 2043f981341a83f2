"""The client's answer: opened, tapped, done, changed, erased, disputed; begun again; too late."""

from support.pages import six

from golden.story import Story, another


def play(s: Story) -> None:
    s.open(told=True)
    s.silently()
    with_mail = {
        "contact_name": "Dana Whitfield",
        "account_name": "Northwind",
        "contact_email": "dana@northwind.example",
    }

    s.scene("Taps, one by one")
    s.post("alice", "/meetings/new", with_mail, form_key="1")
    code = s.code()
    s.post("alice", code + "/opened", aside="a browser where a rep is signed in counts for nothing")
    s.post("Dana", code + "/not-me", aside="there is nothing to dispute")
    s.later(seconds=10)
    s.post("Dana", code + "/opened")
    s.later(seconds=1)
    s.post("Dana", code + "/opened", aside="once more")
    s.post("Dana", code, integrity="6")
    s.later(seconds=1)
    s.post("Dana", code, integrity=5, sequence=1)
    key = s.reply.location.partition("?")[0]
    s.later(seconds=1)
    s.post("Dana", key, integrity=5, savvy=4, sequence=2)
    s.post("Dana", key, integrity=1, sequence=1, aside="an older tap that comes late")
    s.post("Dana", key, savvy=7, sequence=3)
    s.post("Dana", key, {**six(5), "savvy": 4}, visibility="nobody", sequence=3)
    s.post("Dana", code, integrity=2, aside="another phone, without the key")
    s.post("Dana", another(code), integrity=2, aside="a code that nobody has")
    s.post("Dana", another(key), integrity=2, aside="a key that nobody has")
    s.post("Dana", another(key) + "/erase", aside="likewise")
    s.post("Dana", another(key) + "/not-me", aside="likewise")
    s.post("Dana", another(code) + "/not-me", aside="a code that nobody has")
    s.post("Dana", key + "/erase", aside="while tapping")

    s.scene("Done, the extras, and a change")
    s.post(
        "alice",
        "/meetings/new",
        {**with_mail, "contact_name": "Eli Ode", "contact_email": "eli@northwind.example"},
        same="no",
        form_key="2",
    )
    code = s.code()
    s.post("Eli", code + "/opened")
    s.later(seconds=20)
    s.post("Eli", code, six(4, 4, 4, 4, 4, 2), visibility="rep", done="1")
    key = s.reply.location.partition("?")[0]
    s.later(seconds=20)
    s.post("Eli", key, comment="c" * 2001, done="1")
    s.post("Eli", key, stage="nonsense", done="1")
    s.post("Eli", key, comment="The crew was late.", stage="comparing", nps=11, done="1")
    s.post("Eli", key, comment="The crew was late.", stage="comparing", done="1")
    s.later(minutes=1)
    s.post(
        "Eli",
        key,
        six(4, 4, 4, 4, 4, 1),
        comment="Very late.",
        visibility="manager",
        done="1",
        aside="a change after Done",
    )
    s.later(minutes=1)
    s.post("Eli", key + "/not-me")
    s.post("Eli", key + "/not-me", aside="a second click")
    s.later(minutes=1)
    s.post("Eli", key + "/erase")
    s.later(minutes=1)
    s.post("Eli", key + "/erase", aside="a second click")
    s.post("Eli", key, six(5), done="1", aside="what was erased is not begun again")
    s.post("Eli", code + "/again", aside="nor on another phone")

    s.scene("Ten idle minutes settle an answer")
    s.post("alice", "/meetings/new", contact_name="Fay Gray", account_name="Acme", form_key="3")
    s.post("Fay", s.code(), six(3))
    s.later(minutes=9, seconds=59)
    s.settle()
    s.post("Phone", s.code() + "/again", aside="a second before it settles: the taps are put away")
    s.post("Phone", s.code(), six(2, 5, 5, 5, 5, 5))
    key = s.reply.location.partition("?")[0]
    s.later(minutes=10)
    s.settle()
    s.post("Fay", s.code() + "/again", aside="settled")
    s.post("Fay", s.code() + "/not-me", aside="with the code alone it counts on")
    s.later(minutes=30)
    s.settle()

    s.scene("Closed after two weeks")
    s.post("alice", "/meetings/new", contact_name="Gus Hill", account_name="Acme", form_key="4")
    code = s.code()
    s.later(days=13, hours=23, minutes=59, seconds=59)
    s.post("Gus", code, six(5), aside="a second before it closes")
    key = s.reply.location.partition("?")[0]
    s.later(seconds=1)
    s.post("Gus", key, six(1), aside="when it has closed")
    s.post("Gus", code + "/opened")
    s.post("Gus", code + "/again")
    s.settle()
    s.post("Gus", key + "/not-me", aside="that stays possible")
    s.post("Gus", key + "/erase", aside="and that")

    s.scene("A promise that is due, and the language of an answer")
    s.post("alice", "/meetings/new", contact_id="<Fay Gray>", form_key="5")
    s.post("alice", "/meetings/<meeting 5>/promises", side="rep", words="Send the list", due_on="2026-12-03")
    s.later(days=2)
    s.post("alice", "/meetings/new", contact_id="<Fay Gray>", form_key="6")
    s.post("Fay", s.code(), six(5), speak="de", done="1")
    key = s.reply.location.partition("?")[0]
    s.post("Fay", key, {"promise-<promise 1>": "not_kept"}, done="1")
    s.post("alice", "/meetings/new", contact_name="Hal Ito", account_name="Acme", form_key="7")
    s.post("Hal", s.code(), visibility="manager", done="1", aside="nothing rated")
    s.post("Hal", s.code(), six(5), visibility="manager", done="1")
    key = s.reply.location.partition("?")[0]
    s.post("Hal", key, worth_it="no", nps=3, comment="fine", done="1")
