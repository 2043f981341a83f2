"""/me/organisation: one person, several organisations."""

import re

import pyotp
import pytest
from sqlmodel import select, update
from support.cast import PASSWORD, Browser
from support.pages import NOBODY

from feedback.actions.people import hash_password
from feedback.models import Audit, OneTimeCodes, User, UserSession

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def both(cast):
    """Alice works for both organisations, under one address and password; (here, there)."""
    here = cast.alice
    return here, cast.add("alice", "rep", organisation_id=cast.mallory.organisation_id)


@pytest.fixture
def signed_in(both, stranger):
    here, _ = both
    form = {"email": here.email, "password": PASSWORD, "organisation": here.organisation_id}
    assert stranger.post("/sign-in", form).status_code == 303
    stranger._token = None  # the session before is gone, and its token
    return stranger


def _go(browser, person):
    browser._token = None
    return browser.post("/me/organisation", {"organisation": person.organisation_id})


def test_one_tap_leads_there_and_back(both, signed_in, db):
    here, there = both
    assert "Elsewhere Ltd" in signed_in.get("/me").text
    assert _go(signed_in, there).location == "/"
    page = signed_in.get("/me").text
    assert "rep at Elsewhere Ltd" in page
    assert "Doughnut Partners" in page
    assert _go(signed_in, here).location == "/"
    assert "rep at Doughnut Partners" in signed_in.get("/me").text
    with db.reading() as session:
        told = session.exec(
            select(Audit.user_id).where(Audit.what == "sign_in.switched").order_by(Audit.id)
        ).all()
    assert told == [there.id, here.id]


def test_head_of_every_page_leads_to_the_other(both, signed_in, sign_in):
    """One tap in the menu behind the name; whoever has one organisation finds the account there, as ever."""
    _, there = both
    page = signed_in.get("/meetings").text
    assert re.search(
        rf'<button name="organisation" value="{there.organisation_id}">\s*Go to Elsewhere Ltd<', page
    )
    assert 'href="/me"' in page
    assert 'popovertarget="organisations"' not in sign_in("bob").get("/meetings").text


def test_new_session_begins_there(both, signed_in, db):
    _, there = both
    with db.reading() as session:
        before = session.exec(select(UserSession.id).where(UserSession.user_id == there.id)).one()
    _go(signed_in, there)
    with db.reading() as session:
        ended = dict(session.exec(select(UserSession.id, UserSession.ended_at)).all())
    assert ended[before] is not None


def test_another_password_proves_nothing(both, stranger, db):
    """An owner can invite any address, and choose its password there."""
    here, there = both
    with db.writing() as session:
        session.execute(
            update(User).where(User.id == there.id).values(password_hash=hash_password("chosen by Mallory"))
        )
    stranger.post("/sign-in", {"email": here.email, "password": "chosen by Mallory"})
    assert "rep at Elsewhere Ltd" in stranger.get("/me").text
    assert "Doughnut Partners" not in stranger.get("/me").text
    assert _go(stranger, here).status_code == 404


def test_who_left_cannot_switch_there(both, signed_in, db, clock):
    _, there = both
    with db.writing() as session:
        session.execute(update(User).where(User.id == there.id).values(ended_at=clock()))
    assert "Elsewhere Ltd" not in signed_in.get("/me").text
    assert _go(signed_in, there).status_code == 404


def test_password_alone_leads_nowhere_that_asks_for_a_second_factor(both, app, clock, db, stranger):
    here, there = both
    own, form = Browser(app.test_client()), {"email": here.email, "password": PASSWORD}
    own.post("/sign-in", {**form, "organisation": there.organisation_id})
    own._token = None
    own.post("/me/second-factor", {"what": "begin"})
    with db.reading() as session:
        secret = session.exec(select(OneTimeCodes.secret).where(OneTimeCodes.user_id == there.id)).one()
    own.post("/me/second-factor", {"what": "confirm", "code": pyotp.TOTP(secret.text).at(clock())})
    stranger.post("/sign-in", {**form, "organisation": here.organisation_id})
    page = stranger.get("/me").text
    assert "rep at Doughnut Partners" in page
    assert "Elsewhere Ltd" not in page
    assert _go(stranger, there).status_code == 404


def test_ended_session_cannot_be_switched_to(both, signed_in, db, clock):
    _, there = both
    with db.writing() as session:
        session.execute(update(UserSession).where(UserSession.user_id == there.id).values(ended_at=clock()))
    assert _go(signed_in, there).status_code == 404


def test_signing_out_ends_all(both, signed_in, db):
    signed_in.post("/sign-out")
    with db.reading() as session:
        ended = [each.ended_at is not None for each in session.exec(select(UserSession)).all()]
    assert len(ended) >= 2
    assert all(ended)


def test_no_such_organisation_is_404(signed_in):
    codes = [
        signed_in.post("/me/organisation", {"organisation": each}).status_code for each in ("", "x", NOBODY)
    ]
    assert codes == [404] * 3


def test_get_is_405_and_stranger_signs_in(stranger):
    assert stranger.get("/me/organisation").status_code == 405
    assert stranger.post("/me/organisation").location.startswith("/sign-in")
