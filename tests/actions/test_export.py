"""What an owner takes out can be read, holds nothing that opens a door, and comes in again as it was."""

import csv
import hashlib
import io
import json
from datetime import date
from zipfile import ZipFile

import pytest
from support.cast import PASSWORD, Cast

from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.core.calendar.weeks import week_of
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.exports.run import export_to_folder, export_to_zip
from feedback.imports.run import ImportKind, import_file
from feedback.models import Contact
from feedback.pages.leaderboard import live_standings, scoring_calendar

NAMES = ("=1+1", "Zoë Müller", 'O\'Brien, "Pat"', "田中 太郎", "-5", "Line\u2028Break")


@pytest.fixture
def lived(cast, clock):
    """Three weeks of meetings, answered, guessed, or not, of clients with every kind of name."""
    cast.add("nora", "manager", "South", "North")
    for week in range(3):
        for number, name in enumerate(NAMES):
            met = cast.meeting(
                "alice" if number % 2 else "bob", name, f"{name} Ltd", email=f"c{number}@client.example"
            )
            if number != 4:
                cast.seal(met, 1 + (number + week) % 5)
            if number != 5:
                cast.answer(met, 5 - number % 3, 3, 4, 2, 5, 1 + week, comment="+1, said on\nMonday", nps=9)
        clock.forward(days=7)
    with cast.changing() as c:
        for day, whose in ((1, None), (2, met.contact_id)):
            said = OutcomeSaid(ClientOutcome.LOST, date(2026, 12, day), whose, 1200.5, 0.0, "=1+1\nand more")
            at = c.session.get_one(Contact, (c.organisation_id, met.contact_id)).account_id
            note_outcome(c, cast.olive.id, at, said, OutcomeSource.PAGE)
    waiting = cast.meeting("alice", "Open", "Open Ltd")
    cast.answer(waiting, 1, done=False)  # still being given
    return cast


def standings(cast: Cast, clock) -> list[tuple]:
    """The live board, by people's names."""
    where = cast.people["olive"].organisation_id
    with cast.db.reading() as session:
        calendar = scoring_calendar(session, where)
        rows, _ = live_standings(session, where, calendar, week_of(clock(), calendar.zone), clock())
    return [
        (
            row.rank,
            round(row.score.score, 6),
            round(row.score.voices, 6),
            row.reads_the_room and round(row.reads_the_room, 6),
        )
        for row in sorted(rows, key=lambda row: (row.rank or 0, row.score.score))
    ]


@pytest.fixture
def exported(lived, db, clock, tmp_path):
    with db.reading() as session:
        written = export_to_folder(session, lived.olive.organisation_id, tmp_path / "out", clock())
    return tmp_path / "out", written


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_export_names_every_team_of_a_manager(exported):
    with (exported[0] / "people.csv").open() as file:
        assert ["Nora", "nora@example.com", "manager", "North; South"] in list(csv.reader(file))


def test_export_comes_in_again_with_the_same_standings(lived, exported, db, clock):
    folder, _ = exported
    there = Cast(db, clock)
    there.add_organisation("Empty server", "olive")
    for kind in ImportKind:
        with (folder / f"{kind}.csv").open("rb") as file:
            import_file(db, there.people["olive"].organisation_id, kind, file, now=clock())
    before = standings(lived, clock)
    assert any(row[1] != 50 for row in before)
    assert standings(there, clock) == before
    with db.reading() as session:  # and what comes out there is what went in
        export_to_folder(session, there.people["olive"].organisation_id, folder.parent / "again", clock())
    for name in ("accounts.csv", "history.csv", "outcomes.csv"):
        assert sorted((folder.parent / "again" / name).read_text().splitlines()) == sorted(
            (folder / name).read_text().splitlines()
        )


def test_manifest_tells_of_every_file(exported):
    folder, written = exported
    told = {each["name"]: each for each in json.loads((folder / "manifest.json").read_text())["files"]}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == told.keys() | {"manifest.json", "README.txt"}
    assert {name: each["rows"] for name, each in told.items()} == written
    for name, each in told.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == each["sha256"]
    assert written["tables/meetings.jsonl"] == 19
    assert len((folder / "tables/meetings.jsonl").read_text().splitlines()) == 19


def test_export_holds_nothing_that_opens_a_door(lived, exported, db):
    folder, _ = exported
    text = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    with db.reading() as session:
        tokens = [row[0] for row in session.connection().exec_driver_sql("SELECT token FROM invitations")]
    assert len(tokens) == 19
    assert [token for token in tokens if token in text] == []
    assert "$argon2" not in text
    assert PASSWORD not in text


def test_answer_being_given_and_open_guess_stay_here(exported):
    folder, _ = exported
    rows = list(csv.DictReader(io.StringIO((folder / "history.csv").read_text().lstrip("\ufeff"))))
    (waiting,) = [row for row in rows if row["contact"] == "Open"]
    assert waiting["client_integrity"] == ""
    kept = [json.loads(line) for line in (folder / "tables/feedback.jsonl").read_text().splitlines()]
    assert all(row["settled_at"] or row["sealed_at"] for row in kept)
    assert len(kept) == 2 * 18 - 6
    assert {row["client_integrity"] for row in rows if row["contact"] == "Zoë Müller"} == {"4"}


def test_cells_are_safe_in_a_spreadsheet(exported):
    folder, _ = exported
    for path in folder.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        cells = [cell for row in csv.reader(io.StringIO(path.read_text())) for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t")] == []
    assert "'=1+1" in (folder / "accounts.csv").read_text()


def test_export_is_of_one_organisation(lived, exported):
    folder, _ = exported
    text = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    assert "Alice" in text
    assert "mallory" not in text.casefold()
    assert str(lived.mallory.organisation_id) not in text


def test_full_folder_is_left_as_it_is(lived, db, clock, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with db.reading() as session, pytest.raises(FileExistsError, match="not empty"):
        export_to_folder(session, lived.olive.organisation_id, tmp_path, clock())
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_zip_holds_the_same_files(lived, exported, db, clock):
    folder, written = exported
    out = io.BytesIO()
    with db.reading() as session:
        assert export_to_zip(session, lived.olive.organisation_id, out, clock()) == written
    with ZipFile(out) as archive:
        assert archive.testzip() is None
        assert archive.read("history.csv") == (folder / "history.csv").read_bytes()
