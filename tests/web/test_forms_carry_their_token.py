"""A form that another site sends in somebody's name lacks its token: 400, and nothing changed."""

import pytest
from support.dump import dump
from support.pages import NOBODY, six, words

from feedback.actions import promises
from feedback.actions.promises import NewPromise
from feedback.models import Contact, Relationship
from feedback.store.relationships import stored_relationships


@pytest.fixture
def addresses(cast, invitation):
    """Every address a signed-in person posts to, and a form it would take. By rule, so that one that is added
    without its line here is noticed."""
    cast.seal(other := cast.meeting("alice", "Eli"), 4)
    cast.answer(other, 4)
    met = f"/meetings/{invitation.meeting_id}"
    with cast.changing() as c:
        new = NewPromise("client", "Call back")
        promise = promises.note_promise(c, invitation.meeting_id, invitation.contact_id, new)
    with cast.db.reading() as session:
        own = stored_relationships(session, cast.alice.organisation_id, Relationship.rep_id == cast.alice.id)[
            0
        ].id
        account = session.get_one(Contact, (cast.alice.organisation_id, invitation.contact_id)).account_id
    return {
        "/meetings/new": ("alice", "/meetings/new", {"contact_id": invitation.contact_id}),
        "/meetings/<uuid:meeting_id>/mirror": ("alice", f"{met}/mirror", {**six(4), "done": "1"}),
        "/meetings/<uuid:meeting_id>/gap": (
            "alice",
            f"/meetings/{other.meeting_id}/gap",
            {"invitation": other.id},
        ),
        "/meetings/<uuid:meeting_id>/hand-over": (
            "alice",
            f"{met}/hand-over",
            {"invitation": invitation.id, "pin": "4711"},
        ),
        "/meetings/<uuid:meeting_id>/ask": (
            "alice",
            f"{met}/ask",
            {"invitation": invitation.id, "way": "link"},
        ),
        "/meetings/calendar/<uuid:entry_id>/away": ("alice", f"/meetings/calendar/{NOBODY}/away", {}),
        "/meetings/<uuid:meeting_id>/correct": (
            "alice",
            f"{met}/correct",
            {"what": "declined", "invitation": invitation.id},
        ),
        "/contacts/<uuid:contact_id>": (
            "alice",
            f"/contacts/{invitation.contact_id}",
            {"name": "Dora", "account": "Northwind"},
        ),
        "/contacts/new": ("olive", "/contacts/new", {"name": "Dora", "account": "Northwind"}),
        "/contacts/<uuid:contact_id>/archive": ("carol", f"/contacts/{invitation.contact_id}/archive", {}),
        "/contacts/<uuid:contact_id>/merge": (
            "carol",
            f"/contacts/{invitation.contact_id}/merge",
            {"other": other.contact_id},
        ),
        "/accounts/<uuid:account_id>/edit": ("olive", f"/accounts/{account}/edit", {"name": "Southwind"}),
        "/accounts/<uuid:account_id>/archive": ("olive", f"/accounts/{account}/archive", {}),
        "/accounts/<uuid:account_id>/merge": ("olive", f"/accounts/{account}/merge", {"other": account}),
        "/accounts/<uuid:account_id>/outcomes": (
            "carol",
            f"/accounts/{account}/outcomes",
            {"outcome": "lost"},
        ),
        "/outcomes/<uuid:outcome_id>": ("carol", f"/outcomes/{NOBODY}", {"outcome": "lost"}),
        "/outcomes/<uuid:outcome_id>/retraction": ("carol", f"/outcomes/{NOBODY}/retraction", {}),
        "/merges/<uuid:merge_id>": ("olive", f"/merges/{NOBODY}", {}),
        "/meetings/<uuid:meeting_id>/taken-back": ("alice", f"{met}/taken-back", {"invitation": NOBODY}),
        "/unlock": ("alice", "/unlock", {"pin": "4711"}),
        "/meetings/<uuid:meeting_id>/promises": (
            "alice",
            f"{met}/promises",
            {"side": "rep", "words": "Call"},
        ),
        "/meetings/reserved": ("alice", "/meetings/reserved", {"has": "0"}),
        "/meetings/late": ("alice", "/meetings/late", {"token": "x", "contact_id": invitation.contact_id}),
        "/meetings/calendar/address": (
            "alice",
            "/meetings/calendar/address",
            {"address": "https://calendar.example/x.ics"},
        ),
        "/meetings/calendar/address/read": ("alice", "/meetings/calendar/address/read", {"calendar": NOBODY}),
        "/meetings/calendar/address/pause": (
            "alice",
            "/meetings/calendar/address/pause",
            {"calendar": NOBODY},
        ),
        "/meetings/calendar/address/end": ("alice", "/meetings/calendar/address/end", {"calendar": NOBODY}),
        "/meetings/calendar/own": ("alice", "/meetings/calendar/own", {"email": "sales@example.org"}),
        "/settings/asking": ("olive", "/settings/asking", {"asks": "1"}),
        "/meetings/calendar": ("alice", "/meetings/calendar", {"calendar": "BEGIN:VCALENDAR"}),
        "/meetings/calendar/<uuid:entry_id>": ("alice", f"/meetings/calendar/{NOBODY}", {}),
        "/promises/<uuid:promise_id>": ("alice", f"/promises/{promise}", {"verdict": "kept"}),
        "/relationships/<uuid:relationship_id>/practice": (
            "alice",
            f"/relationships/{own}/practice",
            {"dimension": "savvy", "number": "1"},
        ),
        "/answers/<uuid:invitation_id>": (
            "carol",
            f"/answers/{NOBODY}",
            {"decision": "accept", "reason": "x"},
        ),
        "/alerts/<uuid:alert_id>": ("carol", f"/alerts/{NOBODY}", {"what": "taken"}),
        "/alerts/<uuid:alert_id>/line": ("carol", f"/alerts/{NOBODY}/line", {"line": "We called"}),
        "/chat": (
            "olive",
            "/chat",
            {"service": "slack", "name": "x", "url": "https://8.8.8.8/", "topics": "week"},
        ),
        "/chat/<uuid:channel_id>": ("olive", f"/chat/{NOBODY}", {"what": "test"}),
        "/chat/<uuid:channel_id>/address": ("olive", f"/chat/{NOBODY}/address", {"url": "https://8.8.8.8/x"}),
        "/webhooks": ("olive", "/webhooks", {"url": "https://8.8.8.8/", "events": "alert.opened"}),
        "/webhooks/<uuid:webhook_id>": ("olive", f"/webhooks/{NOBODY}", {"what": "end"}),
        "/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>": (
            "olive",
            f"/webhooks/{NOBODY}/deliveries/{NOBODY}",
            {},
        ),
        "/start": ("olive", "/start", {"what": "away"}),
        "/people/new": ("olive", "/people/new", {"name": "Sam", "email": "sam@example.com", "role": "rep"}),
        "/people/<uuid:user_id>": (
            "olive",
            f"/people/{cast.alice.id}",
            {"name": "Sam", "email": "sam@example.com", "role": "rep"},
        ),
        "/people/<uuid:user_id>/hand-over": (
            "olive",
            f"/people/{cast.alice.id}/hand-over",
            {"to": cast.bob.id, "clients": own},
        ),
        "/people/<uuid:user_id>/access": ("olive", f"/people/{cast.alice.id}/access", {"what": "end"}),
        "/people/<uuid:user_id>/erase": ("olive", f"/people/{cast.alice.id}/erase", {"sure": "1"}),
        "/contacts/<uuid:contact_id>/erase": (
            "olive",
            f"/contacts/{invitation.contact_id}/erase",
            {"sure": "1"},
        ),
        "/people/<uuid:user_id>/file": ("olive", f"/people/{cast.alice.id}/file", {}),
        "/contacts/<uuid:contact_id>/file": ("olive", f"/contacts/{invitation.contact_id}/file", {}),
        "/export": ("olive", "/export", {}),
        "/import": ("olive", "/import", {"kind": "people"}),
        "/import/<uuid:job_id>": ("olive", f"/import/{NOBODY}", {"what": "away"}),
        "/status": ("olive", "/status", {}),
        "/teams": ("olive", "/teams", {"name": "West"}),
        "/teams/<uuid:team_id>": ("olive", f"/teams/{NOBODY}", {"name": "West"}),
        "/join/<token>": (None, "/join/x", {"password": "a short sentence"}),
        "/settings/<name>": ("olive", "/settings/meetings", {"invitation_days": "1"}),
        "/settings/sign-in": ("olive", "/settings/sign-in", {"roles": "owner"}),
        "/settings/look": ("olive", "/settings/look", {"what": "colour", "accent": "#00f"}),
        "/settings/words/<tag>": ("olive", "/settings/words/de", {"savvy": "Kennt uns"}),
        "/settings/words/<tag>/preview": ("olive", "/settings/words/de/preview", {"savvy": "Kennt uns"}),
        "/settings/scores": (
            "olive",
            "/settings/scores",
            {"half_life_days": "60", "review_days": "90", "timezone": "Europe/Berlin"},
        ),
        "/settings/scores/<uuid:change_id>": ("olive", f"/settings/scores/{NOBODY}", {"what": "apply"}),
        "/sign-out": ("alice", "/sign-out", {"everywhere": "1"}),
        "/sign-in": (None, "/sign-in", {"email": "alice@example.com", "password": "a short sentence"}),
        "/sign-in/passkey": (None, "/sign-in/passkey", {"passkey": "{}"}),
        "/me/passkeys": ("alice", "/me/passkeys", {"what": "remove", "id": NOBODY}),
        "/sign-in/company": (None, "/sign-in/company", {"email": "alice@example.com"}),
        "/sign-in/callback": (None, "/sign-in/callback", {"code": "x", "state": "y"}),
        "/sign-in/code": (None, "/sign-in/code", {"code": "123456"}),
        "/me/second-factor": ("alice", "/me/second-factor", {"what": "begin"}),
        "/sign-in/link": (None, "/sign-in/link", {"email": "alice@example.com"}),
        "/sign-in/link/<token>": (None, "/sign-in/link/x", {}),
        "/me/password": (
            "alice",
            "/me/password",
            {"old": "a short sentence", "password": "another sentence"},
        ),
        "/me/organisation": ("alice", "/me/organisation", {"organisation": NOBODY}),
        "/privacy/processing/read": ("alice", "/privacy/processing/read", {}),
        "/me/home": ("carol", "/me/home", {"home": "today"}),
        "/me/language": ("alice", "/me/language", {"language": "de"}),
        "/me/tokens": ("alice", "/me/tokens", {"name": "CRM", "scopes": "read", "days": "30"}),
        "/me/tokens/<uuid:token_id>": ("alice", f"/me/tokens/{NOBODY}", {}),
        "/tokens": ("olive", "/tokens", {"name": "CRM", "scopes": "read", "days": "30"}),
        "/tokens/<uuid:token_id>": ("olive", f"/tokens/{NOBODY}", {}),
        "/me/sessions": ("alice", "/me/sessions", {}),
        "/me/sessions/<uuid:session_id>": ("alice", f"/me/sessions/{NOBODY}", {}),
        "/forgot-password": (None, "/forgot-password", {"email": "alice@example.com"}),
        "/new-password/<token>": (None, "/new-password/x", {"password": "another sentence"}),
        "/sign-up": (None, "/sign-up", {"organisation": "Third"}),
        "/sign-up/<ticket>": (None, "/sign-up/x", {"password": "another sentence"}),
        "/set-up": (None, "/set-up", {"organisation": "Third"}),
    }


def test_every_posted_form_is_covered(app, addresses):
    """Except the client's: their address is the capability; and the API's: a token in a header is."""
    taken = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    signed = ("/f/", "/g/", "/stop/", "/api/v1/", "/mcp")
    assert {rule for rule in taken if not rule.casefold().startswith(signed)} - addresses.keys() == set()


@pytest.mark.parametrize(
    "token", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}], ids=["none", "empty", "forged"]
)
def test_form_without_csrf_token_is_400(addresses, db, sign_in, stranger, token):
    visitors = [(sign_in(who) if who else stranger, path, form) for who, path, form in addresses.values()]
    before = dump(db)
    for browser, path, form in visitors:
        reply = browser.client.post(path, data={**form, **token})
        assert reply.status_code == 400, path
        assert "This form has expired Nothing was changed." in words(reply.text)
    assert dump(db) == before


def test_csrf_token_of_another_user_is_400(db, sign_in, addresses):
    bob, alice = sign_in("bob"), sign_in("alice")
    bob.post("/sign-out")  # fetches Bob's token, and uses it
    _, path, form = addresses["/meetings/new"]
    assert alice.client.post(path, data={**form, "csrf_token": bob._token}).status_code == 400
