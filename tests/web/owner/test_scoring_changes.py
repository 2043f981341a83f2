"""/settings/scores: another half-life is tried first, and then everything is worked out anew by the worker."""

import pytest
from sqlmodel import func, select
from support.dump import dump
from support.pages import words

from feedback.imports.signals import Signals
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.models import Audit, ChangeState, Organisation, Relationship, ScoringChange, Standing
from feedback.store.replay import differences

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
FORM = {"half_life_days": "30", "review_days": "10", "timezone": "Europe/Berlin"}


@pytest.fixture
def answered(cast, clock):
    """Dana was glad long ago and is not any more; Eli was met once, and four more were."""
    cast.answer(cast.meeting("alice", "Dana"), 5)
    for name in ("Eli", "Fay", "Gus", "Hal"):
        cast.answer(cast.meeting("alice", name), 4)
    clock.forward(days=60)
    cast.answer(cast.meeting("alice", "Dana"), 2)


@pytest.fixture
def work(db, clock, tmp_path):
    """work() lets the worker look once."""
    return lambda: run_scoring_changes(db, clock, tmp_path)


def state(db) -> ScoringChange:
    with db.reading() as session:
        return session.exec(select(ScoringChange).order_by(ScoringChange.id.desc())).first()


def loyalties(db) -> list[float]:
    with db.reading() as session:
        return sorted(session.exec(select(Relationship.loyalty)).all())


def test_change_is_tried_and_then_applied(cast, db, clock, answered, sign_in, work):
    olive, before = sign_in("olive"), loyalties(db)
    asked = olive.post("/settings/scores", FORM).location
    assert "Being calculated" in olive.get(asked).text
    rows = {name: each for name, each in dump(db).items() if name not in ("scoring_changes", "sessions")}
    assert work() == 1
    assert {
        name: each for name, each in dump(db).items() if name in rows
    } == rows  # looked at, nothing changed
    page = words(olive.get(asked).text)
    assert "1 of 5 relationships changes level." in page
    assert "Transactional → Antagonistic 1" in page
    assert "Alice" in page
    assert "0 relationships are silent today, 4 with this review interval." in page
    assert olive.post(asked, {"what": "apply"}).status_code == 303
    assert loyalties(db) == before
    assert work() == 1
    assert "Every score was recalculated" in words(olive.get(asked).text)
    with db.reading() as session:
        kept = session.get_one(Organisation, cast.olive.organisation_id)
        assert (kept.half_life_days, kept.review_days, kept.half_life_since) == (30, 10, clock.now)
        assert list(differences(session, cast.olive.organisation_id)) == []
        (line,) = session.exec(select(Audit).where(Audit.what == "settings.changed")).all()
    assert line.before == {"half_life_days": 90, "review_days": 90}
    assert line.after == {"half_life_days": 30, "review_days": 10}
    assert loyalties(db)[0] < before[0]
    score = words(sign_in("alice").get(f"/reps/{cast.alice.id}").text)
    assert "The half-life has been 30 days since 17 January 2027." in score
    # On PostgreSQL it is worked out once more, for what was being written meanwhile.
    clock.forward(minutes=2)
    assert work() == (0 if db.is_sqlite else 1)
    assert (state(db).again_at, work()) == (None, 0)


@SQLITE
def test_frozen_weeks_stay_as_they_are(cast, db, answered, clock, sign_in, work):
    clock.forward(days=7)
    cast.meeting("alice", "Ida")  # freezes the weeks before
    with db.reading() as session:
        frozen = session.exec(select(Standing).order_by(Standing.id)).all()
    olive = sign_in("olive")
    asked = olive.post("/settings/scores", FORM).location
    work()
    olive.post(asked, {"what": "apply"})
    work()
    with db.reading() as session:
        assert session.exec(select(Standing).order_by(Standing.id)).all() == frozen
        assert frozen


@SQLITE
def test_time_zone_moves_days_and_weeks(cast, db, answered, sign_in, work):
    olive = sign_in("olive")
    form = {**FORM, "half_life_days": "90", "review_days": "90", "timezone": "Pacific/Auckland"}
    asked = olive.post("/settings/scores", form).location
    work()
    olive.post(asked, {"what": "apply"})
    work()
    with db.reading() as session:
        kept = session.get_one(Organisation, cast.olive.organisation_id)
        assert (kept.timezone, kept.half_life_since) == ("Pacific/Auckland", None)
        assert list(differences(session, cast.olive.organisation_id)) == []


@SQLITE
def test_change_that_is_left_changes_nothing(cast, db, answered, sign_in, work):
    olive, before = sign_in("olive"), loyalties(db)
    for tried in (True, False):
        asked = olive.post("/settings/scores", FORM).location
        assert not tried or work() == 1
        assert olive.post(asked, {"what": "leave"}).status_code == 303
        assert work() == 0
        assert (state(db).state, loyalties(db)) == (ChangeState.STOPPED, before)
        assert "nothing changed" in words(olive.get(asked).text)
        assert olive.post(asked, {"what": "apply"}).status_code == 422


@SQLITE
def test_wrong_changes_are_refused(cast, db, sign_in, work):
    olive = sign_in("olive")
    for wrong, reason in (
        ({"half_life_days": "29"}, "30 to 730 days."), ({"half_life_days": "x"}, "Not a valid integer"),
        ({"review_days": "0"}, "1 to 3,650 days."), ({"timezone": "Mars/Olympus"}, "We know no such time zone."),
        ({"timezone": "../../etc/passwd"}, "We know no such time zone."),
        ({"half_life_days": "90", "review_days": "90"}, "This is how it is already."),
    ):  # fmt: skip
        reply = olive.post("/settings/scores", {**FORM, **wrong})
        assert (reply.status_code, reason in words(reply.text)) == (422, True), wrong
    asked = olive.post("/settings/scores", FORM).location
    assert "Another change is being looked at" in olive.post("/settings/scores", FORM).text
    assert "Olive asked for a change" in words(olive.get("/settings/scores").text)
    for what in ("apply", "nothing", ""):  # it was not tried yet
        assert olive.post(asked, {"what": what}).status_code == 422
    for name, status in (("mallory", 404), ("carol", 403), ("alice", 403)):
        assert sign_in(name).get(asked).status_code == status
        assert sign_in(name).post(asked, {"what": "leave"}).status_code == status
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ScoringChange)) == 1


@SQLITE
def test_failed_preview_ends_in_words(cast, db, sign_in, work, monkeypatch):
    olive = sign_in("olive")
    asked = olive.post("/settings/scores", FORM).location
    monkeypatch.setattr("feedback.jobs.scoring_changes.scoring_preview", lambda *_: 1 / 0)
    assert work() == 1
    assert "This could not be calculated, and nothing changed." in words(olive.get(asked).text)
    assert olive.post("/settings/scores", FORM).status_code == 303


@SQLITE
def test_worker_that_died_is_followed_by_another(cast, db, clock, sign_in, work, monkeypatch):
    olive = sign_in("olive")
    olive.post("/settings/scores", FORM)
    with monkeypatch.context() as broken:
        broken.setattr("feedback.jobs.scoring_changes.count_reps", _killed)
        with pytest.raises(KeyboardInterrupt):
            work()
    assert work() == 0
    clock.forward(minutes=16)
    assert work() == 1
    assert state(db).state is ChangeState.TRIED


def test_how_far_it_is_is_told_person_by_person(cast, answered, sign_in, work, monkeypatch):
    cast.answer(cast.meeting("bob", "Ida"), 4)
    told = []
    monkeypatch.setattr(Signals, "tell", lambda _self, part: told.append(part))
    olive = sign_in("olive")
    asked = olive.post("/settings/scores", FORM).location
    assert work() == 1
    assert told == [0.25, 0.5, 0.75, 1.0]  # everybody who may have met somebody
    olive.post(asked, {"what": "apply"})
    assert work() == 1
    assert told[4:8] == [0.25, 0.5, 0.75, 1.0]


def _killed(*_args):
    raise KeyboardInterrupt
