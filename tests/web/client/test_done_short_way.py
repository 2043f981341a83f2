"""Done from the page's script goes a shorter way than any other form, and ends where that ends."""

import pytest
from sqlalchemy import select
from sqlmodel import col
from support.pages import six

from feedback.actions import answer_keys, answers
from feedback.core.answer_key import new_key
from feedback.models import FrozenWeek, Organisation

HX = {"HX-Request": "true"}
# A language that was chosen makes a form more than the short way reads.
WAYS = {"short": {}, "long": {"speak": "en"}}


@pytest.fixture
def dana(cast, clock, stranger):
    """dana(met) has told that the page was opened and tapped one row; then dana(met)(**fields) sends a form."""

    def begin(met):
        page, key = f"/f/{met.token}", new_key()
        stranger.client.post(f"{page}/opened")
        clock.forward(seconds=20)

        def send(**fields):
            known = {"mark": "m" * 36, "visibility": "rep", **fields}
            return stranger.client.post(f"{page}/{key}", data=known, headers=HX)

        assert send(savvy=4, sequence=1).status_code == 204
        return send

    return begin


def erased(cast, clock, met, send):
    with cast.changing() as c:
        answers.erase_answer(c, met.id)


def closed(cast, clock, met, send):
    clock.forward(days=20)


def begun_elsewhere(cast, clock, met, send):
    with cast.changing() as c:
        answer_keys.begin_again(c, met.id)


def done_before(cast, clock, met, send):
    send(**six(4), sequence=2, done=1)


def nothing(cast, clock, met, send):
    pass


def said(reply, met):
    """What a reply says, without what is of one invitation alone."""
    where = reply.headers.get("HX-Redirect", "").split("?")
    return (
        reply.status_code,
        where[0].count("/"),
        *(each.replace("&lang=en", "").replace("lang=en&", "") for each in where[1:]),
    )


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_short_way_ends_as_long_one_does(cast, clock, dana):
    for meanwhile, status in (
        (nothing, 204),
        (done_before, 204),
        (erased, 410),
        (closed, 410),
        (begun_elsewhere, 409),
    ):
        ends = []
        for fields in WAYS.values():
            met = cast.meeting()
            send = dana(met)
            meanwhile(cast, clock, met, send)
            reply = send(**six(5), sequence=3, done=1, **fields)
            ends.append((said(reply, met), cast.reload(met).client.ratings))
        assert ends[0] == ends[1], meanwhile.__name__
        assert ends[0][0][0] == status, meanwhile.__name__


def test_done_after_a_week_freezes_it_first(cast, clock, db, dana):
    send = dana(cast.meeting())
    with db.reading() as session:
        before = session.get_one(Organisation, cast.olive.organisation_id).next_freeze
    clock.forward(days=8)
    assert send(**six(5), sequence=2, done=1).status_code == 204
    with db.reading() as session:
        weeks = session.scalars(
            select(col(FrozenWeek.monday)).where(
                col(FrozenWeek.organisation_id) == cast.olive.organisation_id,
                col(FrozenWeek.monday) >= before,
            )
        ).all()
    assert before in weeks
