"""The brief, on /relationships/<id> and where a meeting starts: all that is good to know before the next one."""

import pytest
from sqlmodel import select
from support.pages import words

from feedback.models import Account, Relationship

PRACTICE = {"dimension": "proactivity", "number": "1"}


@pytest.fixture
def known(cast, clock, sign_in) -> str:
    """Alice met Dana twice; each promised something, and Alice chose a practice. The relationship's address."""
    for ratings, comment in (((5, 4, 3, 2, 5, 5), "Slow."), ((5, 5, 4, 3, 5, 5), "Better than last time.")):
        met = cast.meeting()
        cast.answer(met, *ratings, comment=comment)
        cast.seal(met, 5)
        clock.forward(days=10)
    alice, path = sign_in("alice"), f"/meetings/{met.meeting_id}/promises"
    alice.post(path, {"side": "rep", "words": "Send the price list", "due_on": "2026-12-20"})
    alice.post(path, {"side": "client", "words": "Show the numbers", "due_on": "2026-12-01"})
    with cast.db.writing() as session:
        session.exec(select(Account)).one().review_days = 5
        relationship = session.exec(select(Relationship.id)).one()
    alice.post(f"/relationships/{relationship}/practice", PRACTICE)
    return f"/relationships/{relationship}"


def lacking(page: str) -> list[str]:
    """What a page lacks of a brief."""
    text = words(page)
    wanted = (
        "Predisposed",  # level
        "Blind spot: Proactivity. Guessed 5, Dana said 3",  # the last gap
        "Last met 10 days ago: longer than the 5 days planned between meetings",
        "“Better than last time.”",
        "We promised: Send the price list · due 20 Dec",
        "Dana promised: Show the numbers · was due 1 Dec",
        "To try: Open with what could go wrong, before Dana has to ask.",
    )
    pictures = ('aria-label="Loyalty of each answer', 'aria-label="Distance between guess and answer')
    return [each for each in wanted if each not in text] + [each for each in pictures if each not in page]


def test_relationship_page_shows_the_whole_brief(known, sign_in):
    assert lacking(sign_in("alice").get(known).text) == []


def test_meeting_page_shows_the_whole_brief(cast, known, sign_in):
    page = sign_in("alice").get(f"/meetings/{cast.meeting().meeting_id}").text
    assert lacking(page) == []
    assert f'href="{known}"' in page


def test_brief_hides_unsealed_and_manager_only_answers(cast, known, sign_in):
    hidden, waiting = cast.meeting(), cast.meeting()
    cast.seal(hidden, 4)
    cast.answer(hidden, 1, visibility="manager", comment="Hush")
    cast.answer(waiting, 1, comment="Hush")
    alice = sign_in("alice")
    for page in (alice.get(known).text, alice.get(f"/meetings/{waiting.meeting_id}").text):
        assert "Hush" not in page
        assert "Predisposed" in page
