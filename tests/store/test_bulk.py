"""Many rows at once: what is written is what the session would have written."""

from datetime import date

import pytest
from sqlmodel import col, select

from feedback.core.access import Visibility
from feedback.db.bulk import hold_all, insert_all, upsert_all
from feedback.models import Activity, Feedback, Side
from feedback.models.columns import new_id
from feedback.models.feedback import Counts

WEEK = ("organisation_id", "rep_id", "monday")


@pytest.fixture
def week(cast):
    """week(meetings) is the row of Alice's week."""

    def row(meetings):
        key = {"organisation_id": cast.olive.organisation_id, "rep_id": cast.alice.id}
        return {**key, "id": new_id(), "monday": date(2026, 5, 4), "meetings": meetings}

    return row


@pytest.fixture
def kept(db):
    """Every week that is stored: its id, and how many meetings it had."""

    def rows():
        with db.reading() as session:
            return [(each.id, each.meetings) for each in session.exec(select(Activity).order_by(Activity.id))]

    return rows


def test_upsert_keeps_the_id(cast, week, kept):
    first, second = week(1), week(2)
    for row in (first, second):
        with cast.changing() as c:
            upsert_all(c.session, Activity, WEEK, [row])
    assert kept() == [(first["id"], 2)]


def test_holding_changes_no_row(cast, week, kept):
    first = week(1)
    with cast.changing() as c:
        insert_all(c.session, Activity, [first])
        hold_all(c.session, Activity, WEEK, [week(0)])
    assert kept() == [(first["id"], 1)]


def test_columns_left_out_get_defaults(cast, db):
    met = cast.meeting()
    row = {"organisation_id": cast.olive.organisation_id, "invitation_id": met.id, "side": Side.REP}
    with cast.changing() as c:
        insert_all(c.session, Feedback, [{**row, "id": new_id(), "created_at": c.now, "updated_at": c.now}])
    with db.reading() as session:
        stored = session.exec(select(Feedback).where(col(Feedback.side) == Side.REP)).one()
    assert (stored.visibility, stored.counts, stored.signals) == (Visibility.REP, Counts.COUNTED, ())
    assert (stored.scripted, stored.handed_over, stored.created_at) == (True, False, c.now)
