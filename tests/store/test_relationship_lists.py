"""What a statement says of a relationship is what the core says of it, over random histories; and pages of a list, put
together, are the list."""

from collections import Counter
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from feedback.core.accounts import AccountState
from feedback.core.calendar.quarters import quarter_began
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Feedback, Relationship
from feedback.pages import account_list, accounts, relationship_list
from feedback.pages.relationship_map import ON_MAP, place_of
from feedback.store.people import viewer_of
from feedback.store.relationships import relationships

CONTACTS = 24


@pytest.fixture(params=[False, True], ids=["processed", "settled a moment ago"])
def world(request, cast, clock, db):
    """Two dozen clients of Alice's and Bob's at twelve accounts, with one to three meetings in 200 days, some unanswered,
    some not guessed; or the latest of them still to be processed."""
    dice = Random(3)
    clock.forward(days=-200)
    steps = sorted(
        (dice.randrange(199), n) for n in range(CONTACTS) for _ in range(dice.choice((1, 2, 2, 3)))
    )
    today = 0
    for day, n in steps:
        clock.forward(days=day - today)
        today = day
        met = cast.meeting(("alice", "bob")[n % 2], f"Contact {n}", f"Account {n % 12}")
        if dice.random() < 0.8:
            cast.answer(met, *(dice.choice((1, 2, 3, 3, 4, 5)) for _ in DIMENSIONS))
        if dice.random() < 0.7:
            cast.seal(met, *(dice.choice((2, 3, 4, 5)) for _ in DIMENSIONS))
    clock.forward(days=200 - today)
    if request.param:
        for n in range(0, CONTACTS, 5):
            cast.answer(
                cast.meeting(("alice", "bob")[n % 2], f"Contact {n}", f"Account {n % 12}"), 3, done=False
            )
        clock.forward(minutes=11)
        with db.reading() as session:
            assert session.exec(select(Feedback).where(Feedback.settles_at <= clock(), Feedback.settled_at.is_(None))).first()  # fmt: skip
    return cast


@pytest.fixture(params=["olive", "carol"])
def asked(request, world, clock, db):
    """(session, viewer, selection, every relationship that this person may see), counted one by one."""
    person = world.people[request.param]
    with db.reading() as session:
        viewer = viewer_of(session, person.organisation_id, person.id)
        since = quarter_began(clock(), ZoneInfo(viewer.timezone))
        chosen = relationship_list.selection(session, viewer, since, clock())
        mine = relationships(session, viewer, Relationship.organisation_id == person.organisation_id, clock())
        every = [r for r in mine if request.param == "olive" or r.rep_id == world.alice.id]
        assert len(every) == (CONTACTS if request.param == "olive" else CONTACTS // 2)
        yield session, viewer, chosen, every


def test_counts_are_those_of_the_core(asked):
    _, _, chosen, every = asked
    expected = relationship_list.RelationshipCounts(Counter(), Counter(), 0)
    for each in every:
        expected += relationship_list.counts_of(each)
    assert relationship_list.count_relationships(chosen) == expected


def test_moves_are_those_of_the_core(asked):
    _, _, chosen, every = asked
    moves = Counter(move for each in every if (move := relationship_list.move_of(each, chosen.since)))
    assert relationship_list.count_moves(chosen) == moves
    assert moves


def test_pages_of_the_table_are_the_table(asked):
    _, _, chosen, every = asked
    found = [
        each for skip in range(0, CONTACTS, 7) for each in relationship_list.placed_page(chosen, skip, 7)
    ]
    ids = [each.relationship.id for each in found]
    assert sorted(ids) == sorted(each.id for each in every if place_of(each) in ON_MAP)
    urgencies = [relationship_list._urgency(each.relationship) for each in found]
    assert urgencies == sorted(urgencies)


def test_first_of_a_field_are_of_that_field(asked):
    _, _, chosen, every = asked
    shown = relationship_list.relationship_list(chosen)
    for place in ON_MAP:
        wanted = min(6, sum(place_of(each) is place for each in every))
        assert [place_of(each.relationship) for each in shown.map.first[place]] == [place] * wanted


def test_account_states_are_those_of_the_core(asked, clock):
    session, viewer, _, every = asked
    found = account_list.accounts(session, viewer, clock(), 0, 4)
    pages = [
        each
        for skip in range(0, 15, 4)
        for each in account_list.accounts(session, viewer, clock(), skip, 4).shown
    ]
    alone = [accounts.account_for(session, viewer, each.id, clock()) for each in pages]
    assert {each.id for each in pages} == {each.account_id for each in every}
    assert [(a.state, a.risks, a.days, a.soundness.relationships) for a in pages] == [
        (a.state, a.risks, a.days, a.soundness.relationships) for a in alone
    ]
    assert [account_list._worst_first(each) for each in pages] == sorted(
        map(account_list._worst_first, alone)
    )
    states = Counter(each.state for each in alone)
    assert {state: found.totals[state].count for state in AccountState} == {
        s: states[s] for s in AccountState
    }


def test_silence_is_by_the_accounts_own_days(asked, clock):
    session, viewer, _, _ = asked
    for _ in range(4):
        clock.forward(days=40)
        for each in account_list.accounts(session, viewer, clock(), 0, 50).shown:
            assert each.state is accounts.account_for(session, viewer, each.id, clock()).state
    assert timedelta(days=160) > timedelta(days=viewer.review_days)
