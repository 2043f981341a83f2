"""GET never writes, and neither does HEAD: not even what is due by now. (That a session is used is written down every
ten minutes: tests/web/auth/test_sessions.py.)"""

import pytest
from sqlmodel import select
from support.chat_services import chat_channel
from support.dump import dump
from support.tokens import carry

from feedback.actions import promises
from feedback.actions.change import change
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.rooms import open_room
from feedback.actions.scoring.changes import ask_for_change
from feedback.actions.user_links import new_link
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.core.links import link_token, stop_token, trial_ticket
from feedback.imports.jobs import add_job
from feedback.models import Alert, CalendarEntry, Relationship, User
from feedback.models.webhook import Event
from feedback.store.relationships import stored_relationships
from feedback.store.rooms import token_of_room
from feedback.webhooks import subscriptions


@pytest.fixture
def everything(cast, app):
    """An answered and sealed meeting, and one that waits; who rightfully opens which address. By rule, so
    that an address that is added without its line here is noticed."""
    done, waiting, tapping = cast.meeting(), cast.meeting("alice", "Eli"), cast.meeting("alice", "Fay")
    cast.answer(done, 2)
    cast.seal(done, 5)
    cast.answer(tapping, 1, done=False)  # settles by the clock, and no look may take notice
    own, half = cast.answer_address(done), cast.answer_address(tapping)
    with cast.db.reading() as session:
        mine = stored_relationships(
            session, cast.alice.organisation_id, Relationship.rep_id == cast.alice.id
        )[0]
        relationship, account = mine.id, mine.account_id
        alert = session.exec(select(Alert.id)).first()
    with change(cast.db, cast.olive.organisation_id, cast.clock()) as c:
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        channel = chat_channel(c, cast.olive.id)
        change_id = ask_for_change(c, cast.olive.id, 60, 90, "Europe/Berlin")
        lost = OutcomeSaid(ClientOutcome.LOST, c.now.date())
        outcome = note_outcome(c, cast.olive.id, account, lost, OutcomeSource.PAGE)
        promise = promises.note_promise(c, done.meeting_id, done.contact_id, NewPromise("rep", "Call"))
        job = add_job(c, cast.olive.id, "people", "people.csv", b"name")
        joins = link_token("k" * 40, c.organisation_id, new_link(c, cast.olive.id, cast.bob.id))
        open_room(c, waiting.meeting_id)
        planned = CalendarEntry(
            organisation_id=c.organisation_id, rep_id=cast.alice.id, starts_at=c.now, title="Review",
            emails=("zeb@example.com",), created_at=c.now,
        )  # fmt: skip
        c.session.add(planned)
        c.session.flush()
        entry = planned.id
    stop = stop_token("k" * 40, cast.olive.organisation_id, "00" * 32)
    trial = trial_ticket("k" * 40, cast.olive.organisation_id, cast.olive.id, cast.clock.now)
    with cast.db.reading() as session:
        room = f"/g/{token_of_room(session, cast.olive.organisation_id, waiting.meeting_id)}"
    met, token = f"/meetings/{done.meeting_id}", f"/f/{done.token}"
    api = "/api/v1"
    asked = f"{api}{met}/invitations/{done.id}"
    team = team_of(cast)
    return {
        None: {
            "/sign-in": ["/sign-in"], "/sign-in/link": ["/sign-in/link"], "/sign-in/code": ["/sign-in/code"], "/sign-in/passkey/options": ["/sign-in/passkey/options"],
            "/sign-in/company": ["/sign-in/company"], "/sign-in/with/<code>": ["/sign-in/with/XXXX"], "/sign-in/callback": ["/sign-in/callback?code=x&state=y"], "/sign-in/link/<token>": ["/sign-in/link/x"], "/join/<token>": [f"/join/{joins}"], "/forgot-password": ["/forgot-password"],
            "/new-password/<token>": ["/new-password/x"], "/set-up": ["/set-up"], "/sign-up": ["/sign-up"],
            "/sign-up/<ticket>": ["/sign-up/x"], "/demo/<ticket>": ["/demo/x"], "/try/<ticket>": ["/try/x", f"/try/{trial}", f"/try/{trial}?said=543215"], "/privacy": ["/privacy"],
            "/logos/<code>/<name>": ["/logos/x/y"], "/accents/<digits>.css": ["/accents/0b7a75.css"],
            "/api": ["/api"], "/api/v1/openapi.json": ["/api/v1/openapi.json"],
            "/stop/<token>": ["/stop/x", f"/stop/{stop}"], "/healthz": ["/healthz"], "/readyz": ["/readyz"], "/metrics": ["/metrics"], "/offline": ["/offline"], "/robots.txt": ["/robots.txt"],
            "/.well-known/security.txt": ["/.well-known/security.txt"],
            "/service-worker.js": ["/service-worker.js"], "/app.webmanifest": ["/app.webmanifest"],
            "/f/<token>": [token, f"{token}?change=1", f"{token}?step=thanks", f"/f/{waiting.token}", "/f/x"],
            "/F/<token>": [token.upper()], "/g/<token>": [room, "/g/x"], "/G/<token>": [room.upper()],
            "/f/<token>/<key>": [own, f"{own}?change=1", f"{own}?step=thanks", f"{token}/receipt", f"{half}"],
            "/F/<token>/<key>": [own.upper()],
            "/f/<token>/<key>/receipt": [f"{own}/receipt"], "/F/<token>/<key>/receipt": [f"{own}/receipt".upper()],
        },
        "alice": {
            "/me/tokens": ["/me/tokens"], "/api/v1/me": [f"{api}/me"], "/api/v1/today": [f"{api}/today"],
            "/api/v1/meetings": [f"{api}/meetings"], "/api/v1/meetings/<uuid:meeting_id>": [f"{api}{met}"],
            "/api/v1/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>": [asked],
            "/api/v1/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/code.svg": [f"{asked}/code.svg"],
            "/api/v1/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/code.png": [f"{asked}/code.png"],
            "/api/v1/meetings/<uuid:meeting_id>/promises": [f"{api}{met}/promises"],
            "/api/v1/meetings/<uuid:meeting_id>/room/code.svg": [f"{api}/meetings/{waiting.meeting_id}/room/code.svg"],
            "/api/v1/meetings/<uuid:meeting_id>/room/code.png": [f"{api}/meetings/{waiting.meeting_id}/room/code.png"],
            "/api/v1/calendar": [f"{api}/calendar"], "/api/v1/practices": [f"{api}/practices"],
            "/api/v1/calendar/entries": [f"{api}/calendar/entries", f"{api}/calendar/entries?only=held"],
            "/api/v1/calendar/entries/<uuid:entry_id>": [f"{api}/calendar/entries/{entry}"],
            "/api/v1/asked": [f"{api}/asked"], "/api/v1/asked/clients": [f"{api}/asked/clients"],
            "/api/v1/asked/no-mail": [f"{api}/asked/no-mail"],
            "/api/v1/promises/<uuid:promise_id>": [f"{api}/promises/{promise}"],
            "/api/v1/contacts": [f"{api}/contacts?q=dana"], "/api/v1/contacts/<uuid:contact_id>": [f"{api}/contacts/{done.contact_id}"],
            "/": ["/"], "/me": ["/me"], "/me/second-factor": ["/me/second-factor"], "/me/passkeys": ["/me/passkeys"], "/sign-in/passkey/new": ["/sign-in/passkey/new"], "/meetings": ["/meetings"], "/meetings/new": ["/meetings/new?q=dana"], "/meetings/reserved": ["/meetings/reserved"],
            "/asked": ["/asked", "/asked?weeks=4"], "/meetings/<uuid:meeting_id>": [met, f"/meetings/{waiting.meeting_id}"], "/meetings/<uuid:meeting_id>/status": [f"{met}/status"],
            "/meetings/<uuid:meeting_id>/mirror": [f"{met}/mirror", f"/meetings/{waiting.meeting_id}/mirror"],
            "/meetings/<uuid:meeting_id>/gap": [f"{met}/gap"],
            "/meetings/<uuid:meeting_id>/promises": [f"{met}/promises"],
            "/meetings/<uuid:meeting_id>/hand-over": [f"{met}/hand-over"],
            "/meetings/calendar": ["/meetings/calendar"], "/relationships": ["/relationships?q=dana"],
            "/relationships/<uuid:relationship_id>/practice": [f"/relationships/{relationship}/practice"],
            "/meetings/<uuid:meeting_id>/correct": [f"/meetings/{done.meeting_id}/correct"],
            "/contacts/<uuid:contact_id>": [f"/contacts/{done.contact_id}"],
            "/contacts/<uuid:contact_id>/merge": [
                f"/contacts/{done.contact_id}/merge?q=x", f"/contacts/{done.contact_id}/merge?other={done.contact_id}",
            ],
        },
        "carol": {
            "/api/v1/relationships": [f"{api}/relationships"], "/api/v1/standings": [f"{api}/standings?week=2026-W47"],
            "/api/v1/relationships/<uuid:relationship_id>": [f"{api}/relationships/{relationship}"],
            "/api/v1/relationships/<uuid:relationship_id>/answers": [f"{api}/relationships/{relationship}/answers"],
            "/api/v1/reps": [f"{api}/reps"], "/api/v1/reps/<uuid:rep_id>": [f"{api}/reps/{cast.alice.id}"],
            "/api/v1/coaching": [f"{api}/coaching"], "/api/v1/today/managers": [f"{api}/today/managers"],
            "/api/v1/evidence": [f"{api}/evidence"], "/api/v1/evidence/lost": [f"{api}/evidence/lost"],
            "/api/v1/alerts": [f"{api}/alerts", f"{api}/alerts?closed=true"], "/api/v1/alerts/<uuid:alert_id>": [f"{api}/alerts/{alert}"],
            "/api/v1/answers": [f"{api}/answers"], "/api/v1/answers/<uuid:invitation_id>": [f"{api}/answers/{done.id}"],
            "/api/v1/accounts": [f"{api}/accounts"], "/api/v1/accounts/<uuid:account_id>": [f"{api}/accounts/{account}"],
            "/api/v1/accounts/<uuid:account_id>/contacts": [f"{api}/accounts/{account}/contacts"],
            "/digest": ["/digest"], "/coaching": ["/coaching"], "/today": ["/today"],
            "/leaderboard": ["/leaderboard"], "/leaderboard.csv": ["/leaderboard.csv"],
            "/leaderboard/<week_name>": ["/leaderboard/2026-W47"],
            "/leaderboard/<week_name>.csv": ["/leaderboard/2026-W47.csv"],
            "/alerts": ["/alerts", "/alerts?closed=1"], "/alerts/<uuid:alert_id>": [f"/alerts/{alert}"], "/answers": ["/answers"],
            "/reps/<uuid:rep_id>": [f"/reps/{cast.alice.id}"],
            "/relationships": ["/relationships", f"/relationships?rep={cast.alice.id}"], "/accounts": ["/accounts?q=north"],
            "/accounts/<uuid:account_id>": [f"/accounts/{account}"],
            "/accounts/<uuid:account_id>/edit": [f"/accounts/{account}/edit"],
            "/accounts/<uuid:account_id>/merge": [f"/accounts/{account}/merge", f"/accounts/{account}/merge?other={account}"],
            "/api/v1/accounts/<uuid:account_id>/outcomes": [f"{api}/accounts/{account}/outcomes"],
            "/api/v1/outcomes/<uuid:outcome_id>": [f"{api}/outcomes/{outcome}"],
            "/evidence": ["/evidence", "/evidence?period=all"], "/outcomes/<uuid:outcome_id>": [f"/outcomes/{outcome}"],
            "/contacts/new": ["/contacts/new", f"/contacts/new?account={account}"], "/contacts": ["/contacts?q=dana", "/contacts?archived=1"],
            "/relationships/<uuid:relationship_id>": [f"/relationships/{relationship}"],
            "/answers/<uuid:invitation_id>": [f"/answers/{done.id}"],
        },
        "olive": {
            "/tokens": ["/tokens"], "/api/v1/people": [f"{api}/people"], "/api/v1/teams": [f"{api}/teams"],
            "/api/v1/people/<uuid:user_id>": [f"{api}/people/{cast.alice.id}"],
            "/api/v1/people/<uuid:user_id>/clients": [f"{api}/people/{cast.alice.id}/clients"],
            "/api/v1/teams/<uuid:team_id>": [f"{api}/teams/{team}"],
            "/start": ["/start"], "/start/trial": ["/start/trial"],
            "/people": ["/people", "/people?left=1&q=a"], "/people/new": ["/people/new"], "/import": ["/import"], "/export": ["/export"], "/import/<uuid:job_id>": [f"/import/{job}", f"/import/{job}?show=made&q=a"], "/import/<uuid:job_id>/rows.csv": [f"/import/{job}/rows.csv"],
            "/import/<kind>.csv": ["/import/people.csv"], "/teams": ["/teams"],
            "/people/<uuid:user_id>": [f"/people/{cast.alice.id}"],
            "/people/<uuid:user_id>/hand-over": [f"/people/{cast.alice.id}/hand-over"],
            "/privacy/register": ["/privacy/register"], "/privacy/processing": ["/privacy/processing"],
            "/people/<uuid:user_id>/erase": [f"/people/{cast.alice.id}/erase"],
            "/contacts/<uuid:contact_id>/erase": [f"/contacts/{done.contact_id}/erase"],
            "/settings": ["/settings"], "/settings/<name>": ["/settings/organisation", "/settings/kept"],
            "/settings/asking": ["/settings/asking"], "/settings/look": ["/settings/look"], "/settings/sign-in": ["/settings/sign-in"], "/settings/words": ["/settings/words"],
            "/settings/words/<tag>": ["/settings/words/de"],
            "/settings/words/<tag>/preview": ["/settings/words/ar/preview"],
            "/settings/scores": ["/settings/scores"],
            "/settings/scores/<uuid:change_id>": [f"/settings/scores/{change_id}"],
            "/audit": ["/audit", "/audit?person=&kind=sign_in.done"], "/audit.csv": ["/audit.csv"],
            "/webhooks": ["/webhooks"], "/status": ["/status"],
            "/chat": ["/chat"], "/chat/<uuid:channel_id>": [f"/chat/{channel}", f"/chat/{channel}?page=2"],
            "/webhooks/<uuid:webhook_id>": [f"/webhooks/{hook}", f"/webhooks/{hook}?page=2"],
        },
    }  # fmt: skip


def team_of(cast):
    """Return the id of Alice's team."""
    with cast.db.reading() as session:
        return session.get_one(User, (cast.alice.organisation_id, cast.alice.id)).team_id


def test_every_get_address_is_covered(app, everything):
    listed = {rule for paths in everything.values() for rule in paths}
    assert {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods} - listed == set()


def test_get_and_head_write_nothing(app, cast, clock, db, sign_in, stranger, everything):
    clock.forward(days=8)  # a week is due to be frozen, and still only a write does it
    browsers = {name: sign_in(name) if name else stranger for name in everything}
    carry(cast, {name: browser for name, browser in browsers.items() if name})
    before = dump(db)
    for name, rules in everything.items():
        browser = browsers[name]
        for path in (path for paths in rules.values() for path in paths):
            codes = {browser.get(path).status_code, browser.head(path).status_code}
            assert not codes & {401, 403, 405, 500}, path
    assert dump(db) == before


def test_client_get_sets_no_cookie(stranger, everything):
    paths = [
        path for paths in everything[None].values() for path in paths if path.casefold().startswith("/f/")
    ]
    replies = {path: stranger.get(path) for path in paths}
    assert {reply.status_code for reply in replies.values()} >= {200, 404}
    assert [path for path, reply in replies.items() if "Set-Cookie" in reply.headers] == []
