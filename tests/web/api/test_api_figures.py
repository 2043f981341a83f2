"""What the API tells in numbers is what the pages tell, to two decimals."""

import pytest

from feedback.pages.explanation import score_page
from feedback.pages.today.page import today_page
from feedback.store.people import viewer_of

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def heard(cast):
    """Four of Alice's clients and one of Bob's: all find that they are not understood, and one is lost."""
    for n, savvy in enumerate((2, 2, 1, 2)):
        met = cast.meeting("alice", f"Client {n}", f"Company {n}")
        cast.answer(met, 4, 4, 4, 5, savvy, 4 if n else 1, comment="As I said")
        cast.seal(met, 4, 5, 3, 4, 4, 4)
    cast.answer(cast.meeting("bob", "Eli", "Contoso"), 1, comment="Never again")
    return cast


@pytest.fixture
def viewer(cast, db):
    """viewer(session, name) is somebody as the pages know them."""
    return lambda session, name: viewer_of(session, cast.people[name].organisation_id, cast.people[name].id)


def alike(told: dict, figures: object, *names: str) -> None:
    """Compare figures by their names."""
    expected = {name: getattr(figures, name) for name in names}
    assert {name: told[name] for name in names} == {
        name: round(value, 2) if isinstance(value, float) else value for name, value in expected.items()
    }
    assert any(expected.values())


def test_day_of_a_manager(heard, clock, db, program, viewer):
    told = program("olive").get("/today/managers").json
    with db.reading() as session:
        day = today_page(session, viewer(session, "olive"), clock().date(), clock())
    assert day.training is not None
    assert day.training.guessed is not None
    alike(told["training"], day.training, "dimension", "said", "guessed", "voices", "clear")
    assert told["training"]["dimension"] == "savvy"
    assert len(told["calls"]) == len(day.calls) > 0
    for call, found in zip(told["calls"], day.calls, strict=True):
        alike(call, found, "account", "value", "at_stake", "loyalty", "voices", "days", "contact", "rep")
    assert {call["comment"] for call in told["calls"]} >= {"Never again"}


def test_score_of_a_rep(heard, cast, clock, db, program, viewer):
    told = program("olive").get(f"/reps/{cast.alice.id}").json
    with db.reading() as session:
        working = score_page(session, viewer(session, "olive"), cast.alice.id, clock()).working
    alike(told, working.score, "score", "low", "high")
    alike(told, working, "voices")
    assert (told["mean"], told["organisation"]) == (round(working.own_mean, 2), round(working.field.mu, 2))
    (row,) = (row for row in program("olive").get("/standings").json["rows"] if row["rep"] == "Alice")
    alike(row, working.score, "score", "low", "high")
    assert row["voices"] == told["voices"]


def test_gaps_of_an_answer_and_loyalties_of_a_relationship(heard, program):
    alice = program("alice")
    between = {each["contact"]: each for each in alice.get("/relationships").json["items"]}["Client 2"]
    # (4 + 4 + 4 + 5 + 1 + 4) / 6 = 3.67, and 25 * (3.67 - 1) = 66.67
    assert between["loyalty"] == 66.67
    known = alice.get(f"/relationships/{between['id']}").json
    assert (known["loyalty"], known["answers"], known["loyalties"]) == (66.67, 1, [66.67])
