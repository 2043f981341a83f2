"""From an empty folder to the first answer of a real client, by somebody who reads nothing but the console and the screen:
how many actions that takes. An action is a click or tap, a field filled in, or something chosen."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.chromium import LAPTOP, PHONE, decode, tap
from support.served import wait_until_ready

from feedback.core.dimensions import DIMENSIONS

pytestmark = pytest.mark.browser

MOST_TO_ANSWER = 25  # to the client's first answer
MOST_TO_GAP = 33  # and on to the rep's gap card: a guess takes six taps, too
PASSWORD = "doughnuts are not enough"


class Person:
    """Somebody at a screen, whose actions are counted together with everybody's."""

    def __init__(self, page: Page, counted: list[str]) -> None:
        self.page, self._counted = page, counted

    def click(self, name: str, role: str = "button") -> None:
        self._do("click", self.page.get_by_role(role, name=name))

    def fill(self, label: str, text: str) -> None:
        self._counted.append(f"fill {label}")
        self.page.get_by_label(re.compile(rf"^\s*{label}")).fill(text)

    def tap(self, dimension: str, rating: int) -> None:
        self._do("tap", self.page.locator(f'label:has(input[name="{dimension}"][value="{rating}"])'))

    def _do(self, what: str, where: Locator) -> None:
        self._counted.append(f"{what} {where}")
        where.click()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[str]:
    """What `feedback serve` prints in an empty folder, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [Path(sys.executable).with_name("feedback"), "serve", "--port", str(port)],
        env={**os.environ, "FEEDBACK_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = server.stdout.readline() + server.stdout.readline()
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield said
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def test_empty_folder_to_first_answer(started: str, browser: Browser) -> None:
    began, counted = time.monotonic(), []
    address = re.search(r"Beyond Doughnuts on (\S+)", started)[1]
    code = re.search(r"asks for the code (\S+)", started)[1]

    def somebody(device: dict, link: str) -> Person:
        context = browser.new_context(**device, locale="nl-NL", timezone_id="Europe/Berlin")
        page = context.new_page()
        page.goto(link)
        return Person(page, counted)

    owner = somebody(LAPTOP, address)
    _set_up(owner, code)
    owner.fill("Your first rep: name", "Alice Rossi")
    owner.fill("E-mail", "alice@example.com")
    owner.click("Invite this rep")
    rep = somebody(PHONE, owner.page.locator("[data-share]").get_attribute("data-share"))
    rep.fill("Choose a password", PASSWORD)
    rep.click("Join")
    expect(rep.page.get_by_role("heading", name="Your first meeting")).to_be_visible()
    rep.click("Start a meeting", "link")
    rep.fill("Name", "Dana Whitfield")
    rep.fill("Company", "Northwind Logistics")
    rep.click("Show the code")
    expect(rep.page.get_by_role("heading", name="Show this to Dana Whitfield")).to_be_visible()
    client = somebody(PHONE, decode(rep.page))
    for dimension in DIMENSIONS:
        client.tap(dimension, 4)
    client.click("Klaar")
    expect(client.page.get_by_role("heading", name=re.compile("Dana"))).to_be_visible()
    to_answer = len(counted)
    expect(rep.page.locator("#status")).to_contain_text("is done", timeout=10_000)
    rep.click("Seal my guess", "link")
    for dimension in DIMENSIONS:
        rep.tap(dimension, 5)
    rep.click("Seal")
    expect(rep.page.locator(".headline")).to_contain_text("You guessed 5, Dana said 4.")
    print(
        f"\nfrom an empty folder to the first answer: {to_answer} actions; to the gap card: {len(counted)}; "
        f"{time.monotonic() - began:.0f} s without typing or reading"
    )
    _trial_moves_no_figure(owner.page, browser, address)
    assert to_answer <= MOST_TO_ANSWER
    assert len(counted) <= MOST_TO_GAP


def _set_up(owner: Person, code: str) -> None:
    owner.fill("The code of this server", code)
    owner.fill("Your organisation", "Doughnut Partners")
    owner.fill("Your name", "Olive Ng")
    owner.fill("Your e-mail", "olive@example.com")
    owner.fill("A password", PASSWORD)
    assert owner.page.get_by_label("Time zone").input_value() == "Europe/Berlin"
    assert owner.page.get_by_label("Language of your clients").input_value() == "nl"
    owner.click("Set up")
    expect(owner.page.get_by_role("heading", name="Three first steps")).to_be_visible()


def _trial_moves_no_figure(owner: Page, browser: Browser, address: str) -> None:
    """The owner tries a meeting on their own phone, by a code, and everything is as it was."""

    def figures() -> str:
        owner.goto(f"{address}/leaderboard")
        return owner.locator("#board").inner_text() + owner.request.get(f"{address}/leaderboard.csv").text()

    before = figures()
    owner.goto(f"{address}/start")
    owner.get_by_role("button", name="Try it").click()
    expect(owner.get_by_role("heading", name="Scan this with your phone")).to_be_visible()
    phone = browser.new_context(**PHONE).new_page()
    phone.goto(decode(owner))
    tap(phone, dict.fromkeys(DIMENSIONS, 3))
    phone.get_by_role("button", name="Done").tap()
    expect(phone.get_by_role("heading", name="What will Dana say?")).to_be_visible()
    tap(phone, dict.fromkeys(DIMENSIONS, 5))
    phone.get_by_role("button", name="Seal").tap()
    expect(phone.locator(".headline")).to_contain_text("You guessed 5, Dana said 3.")
    assert "4" in before
    assert figures() == before
