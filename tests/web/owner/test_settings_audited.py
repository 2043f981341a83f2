"""Each setting that an owner changes stands in the audit log, as it was and as it is, on whatever page it is changed."""

import pytest
from sqlalchemy import update
from sqlmodel import select

from feedback.models import Audit, Organisation

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
# By page: what is typed, and what the log says of it, before and after.
CHANGES = {
    "/settings/organisation": (
        {"name": "Torus", "language": "de", "currency": "eur"},
        {"name": ("Doughnut Partners", "Torus"), "language": ("en", "de"), "currency": ("", "EUR")},
    ),
    "/settings/meetings": (
        {"invitation_days": "7"},
        {"invitation_days": (14, 7), "receipts": (True, False)},
    ),
    "/settings/days": (
        {"alert_due_days": "3", "workdays": ["7", "1"], "holidays": "de-by", "days_off": "2026-12-24"},
        {
            "alert_due_days": (2, 3), "workdays": ("12345", "17"), "holidays": ("", "DE-BY"), "days_off": ("", "2026-12-24"),
        },
    ),
    "/settings/reps": (
        {"board": "managers", "least_asked": "30", "reps_weekly_mail": "1"},
        {"reps_see_own": (True, False), "reps_see_all": (True, False), "least_asked": (50, 30), "reps_weekly_mail": (False, True)},
    ),
    "/settings/agreement": ({"works_agreement": "1"}, {"works_agreement": (False, True)}),
    "/settings/kept": (
        {"keep_comments_months": "12", "keep_names_months": "24"},
        {"keep_comments_months": (0, 12), "keep_names_months": (0, 24)},
    ),
    "/settings/asking": ({"asks": "1"}, {"asks_by_itself": (False, True)}),
    "/settings/sign-in": ({"roles": ["owner"]}, {"second_factor_for": ([], ["owner"])}),
    "/settings/look": ({"what": "colour", "accent": "#0b7a75"}, {"accent": ("", "#0b7a75")}),
    "/settings/words/de": ({"savvy": "Kennt unser Geschäft"}, {"de savvy": ("", "Kennt unser Geschäft")}),
}  # fmt: skip
# tests/web/owner/test_scoring_changes.py: tried first, and written down when it is applied
SCORES = {"half_life_days", "review_days", "timezone"}
NO_SETTING = {
    "id", "code", "created_at", "next_freeze", "demo",  # of the organisation itself
    "look", "half_life_since", "second_factor_since", "asks_since",  # follow from settings, whose change is written down
    "start_tried", "start_away",  # deeds, with kinds of their own
}  # fmt: skip


def _changes(db) -> dict[str, tuple[object, object]]:
    with db.reading() as session:
        lines = session.exec(select(Audit).where(Audit.what == "settings.changed").order_by(Audit.id)).all()
    return {name: (line.before[name], line.after[name]) for line in lines for name in line.after}


@SQLITE
@pytest.mark.parametrize("path", CHANGES)
def test_setting_is_written_down_as_it_was_and_is(cast, db, sign_in, path):
    with db.writing() as session:
        session.execute(update(Organisation).values(reps_see_all=True))
    form, expected = CHANGES[path]
    olive = sign_in("olive")
    assert olive.post(path, form).status_code == 303
    assert _changes(db) == expected
    assert olive.post(path, form).status_code == 303
    assert len(_changes(db)) == len(expected)  # saved again as it is: nothing was changed
    with db.reading() as session:
        who = set(session.exec(select(Audit.user_id).where(Audit.what == "settings.changed")))
    assert who == {cast.olive.id}


def test_every_setting_is_changed_above():
    """A column that is new is a setting, whose page is to be named, or none."""
    told = {name for _, expected in CHANGES.values() for name in expected} - {"asks_by_itself", "de savvy"}
    assert told | SCORES | NO_SETTING == set(Organisation.model_fields)


@SQLITE
def test_reps_of_one_name_are_told_apart(cast, db, sign_in):
    other = cast.add("alice2", "rep", "South", named="Alice")
    sign_in("olive").post("/settings/asking", {f"rep-{cast.alice.id}": "no", f"rep-{other.id}": "yes"})
    (one, another) = _changes(db).items()
    assert {one[1], another[1]} == {(None, False), (None, True)}
    assert {one[0], another[0]} == {"Alice", f"Alice ({other.email})"} or {one[0], another[0]} == {
        "Alice",
        f"Alice ({cast.alice.email})",
    }
