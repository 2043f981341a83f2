"""What became of a client: noted on the account's page, corrected, retracted; and by an alert that is closed."""

import re
from datetime import date

import pytest
from sqlmodel import select
from support.pages import NOBODY, words

from feedback.actions.erasure import erase_contact
from feedback.actions.merging import merge_accounts, merge_contacts, undo_merge
from feedback.actions.outcomes import retract_outcome
from feedback.core.calendar.weeks import week_of
from feedback.jobs.retention import forget_expired
from feedback.models import Account, Alert, Audit, NotedOutcome
from feedback.pages.leaderboard import live_standings, scoring_calendar
from feedback.store.people import viewer_of

SAID = {"outcome": "shrank", "happened_on": "2026-11-02", "contact": "", "value_before": "1200,50", "value_after": "900",
        "reason": "They left one site; O'Brien told us"}  # fmt: skip


@pytest.fixture
def account(cast):
    """Northwind, where Alice met Dana, who was unhappy; its address."""
    cast.answer(cast.meeting("alice", "Dana Whitfield", "Northwind"), 1)
    with cast.db.reading() as session:
        return f"/accounts/{session.exec(select(Account.id).where(Account.name == 'Northwind')).one()}"


def noted(cast) -> list[NotedOutcome]:
    with cast.db.reading() as session:
        return list(session.exec(select(NotedOutcome).order_by(NotedOutcome.created_at, NotedOutcome.id)))


def standings(cast):
    where = cast.olive.organisation_id
    with cast.db.reading() as session:
        calendar = scoring_calendar(session, where)
        return live_standings(session, where, calendar, week_of(cast.clock(), calendar.zone), cast.clock())


def told(cast) -> list[tuple]:
    with cast.db.reading() as session:
        rows = session.exec(select(Audit).where(Audit.what.like("outcome.%")).order_by(Audit.id)).all()
    return [(row.what.split(".")[1], row.about_name, row.before, row.after) for row in rows]


def test_one_tap_notes_and_is_undone(cast, account, sign_in):
    carol, before = sign_in("carol"), standings(cast)
    place = carol.post(f"{account}/outcomes", {"outcome": "lost"}).location
    assert carol.post(f"{account}/outcomes", {"outcome": "lost"}).location == place  # a double click
    assert "Noted. Add what you know, or undo it." in words(carol.get(place).text)
    where = place.split("?")[0]
    assert carol.post(where, SAID).status_code == 303
    (one,) = noted(cast)
    assert (one.outcome, one.happened_on, one.value_before, one.value_after) == (
        "shrank",
        date(2026, 11, 2),
        1200.5,
        900,
    )
    assert "Shrank 2 Nov 2026" in words(carol.get(account).text)
    assert "O&#39;Brien" in carol.get(account).text
    assert carol.post(f"{where}/retraction").status_code == 303
    assert "Retracted" in words(carol.get(account).text)
    assert carol.post(f"{where}/retraction", {"what": "back"}).status_code == 303
    assert [what for what, *_ in told(cast)] == ["noted", "corrected", "retracted", "brought_back"]
    _, name, was, now = told(cast)[1]
    assert (name, was["outcome"], now["outcome"], now["happened_on"]) == (
        "Northwind",
        "lost",
        "shrank",
        "2026-11-02",
    )
    assert "O'Brien" not in str(told(cast))  # the log holds no words that may name people
    assert standings(cast) == before  # never counted into a score


def test_bad_input_is_refused_in_words(cast, account, sign_in):
    carol = sign_in("carol")
    where = carol.post(f"{account}/outcomes", {"outcome": "grew"}).location.split("?")[0]
    for wrong, why in (
        ({"happened_on": "2026-11-19"}, "has not come yet"),
        ({"happened_on": "1999-12-31"}, "A day from 2000 on"),
        ({"happened_on": "soon"}, "Not a valid date"),
        ({"value_before": "1,200"}, "without a thousands mark"),
        ({"value_after": "-5"}, "without a thousands mark"),
        ({"outcome": "won"}, "Choose what became of it."),
        ({"reason": "x" * 501}, "At most 500 characters."),
        ({"contact": str(cast.carol.id)}, "Choose somebody of this account."),
    ):
        answer = carol.post(where, {**SAID, **wrong})
        assert (answer.status_code, why in words(answer.text)) == (422, True), wrong
    assert carol.post(f"{account}/outcomes", {"outcome": "won"}).status_code == 303
    assert carol.post(where, {**SAID, "contact": "x"}).status_code == 404
    assert [each.outcome for each in noted(cast)] == ["grew"]


def test_outcome_does_not_come_back_beside_another_of_its_day(cast, account, sign_in):
    carol = sign_in("carol")
    first = carol.post(f"{account}/outcomes", {"outcome": "lost"}).location.split("?")[0]
    carol.post(f"{first}/retraction")
    carol.post(f"{account}/outcomes", {"outcome": "grew"})
    answer = carol.post(f"{first}/retraction", {"what": "back"})
    assert (answer.status_code, "Another outcome is noted for" in words(answer.text)) == (422, True)
    assert [(each.outcome, each.retracted_at is None) for each in noted(cast)] == [
        ("lost", False),
        ("grew", True),
    ]


def test_second_outcome_of_a_day_is_refused(cast, account, sign_in):
    carol = sign_in("carol")
    carol.post(f"{account}/outcomes", {"outcome": "lost"})
    other = carol.post(f"{account}/outcomes", {"outcome": "renewed"})
    assert "Another outcome is noted for today." in words(carol.get(other.location.split("#")[0]).text)
    cast.clock.forward(days=1)
    won_back = carol.post(f"{account}/outcomes", {"outcome": "renewed"}).location.split("?")[
        0
    ]  # contradicts, later
    answer = carol.post(won_back, {**SAID, "happened_on": "2026-11-18"})
    assert (answer.status_code, "Another outcome is noted for that day." in words(answer.text)) == (422, True)
    assert [each.outcome for each in noted(cast)] == ["lost", "renewed"]


def test_only_those_who_see_the_account(cast, account, sign_in):
    place = sign_in("carol").post(f"{account}/outcomes", {"outcome": "lost"}).location.split("?")[0]
    cast.add("nora", "manager", "South")
    for who, status in (("nora", 404), ("mallory", 404), ("alice", 403)):
        browser = sign_in(who)
        asked = [browser.get(place), browser.post(place, SAID), browser.post(f"{place}/retraction"),
                 browser.post(f"{account}/outcomes", {"outcome": "lost"})]  # fmt: skip
        assert [each.status_code for each in asked] == [status] * 4, who
    assert sign_in("carol").get(f"/outcomes/{NOBODY}").status_code == 404
    assert sign_in("carol").get("/outcomes/x").status_code == 404
    assert sign_in("olive").get(place).status_code == 200


def test_lost_alert_offers_to_note_it(cast, account, sign_in):
    carol = sign_in("carol")
    cast.meeting("alice", "Ed", "Northwind")
    with cast.db.writing() as session:
        session.exec(select(Account).where(Account.name == "Northwind")).one().value = 48000
        alert_id = session.exec(select(Alert.id)).one()
    alert = f"/alerts/{alert_id}"
    assert "Who was lost?" not in carol.get(alert).text
    carol.post(alert, {"what": "closed", "outcome": "lost", "note": "They left."})
    assert "Who was lost?" in carol.get(alert).text
    told = {"outcome": "lost", "alert": str(alert_id), "whose": "contact"}
    assert "done=noted" in carol.post(f"{account}/outcomes", told).location
    (one,) = noted(cast)
    assert (one.source, one.alert_id, one.contact_id is not None) == ("alert", alert_id, True)
    assert (one.value_before, one.value_after) == (
        None,
        None,
    )  # with Dana alone not all of the account is lost
    page = carol.get(alert).text
    assert "Noted as an outcome." in page
    assert "Who was lost?" not in page
    for wrong in (str(NOBODY), "x"):
        assert carol.post(f"{account}/outcomes", {**told, "alert": wrong}).status_code == 404
    with cast.changing() as c:
        retract_outcome(c, cast.carol.id, one.id, retracted=True)
    page = carol.get(alert).text
    assert "Noted as an outcome." not in page  # it was taken back
    assert "Who was lost?" in page


def test_whole_account_that_is_lost_with_an_alert_is_worth_what_it_was(cast, account, sign_in):
    carol = sign_in("carol")
    with cast.db.writing() as session:
        session.exec(select(Account).where(Account.name == "Northwind")).one().value = 48000
        alert_id = session.exec(select(Alert.id)).one()
    carol.post(f"/alerts/{alert_id}", {"what": "closed", "outcome": "lost", "note": "They left."})
    carol.post(f"{account}/outcomes", {"outcome": "lost", "alert": str(alert_id), "whose": "account"})
    (one,) = noted(cast)
    assert (one.contact_id, one.value_before, one.value_after) == (None, 48000, 0)


def test_outcomes_move_when_clients_are_joined(cast, account, sign_in):
    carol = sign_in("carol")
    dana = cast.meeting("alice", "Dana W.", "Northwind").contact_id
    whole = carol.post(f"{account}/outcomes", {"outcome": "grew"}).location.split("?")[0]
    carol.post(whole, {**SAID, "contact": str(dana)})
    carol.post(f"{account}/outcomes", {"outcome": "lost"})
    other = cast.meeting("alice", "Ann", "North Wind Ltd")
    before = [(each.account_id, each.contact_id) for each in noted(cast)]
    with cast.db.reading() as session:
        olive = viewer_of(session, cast.olive.organisation_id, cast.olive.id)
        keep = session.exec(select(Account.id).where(Account.name == "North Wind Ltd")).one()
    with cast.changing() as c:
        people = merge_contacts(c, olive, other.contact_id, dana)
    assert (noted(cast)[0].account_id, noted(cast)[0].contact_id) == (keep, other.contact_id)
    with cast.changing() as c:
        undo_merge(c, olive, people)
    assert [(each.account_id, each.contact_id) for each in noted(cast)] == before
    with cast.changing() as c:
        joined = merge_accounts(c, olive, keep, before[0][0])
    assert {each.account_id for each in noted(cast)} == {keep}
    with cast.changing() as c:
        undo_merge(c, olive, joined)
    assert [(each.account_id, each.contact_id) for each in noted(cast)] == before


def test_erasing_a_contact_unties_outcomes(cast, account, sign_in):
    carol = sign_in("carol")
    dana = cast.meeting("alice", "Dana Whitfield", "Northwind").contact_id
    place = carol.post(f"{account}/outcomes", {"outcome": "grew"}).location.split("?")[0]
    carol.post(place, {**SAID, "contact": str(dana), "reason": "Dana Whitfield said so"})
    place = carol.post(f"{account}/outcomes", {"outcome": "lost"}).location.split("?")[0]
    carol.post(place, {**SAID, "reason": "Because Dana Whitfield left"})
    with cast.changing() as c:
        counts = erase_contact(c, cast.olive.id, dana)
    tied, whole = noted(cast)
    assert counts["outcomes"] == 1
    assert (tied.contact_id, tied.reason, tied.retracted_at is not None) == (None, None, True)
    assert (whole.retracted_at, re.search("Dana|Whitfield", whole.reason)) == (None, None)
    with cast.changing() as c:
        c.organisation.keep_comments_months = 1
    forget_expired(cast.db, cast.olive.organisation_id, cast.clock.forward(days=40))
    assert [each.reason for each in noted(cast)] == [None, None]
