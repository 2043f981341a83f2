"""One-time codes of a phone: set up, asked for, each once; recovery codes; devices that are remembered; roles that need
one."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.pages import words

from feedback.actions.encrypting import encrypt_anew
from feedback.core.access import Role
from feedback.core.audit import AuditKind
from feedback.db.engine import Database
from feedback.models import Audit, OneTimeCodes, Organisation
from feedback.store.second_factor import without_second_factor

# What people are promised, by its own number: one that moves in the code is to be noticed.
REMEMBERED_FOR = timedelta(days=30)

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
PAGE = "/me/second-factor"


@pytest.fixture
def phone(cast, clock, db):
    """phone() is the code that Alice's phone shows now; phone(minutes=2) is that of a clock that is ahead."""

    def show(**off: float) -> str:
        with db.reading() as session:
            row = session.exec(select(OneTimeCodes).where(OneTimeCodes.user_id == cast.alice.id)).one()
        return pyotp.TOTP(row.secret.text).at(clock() + timedelta(**off))

    return show


@pytest.fixture
def alice(phone, sign_in):
    """Alice's browser; she has just set a second factor up, and alice.codes are her recovery codes."""
    browser = sign_in("alice")
    browser.post(PAGE, {"what": "begin"})
    page = browser.post(PAGE, {"what": "confirm", "code": phone()})
    browser.codes = re.findall(r"<li>([A-Z0-9-]{14})</li>", page.text)
    assert (page.status_code, len(browser.codes)) == (200, 10)
    return browser


@pytest.fixture
def elsewhere(app, cast):
    """elsewhere() is another browser where Alice's password was typed."""

    def enter(browser: Browser | None = None) -> Browser:
        browser = browser or Browser(app.test_client())
        browser._token = None
        reply = browser.post(
            "/sign-in?next=/relationships", {"email": cast.alice.email, "password": PASSWORD}
        )
        assert reply.status_code == 303
        browser.landed = reply.location
        browser._token = None
        return browser

    return enter


def is_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def kinds(db: Database) -> list[str]:
    with db.reading() as session:
        return [row.what for row in session.exec(select(Audit).order_by(Audit.id))]


def test_code_is_scanned_and_confirmed(clock, phone, sign_in):
    alice = sign_in("alice")
    assert "Set it up" in words(alice.get(PAGE).text)
    alice.post(PAGE, {"what": "begin"})
    page = alice.get(PAGE).text
    assert '<div class="qr">' in page
    assert "Type this key into the app" in words(page)
    for code, said in (
        ("12345", "six digits"),
        (phone(minutes=3), "about 3 min ahead"),
        (phone(minutes=-2), "about 2 min behind"),
        ("000000" if phone() != "000000" else "000001", "This code is not right"),
    ):
        reply = alice.post(PAGE, {"what": "confirm", "code": code})
        assert (reply.status_code, said in words(reply.text)) == (422, True), said
    done = alice.post(PAGE, {"what": "confirm", "code": f"{phone()[:3]} {phone()[3:]}"})
    assert "Your ten recovery codes" in words(done.text)
    assert "Recovery codes left: 10" in words(alice.get(PAGE).text)


def test_password_alone_signs_nobody_in(alice, clock, db, elsewhere, phone):
    clock.forward(minutes=1)
    browser = elsewhere()
    assert browser.landed == "/sign-in/code?next=/relationships"
    assert not is_in(browser)
    wrong = browser.post("/sign-in/code?next=/relationships", {"code": phone(minutes=2)})
    assert (wrong.status_code, "let the phone set its clock" in words(wrong.text)) == (422, True)
    done = browser.post("/sign-in/code?next=/relationships", {"code": phone(seconds=30)})
    assert (done.status_code, done.location) == (303, "/relationships")
    assert is_in(browser)
    assert AuditKind.SIGN_IN_FAILED in kinds(db)


def test_code_works_once(alice, clock, elsewhere, phone):
    """Neither the one of the set-up, nor one that another browser has used."""
    again = elsewhere()
    assert again.post("/sign-in/code", {"code": phone()}).status_code == 422
    clock.forward(minutes=1)
    code = phone()
    assert [elsewhere().post("/sign-in/code", {"code": code}).status_code for _ in range(2)] == [303, 422]
    before = phone(seconds=-30)
    assert elsewhere().post("/sign-in/code", {"code": before}).status_code == 422


def test_recovery_code_works_once(alice, db, elsewhere):
    typed = alice.codes[0].lower().replace("-", " ")
    tried = [elsewhere().post("/sign-in/code", {"code": typed}).status_code for _ in range(2)]
    assert tried == [303, 422]
    assert "Recovery codes left: 9" in words(alice.get(PAGE).text)
    stored = str(dump(db)["recovery_codes"])
    assert not any(code.replace("-", "") in stored for code in alice.codes)
    new = alice.post(PAGE, {"what": "codes"}).text
    assert elsewhere().post("/sign-in/code", {"code": alice.codes[1]}).status_code == 422
    fresh = re.findall(r"<li>([A-Z0-9-]{14})</li>", new)[0]
    assert elsewhere().post("/sign-in/code", {"code": fresh}).status_code == 303
    assert {AuditKind.RECOVERY_USED, AuditKind.RECOVERY_CODES, AuditKind.FACTOR_ADDED} <= set(kinds(db))


def test_codes_cannot_be_guessed(alice, clock, elsewhere, phone):
    clock.forward(minutes=1)
    browser, wrong = elsewhere(), "111111" if phone() != "111111" else "222222"
    tried = [browser.post("/sign-in/code", {"code": wrong}).status_code for _ in range(6)]
    assert tried == [422] * 5 + [429]
    assert browser.post("/sign-in/code", {"code": phone()}).status_code == 429


def test_codes_are_guessed_thirty_times_a_day_at_most(alice, clock, elsewhere, phone):
    def tries() -> list[int]:
        clock.forward(minutes=11)
        browser, wrong = elsewhere(), "111111" if phone() != "111111" else "222222"
        return [browser.post("/sign-in/code", {"code": wrong}).status_code for _ in range(5)]

    assert [tries() for _ in range(6)] == [[422] * 5] * 6
    assert tries() == [429] * 5
    clock.forward(hours=24)
    assert tries() == [422] * 5


def test_second_step_waits_ten_minutes(alice, clock, elsewhere, phone, stranger):
    assert stranger.get("/sign-in/code").location == "/sign-in"
    browser = elsewhere()
    clock.forward(minutes=10)
    assert browser.post("/sign-in/code", {"code": phone()}).location == "/sign-in"
    assert not is_in(browser)


def test_device_is_remembered_for_thirty_days(alice, clock, elsewhere, phone):
    clock.forward(minutes=1)
    browser = elsewhere()
    browser.post("/sign-in/code", {"code": phone(), "remember": "1"})
    clock.forward(days=29)
    assert elsewhere(browser).landed == "/relationships"
    clock.forward(days=REMEMBERED_FOR.days - 29)
    assert elsewhere(browser).landed.startswith("/sign-in/code")


def test_signing_others_out_forgets_their_devices(alice, clock, elsewhere, phone):
    clock.forward(minutes=1)
    browser = elsewhere()
    browser.post("/sign-in/code", {"code": phone(), "remember": "1"})
    clock.forward(minutes=1)
    assert alice.post("/me/sessions").status_code == 303
    assert elsewhere(browser).landed.startswith("/sign-in/code")


def test_new_password_by_mail_asks_for_the_code_too(alice, clock, mailing, stranger, phone):
    stranger.post("/forgot-password", {"email": "alice@example.com"})
    (text,) = [each for each in mailing() if "/new-password/" in each]
    link = re.search(r"/new-password/[\w.\-]+", text)[0]
    assert stranger.post(link, {"password": "another sentence, longer"}).location.startswith("/sign-in/code")
    assert not is_in(stranger)


def test_factor_is_removed_by_its_person_or_an_owner(alice, cast, db, elsewhere, sign_in):
    owner = sign_in("olive")
    assert owner.post(f"/people/{cast.bob.id}/access", {"what": "factor"}).status_code == 422
    assert owner.post(f"/people/{cast.alice.id}/access", {"what": "factor"}).status_code == 303
    assert elsewhere().landed == "/relationships"
    alice.post(PAGE, {"what": "begin"})
    assert kinds(db).count(AuditKind.FACTOR_ENDED) == 1


def test_role_that_needs_one_is_led_there(cast, clock, db, phone, sign_in):
    before, owner = sign_in("alice"), sign_in("olive")
    clock.forward(minutes=1)
    owner.get("/settings/sign-in")
    assert owner.post("/settings/sign-in", {"roles": "rep"}).status_code == 303
    assert "2 without one" in words(owner.get("/settings/sign-in").text)
    assert before.get("/meetings").status_code == 200  # who was in goes on
    later = sign_in("alice")
    assert [later.get(path).location for path in ("/meetings", "/me", "/relationships")] == [PAGE] * 3
    assert later.post("/meetings/new", {}).location == PAGE
    later.post(PAGE, {"what": "begin"})
    assert later.post(PAGE, {"what": "confirm", "code": phone()}).status_code == 200
    assert later.get("/meetings").status_code == 200
    changed = later.post("/me/password", {"old": PASSWORD, "password": "a new one, long enough"})
    assert changed.location.startswith("/me?strength=")
    assert later.get("/meetings").status_code == 200  # and goes on where the factor was shown
    assert sign_in("carol").get("/leaderboard").status_code == 200
    assert AuditKind.SETTINGS_CHANGED in kinds(db)


def test_set_up_that_is_not_finished_is_no_second_factor(cast, db, phone, sign_in):
    def without() -> int:
        with db.reading() as session:
            return without_second_factor(session, cast.alice.organisation_id)[Role.REP]

    browser = sign_in("alice")
    browser.post(PAGE, {"what": "begin"})
    assert without() == 2
    browser.post(PAGE, {"what": "confirm", "code": phone()})
    assert without() == 1


def test_roles_that_nobody_has_are_counted_as_none(cast, db):
    with db.reading() as session:
        found = without_second_factor(session, cast.mallory.organisation_id)
    assert found == {Role.OWNER: 1, Role.MANAGER: 0, Role.REP: 0}


def test_nobody_of_the_example_is_led_there(cast, db, sign_in):
    with db.writing() as session:
        session.get_one(Organisation, cast.carol.organisation_id).second_factor_for = tuple(Role)
    assert PAGE in (sign_in("carol").get("/relationships").location or "")
    with db.writing() as session:
        session.get_one(Organisation, cast.carol.organisation_id).demo = True
    assert sign_in("carol").get("/relationships").status_code == 200


def test_code_is_a_proof_as_well(alice, cast, clock, phone):
    clock.forward(minutes=11)
    page = alice.post(PAGE, {"what": "codes"})
    assert "Or a code from your phone" in words(page.text)
    assert "Your ten recovery codes" in words(alice.post(PAGE, {"what": "codes", "proof_code": phone()}).text)


def test_secret_is_encrypted_and_follows_a_new_key(alice, cast, clock, db, phone):
    with db.reading() as session:
        row = session.exec(select(OneTimeCodes)).one()
    assert row.secret.text not in str(dump(db)["one_time_codes"])
    code, newer = phone(), Database(str(db.engine.url), ("n" * 40, "k" * 40))
    assert encrypt_anew(newer, cast.alice.organisation_id, clock()) >= 1
    with Database(str(db.engine.url), ("n" * 40,)).reading() as session:
        again = session.exec(select(OneTimeCodes)).one()
        assert pyotp.TOTP(again.secret.text).at(clock()) == code


def test_lost_key_lets_nobody_in_by_a_code(alice, clock, db, elsewhere, phone):
    clock.forward(minutes=1)
    code = phone()
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE one_time_codes SET secret = 'gAAAAabc'")
    assert elsewhere().post("/sign-in/code", {"code": code}).status_code == 422
    assert elsewhere().post("/sign-in/code", {"code": alice.codes[0]}).status_code == 303
