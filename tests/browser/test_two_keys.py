"""The code asks; the key that the first tap makes reads and changes, on the phone that made it and no other."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.chromium import tap, until

from feedback.core.dimensions import DIMENSIONS

SIX = dict(zip(DIMENSIONS, (5, 4, 3, 2, 1, 5), strict=True))
WORDS = re.compile("Poor|Weak|Fine|Good$|Fantastic", re.MULTILINE)


@pytest.fixture
def invitation(cast):
    return cast.meeting()


@pytest.fixture
def code(address, invitation) -> str:
    """What is scanned."""
    return f"{address}/f/{invitation.token}"


@pytest.fixture
def own(code) -> re.Pattern[str]:
    """The address that carries the key."""
    return re.compile(re.escape(code) + "/[34679CDFGHJKMNPQRTVWXY]{22}$")


@pytest.fixture
def page(phone, code) -> Page:
    page = phone().new_page()
    page.goto(code)
    return page


@pytest.fixture(params=[True, False], ids=["with script", "without"])
def script(request) -> bool:
    return request.param


def chosen(page: Page) -> dict[str, int | str]:
    return page.locator("input[type=radio]:checked").evaluate_all(
        "all => Object.fromEntries(all.map(e => [e.name, Number(e.value) || e.value]))"
    )


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def kept(page: Page) -> dict[str, str]:
    """What the phone keeps."""
    return page.evaluate("({ ...localStorage })")


def done(page: Page) -> None:
    page.get_by_role("button", name="Done").tap()
    heading(page, "Thank you, Dana.")


def test_first_tap_moves_to_the_key_address(page, own, invitation, stored):
    tap(page, {"savvy": 4})
    page.wait_for_url(own)
    tap(page, {"integrity": 2})
    until(lambda: stored(invitation).progress.taps == 2)
    page.reload()
    assert chosen(page) == {"savvy": 4, "integrity": 2}


def test_receipt_opens_from_first_tap_on(page, own):
    receipt = page.get_by_role("link", name="change or erase any time")
    expect(receipt).to_have_count(0)
    waiting = page.get_by_text("change or erase any time")
    around = page.locator(".saved").evaluate("e => getComputedStyle(e).color")
    expect(waiting).to_have_css("color", around)  # no link yet, and it does not look like one
    tap(page, {"savvy": 4})
    page.wait_for_url(own)
    receipt.tap()
    heading(page, "What you said")
    expect(page.get_by_role("definition").filter(has_text="Good")).to_have_count(1)


def test_chosen_language_stays(page, code, invitation):
    dutch = f"{code}?lang=nl"
    page.goto(dutch)
    tap(page, {"savvy": 4})
    page.wait_for_url(f"{code}/*?lang=nl")
    own = page.url.removesuffix("?lang=nl")
    assert page.locator("[data-receipt]").evaluate("e => e.href") == f"{own}/receipt?lang=nl"
    page.goto(dutch)
    page.wait_for_url(f"{own}?lang=nl")
    expect(page.locator("html")).to_have_attribute("lang", "nl")


def test_receipt_opens_after_the_network_was_away(page, own, invitation, stored):
    receipt, line = page.get_by_role("link", name="change or erase any time"), page.locator(".saved")
    for rating in (4, 2):
        page.context.set_offline(True)
        tap(page, {"savvy": rating})
        expect(line).to_have_attribute("data-waiting", "")
        page.context.set_offline(False)
        expect(receipt).to_be_visible()
        expect(line).not_to_have_attribute("data-waiting", "")
    assert receipt.evaluate("e => e.href") == f"{page.url}/receipt"


def test_rescanned_code_leads_to_own_taps(page, code, own):
    tap(page, SIX)
    page.wait_for_url(own)
    key_address, again = page.url, page.context.new_page()
    page.close()
    again.goto(code)
    again.wait_for_url(own)
    assert (again.url, chosen(again)) == (key_address, SIX)
    pages = again.evaluate("history.length")
    done(again)
    assert again.evaluate("history.length") == pages + 1  # the back button leads to the taps
    again.goto(code.upper().replace("HTTP", "http"))  # as the code spells it
    again.wait_for_url("**/receipt")
    assert again.url == f"{key_address}/receipt"


def test_offline_first_tap_keeps_its_key(page, code, own, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    key = kept(page)[f"key {invitation.token}"]
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(code)
    again.wait_for_url(f"{code}/{key}")
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()))
    until(lambda: kept(again).keys() == {"mark", f"key {invitation.token}"})  # nothing waits any more
    again.reload()
    assert chosen(again) == SIX


def test_open_page_keeps_offline_key_when_online(page, own, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    key = kept(page)[f"key {invitation.token}"]
    page.context.set_offline(False)
    page.wait_for_url(own)
    assert page.url.endswith(key)
    assert stored(invitation).client.ratings == tuple(SIX.values())


def test_another_phone_sees_no_rating(page, phone, code, own):
    tap(page, SIX)
    page.wait_for_url(own)
    other = phone().new_page()
    other.goto(code)
    heading(other, "Being answered on another phone")
    assert other.locator("input").count() == 0
    assert not WORDS.search(other.locator("main").inner_text())


def test_starting_again_elsewhere_discards_first_taps(page, phone, code, own, invitation, stored):
    tap(page, {"savvy": 4})
    page.wait_for_url(own)
    first_address, other = page.url, phone().new_page()
    other.goto(code)
    other.get_by_role("button", name="Start again here").tap()
    heading(other, "Six taps, Dana. How was it?")
    assert chosen(other) == {}
    tap(page, {"integrity": 1})
    heading(page, "Begun again on another phone")
    assert f"key {code[-26:]}" not in kept(page)
    tap(other, {"savvy": 2})
    other.wait_for_url(own)
    assert other.url != first_address
    assert stored(invitation).client.ratings == (None, None, None, None, 2, None)
    page.goto(code)
    heading(page, "Being answered on another phone")
    page.get_by_role("button", name="Start again here").tap()
    page.wait_for_url(own)  # with what waited, under a key of its own
    until(lambda: stored(invitation).client.ratings[DIMENSIONS.index("integrity")] == 1)
    assert page.url.endswith(kept(page)[f"key {invitation.token}"])


def test_offline_phone_learns_another_has_begun(page, phone, code, own, invitation, stored):
    page.context.set_offline(True)
    tap(page, {"savvy": 4})
    expect(page.locator(".saved")).to_contain_text("No network")
    other = phone().new_page()
    other.goto(code)
    tap(other, {"savvy": 2})
    other.wait_for_url(own)
    page.context.set_offline(False)
    heading(page, "Being answered on another phone")
    assert stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 2
    page.get_by_role("button", name="Start again here").tap()
    heading(page, "Six taps, Dana. How was it?")
    assert chosen(page) == {"savvy": 4}  # it waited, and goes out now
    page.wait_for_url(own)
    assert page.url.endswith(kept(page)[f"key {invitation.token}"])
    until(lambda: stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 4)
    tap(page, {"savvy": 5})
    until(lambda: stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 5)


def test_mailed_key_is_remembered_for_the_code(cast, phone, code, invitation, address):
    cast.answer(invitation, 4)
    page = phone().new_page()
    page.goto(f"{address}{cast.answer_address(invitation)}?change=1")
    heading(page, "Six taps, Dana. How was it?")
    page.goto(code)
    heading(page, "What you said")


def test_phone_drops_offline_taps_if_answered_elsewhere(page, phone, code, own):
    page.context.set_offline(True)
    tap(page, {"savvy": 4})
    expect(page.locator(".saved")).to_contain_text("No network")
    other = phone().new_page()
    other.goto(code)
    tap(other, SIX)
    other.locator(".button", has_text="Done").tap()
    heading(other, "Thank you, Dana.")
    page.context.set_offline(False)
    heading(page, "Answered on another phone")
    until(lambda: not any(name.startswith("answer ") for name in kept(page)))


def test_answer_to_receipt_works_without_script(phone, code, own, invitation, stored):
    page = phone(java_script_enabled=False).new_page()
    page.goto(code)
    tap(page, SIX)
    page.locator(".button", has_text="Done").tap()
    heading(page, "Thank you, Dana.")
    page.get_by_label("To compare options").check()
    page.get_by_label("Anything to add?").fill("Thank you for the list.")
    page.locator(".button", has_text="That’s all").tap()
    page.get_by_role("link", name="What I said").tap()
    heading(page, "What you said")
    said = page.get_by_role("definition").all_inner_texts()
    assert [words.strip() for words in said] == ["Fantastic", "Good", "Fine", "Weak", "Poor", "Fantastic"]
    expect(page.get_by_text("Thank you for the list.")).to_be_visible()
    page.get_by_role("link", name="Change it").tap()
    heading(page, "Six taps, Dana. How was it?")
    assert chosen(page) == SIX
    assert stored(invitation).client.stage == "comparing"


def test_answer_can_be_hidden_from_rep(page, own, invitation, stored):
    tap(page, SIX)
    page.get_by_label("Alice sees this too").uncheck()
    done(page)
    page.get_by_role("button", name="That’s all").tap()
    only = page.get_by_text("Who sees your answers: Carol (manager)", exact=True)
    expect(only).to_be_visible()
    page.get_by_role("link", name="What I said").tap()
    heading(page, "What you said")
    expect(only).to_be_visible()
    assert stored(invitation).client.visibility == "manager"
    page.get_by_role("link", name="Change it").tap()
    expect(page.get_by_label("Alice sees this too")).not_to_be_checked()


def test_done_without_taps_is_refused(phone, code, invitation, stored, script):
    page = phone(java_script_enabled=script).new_page()
    page.goto(code)
    page.get_by_label("Alice sees this too").uncheck()
    page.wait_for_timeout(200)
    assert kept(page).keys() <= {"mark"}  # nothing is begun by that alone
    page.locator(".button", has_text="Done").tap()
    said = page.get_by_role("status" if script else "alert")
    expect(said).to_have_text("Nothing is tapped yet. One row is enough.")
    assert said.bounding_box()["y"] < 300  # on the screen, wherever Done stands
    heading(page, "Six taps, Dana. How was it?")
    expect(page.get_by_label("Alice sees this too")).not_to_be_checked()
    tap(page, {"savvy": 4})
    page.locator(".button", has_text="Done").tap()
    heading(page, "Thank you, Dana.")
    assert stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 4


def test_done_without_taps_is_refused_at_key_address(page, phone, code, own, invitation):
    """The phone made a key, lost the race to another, and began anew with that key."""
    key = "3" * 22
    page.evaluate("([name, key]) => localStorage.setItem(name, key)", [f"key {invitation.token}", key])
    page.goto(code)
    page.wait_for_url(own)
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("alert")).to_have_text("Nothing is tapped yet. One row is enough.")
    assert page.url == f"{code}/{key}"


@pytest.fixture
def lent(rep, address, invitation, script) -> Page:
    """Alice's phone in Dana's hand."""
    page = rep(java_script_enabled=script)
    page.goto(f"{address}/meetings/{invitation.meeting_id}")
    page.get_by_role("link", name="Hand over phone").tap()
    page.get_by_label("Choose a PIN").fill("4711")
    page.get_by_role("button", name="Lock and hand over").tap()
    heading(page, "Six taps, Dana. How was it?")
    return page


def gives_nothing_away(page: Page, *addresses: str) -> None:
    for place in addresses:
        page.goto(place)
        _shows_no_rating(page)
    for _ in range(len(addresses) + 6):
        page.go_back()
        _shows_no_rating(page)


def _shows_no_rating(page: Page) -> None:
    assert chosen(page) == {}, page.url
    shown = page.locator("body").inner_text()
    assert "My secret" not in page.content() + shown, page.url
    if "/f/" in page.url:
        assert page.locator("input[type=radio], .said, textarea").count() == 0, page.url


def test_handed_over_phone_shows_no_rating_afterwards(lent, script, address, code, invitation, stored):
    tap(lent, SIX)
    if script:
        lent.wait_for_url("**/f/*/*")
        lent.reload()
        assert chosen(lent) == {}  # what was tapped is saved, and not shown
        tap(lent, {"savvy": 1})
    pages = lent.evaluate("history.length")
    lent.locator(".button", has_text="Done").tap()
    heading(lent, "Thank you, Dana.")
    lent.get_by_label("To compare options").check()
    lent.get_by_label("Anything to add?").fill("My secret")
    lent.locator(".button", has_text="That’s all").tap()
    expect(lent.get_by_text("Please give the phone back to Alice")).to_be_visible()
    if script:
        assert lent.evaluate("history.length") == pages  # the back button leads past what was tapped
    key_address = lent.url.split("?")[0]
    assert stored(invitation).client.ratings == tuple(SIX.values())
    assert stored(invitation).client.comment == "My secret"
    secrets = (
        code,
        key_address,
        f"{key_address}?change=1",
        f"{key_address}?step=extras",
        f"{key_address}/receipt",
    )
    assert kept(lent).keys() <= {"mark"}
    gives_nothing_away(lent, *secrets)
    lent.goto(f"{address}/sign-in")
    lent.get_by_label("E-mail").fill("alice@example.com")
    lent.get_by_label("Password").fill("a short sentence")
    lent.get_by_role("button", name="Sign in").tap()
    lent.wait_for_url("**/meetings")
    gives_nothing_away(lent, *secrets)
    lent.goto(f"{address}/me")
    lent.get_by_role("button", name="Sign out", exact=True).tap()
    lent.wait_for_url("**/sign-in")
    assert kept(lent).keys() <= {"mark"}
    gives_nothing_away(lent, *secrets)


@pytest.mark.parametrize("script", [True])
def test_handed_over_page_that_the_browser_brings_back_is_fetched_anew(lent):
    tap(lent, {"savvy": 3})
    lent.wait_for_url("**/f/*/*")
    assert chosen(lent) == {"savvy": 3}
    with lent.expect_navigation():
        lent.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert chosen(lent) == {}


@pytest.mark.parametrize("script", [True])
def test_handed_over_phone_keeps_no_tap_without_network(lent):
    lent.context.set_offline(True)
    tap(lent, {"savvy": 1})
    expect(lent.locator(".saved")).to_have_attribute("data-waiting", "")
    assert kept(lent).keys() == {"mark"}


@pytest.mark.parametrize("script", [True])
def test_handed_over_phone_does_not_use_what_it_kept_of_the_code(lent, code, invitation, stored):
    """Alice scanned it herself, before."""
    token, key = code[-26:], "3" * 22
    before = {
        f"key {token}": key,
        f"answer {token}": '{"fields": {"savvy": "1"}, "sequence": 5, "done": false}',
    }
    lent.evaluate("before => Object.assign(localStorage, before)", before)
    lent.reload()
    assert (lent.url.split("?")[0], chosen(lent)) == (code, {})
    tap(lent, {"integrity": 5})
    lent.wait_for_url("**/f/*/*")
    assert key not in lent.url
    lent.reload()
    lent.get_by_label("Alice sees this too").uncheck()
    until(lambda: stored(invitation).client.visibility == "manager")
    assert stored(invitation).client.ratings == (5, *[None] * 5)
    assert {name: words for name, words in kept(lent).items() if name != "mark"} == before


@pytest.mark.parametrize("script", [True])
def test_handed_over_phone_makes_no_key_of_an_answer_begun_elsewhere(lent, phone, code, invitation, stored):
    other = phone().new_page()
    other.goto(code)
    tap(other, {"savvy": 5})
    other.wait_for_url("**/f/*/*")
    tap(lent, {"savvy": 1})
    expect(lent.locator("input[type=radio]:checked")).to_have_count(0)
    assert lent.url.split("?")[0] == code
    assert stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 5


@pytest.mark.parametrize("script", [True])
def test_last_tap_on_handed_over_phone_arrives_though_the_page_is_gone(lent, invitation, stored):
    """A rep's phone has a worker that wakes up for what its pages ask for, and a page that is gone waits for none."""
    first, *others = SIX.items()
    tap(lent, dict([first]))
    lent.wait_for_url("**/f/*/*")
    for name, rating in others:
        heading(lent, "Six taps, Dana. How was it?")
        row = lent.locator(f"input[name={name}][value='{rating}']")
        row.evaluate("ring => { ring.click(); location.reload(); }")
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()))


def test_language_change_on_handed_over_phone_keeps_answer(lent, script, invitation, stored):
    tap(lent, SIX)
    lent.locator("[name=speak]").select_option("nl")
    if not script:
        lent.locator(".speak button").tap()
    expect(lent.locator("html")).to_have_attribute("lang", "nl")
    assert chosen(lent) == SIX
    lent.locator(".button").tap()
    lent.locator("textarea").fill("My secret")
    lent.locator("select").select_option("en")
    if not script:
        lent.locator(".speak button").tap()
    expect(lent.locator("html")).to_have_attribute("lang", "en")
    expect(lent.get_by_label("Anything to add?")).to_have_value("My secret")
    lent.locator(".button", has_text="That’s all").tap()
    expect(lent.get_by_text("Please give the phone back to Alice")).to_be_visible()
    assert stored(invitation).client.comment == "My secret"
    assert stored(invitation).client.ratings == tuple(SIX.values())
