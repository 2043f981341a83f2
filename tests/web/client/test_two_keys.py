"""The rep shows the code, so the rep has the token. With it nothing is read, changed, erased or lost; and what can be
tried is seen by the manager."""

import re

import pytest
from support.dump import dump
from support.pages import six, taps, words

from feedback.core.answer_key import new_key

SECRET = "We are leaving"
HX = {"HX-Request": "true"}


@pytest.fixture
def client_phone(app, page):
    """Dana's own phone: client_phone(**fields) sends them; .address is where the page stands."""
    phone = app.test_client()

    def send(**fields):
        data = {"sequence": send.sequence, "mark": "dana" * 9, **{k: str(v) for k, v in fields.items()}}
        reply = phone.post(send.address, data=data, headers=HX)
        send.sequence += 1
        send.address = reply.headers.get("HX-Replace-Url", send.address)
        return reply

    phone.post(f"{page}/opened")
    send.address, send.sequence, send.phone = page, 1, phone
    return send


@pytest.fixture
def browsers(app, sign_in, invitation, meeting):
    """Everything a rep who tries can hold, by name."""

    def handed_over():
        phone = sign_in("alice")
        phone.post(f"{meeting}/hand-over", {"invitation": invitation.id, "pin": "4711"})
        return phone.client

    return {
        "signed in": lambda: sign_in("alice").client,
        "a colleague's": lambda: sign_in("bob").client,
        "the manager's": lambda: sign_in("carol").client,
        "signed out, another phone or a command line": app.test_client,
        "a phone handed over": handed_over,
    }


WHO = (
    "signed in",
    "a colleague's",
    "the manager's",
    "signed out, another phone or a command line",
    "a phone handed over",
)
WHEN = ("tapping", "settled", "sealed", "closed", "erased")


@pytest.fixture
def moment(cast, clock, client_phone, invitation):
    """moment("sealed") brings the answer there."""

    def bring(when):
        client_phone(**six(1), comment=SECRET)
        if when != "tapping":
            client_phone(done=1)
            client_phone(comment=SECRET, done=1)
        if when == "sealed":
            cast.seal(invitation, 4)
        if when == "closed":
            clock.forward(days=15)
        if when == "erased":
            client_phone.phone.post(f"{client_phone.address}/erase")

    return bring


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("who", WHO)
def test_code_alone_reads_nothing(browsers, client_phone, moment, page, who, when):
    browser = browsers[who]()
    moment(when)
    guess = f"{page}/{new_key()}"
    for path in (page, f"{page}?change=1", f"{page}?step=thanks", f"{page}/receipt", guess, f"{guess}?change=1",
                 f"{guess}/receipt"):  # fmt: skip
        reply = browser.get(path, follow_redirects=True)
        assert SECRET not in reply.text, path
        assert taps(reply.text) == {}, path
        assert 'class="ring r1"' not in reply.text or 'type="radio"' in reply.text, path


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("who", WHO)
def test_code_alone_changes_nothing(browsers, moment, page, stored, who, when):
    browser = browsers[who]()
    moment(when)
    before = stored().client
    for path in (page, f"{page}/{new_key()}"):
        browser.post(
            path, data={**six(5), "comment": "Great", "visibility": "rep", "done": "1", "sequence": 2**50}
        )
        browser.post(f"{path}/erase")
        browser.post(f"{path}/receipt")
    browser.post(f"{page}/{new_key()}/not-me")
    after = stored().client
    said = ("ratings", "comment", "visibility", "counts", "done_at", "erased_at", "disputed_at", "settled_at")
    assert [getattr(after, name) for name in said] == [getattr(before, name) for name in said]


@pytest.mark.parametrize("when", ["settled", "sealed", "closed"])
def test_settled_answer_cannot_be_begun_again(moment, client_phone, stranger, page, stored, when):
    moment(when)
    reply = stranger.client.post(f"{page}/again")
    assert reply.status_code in (409, 410)
    assert stored().client.ratings == (1,) * 6
    assert SECRET in client_phone.phone.get(f"{client_phone.address}/receipt").text


@pytest.mark.parametrize(("who", "signal"), [("signed in", "rep_began_again"), ("a phone handed over", "rep_began_again"),
                         ("signed out, another phone or a command line", "begun_again")])  # fmt: skip
def test_takeover_is_noticed_and_client_is_told(
    browsers, client_phone, moment, page, stored, sign_in, who, signal
):
    browser = browsers[who]()
    moment("tapping")
    assert browser.post(f"{page}/again").location == page
    browser.post(page, data={**six(5), "done": "1"})
    told = client_phone(integrity=2)
    assert (told.status_code, client_phone.phone.get(client_phone.address).status_code) == (409, 410)
    assert "Begun again on another phone" in words(client_phone.phone.get(client_phone.address).text)
    assert signal in stored().client.signals
    assert "Dana" in words(sign_in("carol").get("/answers").text)


def test_abandoned_takeover_keeps_the_first_answer(
    browsers, client_phone, moment, page, stored, clock, cast, sign_in
):
    """Whoever holds the code cannot make a bad answer go away by beginning it again."""
    moment("tapping")
    browsers["signed out, another phone or a command line"]().post(f"{page}/again")
    assert "Dana" in words(sign_in("carol").get("/alerts").text)
    clock.forward(minutes=11)
    cast.settle()
    said = stored().client
    assert (said.ratings, said.settled_at is not None, said.put_away_at is not None) == ((1,) * 6, True, True)


def test_settled_answer_is_not_begun_again(browsers, client_phone, moment, page, stored, clock, cast):
    """Nor does a tap on the other phone, once the first answer has settled."""
    moment("tapping")
    other = browsers["signed out, another phone or a command line"]()
    other.post(f"{page}/again")
    clock.forward(minutes=11)
    for settle in (lambda: None, cast.settle):  # by the clock, and by the worker
        settle()
        assert other.post(page, data={**six(5), "key": new_key(), "done": "1"}).status_code == 409
        assert stored().client.ratings == (1,) * 6


def test_client_can_begin_again_after_takeover(browsers, client_phone, moment, page, stored):
    moment("tapping")
    browsers["signed out, another phone or a command line"]().post(f"{page}/again")
    client_phone.phone.post(f"{page}/again")  # the client, too: whoever taps first goes on
    reply = client_phone.phone.post(page, data={**six(2), "done": "1"})
    assert stored().client.ratings == (2,) * 6
    assert client_phone.phone.get(reply.location).status_code == 200


def test_answer_tapped_first_by_rep_is_quarantined(sign_in, client_phone, page, stored):
    """The rep taps first, from the rep's own browser; Dana finds the page used, and says so."""
    alice = sign_in("alice").client
    alice.post(page, data={**six(5), "key": new_key(), "done": "1"})
    assert client_phone(integrity=1).status_code == 409
    assert "Answered on another phone" in words(client_phone.phone.get(page).text)
    assert (stored().client.counts, "reps_browser" in stored().client.signals) == ("quarantined", True)


def test_other_code_on_handed_over_phone_is_quarantined(cast, browsers, stored, page):
    other = cast.meeting(contact="Eli")
    phone = browsers["a phone handed over"]()
    phone.post(f"/f/{other.token}", data={**six(5), "done": "1"})
    assert cast.reload(other).client.counts == "quarantined"
    phone.post(page, data={**six(5), "done": "1", "sequence": 1})
    assert stored().client.counts == "counted"


@pytest.fixture
def lent(cast, browsers, page):
    """Alice's phone in Dana's hand: six ones, Done. lent.address is in its history."""
    phone = browsers["a phone handed over"]()
    reply = phone.post(page, data={**six(1), "sequence": 1, "mark": "reps" * 9}, headers=HX)
    phone.address = reply.headers["HX-Replace-Url"]
    phone.post(phone.address, data={"done": "1", "sequence": 2}, headers=HX)
    return phone


def test_handed_over_phone_never_shows_taps(lent):
    for more in ("", "?change=1", "?step=thanks", "/receipt"):
        assert taps(lent.get(lent.address + more).text) == {}
    assert lent.get(f"{lent.address}/receipt").status_code == 404


def test_handed_over_phone_never_shows_unfinished_answer(browsers, page, stored):
    """Somebody takes the phone back too early, or the page comes up once more."""
    phone = browsers["a phone handed over"]()
    address = phone.post(page, data=six(1), headers=HX).headers["HX-Replace-Url"]
    assert "Keeps promises" in (rows := phone.get(address).text)
    assert taps(rows) == {}
    phone.post(address, data={"done": "1"}, headers=HX)
    phone.post(address, data={"comment": SECRET, "stage": "growing"}, headers=HX)
    assert stored().client.comment == SECRET
    assert "Anything to add?" in (extras := phone.get(address).text)
    assert SECRET not in extras
    assert not re.search(r'value="growing"[^>]*checked', extras)


def test_handed_over_phone_ends_after_comment(lent, stored):
    thanks = lent.post(lent.address, data={"comment": SECRET, "done": "1"}, follow_redirects=True).text
    assert "Please give the phone back to Alice" in words(thanks)
    assert stored().client.comment == SECRET
    assert lent.post(lent.address, data={**six(5), "done": "1"}).status_code == 409
    assert (SECRET in lent.get(lent.address).text, stored().client.ratings) == (False, (1,) * 6)


def test_handed_over_phone_is_final_after_done(lent, stored):
    lent.post(lent.address, data={**six(5), "visibility": "manager"}, headers=HX)
    assert stored().client.ratings == (1,) * 6


def test_handed_over_key_is_useless_elsewhere_or_later(cast, clock, lent, sign_in, stranger, stored):
    back = sign_in("alice").client  # the rep has the phone again
    for browser in (stranger.client, back):
        assert browser.get(lent.address).status_code == 404
        assert browser.post(lent.address, data={**six(5), "done": "1"}).status_code == 409
        assert browser.post(f"{lent.address}/erase").status_code == 404
    clock.forward(minutes=10)  # a copy of the cookie
    assert lent.post(lent.address, data={"comment": "Great", "done": "1"}).status_code == 409
    assert (stored().client.ratings, stored().client.comment) == ((1,) * 6, None)


def test_clients_key_opens_nothing_in_reps_browser(client_phone, moment, sign_in, stored):
    """A link that was passed on, or read over a shoulder."""
    moment("settled")
    alice = sign_in("alice").client
    for path in ("", "?change=1", "/receipt"):
        reply = alice.get(client_phone.address + path)
        assert (reply.status_code, SECRET in reply.text) == (404, False)
    assert alice.post(f"{client_phone.address}/erase").status_code == 404
    assert alice.post(client_phone.address, data=six(5)).status_code == 409
    assert stored().client.ratings == (1,) * 6


def test_clients_phone_reads_changes_and_erases(client_phone, moment, stored):
    moment("settled")
    assert SECRET in client_phone.phone.get(f"{client_phone.address}/receipt").text
    client_phone(integrity=3)
    assert stored().client.ratings[0] == 3
    client_phone.phone.post(f"{client_phone.address}/erase")
    assert stored().progress.taps == 0


def test_key_is_not_stored_in_plain(client_phone, moment, db):
    moment("settled")
    stored_now = str(dump(db))
    assert "Dana" in stored_now
    assert client_phone.address.rsplit("/", 1)[1] not in stored_now


def test_code_alone_shows_only_progress(clock, client_phone, stranger, page):
    seen = []
    for step in (
        lambda: None,
        lambda: client_phone(savvy=1),
        lambda: client_phone(done=1),
        lambda: clock.forward(days=15),
    ):
        step()
        seen.append(words(stranger.get(page).text))
    assert "Six taps, Dana. How was it?" in seen[0]
    assert "Being answered on another phone" in seen[1]
    assert "Start again here" in seen[1]
    assert "Answered on another phone" in seen[2]
    assert "Start again here" not in seen[2]
    assert "This page has closed" in seen[3]
