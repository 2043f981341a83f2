"""/digest, and what the leaderboard says about the weekly mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update
from support.pages import words

from feedback.jobs.daily import run_daily
from feedback.models import Outbox, User

MONDAY_EIGHT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def with_mail(app):
    """A mail server is set."""
    ground = app.extensions["feedback"]
    app.extensions["feedback"] = replace(
        ground, settings=replace(ground.settings, smtp_url="smtp://127.0.0.1:1")
    )


@pytest.fixture
def next_week(cast):
    cast.answer(cast.meeting("alice", "Dana"), 1)
    cast.answer(cast.meeting("bob", "Eli"), 1)
    next_monday(cast)


def next_monday(cast):
    cast.clock.now = MONDAY_EIGHT
    run_daily(cast.db, cast.alice.organisation_id, cast.clock())


@pytest.mark.usefixtures("next_week")
def test_digest_shows_week_of_own_teams(sign_in):
    seen = {name: words(sign_in(name).get("/digest").text) for name in ("carol", "olive")}
    assert "WEEK 47, 16 Nov - 22 Nov" in seen["carol"]
    assert {name: ("Alice" in text, "Bob" in text) for name, text in seen.items()} == {
        "carol": (True, False),
        "olive": (True, True),
    }


def test_digest_says_when_first_mail_comes(cast, sign_in):
    assert "The first mail comes on 23 Nov" in words(sign_in("carol").get("/digest").text)


def test_rep_gets_403_for_digest(cast, sign_in):
    assert sign_in("alice").get("/digest").status_code == 403


def test_post_to_digest_is_405(cast, sign_in):
    assert sign_in("carol").post("/digest").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/digest").location == "/sign-in?next=/digest"


def test_leaderboard_says_mail_is_not_set(cast, sign_in):
    assert "no mail server is set" in sign_in("carol").get("/leaderboard").text


@pytest.mark.usefixtures("with_mail")
def test_leaderboard_says_when_first_mail_is_due(cast, sign_in):
    assert "The next one is due on 23 Nov at 07:00" in words(sign_in("carol").get("/leaderboard").text)


@pytest.mark.usefixtures("with_mail")
def test_mail_of_this_monday_is_still_due_before_seven(cast, clock, sign_in):
    clock.now = MONDAY_EIGHT - timedelta(hours=1, seconds=1)
    text = words(sign_in("carol").get("/leaderboard").text)
    assert "The next one is due on 23 Nov at 07:00" in text
    assert "is late" not in text


@pytest.mark.usefixtures("with_mail", "next_week")
def test_leaderboard_says_last_and_next_mail(db, clock, sign_in):
    with db.writing() as session:
        session.exec(update(Outbox).where(col(Outbox.kind) == "weekly").values(sent_at=clock()))
    text = words(sign_in("carol").get("/leaderboard").text)
    assert (
        "Your last weekly mail went out on 23 Nov at 08:00. The next one is due on 30 Nov at 07:00." in text
    )


@pytest.mark.usefixtures("with_mail", "next_week")
def test_mails_of_other_kinds_are_no_weekly_mail(cast, db, clock, sign_in):
    with db.writing() as session:
        mine = update(Outbox).where(col(Outbox.user_id) == cast.carol.id)
        session.exec(mine.where(col(Outbox.kind) == "weekly").values(sent_at=clock()))
        session.exec(mine.where(col(Outbox.kind) == "alert").values(sent_at=clock() + timedelta(days=1)))
        assert session.exec(
            select(Outbox).where(col(Outbox.kind) == "alert", col(Outbox.sent_at).is_not(None))
        ).all()
    assert "Your last weekly mail went out on 23 Nov at 08:00." in words(
        sign_in("carol").get("/leaderboard").text
    )


@pytest.mark.usefixtures("with_mail", "next_week")
def test_late_mail_is_shown_with_reason(db, sign_in):
    text = words(sign_in("carol").get("/leaderboard").text)
    assert (
        "This week's mail is late. It should have gone on Monday at 07:00. The worker may not be running"
        in text
    )
    with db.writing() as session:
        session.exec(update(Outbox).values(error="SMTPDataError: 451"))
    assert "The mail server said: SMTPDataError: 451" in words(sign_in("carol").get("/leaderboard").text)


@pytest.mark.usefixtures("with_mail", "next_week")
def test_each_is_told_of_the_own_mail_only(cast, db, clock, sign_in):
    """Olive's went out, Carol's was refused, and is late."""
    with db.writing() as session:
        mine = update(Outbox).where(col(Outbox.kind) == "weekly")
        session.exec(mine.where(col(Outbox.user_id) == cast.olive.id).values(sent_at=clock()))
        session.exec(mine.where(col(Outbox.user_id) == cast.carol.id).values(error="SMTPDataError: 451"))
    said = {name: words(sign_in(name).get("/leaderboard").text) for name in ("carol", "olive")}
    assert "This week's mail is late" in said["carol"]
    assert "The mail server said: SMTPDataError: 451" in said["carol"]
    assert "Your last weekly mail went out on 23 Nov at 08:00." in said["olive"]
    assert "went out" not in said["carol"]
    assert "is late" not in said["olive"]


@pytest.mark.usefixtures("with_mail", "next_week")
def test_new_manager_sees_no_late_mail(cast, sign_in):
    cast.add("dora", "manager", "North")
    text = words(sign_in("dora").get("/leaderboard").text)
    assert "The next one is due on 30 Nov at 07:00." in text
    assert "is late" not in text


@pytest.mark.usefixtures("with_mail")
def test_mail_with_no_content_is_not_late(cast, clock, db, sign_in):
    cast.add("dora", "manager", "East")
    clock.now = MONDAY_EIGHT
    run_daily(cast.db, cast.alice.organisation_id, clock())
    with db.writing() as session:
        session.exec(
            update(Outbox).values(given_up_at=clock(), error="not told: there are no reps to tell of")
        )
    cast.add("fred", "rep", "East")
    text = words(sign_in("dora").get("/leaderboard").text)
    assert "The next one is due on 30 Nov at 07:00." in text
    assert "is late" not in text


def test_digest_of_somebody_without_reps_says_what_it_can(cast, sign_in):
    with cast.changing() as c:
        c.session.execute(
            update(User)
            .where(col(User.organisation_id) == c.organisation_id, col(User.role) == "rep")
            .values(team_id=None)
        )
    next_monday(cast)
    text = words(sign_in("carol").get("/digest").text)
    assert "WEEK 47, 16 Nov - 22 Nov" in text
    assert "Too early to say anything about loyalty." in text


@pytest.mark.usefixtures("next_week")
def test_counts_of_nothing_are_left_out(cast, sign_in):
    cast.add("dora", "manager", "West")
    dora, carol = (sign_in(name).get("/digest").text for name in ("dora", "carol"))
    assert "Too early to say anything about loyalty.\n\nWHO MOVED MOST" in dora
    assert ("of 0" in dora.replace("of 0 open", ""), "– of" in dora) == (False, False)
    assert "100\u00a0% of 1 invitations were answered.\n\nWHO MOVED MOST" in carol
    assert "have a real gap" not in carol  # nobody guessed
