"""What happened in the other house in six weeks that begin in summer time and end when the clocks have gone back."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col

from feedback.actions import (
    asking,
    asking_itself,
    clients,
    decisions,
    erasure,
    handed_over,
    merging,
    mirrors,
    new_clients,
    outcomes,
    practices,
    promises,
    rooms,
    staff,
)
from feedback.actions.alerts import handle
from feedback.actions.answers import dispute_answer, erase_answer, mark_opened
from feedback.actions.client_lines import take_line_back, tell_client
from feedback.actions.corrections import move_meeting, note_declined
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.reserved import LateMeeting, reserve_codes, start_late
from feedback.actions.scoring.changes import apply_change, ask_for_change
from feedback.actions.sessions import begin_session
from feedback.actions.settings import change_settings, note_told
from feedback.actions.taken_back import take_back
from feedback.actions.trust import Fingerprint
from feedback.calendar import address
from feedback.calendar.address import NewAddress
from feedback.calendar.file import read_calendar
from feedback.calendar.itself import ask_by_itself
from feedback.chat.channels import pause_channel, resume_channel
from feedback.core.answer_key import Browser
from feedback.core.asking import StopReason
from feedback.core.calendar.faults import SourceKind
from feedback.core.chat import PauseCause
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.jobs import check_again, start_undo
from feedback.imports.running import run_jobs
from feedback.jobs.evidence import work_out_evidence
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.models import CalendarAddress, UserSession
from golden.files import calendar_of, uploaded
from golden.other_house import ENDS, NEW_YORK, programs, ways_in
from golden.world import BASE, World

LEILA, KAVEH, NOA = "ليلى حداد", "کاوه امینی", "נועה לוי"


def first_days(us: World) -> None:
    """Weeks 40 to 42: clients who write from right to left, promises on both sides, an alert of most kinds."""
    cast = us.cast
    us.until("09-30 16:05")
    us.meet(
        "leila1", "ruth", LEILA, account="دار النور", email="leila@nur.example", language="ar", role="مديرة"
    )
    us.guess("leila1", "545454", "growing")
    us.say("leila1", "444344", comment="شكرا <b>لكم</b>", stage="curious")  # the rep runs ahead
    us.note("leila1", LEILA, "rep", "إرسال العينات", "10-09")
    us.note("leila1", LEILA, "client", "Sign by Friday", "10-10")
    us.meet("kaveh", "ruth", KAVEH, account="Rampart", email="kaveh@rampart.example", language="fa")
    us.say("kaveh", "333343", comment="بد نبود", nps=6)
    us.until(
        "10-01 23:59"
    )  # a Thursday: Friday and Saturday are free here, and tomorrow it is October 2nd in Berlin already
    us.meet("noa", "sam", NOA, account="Tundra", email="noa@tundra.example", language="he")
    us.guess("noa", "555555")
    us.say("noa", "221333", comment="לא מה שסוכם", nps=1)
    us.until("10-02 00:00")
    us.meet("fay", "sam", "Fay Wong", topic="Re-rigging")
    us.guess("fay", "554444", "adopting")
    us.say("fay", "555555", nps=10, comment="很好")
    us.until("10-04 11:30")  # Sunday, on which people work here
    us.do(handle.take_alert, us.alert("sam", NOA), cast.maya.id)
    us.do(handle.assign_practice, us.alert("sam", NOA), cast.maya.id, dimension="integrity", number=1)
    us.until("10-05 14:00")  # past the end of the one working day
    us.meet("iris", "tess", "Iris Tan")
    us.guess("iris", "445544")
    us.say("iris", "122122", visibility="manager", comment="Between us: we look for another")
    us.meet("jude", "uri", "Jude Ross")
    us.guess("jude", "444444")
    us.say("jude", "444445")
    us.meet("lou", "vera", "Lou Vance")
    us.guess("lou", "545454")
    us.say("lou", "454545", nps=9)
    us.until("10-06 10:10")
    us.do(handle.close_alert, us.alert("sam", NOA), cast.maya.id, outcome="accepted", words="She is right.")
    us.do(
        tell_client, us.alert("sam", NOA), cast.maya.id, "תודה. Sam sends the plan before each visit.", BASE
    )
    us.do(take_line_back, us.alert("sam", NOA), cast.maya.id)
    us.do(
        handle.close_alert,
        us.alert("tess", "Iris Tan"),
        cast.maya.id,
        outcome="lost",
        words="They had signed elsewhere.",
    )
    lost = outcomes.OutcomeSaid(
        ClientOutcome.LOST, date(2026, 10, 6), us.contact("Iris Tan"), 20000.51, 0.0, "Price, 3 % less"
    )
    us.do(
        outcomes.note_outcome,
        cast.maya.id,
        us.account("Umber"),
        lost,
        OutcomeSource.ALERT,
        us.alert("tess", "Iris Tan"),
    )
    us.do(promises.judge_promise, us.promise("Sign by Friday"), "not_kept")
    us.until("10-08 09:15")
    us.meet("oona", "lars", "Oona Reid")
    us.say("oona", "112111", comment="Lars shouted", nps=0)
    us.meet("nils", "lars", "Nils Berg")
    us.say("nils", "433434")
    us.until("10-10 18:20")
    us.meet("leila2", "ruth", LEILA, topic="عينات")
    us.guess("leila2", "444444")
    us.say(
        "leila2",
        "322223",
        verdicts={us.promise("إرسال العينات"): "not_kept"},
        comment="لم تصل",
        visibility="manager",
    )
    us.until("10-12 15:45")  # Columbus Day, a holiday here
    us.do(
        handle.close_alert,
        us.alert("lars", "Oona Reid"),
        cast.maya.id,
        outcome="recovered",
        words="Apologised.",
    )
    us.do(tell_client, us.alert("lars", "Oona Reid"), cast.maya.id, "Lars is with you no more.", BASE)
    us.do(mirrors.mark_gap_seen, us.codes["leila2"].id)


def agreed_weeks(us: World) -> None:
    """Weeks 42 to 44, in which a works agreement applies: it ends before the clocks go back."""
    cast = us.cast
    us.until("10-13 08:40")
    change = us.do(ask_for_change, cast.olive.id, 30, 21, "America/New_York")
    signals = us.app.extensions["feedback"].settings.instance / "imports"
    run_scoring_changes(us.db, us.clock, signals)
    us.do(apply_change, change)
    run_scoring_changes(us.db, us.clock, signals)
    us.until("10-14 12:00")
    us.do(
        change_settings,
        cast.olive.id,
        {"works_agreement": True, "reps_weekly_mail": True, "reps_see_own": False, "reps_see_all": False},
    )
    for number, (rep, contact, guessed, said) in enumerate((
        ("ruth", "Yael Barlev", "444444", "444344"), ("sam", "Gus Lind", "554455", "545545"), ("tess", "Hugo Paz", "333444", "343433"),
        ("uri", "Kim Dahl", "555544", "444544"), ("vera", "Mara Stone", "455444", "334343"),
    )):  # fmt: skip
        us.meet(f"agreed{number}", rep, contact)
        us.guess(f"agreed{number}", guessed)
        us.say(f"agreed{number}", said, comment=("", "All good.", "We wait too long")[number % 3])
    us.do(note_told, cast.ruth.id)
    us.until("10-16 17:30")
    us.meet("emre", "sam", "Emre Kaya")
    us.guess("emre", "555555")
    us.say("emre", "311323", nps=3)  # under the agreement
    us.until("10-19 09:00")
    us.fails.update({"failing.example": 500, "slack-refuses.example": 403})
    us.meet("room", "ruth", "Beth Lowe", "Cyrus Amini", topic="Fitting")
    us.do(rooms.open_room, us.codes["room"].meeting_id)
    for guest in ("Guest One", "زائرة"):
        us.do(rooms.enter_room, us.codes["room"].meeting_id, rooms.Guest(guest, ""))
    us.say("room", "544444", visibility="manager")
    us.do(
        mirrors.seal_for_room,
        us.codes["room"].id,
        dict.fromkeys(("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry"), 4),
    )
    us.work()
    us.until("10-27 16:00")
    us.meet("pat", "ines", "Pat Mills")
    us.guess("pat", "333333")
    us.say("pat", "554555", worth_it="no")
    us.do(
        change_settings, cast.olive.id, {"works_agreement": False, "reps_see_own": True, "reps_see_all": True}
    )


def after_the_clocks(us: World) -> None:
    """Weeks 44 and 45: the night with an hour twice, mails that ask, doubts, who left, and the last Sunday evening."""
    cast = us.cast
    us.until("10-28 10:00")
    us.meet("asked", "tess", "Hugo Paz")
    us.do(asking.ask_by_mail, us.codes["asked"].meeting_id, us.codes["asked"].id, BASE)
    us.meet("typed", "uri", "Zed Amari", account="Vesper", email="zed@vesper.example", role="Mate")
    us.do(asking.ask_all, us.codes["typed"].meeting_id, "mail", BASE)
    us.meet("refuses", "vera", "Lou Vance")
    us.do(note_declined, cast.vera.id, us.codes["refuses"].id, declined=True)
    us.meet("moved", "vera", "Mara Stone")
    us.do(move_meeting, cast.vera.id, us.codes["moved"].meeting_id, us.clock() - timedelta(hours=47))
    us.do(asking.stop_mail, "pat@yarrow.example", StopReason.NOTED)
    us.do(asking.stop_mail, "emre@sable.example", StopReason.CLIENT)
    us.until("10-29 15:20")
    us.meet("reps", "sam", "Fay Wong")
    us.say("reps", "555555", phone=Fingerprint("sams", "n1", "b1", whose=Browser.REPS))
    us.meet("handed", "sam", "Gus Lind")
    us.say("handed", "545555", phone=Fingerprint("sams", "n1", "b1", whose=Browser.HANDED_OVER))
    us.meet("denied", "uri", "Jude Ross")
    us.guess("denied", "455444")
    us.say("denied", "555555")
    us.do(dispute_answer, us.codes["denied"].id, with_key=True)
    us.meet("erased", "uri", "Kim Dahl")
    us.guess("erased", "222222")
    us.say("erased", "111111", comment="Forget me", nps=0)
    us.until("10-30 11:00")
    us.do(erase_answer, us.codes["erased"].id)
    us.do(decisions.decide_answer, us.codes["reps"].id, cast.maya.id, accept=False, reason="Fay was at sea.")
    us.until("11-01 00:40")  # the clocks go back at two
    us.meet("night1", "tess", "Hugo Paz", topic="Night watch")
    us.guess("night1", "434343")
    us.clock.now += timedelta(hours=1)  # 1:40, and an hour later 1:40 again
    us.say("night1", "353434", comment="ok")
    us.meet("night2", "ruth", "Amos Oren")
    us.clock.now += timedelta(hours=1)
    us.say("night2", "4545.4", stage="growing")
    us.until("11-02 09:30")
    _clients(us)
    us.until("11-03 09:00")
    for number in range(11):  # from afar, so that the two ways can be compared
        us.meet(f"afar{number}", "sam", "Fay Wong")
        us.do(asking.ask_by_link, us.codes[f"afar{number}"].id)
        us.say(f"afar{number}", ("334343", "433433", "344434")[number % 3])
    us.until("11-04 14:25")
    us.fails.clear()
    us.meet("due", "ruth", "Yael Barlev", topic="Mast")
    us.note("due", "Yael Barlev", "rep", "Mast by Wednesday", "11-08")
    us.note("due", "Yael Barlev", "client", "Pay the first half", "11-07")
    us.guess("due", "444455", "comparing")
    us.say("due", "554454", comment="👍", stage="comparing")
    us.meet("gone", "ruth", "Beth Lowe")
    us.note("gone", "Beth Lowe", "rep", "Nothing of this", "11-20")
    us.besides["TAKEN BACK"] = us.codes["gone"].token
    us.do(take_back, cast.ruth.id, us.codes["gone"].id)
    us.until("11-05 23:10")
    us.meet("low", "ruth", "Cyrus Amini")
    us.guess("low", "555555", "growing")
    us.say("low", "111212", stage="curious", comment="Never again", nps=0)
    us.meet("doubted", "sam", "Emre Kaya")
    us.do(mark_opened, us.codes["doubted"].id)
    us.clock.now += timedelta(seconds=3)
    us.say("doubted", "444444", phone=Fingerprint("e", "n4", "b4"))
    _calendars(us)


def _clients(us: World) -> None:
    """Accounts and contacts that are joined, parted, archived, erased, added, handed over, and their outcomes."""
    cast = us.cast
    us.meet("twice", "tess", "H. Paz", account="Umber Ltd", email="h.paz@umber.example")
    us.say("twice", "444334")
    us.do(merging.merge_contacts, us.viewer("olive"), us.contact("Hugo Paz"), us.contact("H. Paz"))
    merged = us.do(merging.merge_accounts, us.viewer("olive"), us.account("Umber"), us.account("Umber Ltd"))
    us.do(merging.undo_merge, us.viewer("olive"), merged)
    us.do(
        handed_over.hand_over,
        cast.olive.id,
        cast.lars.id,
        cast.ines.id,
        [us.relationship("lars", "Nils Berg")],
    )
    us.do(staff.end_person, cast.olive.id, cast.lars.id)
    us.do(erasure.erase_person, cast.olive.id, cast.lars.id)
    us.do(clients.archive_account, cast.olive.id, us.account("Wharf"), archived=True)
    us.do(erasure.erase_contact, cast.olive.id, us.contact("Oona Reid"))
    us.do(
        new_clients.add_client,
        cast.maya.id,
        new_clients.NewClient("Zephyr", "Åse Öst", "ase@zephyr.example", language="sv", no_mail=True, value=0.01,
                              review_days=1, renews_on=date(2026, 11, 8), given_to=cast.noah.id),
    )  # fmt: skip
    edit = clients.AccountEdit("Sable", 98765.43, 22, date(2026, 11, 9))
    us.do(clients.edit_account, cast.olive.id, us.account("Sable"), edit)
    for day, outcome, before, after in (
        (1, ClientOutcome.GREW, 98765.43, 98766.4),
        (2, ClientOutcome.LOST, 98766.4, None),
    ):
        said = outcomes.OutcomeSaid(outcome, date(2026, 11, day), None, before, after, "Two say otherwise")
        us.do(outcomes.note_outcome, cast.olive.id, us.account("Sable"), said, OutcomeSource.PAGE)
    corrected = outcomes.OutcomeSaid(ClientOutcome.SHRANK, date(2026, 11, 2), None, 98766.4, 1.5, "Not lost")
    us.do(outcomes.correct_outcome, cast.olive.id, us.row(outcomes.NotedOutcome).id, corrected)
    for contact, number in (("Yael Barlev", 1), ("Amos Oren", 2), ("Dov Katz", 3)):
        us.do(practices.choose_practice, us.relationship("ruth", contact), "savvy", number, cast.maya.id)


def _calendars(us: World) -> None:
    """Meetings of calendars: asked about by itself, put into a code that a phone had reserved, past and to come."""
    cast = us.cast
    us.until("11-06 08:00")
    us.do(asking_itself.choose_asking, cast.olive.id, True, {cast.sam.id: False})
    read = read_calendar(
        calendar_of(
            ("11-06 09:00", "Survey", 30, ("amos@quill.example",)),
            ("11-08 08:30", "Sunday call", 45, ("dov@sable.example", "cyrus@rampart.example")),
            ("11-08 23:30", "Now", 60, ("yael@quill.example",)),
            ("11-09 09:00", "Tomorrow", 30, ("leila@nur.example",)),
            ("11-10 15:00", "Unknown", 30, ("who@nowhere.example",)),
            zone=NEW_YORK,
        ),
        own_email=cast.ruth.email, zone=NEW_YORK, now=us.clock(),
    )  # fmt: skip
    us.do(address.note_upload, cast.ruth.id, read)
    us.do(
        address.subscribe,
        cast.tess.id,
        NewAddress(SourceKind.CALDAV, "https://dav.example/tess/", "tess", "pass", "Sea"),
    )
    source = us.row(CalendarAddress)
    us.do(address.pause, cast.tess.id, source.id, paused=True)
    us.extra["calendar"] = str(source.id)
    us.until("11-06 11:35")
    ask_by_itself(us.db, cast.olive.organisation_id, us.clock(), BASE)
    us.work()
    us.do(begin_session, cast.sam.id, "Safari on iOS")
    session_id = us.row(UserSession, col(UserSession.user_id) == cast.sam.id).id
    late, unused = us.do(reserve_codes, cast.sam.id, session_id, 0)[:2]
    us.until("11-06 15:00")
    who = NewMeeting(new_contact=NewContact("Sea Fahrer", "Tundra", "sea@tundra.example"))
    us.do(start_late, cast.sam.id, LateMeeting(late, who, timedelta(hours=2)))
    us.besides["THAT IS RESERVED"] = unused


def last_evening(us: World) -> None:
    """Files with faults and doubts, channels that are paused, how people sign in, and a Sunday evening on which it is
    Monday in UTC already."""
    cast, olive = us.cast, us.cast.olive
    us.until("11-08 12:00")
    doubts = "account,contact,contact_email,value\nQuill,Amos Oren,a.oren@quill.example,12.5\nQuill,Somebody Else,yael@quill.example,\n"
    us.extra["doubts"] = str(uploaded(us, "accounts", "doubts.csv", doubts, start=False))
    job = UUID(str(uploaded(us, "accounts", "answered.csv", doubts.replace("12.5", "13.75"), start=False)))
    us.do(check_again, job, {}, {"other_email": "new", "3": "same"})
    run_jobs(us.db, us.clock, us.app.extensions["feedback"].settings.instance / "imports")
    uploaded(
        us,
        "people",
        "wrong kind.csv",
        "account,contact,contact_email\nQuill,Amos Oren,amos@quill.example\n",
        start=False,
    )
    undone = uploaded(us, "accounts", "undone.csv", "account,contact,value\nFjord,Per Dal,4321.09\n")
    us.do(start_undo, olive.id, undone)
    run_jobs(us.db, us.clock, us.app.extensions["feedback"].settings.instance / "imports")
    us.do(pause_channel, UUID(us.extra["#house"]), PauseCause.OWNER, olive.id)
    us.do(pause_channel, UUID(us.extra["#coast"]), PauseCause.OWNER, olive.id)
    us.do(resume_channel, UUID(us.extra["#coast"]), olive.id)
    us.do(ask_for_change, olive.id, 120, 400, "Pacific/Auckland")
    run_scoring_changes(us.db, us.clock, us.app.extensions["feedback"].settings.instance / "imports")
    us.do(change_settings, olive.id, {"receipts": False, "keep_comments_months": 36, "keep_names_months": 60})
    ways_in(us)
    programs(us)
    us.work()
    us.until("11-08 23:05")
    us.meet("open", "ruth", "Dov Katz", topic="Deck")
    us.say("open", "45.4..", done=False)
    us.meet("promised", "ruth", "Yael Barlev")
    us.say("promised", "445554", more=False)
    us.meet("stage", "ines", "Ana Cruz", account="Zephyr", email="ana@zephyr.example")
    us.say("stage", "454545", more=False)
    us.meet("asks", "tess", "Iris Tan")
    us.say("asks", "444444", more=False)
    us.work()
    us.until("11-08 23:31")
    us.meet("now", "ruth", "Amos Oren", "Yael Barlev", topic="Round")
    us.do(rooms.open_room, us.codes["now"].meeting_id)
    us.guess("now", "45....", seal=False)
    us.until("11-08 23:36")
    us.say("now", "5.4...", done=False)
    us.say("now", ".54...", done=False)
    us.do(asking.ask_by_link, us.codes["open"].id)
    work_out_evidence(us.db, olive.organisation_id, us.clock())
    us.clock.now = ENDS
    for called in ("promised", "asks", "stage", "open", "low", "erased", "denied", "now", "leila2", "noa"):
        us.keyed.append(cast.answer_address(us.codes[called]))
