"""People from a file: added, compared, never changed."""

import io

import pytest
from sqlmodel import col, select

from feedback.imports.people import NO_PASSWORD
from feedback.imports.report import BadFile
from feedback.imports.run import ImportKind, import_file
from feedback.models import Team, User
from feedback.store.staff import staff, teams_of

HEADER = "name,email,role,team\n"


@pytest.fixture
def bring(cast, clock):
    """bring(lines) imports people into Olive's organisation."""

    def bring(lines, **options):
        where, file = cast.olive.organisation_id, io.BytesIO((HEADER + lines).encode())
        return import_file(cast.db, where, ImportKind.PEOPLE, file, now=clock(), **options)

    return bring


@pytest.fixture
def refused(bring):
    def refused(lines):
        with pytest.raises(BadFile) as error:
            bring(lines)
        return [(problem.row, problem.reason) for problem in error.value.problems]

    return refused


@pytest.fixture
def here(cast):
    """Everybody's role and teams, by name."""

    def here():
        with cast.db.reading() as session:
            everybody = staff(session, cast.olive.organisation_id, 0, 1000)
            teams = teams_of(session, cast.olive.organisation_id, everybody)
        return {p.name: (p.role, tuple(teams[p.id])) for p in everybody}

    return here


def test_people_and_teams_are_added(bring, here):
    report = bring(
        "Erik,Erik@Example.com,rep,West\nFay,fay@example.com,Manager,West; north\nGus,gus@example.com,owner,\n"
    )
    assert (report.added, report.notes) == (("3 people", "1 team"), (NO_PASSWORD,))
    assert here()["Erik"] == ("rep", ("West",))
    assert here()["Fay"] == ("manager", ("North", "West"))
    assert here()["Gus"] == ("owner", ())


def test_imported_people_have_no_password(bring, cast):
    bring("Erik,erik@example.com,rep,\n")
    with cast.db.reading() as session:
        erik = session.exec(select(User).where(col(User.name) == "Erik")).one()
    assert (erik.email, erik.role, erik.password_hash) == ("erik@example.com", "rep", None)


def test_the_same_file_twice_changes_nothing(bring, here):
    lines = "Erik,erik@example.com,rep,West\nFay,fay@example.com,manager,West\nAlice,alice@example.com,rep,\n"
    bring(lines)
    before = here()
    report = bring(lines)
    assert (report.added, report.already, report.notes) == ((), 3, ())
    assert here() == before


def test_import_changes_no_existing_person(refused, here):
    before = here()
    reasons = refused(
        "Erik,erik@example.com,rep,\nAlice,alice@example.com,manager,\nBob,bob@example.com,rep,North\n"
        "Karola,carol@example.com,manager,North\n"
    )
    assert reasons == [
        (3, "alice@example.com is here as rep; an import changes nobody who is here"),
        (4, "bob@example.com is in 'South'; an import changes nobody who is here"),
        (5, "carol@example.com is called 'Carol'; an import changes nobody who is here"),
    ]
    assert here() == before


def test_former_person_is_not_brought_back(refused, cast, clock):
    with cast.db.writing() as session:
        session.get_one(User, (cast.bob.organisation_id, cast.bob.id)).ended_at = clock()
    assert "may no longer sign in" in refused("Bob,bob@example.com,rep,South\n")[0][1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",e@example.com,rep,", "name is needed"),
        ("E,e,rep,", "email: 'e' is not an e-mail address"),
        ("E,e@example.com,boss,", "role: one of rep, manager, owner, not 'boss'"),
        ("E,e@example.com,,", "role is needed"),
        ("E,e@example.com,rep,A;B", "team: a rep is in one team"),
        ("E,e@example.com,owner,A", "team: an owner looks after every team"),
        ("E,e@example.com,rep," + "x" * 201, "team: at most 200 characters"),
    ],
)
def test_wrong_row_is_refused(refused, line, said):
    assert said in refused(line + "\n")[0][1]


def test_repeated_address_is_refused(refused):
    lines = "E,e@example.com,rep,\nF,E@Example.com,rep,\n"
    assert refused(lines) == [(3, "email: e@example.com is in row 2 already")]


def test_dry_run_writes_nothing(bring, here, cast):
    before = here()
    assert bring("Erik,erik@example.com,rep,West\n", dry_run=True).added == ("1 person", "1 team")
    assert here() == before
    with cast.db.reading() as session:
        assert not session.exec(select(Team).where(col(Team.name) == "West")).all()


def test_person_of_another_organisation_is_added(bring, here):
    bring("Mallory,mallory@example.com,rep,\n")
    assert here()["Mallory"] == ("rep", ())
