"""/f/<token>/<key>/erase: taken back, at once and for good."""

import csv
from datetime import date
from io import StringIO

import pytest
from sqlmodel import select
from support.dump import dump
from support.pages import six

from feedback.actions import promises
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.promises import NewPromise
from feedback.models import Activity, Alert, Promise
from feedback.pages.client import promises_due
from feedback.store.replay import differences


def test_erased_answer_is_gone_from_database(cast, db, stranger, invitation, own, stored):
    cast.answer(invitation, 1, 2, 1, 2, 1, 2, comment="My secret", nps=3, stage="curious")
    stranger.client.post(f"{own}/erase")
    said = stored().client
    assert "My secret" not in str(dump(db))
    assert {*said.ratings, said.comment, said.nps, said.stage} == {None}


def test_erasing_reopens_the_judged_promise(cast, clock, db, stranger):
    met = cast.meeting()
    with change(cast.db, met.organisation_id, clock()) as c:
        promises.note_promise(c, met.meeting_id, met.contact_id, NewPromise(side="rep", words="Send the numbers", due_on=date(2026, 11, 20)))  # fmt: skip
    clock.forward(days=7)
    invitation = cast.meeting()
    with db.reading() as session:
        (due,) = promises_due(session, invitation.organisation_id, invitation.id, clock())
    state = Submission(six(4), verdicts={due.id: "not_kept"}, done=True)
    cast.submit(invitation, state)

    def verdict() -> tuple:
        with db.reading() as session:
            promise = session.exec(select(Promise)).one()
        return promise.verdict, promise.judged_in_id, promise.judged_at

    assert verdict() == ("not_kept", invitation.id, clock.now)
    stranger.client.post(f"{cast.answer_address(invitation)}/erase")
    assert verdict() == (None, None, None)


def test_numbers_follow_erasing_at_once(cast, db, stranger, invitation, own, stored):
    cast.answer(invitation, 1)
    stranger.client.post(f"{own}/erase")
    with db.reading() as session:
        assert list(differences(session, invitation.organisation_id)) == []
    assert stored().client.erased_at


def test_erasing_rescores_but_keeps_answered_rate(cast, sign_in, stranger, invitation, own):
    cast.answer(cast.meeting(contact="Eli"), 5)
    cast.answer(invitation, 1)
    carol = sign_in("carol")

    def row() -> dict[str, str]:
        return next(csv.DictReader(StringIO(carol.get("/leaderboard.csv").text)))

    before = row()
    stranger.client.post(f"{own}/erase")
    after = row()
    assert (before["voices"], after["voices"]) == ("2.00", "1.00")
    assert float(before["score"]) < float(after["score"]) == 100
    assert before["answered"] == after["answered"] == "100.00"


def test_erasing_keeps_the_answered_count(cast, db, stranger, invitation, own):
    cast.meeting(contact="Eli")
    stranger.client.post(own, data={"savvy": 3, "done": "1"})
    with_one = counted(db)
    stranger.client.post(f"{own}/erase")
    assert counted(db) == with_one == (2, 1)
    cast.meeting(contact="Fay")
    assert counted(db) == (3, 1)
    with db.reading() as session:
        assert list(differences(session, invitation.organisation_id)) == []


def counted(db) -> tuple[int, int]:
    """Invitations made, and answered."""
    with db.reading() as session:
        row = session.exec(select(Activity)).one()
        return row.invitations, row.answered


def test_erasing_removes_the_marks(cast, db, stranger, own):
    stranger.client.post(own, data={**six(1), "mark": "m" * 36, "done": "1"})
    (row,) = (r for r in dump(db)["feedback"])
    hashes = {value for value in row if isinstance(value, str) and len(value) == 32}
    assert len(hashes) == 3
    stranger.client.post(f"{own}/erase")
    assert not hashes & {value for r in dump(db)["feedback"] for value in r if isinstance(value, str)}


def test_rep_sees_nothing_of_erased_answer(cast, sign_in, stranger, invitation, own, meeting):
    cast.seal(invitation, 5)
    cast.answer(invitation, 1, comment="My secret")
    stranger.client.post(f"{own}/erase")
    card = sign_in("alice").get(f"{meeting}/gap")
    assert card.status_code == 200
    assert "My secret" not in card.text


def test_answer_after_erasing_is_410(cast, stranger, invitation, own, stored):
    cast.answer(invitation, 4)
    stranger.client.post(f"{own}/erase")
    assert stranger.client.post(own, data={**six(5), "done": "1"}).status_code == 410
    assert stored().progress.taps == 0


def test_erasing_twice_after_closing_works(cast, clock, stranger, invitation, own):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    assert [stranger.client.post(f"{own}/erase").status_code for _ in range(2)] == [303, 303]


@pytest.mark.parametrize("minutes", [0, 10])
def test_answer_erased_while_settling_leaves_no_low_alert(
    cast, clock, db, stranger, invitation, own, minutes
):
    stranger.client.post(own, data=six(1))
    clock.forward(minutes=minutes)
    stranger.client.post(f"{own}/erase")
    cast.settle()
    assert counted(db) == (1, 1)
    with db.reading() as session:
        assert list(differences(session, invitation.organisation_id)) == []
        assert session.exec(select(Alert.kind)).all() == [
            "unusual"
        ]  # it came without a script; no word of "low"


@pytest.mark.parametrize("address", ["/erase", "/3479CDFGHJKMNPQRTVWXY34/erase"])
def test_erasing_needs_the_right_key(cast, stranger, invitation, page, stored, address):
    cast.answer(invitation, 4)
    assert stranger.client.post(page + address).status_code == 404
    assert stored().progress.taps == 6


def test_get_erase_is_405(cast, stranger, invitation, own, stored):
    cast.answer(invitation, 4)
    assert stranger.get(f"{own}/erase").status_code == 405
    assert stored().progress.taps == 6


def test_what_was_only_begun_and_erased_is_no_longer_being_answered(stranger, app, invitation, page, own):
    stranger.client.post(own, data={"savvy": "4"})
    assert "Being answered on another phone" in app.test_client().get(page).text
    stranger.client.post(f"{own}/erase")
    told = app.test_client().get(page).text
    assert "<h1>Answered on another phone</h1>" in told
    assert "Being answered" not in told
