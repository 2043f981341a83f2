"""What follows Done: at most one more question, and a few words; each saved as the taps are."""

from datetime import date

import pytest
from support.pages import six, words

from feedback.actions import promises
from feedback.actions.change import change
from feedback.actions.promises import NewPromise

QUESTIONS = {
    "promises": "Was it kept?",
    "stage": "What would help you most now?",
    "recommend": "Would you recommend Doughnut Partners to a colleague?",
    "worth_it": "Did this meeting help you?",
}


@pytest.fixture
def asked(cast, clock, stranger):
    """asked() is what Dana is asked after the next meeting, a week later; `said` answers it."""

    def meet(**said: object) -> list[str]:
        clock.forward(days=7)
        met = cast.meeting()
        done = stranger.client.post(f"/f/{met.token}", data={**six(4), "done": "1"})
        text = stranger.get(done.location).text
        stranger.client.post(done.location.split("?")[0], data={**said, "comment": "", "done": "1"})
        return [name for name, question in QUESTIONS.items() if question in words(text)]

    return meet


def test_one_extra_question_per_meeting(cast, clock, asked):
    assert asked(stage="comparing") == ["stage"]
    assert asked(nps="9") == ["recommend"]
    assert asked(worth_it="yes") == ["worth_it"]
    last = cast.meeting()
    with change(cast.db, last.organisation_id, clock()) as c:
        promises.note_promise(c, last.meeting_id, last.contact_id, NewPromise(side="rep", words="Send the numbers", due_on=date(2026, 12, 10)))  # fmt: skip
    assert asked() == ["promises"]
    clock.forward(days=60)
    assert asked(stage="growing") == ["promises"]  # still no word on it


def test_skipped_question_returns_after_closing(asked, clock):
    """Sooner, it would tell the rep that it was left alone."""
    assert asked() == ["stage"]
    assert asked() == ["recommend"]
    clock.forward(days=14)  # the first page has closed: nobody can guess that answer any more
    assert asked() == ["stage"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("stage", "comparing"), ("nps", "0"), ("worth_it", "no"), ("comment", "Hm"), ("visibility", "manager")],
)
def test_each_extra_is_saved_at_once(cast, stranger, invitation, own, stored, name, value):
    cast.answer(invitation, 4)
    reply = stranger.client.post(own, data={name: value, "sequence": 2}, headers={"HX-Request": "true"})
    assert (reply.status_code, str(getattr(stored().client, name))) == (204, value)
    stranger.client.post(own, data={name: value, "sequence": 2}, headers={"HX-Request": "true"})
    assert (stored().client.sequence, stored().progress.taps) == (2, 6)


def test_thanks_page_says_what_happens_next(cast, stranger, invitation, own):
    cast.answer(invitation, 4)
    thanks = stranger.client.post(own, data={"comment": "", "done": "1"}, follow_redirects=True).text
    assert "Who sees your answers: Alice and Carol (manager)" in words(thanks)
    assert "Until 2 Dec you can come back to this address" in words(thanks)
    assert f'href="{own}/receipt"' in thanks
