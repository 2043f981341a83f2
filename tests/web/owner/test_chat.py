"""/chat: which channels of Slack and Teams are told what, and what came of it."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select
from support.chat_services import ChatReceiver
from support.dump import dump
from support.pages import NOBODY, words

from feedback.actions.staff import add_team
from feedback.chat.channels import pause_channel, resume_channel
from feedback.core.chat import PauseCause
from feedback.models import Audit, ChatChannel, ChatMessage
from feedback.models.encrypted import Purpose, SecretBox
from feedback.sending.chat import deliver_chat
from feedback.store.people import all_teams
from feedback.web.chat import PAUSE_WORDS

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
URL = "https://8.8.8.8/services/T000/B000/secret-x4Kq"
FORM = {
    "service": "slack",
    "name": "#managers",
    "url": URL,
    "topics": ["alerts", "week"],
    "managers_only": "y",
}


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def channel(olive):
    """The address of Olive's channel, which nobody answers at."""
    return olive.post("/chat", FORM).location


@pytest.fixture
def rows(db):
    """rows(ChatChannel) are all of them."""

    def look(table):
        with db.reading() as session:
            return session.exec(select(table).order_by(table.id)).all()

    return look


@pytest.fixture
def entries(db):
    """entries() is what the audit log says of chat."""

    def look():
        with db.reading() as session:
            found = session.exec(select(Audit).where(Audit.what.startswith("chat.")).order_by(Audit.id))
            return [(each.what, each.about_name, each.before, each.after) for each in found]

    return look


@pytest.fixture
def settings(app):
    """settings(base_url=None) changes what the server was started with."""

    def change(**given):
        stands_on = app.extensions["feedback"]
        app.extensions["feedback"] = replace(stands_on, settings=replace(stands_on.settings, **given))

    return change


def test_channel_is_added_and_its_address_kept_secret(db, olive, channel, rows, entries):
    (stored,) = rows(ChatChannel)
    assert (stored.name, stored.service, stored.managers_only, stored.team_id) == (
        "#managers",
        "slack",
        True,
        None,
    )
    assert stored.address.text == URL
    for page in (olive.get("/chat").text, olive.get(channel).text, olive.get("/audit").text, str(dump(db))):
        assert "B000" not in page
        assert "secret-" not in page
    assert "https://8.8.8.8/…x4Kq" in olive.get(channel).text
    assert entries() == [
        ("chat.added", "#managers", None, {"service": "slack", "team": None, "topics": ["alerts", "week"], "managers_only": True})
    ]  # fmt: skip


def test_teams_are_listed_by_name(cast, olive):
    with cast.changing() as c:
        add_team(c, cast.olive.id, "Anchorage")
    found = re.findall(r"<option[^>]*>\s*([^<]+?)\s*</option>", olive.get("/chat").text)
    assert found[:2] == ["All teams", "Anchorage"]


def test_double_click_makes_one_channel(olive, rows):
    assert len({olive.post("/chat", FORM).location for _ in range(2)}) == 1
    assert len(rows(ChatChannel)) == 1
    reply = olive.post("/chat", {**FORM, "name": "#other"})
    assert reply.status_code == 422
    assert "“#managers” has this address already" in reply.text


REFUSED = [
    ({"service": "irc"}, "Choose Slack or Microsoft Teams."),
    ({"name": " "}, "Enter its name, of at most 60 characters."),
    ({"name": "x" * 61}, "at most 60 characters"),
    ({"url": ""}, "Paste the address that Slack or Teams gave you."),
    ({"url": "http://8.8.8.8/"}, "An address begins with https://."),
    ({"url": "https://me:pw@8.8.8.8/"}, "Leave name and password out"),
    ({"url": "https://127.0.0.1/"}, "private network"),
    ({"service": "teams", "url": "https://hooks.slack.com/services/T0/B0/x"}, "This is an address of Slack."),
    ({"url": "https://prod-1.westeurope.logic.azure.com/x"}, "This is an address of Microsoft Teams."),
    ({"topics": []}, "Choose at least one."),
    ({"topics": ["everything"]}, "Choose at least one."),
    ({"managers_only": ""}, "Alerts are told to managers only"),
    ({"team": "North"}, "Choose a team from the list."),
    ({"team": NOBODY}, "This team is no longer there"),
]  # fmt: skip


def test_bad_form_is_422_and_keeps_what_was_typed(olive, rows, monkeypatch):
    monkeypatch.setattr("feedback.chat.addresses.addresses_of", _as_if_public)
    for change, reason in REFUSED:
        reply = olive.post("/chat", {**FORM, "name": "#kept", **change})
        assert reply.status_code == 422, change
        assert reason in words(reply.text).replace("&#39;", "'"), change
        assert "name" in change or "#kept" in reply.text
    assert rows(ChatChannel) == []


def _as_if_public(target, *, private):
    """Names are not looked up in tests."""
    if target.host == "127.0.0.1":
        raise OSError("127.0.0.1 leads into a private network; only public servers are written to.")
    return []


def test_team_of_another_organisation_is_refused(cast, db, olive, sign_in, rows):
    cast.add("nina", "rep", "Their team", organisation_id=cast.mallory.organisation_id)
    with db.reading() as session:
        ((theirs, _),) = all_teams(session, cast.mallory.organisation_id)
    assert olive.post("/chat", {**FORM, "team": str(theirs)}).status_code == 422
    assert rows(ChatChannel) == []


def test_test_button_posts_at_once_and_shows_what_came_back(app, olive, rows, entries, settings):
    settings(base_url="http://localhost", private_webhooks=True)
    with ChatReceiver("teams") as teams:
        here = olive.post("/chat", {**FORM, "service": "teams", "url": teams.url}).location
        for _ in range(2):  # a double click
            assert olive.post(here, {"what": "test"}).status_code == 303
        waiting = olive.get(here).text
        assert "on its way" in waiting
        assert 'hx-trigger="every 2s"' in waiting
        assert "Look again" in waiting  # without script
        assert deliver_chat(app) == 1
        shown = olive.get(here).text
        assert "answered 202" in words(shown)
        assert "every 2s" not in shown
        assert "“#managers”" in teams.told[0]
    assert len(rows(ChatMessage)) == 1
    assert [what for what, *_ in entries()] == ["chat.added", "chat.tested"]
    assert "answered 202" in words(olive.get("/chat").text)


def test_partial_is_polled_alone(olive, channel):
    part = olive.get(channel, headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div id="messages"')
    assert "<html" not in part


def test_what_it_gets_is_changed_and_logged(cast, db, olive, channel, rows, entries):
    with db.reading() as session:
        teams = {name: str(team_id) for team_id, name in all_teams(session, cast.olive.organisation_id)}
    change = {"what": "change", "topics": "week", "team": teams["North"]}
    assert olive.post(channel, change).status_code == 303
    olive.post(channel, change)  # a double click
    (stored,) = rows(ChatChannel)
    assert (stored.topics, str(stored.team_id), stored.managers_only) == (("week",), teams["North"], False)
    assert [entry for entry in entries() if entry[0] == "chat.changed"] == [
        (
            "chat.changed", "#managers",
            {"team": None, "topics": ["alerts", "week"], "managers_only": True},
            {"team": "North", "topics": ["week"], "managers_only": False},
        )
    ]  # fmt: skip
    reply = olive.post(channel, {**change, "topics": ["alerts"]})
    assert reply.status_code == 422
    assert "Alerts are told to managers only" in reply.text
    assert re.search(r"<details open>\s*<summary class=\"plain\">What it gets", reply.text)


OTHER = "https://8.8.4.4/services/T000/B111/secret-y9Zz"


def test_address_is_changed_and_its_secret_told_nowhere(db, olive, channel, rows, entries):
    for _ in range(2):  # a double click
        reply = olive.post(f"{channel}/address", {"url": OTHER, "managers_only": "y"})
        assert (reply.status_code, reply.location) == (303, channel)
    (stored,) = rows(ChatChannel)
    assert stored.address.text == OTHER
    assert stored.address.stored.startswith("gAAAAA")  # encrypted
    assert "https://8.8.4.4/…y9Zz" in olive.get(channel).text
    for page in (olive.get(channel).text, olive.get("/audit").text, str(dump(db))):
        assert not any(word in page for word in ("B000", "B111", "secret-"))
    assert [entry for entry in entries() if entry[0] != "chat.added"] == [
        ("chat.changed", "#managers", {"address": "https://8.8.8.8/…x4Kq"}, {"address": "https://8.8.4.4/…y9Zz"})
    ]  # fmt: skip


def test_address_that_cannot_be_is_422_and_kept_as_typed(olive, channel, rows, monkeypatch):
    monkeypatch.setattr("feedback.chat.addresses.addresses_of", _as_if_public)
    olive.post("/chat", {**FORM, "name": "#other", "url": OTHER})
    for form, reason in (
        ({"url": ""}, "Paste the address"),
        ({"url": "https://127.0.0.1/x"}, "private network"),
        ({"url": "https://prod-1.westeurope.logic.azure.com/x"}, "This is an address of Microsoft Teams."),
        ({"url": OTHER}, "“#other” has this address already."),
        ({"url": "https://8.8.4.4/new", "managers_only": ""}, "Confirm that nobody else reads it"),
    ):
        reply = olive.post(f"{channel}/address", {"managers_only": "y", **form})
        assert reply.status_code == 422, form
        assert reason in words(reply.text), form
        assert f'value="{form["url"]}"' in reply.text
        assert re.search(r"<details open>\s*<summary class=\"plain\">Another address", reply.text)
    assert [each.address.text for each in rows(ChatChannel)] == [URL, OTHER]


def test_channel_of_reps_needs_no_word_about_managers(olive, rows):
    here = olive.post("/chat", {**FORM, "topics": "week", "managers_only": ""}).location
    assert "Only managers and owners read the channel there" not in olive.get(here).text
    assert olive.post(f"{here}/address", {"url": OTHER}).status_code == 303


def test_another_address_ends_the_pause_that_its_service_caused(cast, olive, channel, rows, entries):
    move = f"{channel}/address"
    for cause, url, paused in ((PauseCause.OWNER, OTHER, True), (PauseCause.GONE, URL, False)):
        with cast.changing() as c:
            which = rows(ChatChannel)[0].id
            resume_channel(c, which, cast.olive.id)
            pause_channel(c, which, cause)
        assert olive.post(move, {"url": url, "managers_only": "y"}).status_code == 303
        assert (rows(ChatChannel)[0].paused_at is not None) is paused, cause
    assert [what for what, *_ in entries()][-2:] == ["chat.changed", "chat.resumed"]


def test_changing_the_address_asks_again_who_it_is(olive, channel, rows, clock):
    clock.forward(minutes=11)
    asked = olive.post(f"{channel}/address", {"url": OTHER, "managers_only": "y"})
    assert asked.status_code == 200
    assert 'name="proof_password"' in asked.text
    assert rows(ChatChannel)[0].address.text == URL


def test_what_waits_is_posted_at_the_new_address(app, cast, olive, settings):
    settings(base_url="http://localhost", private_webhooks=True)
    with ChatReceiver("slack") as old, ChatReceiver("slack") as new:
        here = olive.post("/chat", {**FORM, "url": old.url}).location
        cast.answer(cast.meeting(), 1)
        assert olive.post(f"{here}/address", {"url": new.url, "managers_only": "y"}).status_code == 303
        olive.post(here, {"what": "test"})
        deliver_chat(app)
        assert old.received == []
        assert new.told


def test_pause_gives_up_what_waits_and_goes_on_with_what_is_new(cast, olive, channel, rows, entries, clock):
    cast.answer(cast.meeting(), 1)
    for _ in range(2):
        olive.post(channel, {"what": "pause"})
    (message,) = rows(ChatMessage)
    assert message.error == "the channel was paused before it was sent"
    assert words(PAUSE_WORDS[PauseCause.OWNER]) in words(olive.get(channel).text)
    assert "Paused" in olive.get("/chat").text
    reply = olive.post(channel, {"what": "test"})
    assert (reply.status_code, "It is paused." in reply.text) == (422, True)
    cast.answer(cast.meeting(contact="Eli Marsh"), 1)
    for _ in range(2):
        olive.post(channel, {"what": "resume"})
    cast.answer(cast.meeting(contact="Zoë Ünal"), 1)
    assert len(rows(ChatMessage)) == 2
    assert [what for what, *_ in entries()] == ["chat.added", "chat.paused", "chat.resumed"]


def test_removed_channel_leaves_only_the_audit_log(cast, olive, channel, rows, entries):
    cast.answer(cast.meeting(), 1)
    reply = olive.post(channel, {"what": "remove"})
    assert reply.location == "/chat"
    assert rows(ChatChannel) == rows(ChatMessage) == []
    assert [what for what, *_ in entries()] == ["chat.added", "chat.removed"]
    assert olive.post(channel, {"what": "remove"}).status_code == 404
    assert "#managers" in olive.get("/audit").text


def test_unknown_deed_is_422(olive, channel):
    reply = olive.post(channel, {"what": "explode"})
    assert (reply.status_code, "Choose what is to be done" in reply.text) == (422, True)


def test_chat_is_for_owners_only(sign_in, channel, stranger):
    for name in ("alice", "carol"):
        browser = sign_in(name)
        replies = [
            browser.get("/chat"),
            browser.post("/chat", FORM),
            browser.get(channel),
            browser.post(channel),
            browser.post(f"{channel}/address", {"url": OTHER}),
        ]
        assert [reply.status_code for reply in replies] == [403] * 5, name
    assert stranger.get("/chat").status_code == 302
    mallory = sign_in("mallory")
    assert [mallory.get(channel).status_code, mallory.post(channel, {"what": "remove"}).status_code] == [
        404,
        404,
    ]
    assert mallory.post(f"{channel}/address", {"url": OTHER}).status_code == 404
    assert sign_in("olive").get(f"{channel}/address").status_code == 405
    assert "#managers" not in mallory.get("/chat").text
    for which in (NOBODY, "1", "x"):
        assert mallory.get(f"/chat/{which}").status_code == 404


def test_page_says_why_nothing_is_posted(olive, channel, db, settings):
    assert "does not know its own address" in words(olive.get("/chat").text)
    settings(base_url="http://localhost")
    assert "does not know its own address" not in words(olive.get(channel).text)
    for cause in (PauseCause.GONE, PauseCause.REFUSED):
        with db.writing() as session:
            session.execute(
                text(
                    "UPDATE chat_channels SET paused_at = '2026-11-18 11:00:00.000000', paused_because = :cause"
                ),
                {"cause": cause.value},
            )
        assert words(PAUSE_WORDS[cause].format(service="Slack")) in words(olive.get(channel).text)


def test_address_without_its_key_is_said(olive, channel, db):
    with db.writing() as session:
        lost = SecretBox(["another key"]).encrypt(Purpose.CHAT, URL)
        session.execute(text("UPDATE chat_channels SET address = :lost"), {"lost": lost})
    assert "encrypted with a key that this server does not have" in words(olive.get(channel).text)
    assert olive.get("/chat").status_code == 200


def test_team_with_a_channel_is_not_deleted(cast, db, olive):
    olive.post("/teams", {"name": "West"})
    with db.reading() as session:
        teams = {name: str(team_id) for team_id, name in all_teams(session, cast.olive.organisation_id)}
    olive.post("/chat", {**FORM, "team": teams["West"]})
    reply = olive.post(f"/teams/{teams['West']}", {"what": "delete"})
    assert reply.status_code == 422
    assert "A chat channel gets what is about this team." in words(reply.text)


def test_other_pages_lead_there_and_name_the_service(olive, channel):
    assert 'href="/chat"' in olive.get("/settings").text
    assert "Slack" in olive.get("/privacy/processing").text
