"""Half past midnight in Berlin, when it is still yesterday in UTC: days are those of the organisation's clocks."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select
from support.pages import six, words

from feedback.actions import promises
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.promises import NewPromise
from feedback.actions.trust import Fingerprint
from feedback.calendar import entries
from feedback.calendar.planned import PlannedMeeting
from feedback.models import Account, NotedOutcome, Relationship

# 00:30 of the 19th in Berlin.
HALF_PAST_MIDNIGHT = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)


@pytest.fixture
def late(cast, clock):
    """Alice met Dana on the evening of the 18th, as it is by all clocks; now it is after midnight."""
    met = cast.meeting()
    clock.now = HALF_PAST_MIDNIGHT
    return met


def test_last_meeting_was_yesterday(cast, late, db, sign_in):
    with db.reading() as session:
        path = f"/relationships/{session.exec(select(Relationship.id)).one()}"
    text = words(sign_in("alice").get(path).text)
    assert "Met yesterday" in text
    assert "Met today" not in text


def test_account_is_overdue_by_local_days(cast, late, clock, db, sign_in):
    """91 days by Berlin's clocks, 90 by those of UTC."""
    clock.now = HALF_PAST_MIDNIGHT + timedelta(days=90)
    assert "No meeting for 91 days, 90 were meant at most" in words(sign_in("carol").get("/accounts").text)


def test_promise_of_the_day_before_is_overdue(cast, late, sign_in):
    with cast.changing() as c:
        for due, said in ((18, "Send it yesterday"), (19, "Send it today")):
            promised = NewPromise(side="rep", words=said, due_on=date(2026, 11, due))
            promises.note_promise(c, late.meeting_id, late.contact_id, promised)
    alice = sign_in("alice")
    for path in ("/meetings", f"/meetings/{late.meeting_id}/promises"):
        page = alice.get(path).text
        overdue = re.findall(r'class="soft down">(.*?)</span>', page, re.DOTALL)
        assert ["18 Nov" in each for each in overdue] == [True], path
        assert "19 Nov" in page, path


def test_what_became_of_a_client_is_noted_of_the_local_day(late, db, sign_in):
    with db.reading() as session:
        account = f"/accounts/{session.exec(select(Account.id)).one()}"
    carol = sign_in("carol")
    where = carol.post(f"{account}/outcomes", {"outcome": "grew"}).location.split("?")[0]
    said = {"outcome": "grew", "contact": "", "value_before": "", "value_after": "", "reason": ""}
    for day, status in ((20, 422), (19, 303)):
        assert carol.post(where, {**said, "happened_on": f"2026-11-{day}"}).status_code == status
    with db.reading() as session:
        assert session.exec(select(NotedOutcome.happened_on)).one() == date(2026, 11, 19)


def test_alike_answers_are_counted_by_the_local_day(cast, clock, db):
    """Two before midnight and one after it are not three of one day; two after midnight and one in the morning are."""
    here = Fingerprint(network="office", browser="phone")

    def say(contact, ratings):
        met = cast.meeting(contact=contact)
        cast.submit(met, Submission(ratings, done=True), Sender(fingerprint=here))
        return "alike" in cast.reload(met).client.signals

    evening, night = datetime(2026, 11, 18, 20, tzinfo=UTC), HALF_PAST_MIDNIGHT
    clock.now = evening
    assert [say(name, six(5)) for name in ("Ana", "Ben")] == [False, False]
    clock.now = night
    assert [say(name, six(5)) for name in ("Cleo", "Dan")] == [False, False]
    clock.now = datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert say("Eli", six(5)) is True


def test_calendar_is_of_the_local_day(cast, late, clock, sign_in):
    planned = [
        PlannedMeeting(clock() + timedelta(hours=hours), title, ("dana@x.example",))
        for hours, title in ((9, "Of this day"), (33, "Of the next"))
    ]
    with cast.changing() as c:
        entries.replace_entries(c, cast.alice.id, planned)
    text = words(sign_in("alice").get("/meetings/calendar").text)
    today, this, tomorrow, later = (
        text.index(each) for each in ("Today", "Of this day", "Tomorrow", "Of the next")
    )
    assert today < this < tomorrow < later
