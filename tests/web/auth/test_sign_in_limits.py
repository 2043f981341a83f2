"""/sign-in, tried many times: several processes allow no more than one, and nobody locks anybody else out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump

from feedback.actions import passwords, people
from feedback.actions.people import NewOrganisation
from feedback.app import create_app
from feedback.db.counters import Limit, forget_counters, release, reserve
from feedback.models import Counter

# What people are promised, by its own number: one that moves in the code is to be noticed.
PER_ACCOUNT = 100

WRONG = "a wrong guess"


def knock(browser, email, password=WRONG, network="127.0.0.1") -> int:
    """Try to sign in from a network; return the status."""
    browser._token, form = None, {"email": email, "password": password}
    return browser.post("/sign-in", form, environ_base={"REMOTE_ADDR": network}).status_code


def knocks(browser, email, times=11, **where) -> list[int]:
    return [knock(browser, email, **where) for _ in range(times)]


@pytest.fixture
def new_browser(app):
    return lambda: Browser(app.test_client())


def test_two_processes_allow_ten_guesses_together(app, cast, db, clock):
    settings = app.extensions["feedback"].settings
    both = [Browser(create_app(settings, database=db, clock=clock).test_client()) for _ in range(2)]
    codes = [knock(both[n % 2], cast.alice.email) for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_json_does_not_go_around_the_limit(cast, stranger):
    """A guess in another body is none: it is not looked at, not even the right one, and leaves the count alone."""
    guess = {"email": cast.alice.email, "password": PASSWORD}
    token = {"X-CSRFToken": stranger._new_token()}
    for body in ({"json": guess}, {"data": str(guess), "content_type": "text/plain"}):
        replies = [stranger.client.post("/sign-in", headers=token, **body) for _ in range(11)]
        assert {(reply.status_code, "Set-Cookie" in reply.headers) for reply in replies} == {(415, False)}
    assert stranger.get("/me").location.startswith("/sign-in")
    assert knocks(stranger, cast.alice.email) == [422] * 10 + [429]
    for body in ({"json": guess}, {"data": guess}):
        assert stranger.client.post("/sign-in", headers=token, **body).status_code in (415, 429)
    assert stranger.get("/me").location.startswith("/sign-in")


def test_guesses_at_one_moment_find_no_gap(db, clock):
    limits = [Limit("a", 10), Limit("b", 100)]
    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(lambda _: reserve(db, limits, clock()), range(40)))
    assert allowed == 10


def test_owner_on_another_network_is_let_in(cast, new_browser):
    assert knocks(new_browser(), cast.alice.email, network="192.0.2.1")[-1] == 429
    assert knock(new_browser(), cast.alice.email, PASSWORD, "198.51.100.7") == 303


def test_known_device_is_let_in_on_the_same_network(cast, new_browser):
    phone = new_browser()
    assert knock(phone, cast.alice.email, PASSWORD) == 303
    assert knocks(new_browser(), cast.alice.email)[-1] == 429
    assert knock(phone, cast.alice.email, PASSWORD) == 303
    assert knock(new_browser(), cast.alice.email, PASSWORD) == 429


def test_known_device_guesses_ten_times_too(cast, new_browser):
    phone = new_browser()
    knock(phone, cast.alice.email, PASSWORD)
    assert knocks(phone, cast.alice.email) == [422] * 10 + [429]


def test_device_is_known_for_one_account_only(cast, new_browser):
    phone = new_browser()
    knock(phone, cast.alice.email, PASSWORD)
    assert knocks(new_browser(), cast.bob.email)[-1] == 429
    assert knock(phone, cast.bob.email, PASSWORD) == 429


def test_forged_device_is_not_known(cast, new_browser):
    forged = new_browser()
    assert knocks(new_browser(), cast.alice.email)[-1] == 429
    for value in ("x", "", '["a", "b"].sig', "e30.x"):
        forged.client.set_cookie("device", value)
        assert knock(forged, cast.alice.email, PASSWORD) == 429


def test_device_stays_known_after_signing_out(cast, new_browser):
    phone = new_browser()
    knock(phone, cast.alice.email, PASSWORD)
    phone._token = None
    phone.post("/sign-out")
    assert knocks(new_browser(), cast.alice.email)[-1] == 429
    assert knock(phone, cast.alice.email, PASSWORD) == 303


def test_guesses_from_many_networks_end_too(cast, new_browser):
    thief = new_browser()
    networks = [f"198.51.100.{n}" for n in range(1, PER_ACCOUNT // 10 + 2)]
    codes = [code for network in networks for code in knocks(thief, cast.alice.email, 10, network=network)]
    assert codes == [422] * PER_ACCOUNT + [429] * 10


def test_limit_begins_anew_after_ten_minutes(cast, clock, stranger):
    assert knocks(stranger, cast.alice.email)[-1] == 429
    clock.forward(minutes=9, seconds=59)
    assert knock(stranger, cast.alice.email, PASSWORD) == 429
    clock.forward(seconds=1)
    assert knock(stranger, cast.alice.email, PASSWORD) == 303


def test_refused_guess_writes_nothing(cast, db, stranger):
    knocks(stranger, cast.alice.email)
    before = dump(db)
    assert knock(stranger, cast.alice.email) == 429
    assert dump(db) == before


def test_counters_name_neither_address_nor_network(cast, db, stranger):
    knock(stranger, cast.alice.email, network="192.0.2.77")
    with db.reading() as session:
        keys = session.exec(select(Counter.key)).all()
    assert len(keys) == 5  # and two of the audit log
    assert {len(key) for key in keys} == {64}


def test_released_attempt_does_not_count(db, clock):
    limits = [Limit("a", 1)]
    for _ in range(3):
        assert reserve(db, limits, clock())
        release(db, limits)
    assert [reserve(db, limits, clock()) for _ in range(2)] == [True, False]


def test_expired_counters_are_deleted(cast, db, clock, stranger):
    knock(stranger, cast.alice.email)
    clock.forward(minutes=5)
    knock(stranger, cast.bob.email)
    forget_counters(db, clock.forward(minutes=5))
    with db.reading() as session:
        assert len(session.exec(select(Counter)).all()) == 3  # Bob's two; the others began with Alice's


@pytest.fixture
def hashes(monkeypatch):
    """hashes lists the hashes that were calculated to sign somebody in."""
    done, calculate = [], people._hash_like

    def spy(password_hash, password):
        done.append(password_hash)
        return calculate(password_hash, password)

    monkeypatch.setattr(people, "_hash_like", spy)
    return done


def crowd(db, clock, email, password, count=25):
    """Somebody makes organisations under an address that may be another's."""
    for n in range(count):
        new = NewOrganisation(organisation=f"Squat {n}", name="X", email=email, password=password)
        people.set_up(db, new, clock())


def test_many_organisations_cost_one_hash(cast, db, clock, stranger, hashes):
    crowd(db, clock, cast.alice.email, "the squatter's sentence")
    assert knock(stranger, cast.alice.email, PASSWORD) == 303
    assert len(hashes) == 1


def test_unknown_address_costs_one_hash(cast, stranger, hashes):
    assert knock(stranger, "nobody@example.com") == 422
    assert len(hashes) == 1


def test_first_organisation_of_an_address_is_always_tried(cast, db, clock, stranger, hashes, monkeypatch):
    """Each of them got a salt of its own: nobody found the others when they were made."""
    monkeypatch.setattr(people, "oldest_hash", lambda *_: None)
    monkeypatch.setattr(people, "hash_password", people.hash_password.__wrapped__)
    crowd(db, clock, cast.alice.email, "the squatter's sentence", 6)
    assert knock(stranger, cast.alice.email, PASSWORD) == 303
    assert len(hashes) == people.MOST_SALTS


def test_new_password_keeps_the_common_salt(cast, db, clock, stranger, hashes):
    crowd(db, clock, cast.alice.email, "the squatter's sentence", 2)
    with cast.changing() as c:
        passwords.change_password(c, cast.alice.id, "another sentence")
    assert knock(stranger, cast.alice.email, "another sentence") == 303
    assert len(hashes) == 1
