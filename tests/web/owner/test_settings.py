"""/settings: how the organisation wants things to be."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select
from support.pages import words

from feedback.models import Alert, Audit, Organisation

FORM = {
    "review_days": "60", "invitation_days": "7", "alert_due_days": "3", "workdays": ["7", "1", "2", "3", "4"],
    "holidays": "de-by", "days_off": "2026-12-24\n2026-12-31, 2026-12-24", "reps_see_all": "1",
    "least_asked": "30", "currency": "eur",
}  # fmt: skip


@pytest.fixture
def stored(cast, db):
    def look():
        with db.reading() as session:
            return session.get_one(Organisation, cast.olive.organisation_id)

    return look


def test_saved_settings_are_shown_again(cast, db, sign_in, stored):
    olive = sign_in("olive")
    assert olive.post("/settings", FORM).location == "/settings?saved=1"
    now = stored()
    assert (now.review_days, now.invitation_days, now.alert_due_days) == (60, 7, 3)
    assert (now.least_asked, now.currency) == (30, "EUR")
    assert (now.workdays, now.holidays) == ("12347", "DE-BY")
    assert now.days_off == (date(2026, 12, 24), date(2026, 12, 31))
    assert (now.reps_see_all, now.reps_weekly_mail) == (True, False)
    page = olive.get("/settings?saved=1").text
    assert "Saved." in page
    assert 'value="DE-BY"' in page
    with db.reading() as session:
        assert [row.what for row in session.exec(select(Audit).where(Audit.what.startswith("settings")))] == [
            "settings.changed"
        ]


def test_saving_unchanged_settings_is_not_audited(cast, db, sign_in):
    olive = sign_in("olive")
    for _ in range(2):
        olive.post("/settings", FORM)
    with db.reading() as session:
        assert len(session.exec(select(Audit).where(Audit.what == "settings.changed")).all()) == 1


def test_alert_due_date_uses_settings(cast, db, sign_in):
    sign_in("olive").post("/settings", {**FORM, "holidays": "", "alert_due_days": "2"})
    cast.answer(cast.meeting(), 1)  # on a Wednesday; Thursday and Sunday are the next two working days
    with db.reading() as session:
        assert session.exec(select(Alert)).one().due_at.isoformat() == "2026-11-22T23:00:00+00:00"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"review_days": "0"}, "1 to 3,650 days."),
        ({"alert_due_days": "many"}, "Not a valid integer value."),
        ({"alert_due_days": "31"}, "0 to 30 days."),
        ({"least_asked": "101"}, "0 to 100."),
        ({"least_asked": ""}, "0 to 100."),
        ({"currency": "XYZ"}, "We know no such currency."),
        ({"currency": "euro"}, "Three letters, like EUR."),
        ({"workdays": []}, "Choose at least one day."),
        ({"workdays": ["8"]}, "Choose at least one day."),
        ({"holidays": "XX"}, "We know no such place."),
        ({"holidays": "DE-XX"}, "We know no such place."),
        ({"days_off": "24.12.2026"}, "Write days like 2026-12-24; this is none: 24.12.2026"),
    ],
)
def test_invalid_settings_are_422_with_reason(cast, sign_in, stored, wrong, reason):
    before = stored().model_dump()
    reply = sign_in("olive").post("/settings", {**FORM, "invitation_days": "77", **wrong})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert 'value="77"' in reply.text
    assert stored().model_dump() == before


def test_settings_are_for_owners_only(cast, sign_in, stored):
    before = stored().model_dump()
    for name in ("alice", "carol"):
        assert sign_in(name).get("/settings").status_code == 403
        assert sign_in(name).post("/settings", FORM).status_code == 403
    sign_in("mallory").post("/settings", FORM)  # her own
    assert stored().model_dump() == before


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/settings").location == "/sign-in?next=/settings"


def test_owner_reads_what_a_missing_address_means(app, sign_in):
    olive, context = sign_in("olive"), app.extensions["feedback"]
    assert "mails carry no links, and clients get no receipts" in words(olive.get("/settings").text)
    app.extensions["feedback"] = replace(
        context, settings=replace(context.settings, base_url="http://localhost")
    )
    assert "FEEDBACK_BASE_URL" not in olive.get("/settings").text
