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


def test_a_meeting_is_not_held_by_a_rep_of_another_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(row(cast, Meeting, rep_id=theirs["rep"], held_at=cast.clock()))


def test_the_same_row_with_a_rep_of_ours_is_taken(cast, db, run):
    run(row(cast, Meeting, rep_id=cast.alice.id, held_at=cast.clock()))
    assert len(dump(db)["meetings"]) == 1


def test_a_contact_does_not_work_at_an_account_of_another_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(row(cast, Contact, account_id=theirs["account"], name="Zoe", name_key="zoe"))


def test_nobody_is_in_or_manages_a_team_of_another_organisation(cast, run, theirs):
    with pytest.raises(IntegrityError):
        run(update(User).where(User.id == cast.alice.id).values(team_id=theirs["team"]))
    with pytest.raises(IntegrityError):
        run(row(cast, TeamManager, team_id=theirs["team"], user_id=cast.carol.id))


@pytest.mark.parametrize("side", ["contact", "rep"])
def test_no_relationship_crosses_the_wall(cast, run, theirs, side):
    ours = {"contact_id": cast.meeting().contact_id, "rep_id": cast.bob.id}
    with pytest.raises(IntegrityError):
        run(row(cast, Relationship, **{**ours, f"{side}_id": theirs[side]}, vote=0.0, answers=0, both=0))


@pytest.mark.parametrize("what", ["meeting", "contact"])
def test_no_invitation_crosses_the_wall(cast, run, theirs, what):
    ours = {"meeting_id": cast.meeting().meeting_id, "contact_id": cast.meeting(contact="Eli").contact_id}
    with pytest.raises(IntegrityError):
        run(row(cast, Invitation, **{**ours, f"{what}_id": theirs[what]}, token="x", closes_at=cast.clock()))


def test_no_answer_crosses_the_wall(cast, run, theirs):
    answer = row(cast, Feedback, invitation_id=theirs["invitation"], side="client", updated_at=cast.clock())
    with pytest.raises(IntegrityError):
        run(answer)


def test_nothing_belongs_to_an_organisation_there_is_not(cast, run):
    team = insert(Team).values(organisation_id=UUID(int=1), id=new_id(), name="?", created_at=cast.clock())
    with pytest.raises(IntegrityError):
        run(team)


def test_every_table_is_keyed_by_its_organisation_first():
    keys = {t.name: [c.name for c in t.primary_key] for t in SQLModel.metadata.sorted_tables}
    assert keys.pop("organisations") == ["id"]
    assert {tuple(key) for key in keys.values()} == {("organisation_id", "id")}


def test_every_pointer_stays_within_its_organisation():
    pointers = [key for table in SQLModel.metadata.sorted_tables for key in table.foreign_key_constraints]
    to_rows = [key for key in pointers if key.referred_table.name != "organisations"]
    assert to_rows
    assert {key.column_keys[0] for key in to_rows} == {"organisation_id"}


def test_an_answer_takes_no_value_that_is_none(cast, run):
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


def test_two_organisations_never_share_the_beginning_of_their_tokens(cast, db, run):
    with db.reading() as session:
        ours, theirs = session.scalars(select(Organisation.code)).all()
    with pytest.raises(IntegrityError):
        run(update(Organisation).where(Organisation.code == ours).values(code=theirs))
