"""The worlds that are seen: what happens in each, and who looks at what there."""

from golden import first_days, other_house, other_weeks, six_weeks
from golden.script import Looks, Script
from golden.world import BERLIN

# By rule: what an address is asked for beside itself. Links of pages are followed anyway.
QUERIES = {
    "/accounts": ["q=north", "state=at_risk", "state=sound", "archived=1"],
    "/alerts": ["closed=1"],
    "/asked": ["weeks=4", "weeks=13", "state=x"],
    "/audit": ["kind=alert.closed", "first=2026-11-16&last=2026-11-18"],
    "/audit.csv": ["kind=alert.closed", "first=2026-11-16&last=2026-11-18"],
    "/contacts": ["q=dana", "archived=1"], "/contacts/new": ["account={account}"],
    "/evidence": ["period=all", "period=quarter"],
    "/leaderboard": ["team={team}"], "/meetings/new": ["q=dana", "q=eli", "entry={entry}"],
    "/people": ["left=1", "q=a"], "/relationships": ["q=dana", "rep={rep}", "rep={handed}", "field=blind_spot"],
    "/import/<uuid:job_id>": ["show=made", "show=changed"],
    "/f/<token>": ["lang=de"], "/f/<token>/<key>": ["step=extras", "step=thanks", "change=1"], "/try/<ticket>": ["said=543215"],
    "/api/v1/alerts": ["closed=true", "limit=2"], "/api/v1/accounts": ["q=north", "archived=true", "limit=3"],
    "/api/v1/contacts": ["q=dana", "archived=true", "limit=3"], "/api/v1/meetings": ["limit=3"],
    "/api/v1/answers": ["state=quarantined", "state=decided", "limit=2"],
    "/api/v1/calendar/entries": ["only=held", "only=planned", "limit=2"],
    "/api/v1/evidence": ["period=all", "period=quarter"], "/api/v1/evidence/lost": ["period=all", "limit=2"],
    "/api/v1/people": ["left=true", "q=a", "limit=3"], "/api/v1/relationships": ["q=dana", "rep={rep}", "rep={handed}", "limit=3"],
    "/api/v1/standings": ["week=2026-W47", "week=2026-W46", "team={team}"], "/api/v1/asked/clients": ["rep={rep}", "weeks=4"],
    "/api/v1/today": ["limit=2"],
}  # fmt: skip
# How many rows of a kind are looked at, by rule.
MOST = {
    "/meetings/<uuid:meeting_id>": 16, "/meetings/<uuid:meeting_id>/status": 9, "/meetings/<uuid:meeting_id>/mirror": 8,
    "/meetings/<uuid:meeting_id>/gap": 9, "/meetings/<uuid:meeting_id>/promises": 4, "/relationships/<uuid:relationship_id>": 11,
    "/alerts/<uuid:alert_id>": 14, "/answers/<uuid:invitation_id>": 11, "/accounts/<uuid:account_id>": 5, "/contacts/<uuid:contact_id>": 4,
    "/reps/<uuid:rep_id>": 12, "/people/<uuid:user_id>": 10, "/import/<uuid:job_id>": 4, "/import/<uuid:job_id>/rows.csv": 4, "/chat/<uuid:channel_id>": 3,
    "/api/v1/alerts/<uuid:alert_id>": 3, "/api/v1/meetings/<uuid:meeting_id>": 9, "/api/v1/answers/<uuid:invitation_id>": 6,
    "/api/v1/relationships/<uuid:relationship_id>": 6, "/api/v1/accounts/<uuid:account_id>": 4, "/api/v1/reps/<uuid:rep_id>": 4,
    "/api/v1/calendar/entries/<uuid:entry_id>": 4, "/f/<token>": 44,
}  # fmt: skip

SIX_WEEKS = Script(
    "seen", "Doughnut Partners", BERLIN, six_weeks.BEGAN, six_weeks.ENDS,
    (six_weeks.begin, six_weeks.meetings_of_october, six_weeks.meetings_of_november, six_weeks.last_days),
    (six_weeks.twin_of,),
    looks=Looks(
        readers=("alice", "bob", "rita", "carol", "dave", "olive", "nobody"),
        agreed=("alice", "carol", "olive"),
        programs=("alice", "bob", "carol", "dave", "olive", "crm"),
        queries=QUERIES,
        most=MOST,
        words={
            "kind": ("people", "accounts", "history", "outcomes"),
            "week_name": ("2026-W42", "2026-W46", "2026-W47", "2026-W49", "2027-W54"),
            "name": ("organisation", "kept", "meetings", "alerts", "leaderboard", "x"),
            "ticket": ("x",), "code": ("x",), "digits": ("7a1f5c",), "tag": ("de",),
        },
        stopped=("otto@garnet.example", "dana@northwind.example"),
        handed="wim",
    ),
)  # fmt: skip

OTHER_QUERIES = {
    "/accounts": ["q=sable", "archived=1"], "/alerts": ["closed=1"], "/asked": ["weeks=4"],
    "/audit": ["kind=settings.changed"], "/contacts": ["q=ليلى", "archived=1"], "/evidence": ["period=all"],
    "/leaderboard": ["team={team}"], "/meetings/new": ["q=דב", "entry={entry}"], "/people": ["left=1"],
    "/relationships": ["field=blind_spot", "rep={handed}"], "/import/<uuid:job_id>": ["show=asks", "show=new"],
    "/f/<token>": ["lang=ar", "lang=he"], "/f/<token>/<key>": ["step=extras", "step=thanks", "change=1"],
    "/try/<ticket>": ["said=543215&integrity=4&competency=4&recognition=4&proactivity=4&savvy=4&chemistry=4"],
    "/api/v1/alerts": ["closed=true"], "/api/v1/answers": ["state=quarantined"], "/api/v1/accounts": ["archived=true"],
    "/api/v1/standings": ["week=2026-W43", "week=2026-W45"],
}  # fmt: skip
OTHER_MOST = {
    "/meetings/<uuid:meeting_id>": 9, "/meetings/<uuid:meeting_id>/gap": 6, "/relationships/<uuid:relationship_id>": 7, "/alerts/<uuid:alert_id>": 10, "/answers/<uuid:invitation_id>": 7,
    "/webhooks/<uuid:webhook_id>": 2, "/reps/<uuid:rep_id>": 8, "/settings/scores/<uuid:change_id>": 2,
    "/accounts/<uuid:account_id>": 5, "/import/<uuid:job_id>": 5, "/people/<uuid:user_id>": 7, "/chat/<uuid:channel_id>": 3, "/f/<token>": 30,
}  # fmt: skip
OTHER_WEEKS = Script(
    "seen_other", "Halyard", other_house.NEW_YORK, other_house.BEGAN, other_house.ENDS,
    (other_house.begin, other_weeks.first_days, other_weeks.agreed_weeks, other_weeks.after_the_clocks, other_weeks.last_evening),
    looks=Looks(
        readers=("ruth", "noah", "maya", "milo", "olive", "nobody"),
        agreed=("ruth", "maya", "olive"),
        programs=("ruth", "maya", "asks", "olive", "crm"),
        queries=OTHER_QUERIES,
        most=OTHER_MOST,
        words={
            "kind": ("people", "accounts", "history", "outcomes"),
            "week_name": ("2026-W43", "2026-W45", "2026-W46"),
            "name": ("organisation", "days", "reps", "agreement", "kept", "meetings"),
            "ticket": ("x",), "code": ("x",), "digits": ("0b5fa5",), "tag": ("ar", "en"),
        },
        stopped=("emre@sable.example", "pat@yarrow.example"),
        handed="lars",
        others=1,
        first=("Ruth 11-09 04:31",),
        keys=3,
    ),
    morning=12,
)  # fmt: skip
FIRST_DAYS = Script(
    "seen_first_days", "Tamati", first_days.AUCKLAND, first_days.BEGAN, first_days.ENDS, (first_days.first_days,),
    afterwards=(first_days.only_by_the_provider,),
    looks=Looks(
        readers=("nell", "moana", "olive", "nobody"),
        agreed=(),
        programs=(),
        queries={},
        most={},
        words={
            "kind": ("outcomes",), "week_name": ("2026-W48", "2026-W47"), "name": ("reps", "days"),
            "ticket": ("x",), "code": ("x",), "digits": ("0b5fa5",), "tag": ("de",),
        },
        stopped=("kiri@tui.example",),
        handed="nell",
        others=1,
    ),
    morning=18,
)  # fmt: skip
SCRIPTS = (SIX_WEEKS, OTHER_WEEKS, FIRST_DAYS)
