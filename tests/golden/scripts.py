"""The worlds that are seen: what happens in each, and who looks at what there."""

from golden import six_weeks
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
    "/reps/<uuid:rep_id>": 9, "/people/<uuid:user_id>": 7, "/import/<uuid:job_id>": 4, "/import/<uuid:job_id>/rows.csv": 4, "/chat/<uuid:channel_id>": 3,
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
SCRIPTS = (SIX_WEEKS,)
