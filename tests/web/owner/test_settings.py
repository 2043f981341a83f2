"""/settings: how the organisation wants things to be, a short page for each subject."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select
from support.pages import words

from feedback.models import Alert, Audit, Organisation

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
DAYS = {
    "alert_due_days": "3", "workdays": ["7", "1", "2", "3", "4"], "holidays": "de-by",
    "days_off": "2026-12-24\n2026-12-31, 2026-12-24",
}  # fmt: skip
FORMS = {
    "organisation": {"name": "Torus & Söhne", "language": "de", "currency": "eur"},
    "meetings": {"invitation_days": "7"},
    "days": DAYS,
    "reps": {"board": "all", "least_asked": "30"},
}


@pytest.fixture
def stored(cast, db):
    def look():
        with db.reading() as session:
            return session.get_one(Organisation, cast.olive.organisation_id)

    return look


def test_saved_settings_are_shown_again(cast, db, sign_in, stored):
    olive = sign_in("olive")
    for name, form in FORMS.items():
        assert olive.post(f"/settings/{name}", form).location == f"/settings/{name}?saved=1"
    now = stored()
    assert (now.name, now.language, now.currency) == ("Torus & Söhne", "de", "EUR")
    assert (now.invitation_days, now.receipts, now.alert_due_days, now.least_asked) == (7, False, 3, 30)
    assert (now.workdays, now.holidays) == ("12347", "DE-BY")
    assert now.days_off == (date(2026, 12, 24), date(2026, 12, 31))
    assert (now.reps_see_own, now.reps_see_all, now.reps_weekly_mail) == (True, True, False)
    page = olive.get("/settings/days?saved=1").text
    assert "Saved." in page
    assert 'value="DE-BY"' in page
    assert "Torus &amp; Söhne · Deutsch · EUR" in olive.get("/settings").text
    with db.reading() as session:
        audited = session.exec(select(Audit).where(Audit.what == "settings.changed")).all()
    changed = {name: (line.before[name], value) for line in audited for name, value in line.after.items()}
    assert changed["name"] == ("Doughnut Partners", "Torus & Söhne")
    assert changed["receipts"] == (True, False)
    assert set(changed) == {
        "name", "language", "currency", "invitation_days", "receipts", "alert_due_days", "workdays", "holidays", "days_off",
        "reps_see_all", "least_asked",
    }  # fmt: skip


@SQLITE
def test_saving_unchanged_settings_is_not_audited(cast, db, sign_in):
    olive = sign_in("olive")
    for _ in range(2):
        olive.post("/settings/days", DAYS)
    with db.reading() as session:
        assert len(session.exec(select(Audit).where(Audit.what == "settings.changed")).all()) == 1


@SQLITE
def test_alert_due_date_uses_settings(cast, db, sign_in):
    sign_in("olive").post("/settings/days", {**DAYS, "holidays": "", "alert_due_days": "2"})
    cast.answer(cast.meeting(), 1)  # on a Wednesday; Thursday and Sunday are the next two working days
    with db.reading() as session:
        assert session.exec(select(Alert)).one().due_at.isoformat() == "2026-11-22T23:00:00+00:00"


WRONG = [
    ("days", {"alert_due_days": "many"}, "Not a valid integer value."),
    ("days", {"alert_due_days": "31"}, "0 to 30 days."),
    ("days", {"workdays": []}, "Choose at least one day."),
    ("days", {"workdays": ["8"]}, "Choose at least one day."),
    ("days", {"holidays": "XX"}, "We know no such place."),
    ("days", {"holidays": "DE-XX"}, "We know no such place."),
    ("days", {"days_off": "24.12.2026"}, "Write days like 2026-12-24; this is none: 24.12.2026"),
    ("meetings", {"invitation_days": "0"}, "1 to 365 days."),
    ("reps", {"least_asked": "101"}, "0 to 100."),
    ("reps", {"least_asked": ""}, "0 to 100."),
    ("reps", {"board": "nobody"}, "Choose one of the list."),
    ("organisation", {"currency": "XYZ"}, "We know no such currency."),
    ("organisation", {"currency": "euro"}, "Three letters, like EUR."),
    ("organisation", {"language": "xx"}, "Choose one of the list."),
    ("organisation", {"name": ""}, "Enter its name."),
    ("organisation", {"name": "\u200f" * 500}, "Enter its name."),
    ("organisation", {"name": "x" * 5000}, "At most 200 letters."),
]


@SQLITE
def test_invalid_settings_are_422_with_reason(cast, sign_in, stored):
    olive, before = sign_in("olive"), stored().model_dump()
    for name, wrong, reason in WRONG:
        reply = olive.post(f"/settings/{name}", {**FORMS[name], **wrong})
        assert reply.status_code == 422, wrong
        assert reason in words(reply.text), wrong
    assert stored().model_dump() == before


@SQLITE
def test_name_loses_marks_that_turn_it_around(cast, sign_in, stored):
    form = {**FORMS["organisation"], "name": " Evil\u202e gro\u2066.\x07\n Ltd "}
    sign_in("olive").post("/settings/organisation", form)
    assert stored().name == "Evil gro. Ltd"


@SQLITE
def test_settings_are_for_owners_only(cast, sign_in, stored, stranger):
    before = stored().model_dump()
    for name in ("alice", "carol"):
        for address in (
            "/settings",
            "/settings/days",
            "/settings/look",
            "/settings/words/de",
            "/settings/scores",
        ):
            assert sign_in(name).get(address).status_code == 403
        assert sign_in(name).post("/settings/days", DAYS).status_code == 403
    sign_in("mallory").post("/settings/days", DAYS)  # her own
    assert stored().model_dump() == before
    assert stranger.get("/settings").location == "/sign-in?next=/settings"
    assert sign_in("olive").get("/settings/nothing").status_code == 404
    assert sign_in("olive").post("/settings/nothing", {}).status_code == 404
    assert sign_in("olive").client.post("/settings", data={}).status_code == 405


@SQLITE
def test_second_owner_is_told_what_changed(cast, db, sign_in, stored):
    cast.add("otto", "owner", "")
    olive, otto = sign_in("olive"), sign_in("otto")
    seen = json.dumps({"name": "Doughnut Partners", "language": "en", "currency": ""})
    mine = {"name": "Ring Ltd", "language": "en", "currency": "", "seen": seen}
    assert olive.post("/settings/organisation", mine).status_code == 303
    # What Otto did not touch stays as Olive left it.
    reply = otto.post("/settings/organisation", {**mine, "name": "Doughnut Partners", "currency": "EUR"})
    assert reply.location == "/settings/organisation?saved=1&others=name"
    assert "that was kept" in words(otto.get(reply.location).text)
    assert (stored().name, stored().currency) == ("Ring Ltd", "EUR")
    # What both changed is refused, and then it is Otto's to say.
    refused = otto.post("/settings/organisation", {**mine, "name": "Torus", "currency": "EUR"})
    assert refused.status_code == 409
    assert "Somebody else changed this meanwhile, to Ring Ltd." in words(refused.text)
    assert stored().name == "Ring Ltd"
    again = json.dumps({"name": "Ring Ltd", "language": "en", "currency": ""})
    assert again.replace('"', "&#34;") in refused.text
    otto.post("/settings/organisation", {**mine, "name": "Torus", "currency": "EUR", "seen": again})
    assert stored().name == "Torus"


@SQLITE
def test_odd_notes_of_what_was_seen_harm_nothing(cast, sign_in, stored):
    for seen in ("", "[]", "{", '{"name": ["x"]}', '{"nothing": 1}', "9" * 9000):
        reply = sign_in("olive").post("/settings/meetings", {"invitation_days": "9", "seen": seen})
        assert reply.status_code == 303, seen
    assert stored().invitation_days == 9


@SQLITE
def test_reps_see_no_leaderboard_where_managers_alone_do(cast, sign_in):
    alice = sign_in("alice")
    assert alice.get("/leaderboard").status_code == 200
    sign_in("olive").post("/settings/reps", {"board": "managers", "least_asked": "50"})
    for address in ("/leaderboard", "/leaderboard/2026-W47", "/leaderboard.csv"):
        assert alice.get(address).status_code == 403
    assert 'href="/leaderboard"' not in alice.get("/meetings").text
    assert sign_in("carol").get("/leaderboard").status_code == 200


@SQLITE
def test_owner_reads_what_a_missing_address_means(app, sign_in):
    olive, context = sign_in("olive"), app.extensions["feedback"]
    assert "mails carry no links, and clients get no receipts" in words(olive.get("/settings").text)
    app.extensions["feedback"] = replace(
        context, settings=replace(context.settings, base_url="http://localhost")
    )
    assert "FEEDBACK_BASE_URL" not in olive.get("/settings").text


def test_settings_lead_to_all_that_owners_set_or_look_up(sign_in):
    olive = sign_in("olive")
    page, people = olive.get("/settings").text, olive.get("/people").text
    for room in (
        "/settings/organisation", "/settings/look", "/settings/words", "/settings/meetings", "/settings/asking",
        "/settings/scores", "/settings/reps", "/settings/agreement", "/settings/days", "/settings/kept",
        "/settings/sign-in", "/webhooks", "/tokens", "/import", "/export", "/privacy/register", "/audit", "/status",
    ):  # fmt: skip
        assert f'href="{room}"' in page, room
        assert olive.get(room).status_code == 200, room
    assert 'href="/settings"' in people


@SQLITE
@pytest.mark.parametrize("board", ["managers", "own", "all"])
def test_who_sees_the_board_is_shown_as_chosen(cast, sign_in, board):
    olive = sign_in("olive")
    olive.post("/settings/reps", {**FORMS["reps"], "board": board})
    page = olive.get("/settings/reps").text
    choice = re.search(r'<select[^>]*name="board".*?</select>', page, re.S)[0]
    assert re.findall(r'value="(\w+)" selected', choice) == [board]


@SQLITE
def test_what_would_go_is_shown_for_one_two_and_three_years(cast, sign_in):
    text = words(sign_in("olive").get("/settings/kept").text)
    assert re.findall(r"Older than (\d+) months today", text) == ["12", "24", "36"]


@SQLITE
def test_what_would_go_is_asked_about_first(cast, clock, sign_in, stored):
    cast.answer(cast.meeting(), 4, comment="As I said")
    clock.forward(days=400)
    olive, form = sign_in("olive"), {"keep_comments_months": "12", "keep_names_months": "0"}
    asked = olive.post("/settings/kept", form)
    assert (asked.status_code, 'name="sure"' in asked.text) == (422, True)
    assert not stored().keep_comments_months
    assert olive.post("/settings/kept", {**form, "sure": "1"}).status_code == 303
    assert stored().keep_comments_months == 12


def test_one_working_day_is_one(sign_in):
    olive = sign_in("olive")
    assert "Due after 2 working days" in words(olive.get("/settings").text)
    olive.post("/settings/days", {**DAYS, "alert_due_days": "1"})
    assert "Due after 1 working day ›" in words(olive.get("/settings").text)
