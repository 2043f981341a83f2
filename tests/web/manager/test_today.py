"""/today: who to call, what to train, who got better, what was promised and not kept."""

from datetime import date

import pytest
from sqlalchemy import update
from support.pages import words

from feedback.actions import promises
from feedback.actions.handed_over import hand_over
from feedback.actions.promises import NewPromise
from feedback.models import Account, AlertReason, Organisation
from feedback.pages.alerts import count_open_alerts, gravest_open_alerts
from feedback.store.people import viewer_of

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def worth(cast, **values):
    with cast.db.writing() as session:
        for name, value in values.items():
            session.execute(update(Account).where(Account.name == name).values(value=value))


def today(browser) -> str:
    return words(browser.get("/today").text)


@pytest.fixture
def unhappy(cast):
    """Dana of Northwind, worth most, is content; Eli of Eastwind rated all ones; Fay of Southwind said little."""
    for contact, account, said, comment in (
        ("Dana", "Northwind", 5, None), ("Eli", "Eastwind", 1, "Never again."), ("Fay", "Southwind", 4, None),
    ):  # fmt: skip
        met = cast.meeting("alice", contact, account)
        cast.seal(met, 4)
        cast.answer(met, said, **({"comment": comment} if comment else {}))
    worth(cast, Northwind=9000, Eastwind=1000)
    return cast


def test_whom_to_call_comes_with_reason_and_last_words(unhappy, sign_in):
    text = today(sign_in("carol"))
    assert "Eli Eastwind 100 % of 1,000 Low rating loyalty 0 from 1.0 voice · met today · with Alice" in text
    assert "Never again. 18 Nov" in text
    assert "Chosen from 3 accounts" in text
    assert "Dana" not in text
    assert "Fay" not in text


def test_account_that_is_worth_nothing_comes_last(unhappy, clock, sign_in):
    worth(unhappy, Eastwind=0, Southwind=10)
    clock.forward(days=91)
    text = today(sign_in("carol"))
    assert text.index("Dana Northwind") < text.index("Fay Southwind") < text.index("Eli Eastwind")


def test_silent_account_is_to_be_called(unhappy, clock, sign_in):
    clock.forward(days=91)
    text = today(sign_in("carol"))
    assert text.index("Dana Northwind 50 % of 9,000") < text.index("Eli Eastwind")
    assert "Fay Southwind 50 % loyalty" in text  # its value is not known
    assert "value not known" in text


def test_silent_is_an_account_beyond_its_own_interval(unhappy, clock, sign_in):
    """The organisation looks back 90 days; Dana's account is a quarter longer, Fay's a month."""
    with unhappy.db.writing() as session:
        for name, days in (("Northwind", 120), ("Southwind", 30)):
            session.execute(update(Account).where(Account.name == name).values(review_days=days))
    clock.forward(days=31)
    text = today(sign_in("carol"))
    assert "Fay Southwind" in text
    assert "Dana" not in text
    clock.forward(days=70)
    assert "Dana" not in today(sign_in("carol"))
    clock.forward(days=20)
    assert "Dana Northwind" in today(sign_in("carol"))


def test_dimension_to_train_names_who_could_teach_it(cast, sign_in):
    assert "Too early to say: a dimension needs three voices." in today(sign_in("olive"))
    for rep, savvy, clients in (("alice", 2, 4), ("bob", 5, 8)):
        for number in range(clients):
            met = cast.meeting(rep, f"{rep} {number}")
            cast.seal(met, 4)
            cast.answer(met, 5, 5, 5, 5, savvy, 5)
    assert "Savvy : 4.0 of 5 from 12.0 voices, reps expect 4.0." in today(sign_in("olive"))
    assert "Bob could teach it: 5.0 from 8.0 voices." in today(sign_in("olive"))
    assert "Savvy : 2.0 of 5 from 4.0 voices" in today(sign_in("carol"))


def test_who_got_better_is_told_beyond_chance(cast, clock, sign_in):
    assert "two weeks, four apart, have to be recorded" in today(sign_in("carol"))
    for said, days in ((2, 35), (5, 1), (5, 7)):
        for number in range(5):
            cast.answer(cast.meeting("alice", f"Client {number}"), said)
            cast.answer(cast.meeting("bob", f"Other {number}"), 4)
        clock.forward(days=days)
    with cast.changing():
        pass
    text = today(sign_in("olive"))
    assert "Alice ▲" in text
    assert "voices, 10 answers" in text
    assert "From week 48 to week 52, of 2 reps with three voices." in text
    assert "Bob ▲" not in text


def promised(cast, contact, text, due):
    met = cast.meeting("alice", contact)
    with cast.changing() as c:
        promises.note_promise(c, met.meeting_id, met.contact_id, NewPromise("rep", text, due))
    return met


def test_promises_that_are_due_and_not_kept(cast, clock, sign_in):
    promised(cast, "Dana", "Send the paper", date(2026, 11, 20))
    promised(cast, "Eli", "Call the boss", date(2026, 12, 20))
    assert "No promise of the last 13 weeks is overdue" in today(sign_in("carol"))
    clock.forward(days=7)
    text = today(sign_in("carol"))
    assert "Send the paper to Dana , Northwind · was due 20 Nov" in text
    assert "1 promise in 13 weeks." in text
    assert "Call the boss" not in text
    assert "Send the paper" not in today(sign_in("mallory"))


def test_promises_are_of_thirteen_weeks(cast, clock, sign_in):
    promised(cast, "Dana", "Send the paper", date(2026, 11, 20))
    for days, told in ((93, True), (1, False)):  # 13 weeks after it was due, and a day
        clock.forward(days=days)
        assert ("Send the paper" in today(sign_in("carol"))) is told, days


def test_after_a_hand_over_the_new_manager_calls(unhappy, sign_in):
    with unhappy.changing() as c:
        hand_over(
            c,
            unhappy.olive.id,
            unhappy.alice.id,
            unhappy.bob.id,
            [each.id for each in _relationships(unhappy)],
        )
    assert "Eli Eastwind" not in today(sign_in("carol"))
    assert "with Bob" in today(sign_in("olive"))


def _relationships(cast):
    from feedback.models import Relationship
    from feedback.store.relationships import stored_relationships

    with cast.db.reading() as session:
        mine = Relationship.rep_id == cast.alice.id
        return stored_relationships(session, cast.alice.organisation_id, mine)


def test_nobody_calls_an_archived_account(unhappy, clock, sign_in):
    with unhappy.db.writing() as session:
        session.execute(update(Account).where(Account.name == "Eastwind").values(archived_at=clock()))
    fays = unhappy.meeting("alice", "Fay", "Southwind")
    unhappy.answer(fays, 1)
    text = today(sign_in("carol"))
    assert "Fay Southwind" in text
    assert "Eastwind" not in text
    with unhappy.db.reading() as session:
        carol = viewer_of(session, unhappy.carol.organisation_id, unhappy.carol.id)
        (first,) = gravest_open_alerts(session, carol, 1, clock())  # nor does it take another one's place
        assert session.get_one(Account, (carol.organisation_id, first)).name == "Southwind"


def test_alert_is_as_urgent_as_the_reasons_that_stand(unhappy, clock):
    """Under a works agreement, too, where it is worked out of those that managers may be shown."""
    with unhappy.db.writing() as session:
        session.execute(update(Organisation).values(works_agreement=True))

    def counted() -> tuple[int, int]:
        with unhappy.db.reading() as session:
            carol = viewer_of(session, unhappy.carol.organisation_id, unhappy.carol.id)
            return count_open_alerts(session, carol)

    assert counted() == (1, 1)
    with unhappy.db.writing() as session:
        session.execute(update(AlertReason).values(struck_at=clock()))
    assert counted() == (1, 0)


def test_works_agreement_leaves_no_figure_of_one(unhappy, sign_in):
    with unhappy.db.writing() as session:
        session.execute(update(Organisation).values(works_agreement=True))
    text = today(sign_in("carol"))
    assert "Eli Eastwind 80 % of 1,000 Low rating" in text
    for hidden in ("Alice", "loyalty 0", "met today", "voices", "Coaching"):
        assert hidden not in text
    assert "A works agreement applies: nobody is compared." in text


def test_empty_organisation_has_its_words(cast, sign_in):
    text = today(sign_in("mallory"))
    assert "No clients yet. Accounts appear here once reps have met somebody." in text
    assert "two weeks, four apart" in text


def test_manager_chooses_it_as_first_page(cast, sign_in, stranger):
    carol = sign_in("carol")
    assert carol.get("/").location == "/leaderboard"
    assert carol.post("/me/home", {"home": "today"}).location == "/me#home"
    assert carol.get("/").location == "/today"
    assert "selected>Today" in carol.get("/me").text
    assert sign_in("olive").get("/").location == "/leaderboard"
    carol.post("/me/home", {"home": "board"})
    assert carol.get("/").location == "/leaderboard"
    alice = sign_in("alice")
    assert (alice.get("/today").status_code, alice.post("/me/home", {"home": "today"}).status_code) == (
        403,
        403,
    )
    assert "First page" not in alice.get("/me").text
    assert stranger.get("/today").location == "/sign-in?next=/today"
    assert carol.post("/today").status_code == 405
