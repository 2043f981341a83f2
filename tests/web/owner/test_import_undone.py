"""An import is undone as a whole, and everything is as before; refused while something rests on it."""

import pytest
from sqlmodel import select
from support.dump import dump
from support.uploads import Importing

from feedback.actions.clients import archive_contact
from feedback.actions.merging import merge_contacts
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily
from feedback.models import Audit, Contact, ImportJob, ImportRow, Relationship, User
from feedback.pages.leaderboard import live_standings, scoring_calendar
from feedback.store.people import viewer_of
from feedback.store.replay import differences, orphaned_rows

PEOPLE = "name,email,role,team\nSam,sam@example.com,rep,West\nZoë,zoe@example.com,manager,North;West\n"
ACCOUNTS = (
    "account,contact,contact_email,contact_role,language,value,review_days\n"
    "Northwind,Dana Whitfield,,COO,de,120000,60\nNorthwind,Ed Sato,ed@northwind.example,,,,\nContoso,Ann,,,,,\n"
)
HEADER = (
    f"rep_email,account,contact,contact_email,held_at,{','.join(f'client_{name}' for name in DIMENSIONS)},"
)
HEADER += ",".join(f"rep_{name}" for name in DIMENSIONS) + ",comment\n"


def met(
    rep="alice", contact="Dana Whitfield", account="Northwind", day="2026-11-10", client=2, guess=4, email=""
):
    ratings = ",".join([str(client)] * 6 + [str(guess)] * 6)
    return f"{rep}@example.com,{account},{contact},{email},{day}T10:00Z,{ratings},Said.\n"


OUTCOMES = (
    "account,contact_email,date,outcome,value_before,value_after,reason,contact\n"
    "Northwind,,2026-11-02,lost,1200.50,0,Price,\ncontoso,,2026-11-03,Renewed,,,,Kim\n"
)
HISTORY = (
    HEADER
    + "".join(met(day=f"2026-{month:02}-0{month}", client=1 + month % 5) for month in range(1, 10))
    + met(contact="New Person", email="new@northwind.example")
    + met(rep="bob", account="Fabrikam", contact="Uma", day="2026-11-17")
    + met(email="dana@northwind.example", day="2026-11-02")
)
# What an import leaves behind on purpose, and that something was written.
SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
TOLD = {"audit", "evidence_figures", "import_jobs", "import_rows", "data_versions", "sessions"}


@pytest.fixture
def importing(cast, clock, sign_in, tmp_path):
    """Olive at /import, where Alice and Bob have met clients already, and a week was frozen."""
    live = cast.meeting("alice", "Dana Whitfield", "Northwind")
    cast.answer(live, 5, 4, 4, 3, 5, 5, comment="Live.")
    cast.seal(live, 3)
    clock.forward(days=6, hours=1)
    other = cast.meeting("bob", "Kim", "Contoso")
    cast.answer(other, 3)
    clock.forward(minutes=5)
    return Importing(sign_in("olive"), cast, clock, tmp_path)


def state(importing):
    """Everything that is stored, but what an import leaves behind."""
    return {name: rows for name, rows in dump(importing.cast.db).items() if name not in TOLD}


def standings(importing):
    where, now = importing.cast.olive.organisation_id, importing.clock()
    with importing.cast.db.reading() as session:
        calendar = scoring_calendar(session, where)
        return live_standings(session, where, calendar, week_of(now, calendar.zone), now)


def undo(importing, place):
    importing.clock.forward(minutes=5)
    assert importing.act(place, "undo") == 303
    return importing.page(place)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("people", PEOPLE), ("accounts", ACCOUNTS), ("history", HISTORY), ("outcomes", OUTCOMES)],
)
def test_everything_is_as_before(importing, kind, text):
    before = state(importing)
    place = importing.bring(kind, text)
    imported = state(importing)
    assert imported != before
    assert "Undone. Everything is as it was before." in undo(importing, place)
    assert state(importing) == before
    with importing.cast.db.reading() as session:
        assert list(differences(session, importing.cast.olive.organisation_id)) == []
        assert list(orphaned_rows(session)) == []
    again = importing.bring(kind, text)  # nothing of it is left in the way
    assert "Added:" in importing.page(again)
    assert {name: len(rows) for name, rows in state(importing).items()} == {
        name: len(rows) for name, rows in imported.items()
    }


@SQLITE
def test_standings_are_as_before_to_the_letter(importing):
    now = importing.clock.now
    before = standings(importing)
    place = importing.bring("history", HISTORY)
    assert standings(importing) != before
    undo(importing, place)
    importing.clock.now = now
    assert standings(importing) == before


@SQLITE
def test_three_imports_are_undone_one_after_the_other(importing):
    before = state(importing)
    sams = met(rep="sam", contact="Ann", account="Contoso")
    files = (("people", PEOPLE), ("accounts", ACCOUNTS), ("history", HISTORY + sams))
    places = []
    for kind, text in files:
        places.append(importing.bring(kind, text, f"{kind}.csv"))
        importing.clock.forward(minutes=1)
    for place in places[:2]:
        page = undo(importing, place)
        assert "cannot be undone, and nothing was changed" in page
        assert "history.csv was imported later. Undo that first." in page  # the last one of all
    for place in reversed(places):
        assert "Undone." in undo(importing, place)
    assert state(importing) == before


@SQLITE
def test_undoing_is_in_the_audit_log(importing):
    place = importing.bring("people", PEOPLE)
    undo(importing, place)
    with importing.cast.db.reading() as session:
        found = session.exec(select(Audit).where(Audit.what.like("%import%")).order_by(Audit.id)).all()
    assert [(each.what, each.about_name, each.user_id) for each in found] == [
        (what, name, importing.cast.olive.id)
        for what, name in (
            ("import.started", "file.csv"),
            ("import.done", "file.csv"),
            ("person.import_undone", "Zoë"),
            ("person.import_undone", "Sam"),
            ("import.undone", "file.csv"),
        )
    ]


def meet_dana(importing):
    importing.cast.meeting("bob", "Ann", "Contoso")


def rename(importing):
    with importing.cast.changing() as c:
        c.session.exec(select(User).where(User.name == "Sam")).one().name = "Samuel"


def mail_changed(importing):
    with importing.cast.changing() as c:
        c.session.connection().exec_driver_sql(
            "UPDATE contacts SET email='x@example.com' WHERE name='Dana Whitfield'"
        )


def practice(importing):
    with importing.cast.db.reading() as session:
        mine = session.exec(
            select(Relationship.id).where(Relationship.rep_id == importing.cast.alice.id)
        ).first()
    reply = importing.browser.post(f"/relationships/{mine}/practice", {"dimension": "savvy", "number": "1"})
    assert reply.status_code == 303


def join(importing):
    with importing.cast.changing() as c:
        olive = viewer_of(c.session, c.organisation_id, importing.cast.olive.id)
        one, other = (
            c.session.exec(select(Contact.id).where(Contact.name == name)).one()
            for name in ("Ed Sato", "Ann")
        )
        merge_contacts(c, olive, one, other)


def archive(importing):
    with importing.cast.changing() as c:
        ed = c.session.exec(select(Contact.id).where(Contact.name == "Ed Sato")).one()
        archive_contact(c, importing.cast.olive.id, ed, archived=True)


@SQLITE
@pytest.mark.parametrize(
    ("kind", "text", "happens", "why"),
    [
        ("accounts", ACCOUNTS, join, "time joined with another"),
        ("accounts", ACCOUNTS, archive, "Ed Sato was changed since."),
        ("accounts", ACCOUNTS, meet_dana, "Ann: 1 relationship with a rep"),
        ("people", PEOPLE, rename, "Samuel was changed since."),
        ("history", HISTORY, mail_changed, "Dana Whitfield was changed since."),
        ("history", HISTORY, practice, "1 practice"),
    ],
)
def test_what_rests_on_it_is_named(importing, kind, text, happens, why):
    place = importing.bring(kind, text)
    importing.clock.forward(minutes=1)
    happens(importing)
    before = state(importing)
    page = undo(importing, place)
    assert "cannot be undone, and nothing was changed" in page
    assert why in page
    assert state(importing) == before


@SQLITE
def test_week_that_shows_it_keeps_it(importing):
    importing.clock.forward(days=5)  # a Sunday
    place = importing.bring("history", HISTORY)
    importing.clock.forward(hours=20)
    assert "its standings show it" in undo(importing, place)


@SQLITE
def test_day_after_it_stays(importing):
    place = importing.bring("accounts", ACCOUNTS)
    importing.clock.forward(days=1)
    assert importing.act(place, "undo") == 422
    assert "Undo this import" not in importing.page(place)


def test_sealed_guess_goes_only_with_its_import(importing):
    importing.bring("history", HISTORY)
    with pytest.raises(Exception, match="sealed mirror is final"), importing.cast.db.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM feedback WHERE sealed_at IS NOT NULL")


@SQLITE
def test_undoing_that_is_stopped_leaves_the_import(importing):
    place = importing.bring("history", HISTORY)
    before = state(importing)
    importing.browser.post(place, {"what": "undo"})
    with importing.cast.db.reading() as session:
        job = session.exec(select(ImportJob)).one()
    (importing.folder / f"{job.id}.stop").touch()
    importing.work()
    assert state(importing) == before
    assert "Undone." in undo(importing, place)


@SQLITE
def test_rows_are_forgotten_after_a_day(importing):
    importing.bring("accounts", ACCOUNTS)
    for hours, left in ((23, 3), (1, 0)):
        importing.clock.forward(hours=hours)
        run_daily(importing.cast.db, importing.cast.olive.organisation_id, importing.clock())
        with importing.cast.db.reading() as session:
            assert len(session.exec(select(ImportRow)).all()) == left


@SQLITE
def test_all_that_an_import_holds_up_is_counted(importing):
    names = [f"Client {number}" for number in range(7)]
    place = importing.bring("accounts", "account,contact\n" + "".join(f"Lumen,{name}\n" for name in names))
    for name in names:
        importing.cast.meeting("alice", name, "Lumen")
    said = undo(importing, place)
    assert sum(f"{name}:" in said for name in names) == 5
    assert "And 9 more." in said  # of seven meetings, and as many relationships
