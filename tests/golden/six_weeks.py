"""What happened in the small world in six weeks, and in another organisation of the same names beside it: everything that pages
tell apart.

Numbers are un-round and different from each other, and dates stand where rules have their limits, so that a rule which is
off by a little moves a digit somewhere.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from support.cast import Cast

from feedback.actions import (
    api_tokens,
    asking,
    clients,
    decisions,
    erasure,
    handed_over,
    merging,
    new_clients,
    outcomes,
    practices,
    promises,
    staff,
    user_links,
)
from feedback.actions.alerts import handle
from feedback.actions.answers import dispute_answer, erase_answer, mark_opened
from feedback.actions.client_lines import tell_client
from feedback.actions.corrections import note_declined
from feedback.actions.look import change_colour
from feedback.actions.rooms import Guest, enter_room, open_room
from feedback.actions.scoring.changes import ask_for_change
from feedback.actions.settings import change_settings
from feedback.actions.taken_back import take_back
from feedback.actions.trust import Fingerprint
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.calendar.file import read_calendar
from feedback.chat.channels import Gets, NewChannel, add_channel, pause_channel
from feedback.core.answer_key import Browser
from feedback.core.api_tokens import Scope, TokenKind
from feedback.core.asking import StopReason
from feedback.core.calendar.faults import CalendarFault, SourceKind
from feedback.core.chat import PauseCause
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.run import ImportKind
from feedback.jobs.evidence import work_out_evidence
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.models.webhook import Event
from feedback.store.people import all_teams
from feedback.webhooks import subscriptions
from golden.files import calendar_of, imported, random_rows, uploaded
from golden.world import BASE, BERLIN, World, at

BEGAN = datetime(2026, 10, 12, 7, 13, tzinfo=UTC)  # a Monday
ENDS = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)  # a Wednesday, in week 48
PAIRS = [
    ("alice", "Northwind", "Dana Whitfield"), ("alice", "Northwind", "Eli Marsh"), ("alice", "Brightline", "Ana Souza"),
    ("alice", "Brightline", "Ben Okafor"), ("alice", "Cobalt Foods", "Cleo Papadaki"),
    ("rita", "Cobalt Foods", "Dario Conti"), ("rita", "Delmar", "Edda Olafsdottir"), ("rita", "Delmar", "Finn Larsen"),
    ("rita", "Northwind", "Grete Holm"),
    ("bob", "Eastgate", "Hana Sato"), ("bob", "Eastgate", "Ivo Horvat"), ("bob", "Fernhill", "Jana Novak"),
    ("bob", "Fernhill", "Kofi Mensah"), ("bob", "Garnet", "Lotte Visser"),
    ("lena", "Harbour", "Mads Friis"), ("lena", "Harbour", "Nora Quinn"), ("lena", "Garnet", "Otto Brandt"),
    ("wim", "Ironwood", "Pia Lindqvist"), ("wim", "Ironwood", "Quentin Roy"), ("wim", "Juniper", "Rosa Marin"),
    ("wim", "Kestrel", "Sven Bakke"), ("rita", "Lumen", "Tara Devi"),
]  # fmt: skip
OUTCOMES = """account,contact_email,date,outcome,value_before,value_after,reason
Northwind,,2026-09-30,renewed,41200,43900,
Northwind,eli@northwind.example,2026-10-02,grew,7100,9350,A second site
Brightline,,2026-10-06,shrank,18300,11250,One site closed
Cobalt Foods,,2026-09-15,renewed,26400,26400,
Delmar,,2026-09-21,lost,15750,0,Somebody closer by
Eastgate,,2026-10-01,renewed,33100,34800,
Fernhill,,2026-10-05,lost,9900,0,Went in house
Garnet,,2026-08-31,grew,12050,17400,
Harbour,,2026-10-08,lost,22700,0,Price
Ironwood,,2026-09-09,renewed,5300,5300,
Juniper,,2026-08-27,shrank,8800,6150,
Kestrel,,2026-09-17,lost,4450,0,
"""


def begin(us: World) -> None:
    """The organisation, its people, and what was said before it began here."""
    cast, olive = us.cast, us.cast.olive
    for name, role, teams, named in (
        ("carol", "manager", ("North",), "Carol Brandt"), ("dave", "manager", ("South", "West"), "Dave Onyango"),
        ("alice", "rep", ("North",), "Alice Moreau"), ("rita", "rep", ("North",), "Rita Sandoval"),
        ("nick", "rep", ("North",), "Nick Adeyemi"), ("bob", "rep", ("South",), "Bob Keller"),
        ("lena", "rep", ("South",), "Lena Virtanen"), ("wim", "rep", ("West",), "Wim de Boer"),
        ("zara", "owner", (), "Zara Haddad"),
    ):  # fmt: skip
        cast.add(name, role, *teams, named=named)
    accounts = "account,contact,contact_email,contact_role,language,value,review_days\n" + "".join(
        f"{account},{contact},{contact.split()[0].lower()}@{account.split()[0].lower()}.example,"
        f"{('Head of buying', 'Engineer', '')[n % 3]},{('en', 'de', '', 'fr')[n % 4]},{4450 + 1873 * len(account) * (n % 5)},{(30, 45, 60, '')[n % 4]}\n"
        for n, (_, account, contact) in enumerate({p[1]: p for p in PAIRS}.values())
    )
    imported(us, ImportKind.ACCOUNTS, accounts)
    imported(us, ImportKind.HISTORY, random_rows(7, 30, PAIRS, BEGAN))
    us.until("10-13 09:05")
    imported(us, ImportKind.OUTCOMES, OUTCOMES)
    with us.db.reading() as session:
        teams = {name: team_id for team_id, name in all_teams(session, olive.organisation_id)}
    with cast.changing() as c:
        hook = subscriptions.add_webhook(c, olive.id, "https://crm.example/in?key=1", list(Event))
        subscriptions.add_webhook(c, olive.id, "https://gone.example/in", [Event.FEEDBACK_RECEIVED])
        us.extra["hook"] = str(hook)
        for name, service, url, team, topics, managers in (
            ("#managers", "slack", "https://slack.example/x1", None, ("alerts", "week"), True),
            ("#north", "teams", "https://teams.example/x2", "North", ("alerts",), True),
            ("#all", "slack", "https://slack.example/x3", None, ("week",), False),
        ):
            team_id = teams[team] if team else None
            us.extra[name] = str(
                add_channel(
                    c,
                    olive.id,
                    NewChannel(service, name, url, Gets(team_id, topics, managers)),
                    private=False,
                )
            )


def meetings_of_october(us: World) -> None:
    """Weeks 42 to 44: answers of every kind, and the clocks go back in between."""
    cast = us.cast
    us.until("10-14 10:40")
    us.meet("dana1", "alice", "Dana Whitfield", topic="Yearly review")
    us.guess("dana1", "544454", "change")
    us.until("10-14 11:02")
    us.say("dana1", "453445", comment="Thank you, and <b>please</b> call on Friday.", stage="comparing")
    us.until("10-15 16:20")
    us.meet("jonas", "alice", "Jonas Weber", account="Northwind", topic="First call")  # no address
    us.say("jonas", "444344", comment="ok")
    us.note("dana1", "Dana Whitfield", "rep", "Send the drawings", "11-03")
    us.note("dana1", "Dana Whitfield", "client", "Ask the board", "11-25")
    us.until("10-18 23:30")  # a Sunday: still week 42 in Berlin, and week 43 has not begun anywhere
    us.meet("late", "bob", "Hana Sato")
    us.guess("late", "444444")
    us.say("late", "222345", comment="We waited for two weeks", nps=4)
    us.until("10-19 00:20")  # week 43 in Berlin, and still Sunday in UTC
    us.meet("early", "bob", "Ivo Horvat")
    us.guess("early", "555444")
    us.say("early", "555554", visibility="manager", comment="Between us: a very good one")
    us.until("10-20 14:15")
    us.meet("rest", "rita", "Edda Olafsdottir")
    us.guess("rest", "555555", "growing")
    us.say("rest", "212343", stage="curious", comment="Not what we had agreed", nps=2)
    us.meet("finn", "rita", "Finn Larsen")
    us.say("finn", "333333", comment="Fine.")
    us.until("10-20 15:00")
    us.do(handle.take_alert, us.alert("rita", "Edda Olafsdottir"), cast.carol.id)
    us.do(
        handle.note_on_alert,
        us.alert("rita", "Edda Olafsdottir"),
        cast.carol.id,
        "Called, nobody there. Again on Thursday.",
    )
    us.do(
        handle.assign_practice,
        us.alert("rita", "Edda Olafsdottir"),
        cast.carol.id,
        dimension="integrity",
        number=2,
    )
    us.until("10-22 12:00")  # the end of the second working day is near
    us.do(
        handle.close_alert,
        us.alert("rita", "Edda Olafsdottir"),
        cast.carol.id,
        outcome="recovered",
        words="We sent a second engineer.",
    )
    us.do(
        tell_client,
        us.alert("rita", "Edda Olafsdottir"),
        cast.carol.id,
        "From now on Rita calls each Monday.",
        BASE,
    )
    us.until("10-23 09:40")
    us.meet("mads", "lena", "Mads Friis")
    us.guess("mads", "333333")
    us.say("mads", "445455")
    us.until("10-25 01:50")  # the night in which an hour comes twice
    us.meet("night", "wim", "Rosa Marin")
    us.say("night", "545.55")
    us.until("10-27 11:11")
    us.meet("pia", "wim", "Pia Lindqvist")
    us.guess("pia", "555555")
    us.say("pia", "111211", comment="I am leaving, and so are we", nps=0)
    us.do(
        handle.close_alert,
        us.alert("wim", "Pia Lindqvist"),
        cast.dave.id,
        outcome="lost",
        words="They had decided before.",
    )
    us.meet("sven", "wim", "Sven Bakke")
    us.guess("sven", "443444")
    us.say("sven", "445344", nps=9)
    us.until("10-28 09:10")
    us.meet("nora", "lena", "Nora Quinn")
    us.say("nora", "3.3...", done=False)  # settles by itself
    us.until("10-30 17:00")
    us.do(staff.end_person, cast.olive.id, cast.lena.id)
    us.do(
        handed_over.hand_over,
        cast.olive.id,
        cast.lena.id,
        cast.bob.id,
        [us.relationship("lena", "Mads Friis")],
    )


def meetings_of_november(us: World) -> None:
    """Weeks 45 to 47: doubts, rooms, mails that ask, merges, erasures, promises that were kept or not."""
    cast = us.cast
    us.until("11-03 10:05")
    for number, name in enumerate(("Dana Whitfield", "Eli Marsh", "Ana Souza")):  # one phone for three people
        us.meet(f"phone{number}", "alice", name)
        us.guess(f"phone{number}", "454545")
        us.say(
            f"phone{number}",
            ("555455", "545554", "455545")[number],
            phone=Fingerprint("one phone", "office", "browser"),
        )
    us.until("11-04 09:00")
    us.do(
        decisions.decide_answer,
        us.codes["phone0"].id,
        cast.carol.id,
        accept=True,
        reason="Dana told me that they shared it.",
    )
    us.do(
        decisions.decide_answer,
        us.codes["phone1"].id,
        cast.carol.id,
        accept=False,
        reason="Eli was away that day.",
    )
    us.until("11-04 13:30")
    us.meet("hurried", "rita", "Grete Holm")
    us.do(mark_opened, us.codes["hurried"].id)
    us.clock.now += timedelta(seconds=4)  # as fast as counts as hurried
    us.say("hurried", "444444", phone=Fingerprint("g", "n", "b"))
    us.meet("unhurried", "rita", "Tara Devi")
    us.do(mark_opened, us.codes["unhurried"].id)
    us.clock.now += timedelta(seconds=5)
    us.say("unhurried", "434544", phone=Fingerprint("t", "n2", "b2"), nps=10)
    us.guess("unhurried", "533444")
    us.until("11-05 15:45")
    us.meet("reps", "bob", "Jana Novak")
    us.say("reps", "555555", phone=Fingerprint("bobs", "n3", "b3", whose=Browser.REPS))
    us.meet("kofi", "bob", "Kofi Mensah")
    us.guess("kofi", "444444")
    us.say("kofi", "334443", comment="No complaints")
    us.do(dispute_answer, us.codes["kofi"].id, with_key=False)
    us.meet("lotte", "bob", "Lotte Visser")
    us.say("lotte", "122222", comment="Please forget this")
    us.until("11-06 10:00")
    us.do(erase_answer, us.codes["lotte"].id)
    us.until("11-09 08:50")
    us.meet("dana2", "alice", "Dana Whitfield", topic="Drawings")
    us.guess("dana2", "545444", "adopting")
    promise = {us.promise("Send the drawings"): "not_kept"}
    us.say("dana2", "343434", verdicts=promise, comment="The drawings are late", stage="problem")
    us.do(promises.judge_promise, us.promise("Ask the board"), "kept")
    us.note("dana2", "Dana Whitfield", "rep", "Drawings by courier", "11-25")
    us.note("dana2", "Dana Whitfield", "rep", "A new plan", "11-26")
    us.do(
        practices.choose_practice, us.relationship("alice", "Dana Whitfield"), "integrity", 1, cast.carol.id
    )
    us.until("11-10 11:30")
    us.meet("room", "rita", "Edda Olafsdottir", "Finn Larsen", topic="Workshop")
    us.do(open_room, us.codes["room"].meeting_id)
    us.extra["guest"] = us.do(
        enter_room, us.codes["room"].meeting_id, Guest("Gil Guest", "gil@delmar.example")
    )
    us.say("room", "555454")
    us.say("room-2", "444555", comment="Lively")
    us.guess("room", "544444")
    us.until(
        "11-11 11:20"
    )  # two weeks before we look, to the minute: pages close, and a mail may be sent again
    us.meet("mailed", "alice", "Ben Okafor", topic="Call")
    us.do(asking.ask_by_mail, us.codes["mailed"].meeting_id, us.codes["mailed"].id, BASE)
    us.meet("link", "alice", "Cleo Papadaki")
    us.do(asking.ask_by_link, us.codes["link"].id)
    us.guess("link", "443444")
    us.say("link", "454435", worth_it="yes")
    us.meet("declined", "alice", "Jonas Weber")
    us.do(note_declined, cast.alice.id, us.codes["declined"].id, declined=True)
    us.meet("mistake", "alice", "Someone Else", account="Brightline")
    us.do(take_back, cast.alice.id, us.codes["mistake"].id)
    us.until("11-12 09:30")
    us.meet(
        "twin1", "rita", "Eli Marsh", account="Delmar", email="e.marsh@delmar.example"
    )  # of the same name elsewhere
    us.guess("twin1", "444444")
    us.say("twin1", "434344")
    us.meet("double", "rita", "F. Larsen", account="Delmar")
    us.do(merging.merge_contacts, us.viewer("carol"), us.contact("Finn Larsen"), us.contact("F. Larsen"))
    us.meet("gone", "bob", "Ursula Ott", account="Garnet", email="ursula@garnet.example")
    us.guess("gone", "343434")
    us.say("gone", "233323", comment="Ursula says no")
    us.until("11-13 16:00")
    us.do(erasure.erase_contact, cast.olive.id, us.contact("Ursula Ott"))
    us.do(
        new_clients.add_client,
        cast.carol.id,
        new_clients.NewClient(
            "Meridian",
            "Vera Blum",
            "vera@meridian.example",
            value=13370.0,
            review_days=40,
            renews_on=date(2026, 12, 31),
            given_to=cast.alice.id,
        ),
    )
    us.do(new_clients.add_client, cast.dave.id, new_clients.NewClient("Nimbus", value=2950.5))
    us.do(asking.stop_mail, "otto@garnet.example", StopReason.CLIENT)
    us.do(asking.stop_mail, "sven@kestrel.example", StopReason.REFUSED)
    us.do(change_settings, cast.olive.id, {"reps_weekly_mail": True})
    us.until("11-15 23:30")  # Sunday again
    us.meet("sunday", "rita", "Dario Conti")
    us.guess("sunday", "454444")
    us.say("sunday", "533434", comment="So so")
    us.until("11-16 00:00")  # the first moment of week 47
    us.meet("monday", "rita", "Tara Devi")
    us.say("monday", "333332", visibility="manager")
    us.do(
        outcomes.note_outcome,
        cast.carol.id,
        us.account("Lumen"),
        outcomes.OutcomeSaid(ClientOutcome.GREW, date(2026, 11, 16), None, 6100.0, 7425.5, "One more team"),
        OutcomeSource.PAGE,
    )
    us.do(
        outcomes.note_outcome,
        cast.dave.id,
        us.account("Kestrel"),
        outcomes.OutcomeSaid(ClientOutcome.RENEWED, date(2026, 11, 16), None, 4450.0, 4450.0),
        OutcomeSource.PAGE,
    )
    us.do(outcomes.retract_outcome, cast.dave.id, us.row(outcomes.NotedOutcome).id, retracted=True)


def last_days(us: World) -> None:
    """Week 48, in which the world is looked at on a Wednesday morning."""
    cast = us.cast
    us.until("11-18 10:15")
    us.fails.update({"crm.example": 503, "teams.example": 500})
    us.meet("tara", "rita", "Tara Devi", topic="Prices")
    us.guess("tara", "444444")
    us.say("tara", "123344", comment="You did not listen")
    us.work()
    us.until("11-19 11:20")
    us.fails.update({"gone.example": 410})
    us.meet("eli2", "alice", "Eli Marsh", account="Northwind")
    us.guess("eli2", "434343")
    us.say("eli2", "353535", nps=6)
    us.work()
    us.fails.clear()
    uploaded(
        us,
        "people",
        "people.csv",
        "name,email,role,team\nUma Rossi,uma@example.com,rep,West\nVic Lund,vic@example.com,manager,West\n",
    )
    us.extra["wrong job"] = str(
        uploaded(
            us,
            "people",
            "wrong.csv",
            "name,email,role,team\nXen,xen@example,boss,West\nYan,yan@example.com,rep,\n",
            start=False,
        )
    )
    us.extra["history job"] = str(
        uploaded(
            us,
            "history",
            "history.csv",
            "rep_email,account,contact,held_at,client_savvy,rep_savvy,other\nwim@example.com,Kestrel,Sven Bakke,2026-11-17T09:00,4,3,x\nwim@example.com,Kestrel,Zoe Neu,2026-11-16T09:00,2,3,y\n",
        )
    )
    us.extra["waiting job"] = str(
        uploaded(
            us,
            "outcomes",
            "outcomes.csv",
            "account,contact_email,date,what became\nLumen,,2026-11-01,renewed\nNowhere,,2026-11-02,lost\n",
            start=False,
        )
    )
    us.do(user_links.new_link, cast.olive.id, us.user("Uma Rossi"), BASE)
    us.until("11-20 09:15")
    read = read_calendar(
        calendar_of(
            ("11-20 14:00", "Quarterly", 45, ("dana@northwind.example",)),
            ("11-23 10:00", "Lunch", 60, ("bob@example.com",)),
            ("11-24 09:00", "Prices", 30, ("ben@brightline.example", "carol@example.com")),
            ("11-25 10:00", "Now", 60, ("cleo@cobalt.example",)),
            ("11-25 15:30", "Kick-off", 90, ("new@prospect.example",)),
            ("11-25 23:30", "Late call", 30, ("eli@northwind.example",)),
            ("11-26 00:00", "Tomorrow", 30, ("ana@brightline.example",)),
            ("11-27 12:00", "Without clients", 30, ("rita@example.com",)),
        ),
        own_email=cast.alice.email, zone=BERLIN, now=us.clock(),
    )  # fmt: skip
    us.do(address.note_upload, cast.alice.id, read)
    source = us.do(
        address.subscribe,
        cast.bob.id,
        NewAddress(SourceKind.ICS, "https://calendar.example/bob.ics", name="Work"),
    )
    us.do(address.note_fault, source, "https://calendar.example/bob.ics", CalendarFault.GONE, "404 Not Found")
    us.extra["calendar"] = str(source)
    us.until("11-22 23:45")
    us.meet("week47", "bob", "Mads Friis", topic="Handed over")
    us.say("week47", "454444")
    us.until("11-23 00:05")
    us.meet("week48", "bob", "Otto Brandt")
    us.guess("week48", "454444")
    us.say("week48", "454445", comment="Better than before")
    us.until("11-23 11:40")
    us.meet("tapping", "alice", "Ana Souza")
    us.meet("sealed", "alice", "Cleo Papadaki", topic="Offer")
    us.guess("sealed", "454545", "comparing")
    us.meet("unsealed", "alice", "Dana Whitfield", topic="Courier")
    us.guess("unsealed", "45....", seal=False)
    us.say("unsealed", "545445", comment="It came at last", stage="change")
    us.until("11-24 11:20")  # a day before we look, to the minute: what can be undone for a day
    us.meet("room2", "rita", "Tara Devi", "Dario Conti", topic="Round table")
    us.do(open_room, us.codes["room2"].meeting_id)
    us.meet("again", "bob", "I. Horvat", account="Eastgate")
    us.do(merging.merge_contacts, us.viewer("dave"), us.contact("Ivo Horvat"), us.contact("I. Horvat"))
    away = us.relationship("wim", "Rosa Marin")
    us.do(handed_over.hand_over, cast.olive.id, cast.wim.id, cast.bob.id, [away])
    us.do(handle.take_alert, us.alert("alice", "Dana Whitfield"), cast.carol.id)
    us.do(handle.note_on_alert, us.alert("alice", "Dana Whitfield"), cast.olive.id, "I know their board.")
    mistaken = us.alert("rita", "Tara Devi")
    us.do(handle.close_alert, mistaken, cast.carol.id, outcome="mistaken", words="A test of ours.")
    us.do(handle.reopen_alert, mistaken, cast.olive.id)
    us.do(pause_channel, UUID(us.extra["#north"]), PauseCause.GONE)
    us.until("11-24 16:40")
    us.do(practices.choose_practice, us.relationship("alice", "Cleo Papadaki"), "savvy", 3)
    us.do(ask_for_change_of_scores, us)
    run_scoring_changes(us.db, us.clock, us.app.extensions["feedback"].settings.instance / "imports")
    us.do(change_settings, cast.olive.id, {"name": "Doughnut Partners", "language": "en", "currency": "EUR"})
    us.do(change_colour, cast.olive.id, "#7a1f5c")
    us.do(pause_channel, UUID(us.extra["#all"]), PauseCause.OWNER, cast.olive.id)
    us.do(clients.archive_contact, cast.carol.id, us.contact("Jonas Weber"), archived=True)
    for name, kind, scopes in (
        ("alice", TokenKind.OWN, (Scope.READ, Scope.ASK)), ("bob", TokenKind.OWN, (Scope.READ,)),
        ("carol", TokenKind.OWN, (Scope.READ, Scope.WRITE)), ("dave", TokenKind.OWN, (Scope.READ,)),
        ("olive", TokenKind.OWN, tuple(Scope)), ("olive", TokenKind.ORGANISATION, (Scope.READ,)),
    ):  # fmt: skip
        new = api_tokens.NewToken(f"{name}'s {kind.value} program", scopes, 90, kind)
        secret = us.do(api_tokens.make_token, us.viewer(name), new)
        us.tokens[name if kind is TokenKind.OWN else "crm"] = secret
    us.until("11-25 11:05")
    work_out_evidence(us.db, cast.olive.organisation_id, us.clock())
    us.until("11-25 11:10")
    us.meet("settles", "bob", "Kofi Mensah")
    us.say("settles", "445.43", done=False)  # ten minutes ago: it counts as settled, and no worker has looked
    us.until("11-25 11:12")
    us.say("tapping", "45.3..", done=False)  # eight minutes ago
    us.do(mark_opened, us.codes["room2"].id)
    us.work()
    us.clock.now = ENDS
    for called in ("dana1", "tapping", "early", "lotte", "kofi", "unsealed", "room", "mailed", "nora"):
        us.keyed.append(cast.answer_address(us.codes[called]))


def ask_for_change_of_scores(c: Any, us: World) -> None:
    """Try another half-life."""
    ask_for_change(c, us.cast.olive.id, 60, 75, "Europe/Berlin")


def twin_of(us: World) -> None:
    """Another organisation whose people, accounts and contacts are called the same, at the same addresses."""
    there = Cast(us.db, us.clock)
    there.add_organisation("Doughnut Twins", "olive")
    for name, role, team in (
        ("carol", "manager", "North"),
        ("alice", "rep", "North"),
        ("bob", "rep", "South"),
        ("rita", "rep", "North"),
    ):
        there.add(name, role, team, named=us.cast.people[name].name)
    twin = World(us.app, there, us.clock, us.script)
    imported(
        twin,
        ImportKind.HISTORY,
        random_rows(11, 26, [pair for pair in PAIRS if pair[0] in there.people], BEGAN),
    )
    imported(twin, ImportKind.OUTCOMES, OUTCOMES.replace("renewed", "lost").split("Garnet")[0])
    us.clock.now = at("11-18 12:00")
    for called, rep, contact, six in (
        ("a", "alice", "Dana Whitfield", "111111"),
        ("b", "rita", "Edda Olafsdottir", "555511"),
        ("c", "bob", "Hana Sato", "121212"),
    ):
        twin.meet(called, rep, contact)
        twin.say(called, six, comment="Said elsewhere", nps=1, stage="growing")
        twin.guess(called, "333333", "growing")
        twin.note(called, contact, "rep", "Promised elsewhere", "11-20")
        twin.do(practices.choose_practice, twin.relationship(rep, contact), "savvy", 2)
    twin.do(handle.note_on_alert, twin.alert("alice", "Dana Whitfield"), there.carol.id, "Noted elsewhere")
    twin.do(subscriptions.add_webhook, there.olive.id, "https://elsewhere.example/", list(Event))
    us.extra["elsewhere"] = str(there.olive.organisation_id)
