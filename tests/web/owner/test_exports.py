"""/export: everything as one file, for owners."""

import csv
import io
from zipfile import ZipFile

import pytest
from sqlmodel import select, update

from feedback.models import Account, Audit


def test_owner_downloads_everything(cast, db, sign_in):
    cast.answer(cast.meeting(), 4)
    olive = sign_in("olive")
    assert "Download everything" in olive.get("/export").text
    reply = olive.post("/export")
    assert reply.headers["Content-Disposition"] == "attachment; filename=Doughnut-Partners-2026-11-18.zip"
    with ZipFile(io.BytesIO(reply.data)) as archive:
        assert "Northwind" in archive.read("history.csv").decode()
    reply.close()
    with db.reading() as session:
        (told,) = session.exec(select(Audit).where(Audit.what == "export.done")).all()
    assert told.user_id == cast.olive.id


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_export_is_for_owners_only(cast, sign_in, name):
    browser = sign_in(name)
    assert [browser.get("/export").status_code, browser.post("/export").status_code] == [403, 403]


@pytest.mark.parametrize(("value", "written"), [(1234.5, "1234.5"), (48000.0, "48000"), (0.25, "0.25")])
def test_value_of_an_account_keeps_its_cents(cast, db, sign_in, value, written):
    cast.meeting()
    with db.writing() as session:
        session.execute(update(Account).values(value=value))
    reply = sign_in("olive").post("/export")
    with ZipFile(io.BytesIO(reply.data)) as archive:
        (row,) = csv.DictReader(archive.read("accounts.csv").decode("utf-8-sig").splitlines())
    reply.close()
    assert row["value"] == written
