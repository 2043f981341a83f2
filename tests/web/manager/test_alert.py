"""/alerts/<id>: what was said, and what is done about it."""

import re

import pytest
from sqlmodel import col, select
from support.pages import NOBODY, words

from feedback.models import Alert, AlertEvent, PracticeChoice
from feedback.pages.alerts import DimensionLine

CLOSE = {"what": "closed", "outcome": "recovered", "note": "Called Dana, all is well"}


@pytest.fixture
def alert(cast, db, invitation):
    """Alice guessed all fives, Dana said 1 on competency: the address of the low rating."""
    cast.seal(invitation, 5)
    cast.answer(invitation, 5, 1, 5, 5, 5, 5, comment="Late again")
    with db.reading() as session:
        return f"/alerts/{session.exec(select(Alert.id).where(col(Alert.kind) == 'low')).one()}"


@pytest.fixture
def history(db):
    def look():
        with db.reading() as session:
            rows = session.exec(select(AlertEvent).order_by(col(AlertEvent.created_at), col(AlertEvent.id)))
            return [(row.what, row.user_id, row.outcome, row.note) for row in rows]

    return look


def test_alert_page_shows_answer_mirror_and_advice(alert, sign_in):
    text = words(sign_in("carol").get(alert).text)
    assert (
        "Dana Whitfield Northwind · with Alice I take it Close it A low rating A client who gives a 2 or a 1"
        in text
    )
    assert "Competency 1 (guessed 5)" in text
    assert "Late again" in text
    assert "Give Alice one thing to try Competency is what Dana misses most" in text
    assert "Bring the one person who can answer what Dana asked last time." in text


def test_guess_that_is_two_away_stands_out():
    for said, guessed, out in ((5, 3, True), (3, 5, True), (4, 5, False), (2, 2, True), (5, None, False)):
        assert DimensionLine("savvy", said, guessed).stands_out is out, (said, guessed)


def test_taken_alert_names_its_taker(alert, cast, history, sign_in):
    carol = sign_in("carol")
    assert carol.post(alert, {"what": "taken"}).location == alert
    assert history() == [("taken", cast.carol.id, None, None)]
    assert "taken by you" in words(carol.get(alert).text)
    assert "taken by Carol" in words(sign_in("olive").get("/alerts").text)


def test_repeated_taking_is_recorded_once(alert, cast, clock, history, sign_in):
    carol = sign_in("carol")
    carol.post(alert, {"what": "taken"})
    carol.post(alert, {"what": "taken"})
    clock.forward(minutes=5)
    sign_in("olive").post(alert, {"what": "taken"})
    assert [who for _, who, _, _ in history()] == [cast.carol.id, cast.olive.id]


def test_assigned_practice_shows_in_reps_brief(alert, cast, db, history, sign_in):
    sign_in("carol").post(alert, {"what": "assigned", "practice": "competency 2"})
    with db.reading() as session:
        chosen = session.exec(select(PracticeChoice)).one()
    assert (chosen.dimension, chosen.number, chosen.assigned_by_id) == ("competency", 2, cast.carol.id)
    assert history()[0][0] == "assigned"
    relationship = re.search(r"/relationships/[\w-]+", sign_in("carol").get(alert).text)[0]
    assert "Asked to try: Show a case like theirs" in words(sign_in("carol").get(alert).text)
    assert "Your manager asks you to try: Show a case like theirs" in words(
        sign_in("alice").get(relationship).text
    )


def test_alert_is_closed_with_outcome_and_note(alert, cast, history, sign_in):
    carol = sign_in("carol")
    assert carol.post(alert, CLOSE).status_code == 303
    assert history() == [("closed", cast.carol.id, "recovered", "Called Dana, all is well")]
    assert "Dana" not in words(carol.get("/alerts").text).split("How alerts")[0].replace(
        "blind spot: Dana", ""
    )
    assert "Dana Whitfield , Northwind: Low rating" in words(carol.get("/alerts?closed=1").text)
    assert "Carol closed it: recovered" in words(carol.get(alert).text)


def test_double_submit_closes_once(alert, history, sign_in):
    carol = sign_in("carol")
    assert [carol.post(alert, CLOSE).status_code for _ in range(2)] == [303, 303]
    assert len(history()) == 1


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"what": "closed", "note": "Fine now"}, "Choose what became of it."),
        ({"what": "closed", "outcome": "recovered"}, "A line on what happened"),
        ({"what": "closed", "outcome": "forgotten", "note": "x"}, "Choose what became of it."),
        ({"what": "noted", "note": "  "}, "A line on what happened"),
        ({"what": "assigned", "practice": "competency 9"}, "There is no such practice."),
        ({"what": "assigned"}, "There is no such practice."),
    ],
)
def test_incomplete_action_is_422(alert, history, sign_in, form, reason):
    reply = sign_in("carol").post(alert, form)
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert history() == []


def test_refused_note_is_kept_in_form(alert, sign_in):
    assert "Call on Monday" in sign_in("carol").post(alert, {"what": "closed", "note": "Call on Monday"}).text


def test_closed_alert_takes_only_notes(alert, history, clock, sign_in):
    carol = sign_in("carol")
    carol.post(alert, CLOSE)
    assert carol.post(alert, {"what": "taken"}).status_code == 422
    assert carol.post(alert, {**CLOSE, "outcome": "lost"}).status_code == 422
    clock.forward(minutes=1)
    assert carol.post(alert, {"what": "noted", "note": "She called back"}).status_code == 303
    clock.forward(minutes=1)
    assert carol.post(alert, {"what": "reopened"}).status_code == 303
    assert [what for what, *_ in history()] == ["closed", "noted", "reopened"]
    assert "Dana" in carol.get("/alerts").text


def test_alert_is_not_reopened_beside_newer_one(alert, cast, clock, sign_in):
    carol = sign_in("carol")
    carol.post(alert, CLOSE)
    clock.forward(days=1)
    cast.answer(cast.meeting(), 1)
    reply = carol.post(alert, {"what": "reopened"})
    assert reply.status_code == 422
    assert "A newer alert is open" in words(reply.text)


def test_further_reason_keeps_the_taker(alert, cast, clock, sign_in):
    carol = sign_in("carol")
    carol.post(alert, {"what": "taken"})
    clock.forward(days=1)
    cast.answer(cast.meeting(), 1)
    text = words(carol.get(alert).text)
    assert "taken by you" in text
    assert text.count("Reason: Low rating") == 2


def test_alert_stays_whose_it_was_when_another_closes_it(alert, cast, db, sign_in):
    sign_in("carol").post(alert, {"what": "taken"})
    sign_in("olive").post(alert, CLOSE)
    with db.reading() as session:
        assert session.exec(select(Alert.taken_by_id)).one() == cast.carol.id


def test_closing_figures_are_shown(alert, clock, sign_in):
    carol = sign_in("carol")
    clock.forward(hours=3)
    carol.post(alert, CLOSE)
    text = words(carol.get("/alerts").text)
    assert "First action, median 3 h of 1" in text  # the blind spot is a reason of the same
    assert "Closed in time 100 % of 1" in text
    assert "Recovered Accepted Lost Mistaken A low rating 1" in text


def test_first_action_is_a_persons(alert, cast, clock, invitation, sign_in):
    clock.forward(hours=1)
    cast.answer(invitation, 5)  # corrected, and so closed by itself
    clock.forward(hours=4)
    carol = sign_in("carol")
    assert carol.post(alert, {"what": "reopened"}).status_code == 303
    assert "First action, median 5 h of 1" in words(carol.get("/alerts").text)


def test_alert_of_other_team_is_404(alert, cast, sign_in, stranger):
    cast.add("dora", "manager", "South")
    assert [sign_in(name).get(alert).status_code for name in ("dora", "mallory")] == [404, 404]
    assert [sign_in(name).post(alert, CLOSE).status_code for name in ("dora", "mallory")] == [404, 404]
    assert stranger.get(alert).location == f"/sign-in?next={alert}"


def test_rep_gets_403_for_alert(alert, history, sign_in):
    assert [sign_in("alice").get(alert).status_code, sign_in("alice").post(alert, CLOSE).status_code] == [
        403,
        403,
    ]
    assert history() == []


@pytest.mark.parametrize("which", [NOBODY, "nonsense", "0"])
def test_unknown_alert_is_404(cast, sign_in, which):
    assert sign_in("carol").get(f"/alerts/{which}").status_code == 404


def test_closing_figures_cover_own_teams_only(cast, sign_in):
    cast.answer(cast.meeting("bob", "Eli"), 1)
    assert "How alerts are handled" not in sign_in("carol").get("/alerts").text
    assert "of 1" in words(sign_in("olive").get("/alerts").text)


def test_invalid_page_number_is_404(cast, sign_in):
    carol = sign_in("carol")
    assert [carol.get(f"/alerts?closed=1&page={page}").status_code for page in ("1", "2", "0", "-1")] == [
        200, 200, 404, 404,
    ]  # fmt: skip


def test_edited_answer_keeps_reason_order(cast, clock, sign_in, db):
    first = cast.meeting()
    cast.answer(first, 1)
    clock.forward(days=1)
    second = cast.meeting()
    cast.answer(second, 1)
    clock.forward(days=1)
    cast.answer(first, 1, comment="More on this")
    with db.reading() as session:
        alert = session.exec(select(Alert.id).where(col(Alert.kind) == "low")).one()
    page = sign_in("carol").get(f"/alerts/{alert}").text
    story = page[page.index("What happened") :]
    assert story.index(str(first.id)) < story.index(str(second.id))


def test_assigned_practice_stays_hidden_until_seal(cast, clock, sign_in, db):
    met = cast.meeting()
    cast.seal(before := cast.meeting(contact="Dana Whitfield"), 4)
    cast.answer(before, 4)
    clock.forward(hours=1)
    cast.answer(met, 5, 5, 5, 1, 5, 5)
    with db.reading() as session:
        alert = session.exec(select(Alert.id).where(col(Alert.kind) == "low")).one()
    relationship = re.search(r"/relationships/[\w-]+", sign_in("carol").get(f"/alerts/{alert}").text)[0]
    alice, carol = sign_in("alice"), sign_in("carol")

    def looks():  # the token of a form carries the second it was made
        shown = [alice.get(path).text for path in (relationship, f"/meetings/{met.meeting_id}")]
        return [re.sub(r'name="csrf_token" value="[^"]*"', "", text) for text in shown]

    unseen = looks()
    assert "once Alice has sealed the guess" in words(carol.get(f"/alerts/{alert}").text)
    carol.post(f"/alerts/{alert}", {"what": "assigned", "practice": "proactivity 1"})
    assert looks() == unseen
    cast.seal(met, 4)
    assert "Your manager asks you to try" in alice.get(relationship).text


def test_overlong_input_is_404_or_422(alert, sign_in):
    carol = sign_in("carol")
    assert carol.get("/alerts?closed=1&page=99999999999999999999").status_code == 404
    assert carol.post(alert, {"what": "assigned", "practice": "integrity " + "9" * 5000}).status_code == 422


def test_alerts_are_paged(cast, sign_in, monkeypatch):
    monkeypatch.setattr("feedback.web.paging.ROWS", 2)
    for contact in ("Ann", "Ben", "Cleo"):
        cast.answer(cast.meeting(contact=contact), 1)
    carol = sign_in("carol")
    first, second = (carol.get(path).text for path in ("/alerts", "/alerts?page=2"))
    assert [sum(name in text for name in ("Ann", "Ben", "Cleo")) for text in (first, second)] == [2, 1]
