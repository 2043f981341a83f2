"""feedback check stands on this: do the stored numbers equal a replay of the history?"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from feedback.actions.rescore import rescore
from feedback.models import Activity, Relationship
from feedback.store.replay import differences


@pytest.fixture
def check(cast, db):
    """check() is every difference found, in words."""

    def look() -> list[str]:
        with db.reading() as session:
            return list(differences(session, cast.olive.organisation_id))

    return look


@pytest.fixture
def history(cast, clock):
    for rating in (4, 5):  # nothing that opens an alert
        for rep, contact in (("alice", "Dana"), ("alice", "Eli"), ("bob", "Dana")):
            met = cast.meeting(rep, contact)
            cast.answer(met, rating)
            cast.seal(met, 4)
        clock.forward(days=6)
    cast.meeting("bob", "Fay")


@pytest.mark.usefixtures("history")
def test_what_our_own_code_wrote_is_what_the_history_says(check):
    assert check() == []


@pytest.mark.usefixtures("history")
def test_a_number_that_was_meddled_with_is_named(cast, check, clock, run):
    alices = update(Relationship).where(Relationship.rep_id == cast.alice.id)
    for name, value in (("loyalty", 99.0), ("vote", 1.0), ("points_savvy", 1.0), ("client_savvy", 1.0),
                        ("mirror_savvy", None), ("answers", 9), ("both", 0), ("last_client_at", None)):  # fmt: skip
        run(alices.values({name: value}))
        found = check()
        assert len(found) == 2, name
        assert all(line.startswith("Alice with ") and name.split("_")[0] in line for line in found)
        rescore(cast.db, cast.olive.organisation_id, clock())


@pytest.mark.usefixtures("history")
def test_a_row_that_is_missing_is_named(check, cast, run):
    run(delete(Relationship).where(Relationship.rep_id == cast.bob.id))
    assert len(check()) == 2
    assert all("no stored row, though there is a history" in line for line in check())


@pytest.mark.usefixtures("history")
def test_a_week_that_was_miscounted_is_named(cast, check, clock, run):
    for name in ("meetings", "opened", "invitations", "answered"):
        run(update(Activity).where(Activity.rep_id == cast.alice.id).values({name: 7}))
        found = check()
        assert len(found) == 2, name
        assert all(line.startswith("Alice, week of 2026-") for line in found)
        rescore(cast.db, cast.olive.organisation_id, clock())


@pytest.mark.usefixtures("history")
def test_a_last_meeting_that_is_wrong_is_named(check, cast, clock, run):
    run(update(Relationship).values(last_meeting_at=clock() - timedelta(days=99)))
    assert all("the last meeting is not the latest" in line for line in check())
    assert len(check()) == 4


@pytest.mark.usefixtures("history")
def test_another_organisations_numbers_are_another_check(check, cast, run):
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    cast.answer(cast.meeting("mike"), 4)
    run(update(Relationship).where(Relationship.rep_id == cast.mike.id).values(loyalty=1.0))
    assert check() == []


@pytest.mark.usefixtures("history")
def test_rescoring_makes_it_right_again(check, cast, clock, run):
    run(update(Relationship).values(loyalty=99.0, vote=1.0, last_meeting_at=None))
    run(delete(Activity))
    assert rescore(cast.db, cast.olive.organisation_id, clock()) == 4
    assert check() == []
