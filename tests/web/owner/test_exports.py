"""/export: everything as one file, for owners."""

import io
from zipfile import ZipFile

import pytest
from sqlmodel import select

from feedback.models import Audit


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
