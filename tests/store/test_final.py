"""A sealed mirror and a frozen week never change again: the database itself refuses, whoever asks."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError
from support.dump import delete_rows, dump

from feedback.actions.alerts import handle
from feedback.core.dimensions import DIMENSIONS
from feedback.models import (
    Alert,
    AlertEvent,
    Audit,
    Feedback,
    FrozenWeek,
    Organisation,
    Side,
    Standing,
    TakenBack,
)

MIRROR = Feedback.side == Side.REP


@pytest.fixture
def sealed(cast):
    invitation = cast.meeting()
    cast.answer(invitation, 4)
    cast.seal(invitation, 3, stage="change")


@pytest.fixture
def frozen(cast, clock):
    cast.answer(cast.meeting(), 4)
    clock.forward(days=7)
    cast.meeting()


@pytest.mark.usefixtures("sealed")
def test_sealed_mirrors_ratings_cannot_change(run):
    for name in DIMENSIONS:
        for value in (5, None):
            with pytest.raises(IntegrityError, match="a sealed mirror is final"):
                run(update(Feedback).where(MIRROR).values({name: value}))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("change", [{"stage": "growing"}, {"stage": None}, {"sealed_at": None}], ids=str)
def test_sealed_mirrors_stage_and_seal_cannot_change(run, change):
    with pytest.raises(IntegrityError, match="a sealed mirror is final"):
        run(update(Feedback).where(MIRROR).values(change))


@pytest.mark.usefixtures("sealed")
def test_sealed_mirrors_seen_time_can_change(run, clock):
    assert run(update(Feedback).where(MIRROR).values(seen_at=clock(), savvy=3)) == 1


@pytest.mark.usefixtures("sealed")
def test_clients_answer_can_change_after_seal(run):
    assert run(update(Feedback).where(Feedback.side == Side.CLIENT).values(savvy=1)) == 1


@pytest.mark.parametrize("answered", [True, False])
def test_guess_of_taken_back_code_goes_only_without_answer(cast, db, run, answered):
    met = cast.meeting()
    cast.seal(met, 3)
    if answered:
        cast.answer(met, 4)
    with db.writing() as session:
        session.add(TakenBack(organisation_id=met.organisation_id, id=met.id, rep_id=met.rep_id, contact_id=met.contact_id,
                              meeting_id=met.meeting_id, token=met.token, created_at=met.held_at))  # fmt: skip
    if answered:
        with pytest.raises(IntegrityError, match="a sealed mirror is final"):
            run(delete(Feedback).where(MIRROR))
    else:
        assert run(delete(Feedback).where(MIRROR)) == 1


def test_unsealed_mirror_can_change(cast, run, sign_in):
    met = cast.meeting()
    sign_in("alice").post(f"/meetings/{met.meeting_id}/mirror", {"savvy": 4})
    assert run(update(Feedback).where(MIRROR).values(savvy=2)) == 1


@pytest.mark.usefixtures("sealed")
def test_clients_answer_cannot_be_sealed(run, clock):
    with pytest.raises(IntegrityError, match="ck_only_mirrors_are_sealed"):
        run(update(Feedback).where(Feedback.side == Side.CLIENT).values(sealed_at=clock()))


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("change", [{"score": 99.0}, {"rank": 1}, {"team": "Other"}], ids=str)
def test_frozen_standing_cannot_change(run, change):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(Standing).values(change))


@pytest.mark.usefixtures("frozen")
def test_frozen_week_cannot_change(run):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(FrozenWeek).values(mu=1.0))


@pytest.fixture
def done(cast):
    cast.answer(cast.meeting(), 1)
    with cast.changing() as c:
        handle.note_on_alert(c, c.session.scalars(select(Alert.id)).one(), cast.carol.id, "I call her")


@pytest.fixture
def audited(cast):
    with cast.changing() as c:
        c.audit(
            cast.olive.id,
            "settings.changed",
            reason="why",
            name="x",
            before={"a": 1},
            after={"a": 2},
            network="n",
        )


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize(
    "change",
    [
        {"what": "x"},
        {"user_id": None},
        {"after": {"a": 3}},
        {"about_name": "y"},
        {"before": {}},
        {"network": "m"},
        {"reason": ""},
    ],
    ids=str,
)
def test_audit_entry_cannot_change(run, change):
    with pytest.raises(IntegrityError, match="the audit log is final"):
        run(update(Audit).where(Audit.reason == "why").values(change))


@pytest.mark.usefixtures("audited")
def test_entry_can_forget_names(run):
    nameless = {"about_name": None, "before": None, "after": None}
    assert run(update(Audit).where(Audit.reason == "why").values(nameless)) == 1


@pytest.mark.usefixtures("audited")
def test_network_of_an_entry_can_be_forgotten(run):
    assert run(update(Audit).where(Audit.reason == "why").values(network=None, reason=None)) == 1


FINAL = [
    ("audited", Audit, Audit.reason == "why", "the audit log is final"),
    ("sealed", Feedback, MIRROR, "a sealed mirror is final"),
    ("frozen", Standing, Standing.rank.is_(None), "a frozen week is final"),
    ("frozen", FrozenWeek, FrozenWeek.mu > 0, "a frozen week is final"),
    ("done", AlertEvent, AlertEvent.note.is_not(None), "what was done about an alert is final"),
]


@pytest.fixture(params=FINAL, ids=lambda final: final[1].__tablename__)
def final(request):
    """A table with a row that is final: the model, which rows, and what the database says of them."""
    request.getfixturevalue(request.param[0])
    return request.param[1:]


def test_final_row_cannot_be_deleted(db, run, final):
    model, which, words = final
    before = dump(db)
    with pytest.raises(IntegrityError, match=words):
        run(delete(model).where(which))
    assert dump(db) == before
    assert before[model.__tablename__] != []


def test_final_row_cannot_be_replaced(db, run, final):
    """What is put in anew would first have to go: by SQLite's REPLACE, or by emptying the table."""
    model, _, words = final
    name, before = model.__tablename__, dump(db)
    anew = f"REPLACE INTO {name} SELECT * FROM {name}" if db.is_sqlite else f"TRUNCATE {name} CASCADE"  # noqa: S608
    with pytest.raises(IntegrityError, match=words):
        run(text(anew))
    assert dump(db) == before


@pytest.mark.usefixtures("sealed")
def test_what_is_not_final_can_be_deleted(run):
    assert run(delete(Feedback).where(Feedback.side == Side.CLIENT)) == 1


def test_unsealed_mirror_can_be_deleted(cast, run, sign_in):
    met = cast.meeting()
    sign_in("alice").post(f"/meetings/{met.meeting_id}/mirror", {"savvy": 4})
    assert run(delete(Feedback).where(MIRROR)) == 1


@pytest.mark.usefixtures("sealed", "frozen", "done", "audited")
def test_organisation_that_leaves_takes_all_with_it(db, cast):
    """It goes first; on PostgreSQL by whoever may put the foreign keys aside."""
    aside = (
        "PRAGMA defer_foreign_keys = ON" if db.is_sqlite else "SET LOCAL session_replication_role = replica"
    )
    with db.writing() as session:
        session.execute(text(aside))
        session.execute(delete(Organisation).where(Organisation.id == cast.alice.organisation_id))
        if not db.is_sqlite:
            session.execute(text("SET LOCAL session_replication_role = origin"))
        for model in (Audit, AlertEvent, Standing, FrozenWeek, Feedback):
            gone = delete(model).where(model.organisation_id == cast.alice.organisation_id)
            assert session.execute(gone).rowcount > 0
        delete_rows(session)
    assert not any(dump(db).values())


def test_erased_answer_leaves_its_row(cast, sign_in, stranger):
    """Erasing empties the client's row, and deletes none: the sealed guess beside it stays."""
    met = cast.meeting()
    cast.answer(met, 4)
    cast.seal(met, 3)
    assert stranger.post(f"{cast.answer_address(met)}/erase").status_code == 303
    with cast.db.reading() as session:
        sides = session.execute(select(Feedback.side, Feedback.savvy).order_by(Feedback.side)).all()
    assert sides == [(Side.CLIENT, None), (Side.REP, 3)]
