"""The whole main job, with nothing faked: an empty folder, the real command line and server, two phones and
a laptop, a QR code read from the screen's pixels, and numbers worked out by hand."""

import csv
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import LAPTOP, PHONE, decode, tap
from support.served import wait_until_ready

from feedback.core.dimensions import DIMENSIONS

PASSWORD = "doughnuts are not enough"
pytestmark = pytest.mark.browser

SAID = dict(zip(DIMENSIONS, (5, 4, 3, 2, 5, 5), strict=True))
GUESSED = dict(zip(DIMENSIONS, (5, 4, 3, 5, 3, 5), strict=True))
CLIENTS = ("Dana Whitfield", "Søren Åkesson", "Mary-Jane O’Brien", "田中 太郎")


def feedback(folder: Path, *words: str) -> None:
    command = [Path(sys.executable).with_name("feedback"), *words]
    subprocess.run(
        command, check=True, env=_environment(folder), input=PASSWORD, text=True, capture_output=True
    )


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "FEEDBACK_INSTANCE": str(folder / "instance")}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An organisation set up from the command line, served by the real server."""
    feedback(tmp_path, "set-up", "--organisation", "Doughnut Partners", "--name", "Olive Ng",
             "--email", "olive@example.com", "--password-file", "-")  # fmt: skip
    for name, role in (("Alice Rossi", "rep"), ("Carol Mbeki", "manager")):
        feedback(tmp_path, "user", "add", "--name", name, "--email", f"{name.split()[0].lower()}@example.com",
                 "--role", role, "--team", "North", "--password-file", "-")  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [Path(sys.executable).with_name("feedback"), "serve", "--port", str(port)],
        env=_environment(tmp_path),
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address)
        yield address
        feedback(tmp_path, "check")  # the stored numbers equal a replay, after all of it
    finally:
        server.terminate()
        server.wait(20)


def sign_in(browser: Browser, address: str, who: str, device: dict) -> Page:
    page = browser.new_context(**device).new_page()
    page.goto(address)
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def show_code(rep: Page, address: str, client: str) -> str:
    """The rep starts a meeting with somebody new; what a camera then reads off the screen."""
    rep.goto(f"{address}/meetings/new")
    summary = rep.get_by_text("Somebody new")
    if not rep.get_by_label("Name", exact=True).is_visible():
        summary.tap()
    rep.get_by_label("Name", exact=True).fill(client)
    rep.get_by_label("Company", exact=True).fill("Northwind Logistics")
    rep.get_by_role("button", name="Show the code").tap()
    expect(rep.get_by_role("heading", name=f"Show this to {client}")).to_be_visible()
    return decode(rep)


def test_empty_folder_to_ranked_leaderboard(address: str, browser: Browser) -> None:
    rep = sign_in(browser, address, "alice", PHONE)
    for client in CLIENTS:
        read = show_code(rep, address, client)
        assert read.startswith(f"{address.upper()}/F/")
        _client_answers(browser, read)
        _rep_seals(rep)
        _gap_card_shows_the_right_classes(rep, client)
    manager = sign_in(browser, address, "carol", LAPTOP)
    _leaderboard_shows_the_numbers(manager)
    _csv_holds_the_numbers(manager, address)


def _client_answers(browser: Browser, read: str) -> None:
    phone = browser.new_context(**PHONE)
    client = phone.new_page()
    client.goto(read)
    tap(client, SAID)
    client.get_by_role("button", name="Done").tap()
    expect(client.get_by_role("heading", name=re.compile("Thank you"))).to_be_visible()
    client.get_by_role("button", name="That’s all").tap()
    expect(client.get_by_role("link", name="What I said")).to_be_visible()
    assert phone.cookies() == []
    phone.close()


def _rep_seals(rep: Page) -> None:
    expect(rep.locator("#status")).to_contain_text("is done", timeout=10_000)  # by itself, without a reload
    rep.get_by_role("link", name="Seal my guess").tap()
    assert "said" not in rep.locator("main").inner_text()
    tap(rep, GUESSED)
    rep.get_by_role("button", name="Seal").tap()


def _gap_card_shows_the_right_classes(rep: Page, client: str) -> None:
    first = client if client == "田中 太郎" else client.split()[0]  # there the family name comes first
    expect(rep.locator(".headline")).to_have_text(f"Blind spot: Proactivity. You guessed 5, {first} said 2.")
    shown = dict(
        zip(
            rep.locator(".gap h2").all_inner_texts(), rep.locator(".gap .pill").all_inner_texts(), strict=True
        )
    )
    # 5:5 and 4:4 agree above Good; 3:3 agrees, and fine is a weakness; 2 said against 5 guessed is a blind
    # spot; 5 said against 3 guessed an advantage.
    assert shown == {
        "Proactivity": "Blind spot", "Integrity": "Agreed strength", "Competency": "Agreed strength",
        "Recognition": "Agreed weakness", "Savvy": "Advantage", "Chemistry": "Agreed strength",
    }  # fmt: skip


def _leaderboard_shows_the_numbers(manager: Page) -> None:
    row = manager.locator("table.board tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("th")).to_have_text("Alice Rossi")
    expect(row.locator(".score")).to_have_text("75")
    expect(manager.locator(".figure.alarm")).to_contain_text("4 alerts")


def _csv_holds_the_numbers(manager: Page, address: str) -> None:
    """Points 100, 75, 50, 25, 100, 100 have the mean 75, with every client the same, so mu and the score are
    75 too. V = 4, sigma 25 below 30 relationships: 1.2816 * 25 / sqrt(4 + 5) = 10.68 either way.
    |client - rep| is 3 and 2 over six: mean 0.8333, reads the room 100 * (1 - 0.8333 / 4) = 79.17; rep -
    client is (3 - 2) / 6 = 0.17. Value (4 + 2 + 5) / 3 = 3.67; liking 5 - 3.67 = 1.33: doughnuts."""
    reply = manager.request.get(f"{address}/leaderboard.csv")
    (row,) = csv.DictReader(StringIO(reply.text().lstrip("\ufeff")))
    row.pop("week")
    assert row == {
        "rank": "1", "movement": "", "rep": "Alice Rossi", "email": "alice@example.com", "team": "North",
        "score": "75.00", "low": "64.32", "high": "85.68", "voices": "4.00", "answered": "100.00",
        "asked": "100.00", "reads_the_room": "79.17", "calibration": "0.17", "doughnuts": "1.33",
        "value": "3.67", "badge": "doughnuts", "too_close_to_call": "no", "rank_low": "1", "rank_high": "1",
    }  # fmt: skip
