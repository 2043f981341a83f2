"""/answers: those under doubt, in words; and what a decision does."""

import pytest
from sqlmodel import col, select, update
from support.pages import six, words

from feedback.core.trust import STRONG, Signal
from feedback.models import Alert, Audit, Feedback, Side
from feedback.models.feedback import Counts

ACCEPT = {"decision": "accept", "reason": "I called Dana"}
ASIDE = {"decision": "set_aside", "reason": "It was Alice"}


@pytest.fixture
def doubted(sign_in, invitation):
    """Dana's page was answered in the browser where Alice is signed in."""
    sign_in("alice").client.post(f"/f/{invitation.token}", data={**six(5), "done": "1"})
    return f"/answers/{invitation.id}"


@pytest.fixture
def unusual(cast, sign_in, invitation, meeting, app):
    """Dana answered on Alice's phone, handed over."""
    phone = sign_in("alice")
    phone.post(f"{meeting}/hand-over", {"invitation": invitation.id, "pin": "4711"})
    phone.client.post(f"/f/{invitation.token}", data={**six(5), "done": "1"})
    return f"/answers/{invitation.id}"


@pytest.fixture
def open_kinds(db):
    def look():
        with db.reading() as session:
            return set(session.exec(select(Alert.kind).where(col(Alert.closed_at).is_(None))))

    return look


def section(text, heading):
    """What stands under one of the three headings."""
    headings = (
        "Not counted until you decide",
        "Unusual: they count",
        "Decided in the last 13 weeks",
    )
    after = text.split(heading)[1]
    return min((after.split(other)[0] for other in headings), key=len)


def test_quarantined_answer_is_listed_with_reason(doubted, sign_in):
    text = words(sign_in("carol").get("/answers").text)
    waiting = section(text, "Not counted until you decide")
    assert "Dana Whitfield, Northwind with Alice, 18 Nov" in waiting
    assert "a browser where a rep is signed in" in waiting


@pytest.mark.parametrize(
    ("signal", "listed"),
    [(Signal.REP_BEGAN_AGAIN, True), (Signal.BEGUN_AGAIN, True), (Signal.HURRIED, False)],
)
def test_answer_that_was_begun_again_is_listed_before_it_settles(cast, db, sign_in, signal, listed):
    cast.answer(cast.meeting("alice", "Unsettled Client"), 4, done=False)
    with db.writing() as session:
        counts = Counts.QUARANTINED if signal in STRONG else Counts.COUNTED
        said = col(Feedback.side) == Side.CLIENT
        session.execute(update(Feedback).where(said).values(signals=(signal,), counts=counts))
    assert ("Unsettled Client" in sign_in("carol").get("/answers").text) is listed
    cast.clock.forward(minutes=10)
    assert "Unsettled Client" in sign_in("carol").get("/answers").text


def test_unusual_answer_counts_but_can_be_set_aside(unusual, open_kinds, sign_in):
    carol = sign_in("carol")
    assert "It was given on the rep&#39;s phone" in section(
        words(carol.get("/answers").text), "Unusual: they count"
    )
    assert open_kinds() == {"unusual"}
    assert carol.post(unusual, ASIDE).status_code == 303
    text = words(carol.get("/answers").text)
    assert "Nothing unusual" in section(text, "Unusual: they count")
    assert text.count("It was given on the rep&#39;s phone") == 1  # among what was decided alone
    assert "Set aside" in section(text, "Decided in the last 13 weeks")


def test_decision_closes_the_doubt_alert(doubted, open_kinds, db, sign_in):
    assert "doubtful" in open_kinds()
    sign_in("carol").post(doubted, ACCEPT)
    assert "doubtful" not in open_kinds()
    with db.reading() as session:
        assert session.exec(select(Alert.outcome).where(col(Alert.kind) == "doubtful")).one() == "mistaken"


def test_doubt_alert_needs_a_decision_to_close(doubted, db, open_kinds, sign_in):
    with db.reading() as session:
        alert = session.exec(select(Alert.id).where(col(Alert.kind) == "doubtful")).one()
    reply = sign_in("carol").post(
        f"/alerts/{alert}", {"what": "closed", "outcome": "accepted", "note": "Later"}
    )
    assert reply.status_code == 422
    assert "Open the answer, and accept it or set it aside" in words(reply.text)
    assert "Later" in reply.text
    assert "doubtful" in open_kinds()


def test_double_submit_decides_once(db, doubted, sign_in):
    carol = sign_in("carol")
    assert carol.post(doubted, {**ACCEPT, "reason": "   "}).status_code == 422
    assert [carol.post(doubted, ACCEPT).status_code for _ in range(2)] == [303, 303]
    with db.reading() as session:
        assert len(session.exec(select(Audit).where(Audit.what == "answer.accepted")).all()) == 1


def test_second_decision_keeps_both_reasons(doubted, sign_in):
    carol = sign_in("carol")
    carol.post(doubted, ACCEPT)
    carol.post(doubted, ASIDE)
    text = words(carol.get(doubted).text)
    assert "This does not count" in text
    assert "I called Dana" in text
    assert "It was Alice" in text


def test_dispute_after_acceptance_waits_again(doubted, open_kinds, invitation, sign_in, stranger):
    carol = sign_in("carol")
    carol.post(doubted, ACCEPT)
    stranger.post(f"/f/{invitation.token}/not-me")
    waiting = section(words(carol.get("/answers").text), "Not counted until you decide")
    assert "“This wasn’t me”" in waiting
    assert "disputed" in open_kinds()


def test_doubtful_answers_show_own_teams_only(doubted, cast, sign_in):
    cast.add("dora", "manager", "South")
    seen = {
        name: "Dana" in sign_in(name).get("/answers").text for name in ("carol", "dora", "olive", "mallory")
    }
    assert seen == {"carol": True, "dora": False, "olive": True, "mallory": False}


def test_doubtful_answers_are_for_managers_only(cast, sign_in, stranger):
    assert sign_in("alice").get("/answers").status_code == 403
    assert stranger.get("/answers").location == "/sign-in?next=/answers"
    assert sign_in("carol").post("/answers").status_code == 405
