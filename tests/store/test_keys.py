"""The database itself refuses a row that points into another organisation, and a value that is none."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from support.dump import dump

from feedback.models import (
    Account,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Organisation,
    Relationship,
    Team,
    TeamManager,
    User,
)
from feedback.models.columns import new_id


@pytest.fixture
def theirs(cast, db):
    """A rep of another organisation, a team, a meeting there with somebody, and all that belongs to it."""
    cast.add("mike", "rep", "Elsewhere", organisation_id=cast.mallory.organisation_id)
    met = cast.meeting("mike", "Zoe", "Zenith")
    with db.reading() as session:
        account = session.scalar(select(Account.id).where(Account.name == "Zenith"))
        team = session.scalar(select(Team.id).where(Team.name == "Elsewhere"))
    return {"rep": cast.mike.id, "team": team, "meeting": met.meeting_id, "contact": met.contact_id,
            "account": account, "invitation": met.id}  # fmt: skip


def row(cast, table: type[SQLModel], **values: object):
    """A row of ours."""
    ours = {"organisation_id": cast.olive.organisation_id, "id": new_id(), **values}
    if "created_at" in table.model_fields:
        ours["created_at"] = cast.clock()
    return insert(table).values(**ours)


def test_meeting_needs_rep_of_its_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(row(cast, Meeting, rep_id=theirs["rep"], held_at=cast.clock()))


def test_meeting_with_own_rep_is_stored(cast, db, run):
    run(row(cast, Meeting, rep_id=cast.alice.id, held_at=cast.clock()))
    assert len(dump(db)["meetings"]) == 1


def test_contact_needs_account_of_its_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(row(cast, Contact, account_id=theirs["account"], name="Zoe", name_key="zoe"))


def test_team_stays_within_its_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(update(User).where(User.id == cast.alice.id).values(team_id=theirs["team"]))
    with pytest.raises(IntegrityError):
        run(row(cast, TeamManager, team_id=theirs["team"], user_id=cast.carol.id))


@pytest.mark.parametrize("side", ["contact", "rep"])
def test_relationship_stays_within_its_organisation(cast, run, theirs, side):
    ours = {"contact_id": cast.meeting().contact_id, "rep_id": cast.bob.id}
    with pytest.raises(IntegrityError):
        run(row(cast, Relationship, **{**ours, f"{side}_id": theirs[side]}, vote=0.0, answers=0, both=0))


@pytest.mark.parametrize("what", ["meeting", "contact"])
def test_invitation_stays_within_its_organisation(cast, run, theirs, what):
    ours = {"meeting_id": cast.meeting().meeting_id, "contact_id": cast.meeting(contact="Eli").contact_id}
    with pytest.raises(IntegrityError):
        run(row(cast, Invitation, **{**ours, f"{what}_id": theirs[what]}, token="x", closes_at=cast.clock()))


def test_answer_stays_within_its_organisation(cast, run, theirs):
    answer = row(cast, Feedback, invitation_id=theirs["invitation"], side="client", updated_at=cast.clock())
    with pytest.raises(IntegrityError):
        run(answer)


def test_unknown_organisation_is_refused(cast, run):
    team = insert(Team).values(organisation_id=UUID(int=1), id=new_id(), name="?", created_at=cast.clock())
    with pytest.raises(IntegrityError):
        run(team)


def test_tables_are_keyed_by_organisation_first():
    keys = {t.name: [c.name for c in t.primary_key] for t in SQLModel.metadata.sorted_tables}
    assert keys.pop("organisations") == ["id"]
    assert keys.pop("counters") == ["key"]  # of attempts by nobody we know yet
    assert keys.pop("sign_ups") == ["id"]  # of what is to be one
    assert {tuple(key) for key in keys.values()} == {("organisation_id", "id")}


def test_foreign_keys_stay_within_organisation():
    pointers = [key for table in SQLModel.metadata.sorted_tables for key in table.foreign_key_constraints]
    to_rows = [key for key in pointers if key.referred_table.name != "organisations"]
    assert to_rows
    assert {key.column_keys[0] for key in to_rows} == {"organisation_id"}


def test_invalid_answer_value_is_refused(cast, run):
    cast.answer(cast.meeting(), 4)
    for name, value in (
        ("savvy", 0), ("savvy", 6), ("nps", 11), ("nps", -1), ("comment", "c" * 2001), ("visibility", "all"),
        ("stage", "bored"), ("worth_it", "perhaps"), ("side", "boss"), ("counts", "maybe"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            run(update(Feedback).values({name: value}))


def test_each_side_answers_an_invitation_once(cast, run):
    met = cast.meeting()
    cast.answer(met, 4)
    again = row(cast, Feedback, invitation_id=met.id, side="client", updated_at=cast.clock())
    with pytest.raises(IntegrityError):
        run(again)


def test_organisations_cannot_share_a_code(cast, db, run):
    with db.reading() as session:
        ours, theirs = session.scalars(select(Organisation.code)).all()
    with pytest.raises(IntegrityError):
        run(update(Organisation).where(Organisation.code == ours).values(code=theirs))
