"""One code for a room: a rep's phone shows it, clients' phones scan it, pick a name and answer, and the rep guesses."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.chromium import decode, tap, until

from feedback.core.dimensions import DIMENSIONS

SMALL = {"width": 390, "height": 664}
NAMES = ("Dana Whitfield", "Eli Ode", "Omar Idris")


def six(rating: int) -> dict[str, int]:
    return dict.fromkeys(DIMENSIONS, rating)


@pytest.fixture
def alice(rep, cast, address) -> Page:
    """Alice's phone, which shows the code of a room with three people."""
    for name in NAMES:
        cast.meeting(contact=name)
    cast.clock.forward(days=1)
    page = rep(viewport=SMALL)
    page.goto(f"{address}/meetings/new")
    for name in NAMES:
        page.locator("label").filter(has_text=name).tap()
    page.get_by_role("button", name="One code for all").tap()
    expect(page.get_by_role("heading", name="Show this to everybody")).to_be_visible()
    return page


@pytest.fixture
def scan(phone, alice):
    """scan() is a new phone that has read the code off Alice's screen; scan(page) the same phone, again."""
    code = decode(alice)

    def look(page: Page | None = None, **options) -> Page:
        page = page or phone(viewport=SMALL, **options).new_page()
        page.goto(code)
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        return page

    return look


def pick(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).last.tap()
    page.wait_for_url(re.compile("/f/"))


def type_name(page: Page, name: str) -> None:
    page.locator("summary", has_text="Somebody else").tap()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Go on", exact=True).tap()
    page.wait_for_url(re.compile("/f/"))


def answer(page: Page, rating: int) -> None:
    tap(page, six(rating))
    page.wait_for_url(re.compile(r"/f/\w+/\w{22}"))
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_everybody_answers_and_one_guess_seals_for_all(alice, scan):
    room = alice.url
    answers = [(scan(), name, rating) for name, rating in zip(NAMES[:2], (5, 2), strict=True)]
    for page, name, rating in answers:
        pick(page, name)
        answer(page, rating)
    guest = scan()
    type_name(guest, "Zoe O'Neill")
    answer(guest, 4)
    alice.reload()
    expect(alice.get_by_text("You hear of it once your guess is sealed")).to_have_count(4)
    expect(alice.locator("#status")).not_to_contain_text(re.compile("done|opened|taps", re.IGNORECASE))
    alice.get_by_role("link", name="Seal my guess: Dana").tap()
    tap(alice, six(4))
    alice.get_by_text("The same guess for everybody in the room").tap()
    alice.get_by_role("button", name=re.compile("Seal")).tap()
    alice.wait_for_url(room)
    for name in ("Dana", "Eli", "Zoe"):
        expect(alice.get_by_role("link", name=f"Compare: {name}")).to_be_visible()
    expect(alice.get_by_role("link", name="My guess is sealed: Omar")).to_be_visible()


def test_each_person_is_guessed_alone(alice, scan):
    mine = scan()
    pick(mine, "Omar Idris")
    answer(mine, 3)
    room = alice.url
    alice.get_by_role("link", name="Seal my guess: Omar").tap()
    tap(alice, six(3))
    alice.get_by_role("button", name=re.compile("Seal")).tap()
    alice.wait_for_url(re.compile(r"/meetings/[\w-]+/gap"))
    alice.goto(room)
    expect(alice.get_by_role("link", name="Compare: Omar")).to_be_visible()
    expect(alice.get_by_text("You hear of it once your guess is sealed")).to_have_count(2)


def test_scanned_again_the_phone_is_known(alice, scan):
    """The name that was picked, and the one that was typed, lead to the page that is there; who else is at this phone
    comes in below."""
    page = scan()
    expect(page.get_by_text("On this phone you went on as:")).to_be_hidden()
    type_name(page, "Zoe O'Neill")
    own = page.url
    scan(page)
    expect(page.get_by_text("On this phone you went on as:")).to_be_visible()
    page.get_by_role("button", name="Zoe O'Neill").tap()
    page.wait_for_url(own)
    answer(page, 5)
    answered = page.url
    scan(page).get_by_role("button", name="Zoe O'Neill").tap()
    page.wait_for_url(re.compile(re.escape(answered.partition("?")[0])))
    pick(scan(page), "Eli Ode")  # a second person
    assert page.url != own
    answer(page, 2)
    scan(page)
    known = page.locator("[data-room] button")
    assert known.all_inner_texts() == ["Eli Ode", "Zoe O'Neill"]
    known.get_by_text("Zoe O'Neill").tap()
    page.wait_for_url(re.compile(re.escape(answered.partition("?")[0])))
    scan(page)
    assert known.all_inner_texts() == ["Eli Ode", "Zoe O'Neill"]  # each stays where it was
    assert page.context.cookies() == []
    # What is kept of a room goes once its code has ended, and what is kept of others stays.
    page.evaluate(
        "([over, open]) => { localStorage['room over'] = over; localStorage['room open'] = open; localStorage.mine = '{}'; }",
        [f'{{"until": {until}, "names": []}}' for until in (1, 9e9)],
    )
    scan(page)
    names = page.evaluate("Object.keys(localStorage)")
    assert {"room open", "mine"} < {*names}
    assert "room over" not in names


def test_name_refused_is_not_remembered(alice, scan):
    page = scan()
    page.locator("summary", has_text="Somebody else").tap()
    page.get_by_label("Your name").fill("Zoe")
    page.get_by_label("E-mail, if you like").fill("zoe@x")
    page.get_by_role("button", name="Go on", exact=True).tap()
    expect(page.get_by_role("alert")).to_be_visible()
    scan(page)
    expect(page.get_by_text("On this phone you went on as:")).to_be_hidden()


def test_second_phone_of_a_name_is_told_in_words(alice, scan):
    first, second = scan(), scan()
    pick(first, "Eli Ode")
    pick(second, "Eli Ode")
    answer(first, 5)
    tap(second, {"integrity": 1})
    expect(second.get_by_role("heading", level=1)).to_have_text("This name is in use on another phone")
    second.get_by_role("link", name="Somebody else").tap()
    expect(second.get_by_label("Your name")).to_be_visible()


def test_language_is_chosen_by_one_tap(alice, scan):
    page = scan()
    expect(page.get_by_role("button", name="OK")).to_be_hidden()
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator(".names button").first).to_have_text("Dana Whitfield")


@pytest.mark.parametrize("width", [320, 1280])
def test_list_fits_every_screen(alice, scan, width):
    page = scan(is_mobile=width < 500)
    page.set_viewport_size({"width": width, "height": 664})
    until(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)
