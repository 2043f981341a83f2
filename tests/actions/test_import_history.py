"""Past feedback from a file: the same rules as live feedback, all rows or none."""

import csv
import io
import threading
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from feedback.core.dimensions import DIMENSIONS
from feedback.imports.history import reading
from feedback.imports.history.recompute import week_parts
from feedback.imports.history.row import CLIENT, COLUMNS, REP
from feedback.imports.report import BadFile, Instructions
from feedback.imports.run import ImportKind, import_file
from feedback.models import (
    Account,
    Activity,
    Alert,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Relationship,
    Side,
    Standing,
)
from feedback.store.replay import differences

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_ROWS = 5000

ROW = {
    "rep_email": "alice@example.com", "account": "Northwind", "contact": "Dana Whitfield",
    "contact_email": "dana@northwind.example", "held_at": "2026-05-04T10:00+02:00",
    **dict.fromkeys(CLIENT, 4), **dict.fromkeys(REP, 5),
}  # fmt: skip
ANSWERED = {"meetings": 1, "invitations": 1, "feedback": 2, "accounts": 1, "contacts": 1, "relationships": 1}


def on(day: int, **cells: object) -> dict[str, object]:
    """The row, on a day of May."""
    return ROW | {"held_at": f"2026-05-{day:02}T10:00+02:00"} | cells


def file_of(*found: dict[str, object]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(found)
    return io.BytesIO(text.getvalue().encode())


@pytest.fixture
def bring(cast, clock):
    """bring(row, ...) imports rows of history into Olive's organisation."""

    def bring(*found, **options):
        where = cast.olive.organisation_id
        return import_file(cast.db, where, ImportKind.HISTORY, file_of(*found), now=clock(), **options)

    return bring


@pytest.fixture
def refused(bring, stored):
    """refused(row, ...) is what the import says of rows it refuses, having written nothing."""

    def refused(*found):
        before = stored()
        with pytest.raises(BadFile) as error:
            bring(*found)
        assert stored() == before
        return [(problem.row, problem.reason) for problem in error.value.problems]

    return refused


@pytest.fixture
def stored(cast):
    """How many rows each table has."""

    def stored():
        tables = (Meeting, Invitation, Feedback, Account, Contact, Relationship)
        with cast.db.reading() as session:
            return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) for t in tables}

    return stored


@pytest.fixture
def first(cast):
    """first(Meeting) is the first row of a table."""

    def first(table, *where):
        with cast.db.reading() as session:
            return session.exec(select(table).where(*where).order_by(col(table.id))).first()

    return first


@pytest.fixture
def replayed(cast):
    """What a replay of the history says otherwise."""

    def replayed():
        with cast.db.reading() as session:
            return list(differences(session, cast.olive.organisation_id))

    return replayed


def test_row_becomes_closed_meeting_with_both_sides(bring, stored, first):
    report = bring(ROW)
    assert report.added == ("1 account", "1 contact", "1 meeting", "1 client's answer", "1 mirror")
    assert stored() == ANSWERED
    meeting, invitation = first(Meeting), first(Invitation)
    assert meeting.held_at.isoformat() == "2026-05-04T08:00:00+00:00"
    assert {invitation.closes_at, invitation.opened_at} == {meeting.held_at}
    client = first(Feedback, Feedback.side == Side.CLIENT)
    mirror = first(Feedback, Feedback.side == Side.REP)
    assert {client.done_at, mirror.sealed_at, mirror.seen_at} == {meeting.held_at}
    assert (client.savvy, client.counts, mirror.savvy) == (4, "counted", 5)


def test_imported_numbers_equal_a_replay(bring, replayed, first):
    bring(*(on(day, contact=f"Contact {day % 3}", client_savvy=1 + day % 5) for day in range(1, 29)))
    assert replayed() == []
    relationship = first(Relationship)
    assert relationship.answers > 8
    assert relationship.loyalty is not None


def test_history_counts_like_live_feedback(bring, cast, clock, first, stored):
    live = cast.meeting(email="dana@northwind.example")
    cast.answer(live, 4)
    cast.seal(live, 5)
    before = first(Relationship)
    bring(ROW | {"held_at": (clock() - timedelta(days=90)).isoformat(), **dict.fromkeys(CLIENT, 2)})
    assert stored()["relationships"] == 1
    after = first(Relationship)
    assert (before.loyalty, before.answers) == (75.0, 1)
    assert after.loyalty == pytest.approx((75 + 25 / 2) / 1.5)
    assert (after.answers, after.both, after.last_meeting_at) == (2, 2, before.last_meeting_at)


def test_activity_includes_imported_meetings(bring, cast, clock, first, replayed):
    cast.meeting()
    bring(ROW | {"held_at": (clock() - timedelta(hours=2)).isoformat()})
    assert (first(Activity).meetings, first(Activity).answered) == (2, 1)
    assert replayed() == []


def test_history_opens_no_alert(bring, first):
    bring(ROW | dict.fromkeys(CLIENT, 1))
    assert first(Feedback).integrity == 1
    assert first(Alert) is None


def test_import_leaves_frozen_weeks_alone(bring, cast, clock, first):
    clock.forward(days=8)
    bring(ROW | {"held_at": (clock() - timedelta(days=7)).isoformat()})
    assert first(Standing, Standing.rep_id == cast.alice.id).voices == 0
    assert first(Relationship).answers == 1


def test_either_side_may_be_blank(bring, first, stored):
    silent = ROW | dict.fromkeys(CLIENT, "") | dict.fromkeys(REP, "")
    bring(silent, silent | {"held_at": "2026-05-05T10:00Z", "rep_savvy": 3, "rep_stage": "change"})
    assert stored()["feedback"] == 1
    mirror = first(Feedback)
    assert (mirror.side, mirror.savvy, mirror.integrity, mirror.stage) == ("rep", 3, None, "change")
    assert mirror.sealed_at
    assert first(Invitation, col(Invitation.opened_at).is_not(None)) is None


def test_the_same_file_twice_changes_nothing(bring, stored):
    file = [on(day, nps=9, comment="Good.", stage="change", rep_stage="growing") for day in (1, 2, 3)]
    bring(*file)
    before = stored()
    report = bring(*file)
    assert (report.added, report.already) == ((), 3)
    assert stored() == before


def test_longer_file_adds_only_new_rows(bring, stored):
    bring(on(1))
    report = bring(on(1), on(2))
    assert (report.added, report.already) == (("1 meeting", "1 client's answer", "1 mirror"), 1)
    assert stored()["meetings"] == 2


def test_stored_row_with_other_content_is_refused(bring, refused):
    bring(on(1))
    reasons = refused(on(2), on(1, client_savvy=1, comment="No."))
    assert reasons == [(3, "this meeting is here already, with something else in client_savvy, comment")]


def test_erased_answer_is_not_imported_again(bring, cast, clock, first):
    bring(ROW)
    with cast.db.writing() as session:
        row = session.exec(select(Feedback).where(Feedback.side == Side.CLIENT)).one()
        row.erased_at = clock()
        for name in DIMENSIONS:
            setattr(row, name, None)
    assert bring(ROW).already == 1
    assert first(Feedback, Feedback.side == Side.CLIENT).savvy is None


def test_repeated_row_is_refused(refused):
    again = ROW | {"held_at": "2026-05-04T08:00Z", "contact": " dana  WHITFIELD ", "client_savvy": 1}
    assert refused(ROW, on(5), again) == [(4, "the same rep, contact and held_at as row 2")]


@pytest.mark.parametrize("batch", [1, 2, 3, 5])
def test_each_repeated_row_names_the_first(refused, monkeypatch, batch):
    monkeypatch.setattr("feedback.imports.history.reading.BATCH", batch)
    assert refused(ROW, ROW, on(5), ROW, on(5)) == [
        (3, "the same rep, contact and held_at as row 2"),
        (5, "the same rep, contact and held_at as row 2"),
        (6, "the same rep, contact and held_at as row 4"),
    ]


def test_every_bad_row_is_listed(refused):
    reasons = refused(
        on(1),
        on(2, rep_email="nobody@example.com"),
        on(3, rep_email="carol@example.com"),
        on(4, client_savvy=6, nps=11),
        on(5, held_at="5/5/2026"),
        on(6, contact=""),
    )
    assert [row for row, _ in reasons] == [3, 4, 5, 6, 7]
    assert "nobody here has the address nobody@example.com" in reasons[0][1]
    assert "is here as manager, not as a rep" in reasons[1][1]
    assert "client_savvy" in reasons[2][1]
    assert "nps" in reasons[2][1]


def test_rep_of_another_organisation_is_refused(refused):
    assert "nobody here" in refused(ROW | {"rep_email": "mallory@example.com"})[0][1]


def test_only_50_bad_rows_are_listed(bring):
    with pytest.raises(BadFile) as error:
        bring(*(on(1, nps="x") for _ in range(60)))
    assert (error.value.count, len(error.value.problems), error.value.problems[-1].row) == (60, 50, 51)


def test_dry_run_reports_but_writes_nothing(bring, stored):
    before = stored()
    report = bring(ROW, on(9), dry_run=True)
    assert report.added == ("1 account", "1 contact", "2 meetings", "2 clients' answers", "2 mirrors")
    assert stored() == before


def test_interrupted_import_leaves_nothing(bring, stored, monkeypatch):
    def break_off(*_):
        raise KeyboardInterrupt

    before = stored()
    monkeypatch.setattr(reading, "recompute_touched", break_off)
    with pytest.raises(KeyboardInterrupt):
        bring(ROW)
    assert stored() == before


def test_contact_is_found_by_name_or_email(bring, cast, stored, first):
    cast.meeting(contact="Dana Whitfield", account="Northwind")
    bring(on(1, account="NORTHWIND", contact="dana whitfield"), on(2, contact="D. Whitfield"))
    assert (stored()["accounts"], stored()["contacts"]) == (1, 1)
    assert (first(Contact).name, first(Contact).email) == ("Dana Whitfield", "dana@northwind.example")


def test_second_name_finds_same_contact_on_reimport(bring, stored):
    file = [on(1), on(2, contact="D. Whitfield"), on(3, contact="D. Whitfield", contact_email="")]
    bring(*file)
    assert bring(*file).already == 3
    assert stored()["contacts"] == 1


def test_namesake_with_another_address_is_asked_about(refused, cast):
    cast.meeting(email="old@northwind.example")
    assert "with another address, old@northwind.example" in refused(ROW)[0][1]


def test_same_person_keeps_the_stored_address(bring, cast, first, stored):
    cast.meeting(email="old@northwind.example")
    bring(ROW, how=Instructions(choices={"other_email": "same"}))
    assert first(Contact).email == "old@northwind.example"
    assert stored()["contacts"] == 1


def test_namesake_becomes_a_second_contact(bring, cast, stored, replayed):
    cast.meeting(email="old@northwind.example")
    file = [ROW, on(2, contact_email="old@northwind.example"), on(3, contact_email="third@northwind.example")]
    how = Instructions(choices={"other_email": "new"})
    assert "2 contacts" in bring(*file, how=how).added
    assert bring(*file).already == 3  # now each of them is known by name and address
    assert (stored()["contacts"], replayed()) == (3, [])


def test_namesake_without_an_address_is_refused(bring, refused, cast):
    cast.meeting(email="old@northwind.example")
    bring(ROW, how=Instructions(choices={"other_email": "new"}))
    assert "2 people there are called" in refused(on(2, contact_email=""))[0][1]


def test_contact_name_is_normalised(bring, first):
    bring(ROW | {"contact": "  Zoe\u0308   Müller "})
    assert first(Contact).name == "Zoë Müller"


def test_unseekable_file_is_imported(cast, clock, stored):
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    data = file_of(ROW).getvalue()
    where = cast.olive.organisation_id
    import_file(cast.db, where, ImportKind.HISTORY, Pipe(data), now=clock())
    assert stored()["meetings"] == 1


def test_two_imports_at_once_add_rows_once(cast, clock, stored, replayed):
    rows = [on(day, contact=f"Contact {n}", contact_email="") for day in range(1, 29) for n in range(20)]
    data = file_of(*rows).getvalue()
    reports = []

    def run():
        where = cast.olive.organisation_id
        reports.append(import_file(cast.db, where, ImportKind.HISTORY, io.BytesIO(data), now=clock()))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.already for report in reports) == [0, len(rows)]
    assert stored()["meetings"] == len(rows)
    assert replayed() == []


def test_weeks_of_a_large_rep_are_counted_apart():
    """A part is read from its first week to its last for all of its reps: it must be no more than was added."""
    mondays = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(40)]
    large, larger = (Counter(dict.fromkeys(mondays, rows)) for rows in (600, 700))
    small = [Counter({mondays[0]: 1, mondays[-1]: 1}) for _ in range(3000)]
    weeks = {UUID(int=n): days for n, days in enumerate([large, larger, *small])}
    parts = list(week_parts(weeks))
    assert [week for part in parts for week in part] == [
        (rep, day) for rep, days in weeks.items() for day in sorted(days)
    ]
    for part in parts:
        reps, days = {rep for rep, _ in part}, [day for _, day in part]
        read = sum(n for rep in reps for day, n in weeks[rep].items() if min(days) <= day <= max(days))
        assert read <= MOST_ROWS
    assert len(parts) < 20


def test_progress_never_goes_back(bring):
    parts = []
    bring(*(on(day) for day in range(1, 20)), progress=parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1)


def test_one_of_two_meetings_at_a_moment_is_known(bring, cast, refused, stored):
    """Dana was asked twice at noon, and said another thing the second time: a row that says either is here already."""
    for said in (4, 2):
        met = cast.meeting(email="dana@northwind.example")
        cast.answer(met, said)
        cast.seal(met, 5)
    before, noon = stored(), cast.clock().isoformat()
    rows = [ROW | {"held_at": noon} | dict.fromkeys(CLIENT, said) for said in (4, 2, 3)]
    assert [bring(row).already for row in rows[:2]] == [1, 1]
    assert refused(rows[2])[0][1].startswith(
        "this meeting is here already, with something else in client_integrity"
    )
    assert stored() == before
