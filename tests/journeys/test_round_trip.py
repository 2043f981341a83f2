"""Everything comes in through the page, goes out as a file, and comes in on an empty server: the same standings, the same
check, and no command after `serve`; and what came in is taken out again without a trace."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import LAPTOP
from support.served import wait_until_ready

from feedback.core.dimensions import DIMENSIONS

pytestmark = pytest.mark.browser

PASSWORD = "doughnuts are not enough"
FEEDBACK = Path(sys.executable).with_name("feedback")
PEOPLE = "Name;E-Mail;Rolle;Team\nAlice;alice@example.com;rep;North\nBob;bob@example.com;rep;South\n"
ACCOUNTS = "account;contact;contact_email;value\nNorthwind;Anna Schmidt;anna@northwind.example;1200,50\nNorthwind;Zoë;;\n"
NAMESAKE = "account,contact,contact_email\nNorthwind,Anna Schmidt,other@northwind.example\n"
HISTORY = f"rep_email,account,contact,contact_email,held_at,{','.join(f'client_{name}' for name in DIMENSIONS)}\n" + "".join(
    f"{rep}@example.com,Northwind,Anna Schmidt,{whose}@northwind.example,2026-0{month}-05T10:00Z,{','.join([rating] * 6)}\n"
    for rep, whose, rating in (("alice", "anna", "5"), ("alice", "other", "2"), ("bob", "anna", "3"))
    for month in range(1, 7)
)  # fmt: skip


@dataclass
class Owner:
    """An owner at a server of their own, who reads nothing but the screen."""

    page: Page
    address: str
    instance: Path

    def bring(self, kind: str, text: str | bytes, choice: str = "") -> None:
        """Import a file; choice: what is said when somebody is asked who is meant."""
        self.check(kind, text)
        if choice:
            expect(self.page.get_by_text("Somebody has to say who is meant.")).to_be_visible(timeout=20_000)
            self.page.get_by_text(choice).first.click()
            self.page.get_by_role("button", name="Check again").first.click()
        self.page.get_by_role("button", name="Import it").click(timeout=20_000)
        expect(self.page.get_by_text("Undo this import")).to_be_visible(timeout=20_000)

    def check(self, kind: str, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        self.page.goto(f"{self.address}/import")
        self.page.locator(f'input[name="kind"][value="{kind}"]').check()
        self.page.locator('input[type="file"]').set_input_files(
            {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": content}
        )
        self.page.get_by_role("button", name="Check it").click()

    def undo(self) -> None:
        self.page.get_by_text("Undo this import").click()
        self.page.get_by_role("button", name="Undo it as a whole").click()
        expect(self.page.get_by_text("Everything is as it was before.")).to_be_visible(timeout=20_000)

    def standings(self) -> list[str]:
        """The board, without what a clock moves: the places, and to one decimal the scores."""
        lines = self.page.request.get(f"{self.address}/leaderboard.csv").text().splitlines()
        return [re.sub(r"(\d+\.\d)\d", r"\1", line) for line in lines]

    def checked(self) -> str:
        run = subprocess.run(
            [FEEDBACK, "check"],
            env={**os.environ, "FEEDBACK_INSTANCE": str(self.instance)},
            capture_output=True,
            text=True,
        )
        return run.stdout


@pytest.fixture
def owners(browser: Browser, tmp_path: Path) -> Iterator[list[Owner]]:
    """Two owners, each on a server that was empty."""
    with _owner(browser, tmp_path / "first") as first, _owner(browser, tmp_path / "second") as second:
        yield [first, second]


@contextmanager
def _owner(browser: Browser, instance: Path) -> Iterator[Owner]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [FEEDBACK, "serve", "--port", str(port)],
        env={**os.environ, "FEEDBACK_INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = server.stdout.readline() + server.stdout.readline()
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(address)
        page = browser.new_context(**LAPTOP, locale="en-GB", timezone_id="Europe/Berlin").new_page()
        _set_up(page, address, re.search(r"asks for the code (\S+)", said)[1])
        yield Owner(page, address, instance)
        page.context.close()
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def _set_up(page: Page, address: str, code: str) -> None:
    page.goto(address)
    for label, text in (
        ("The code of this server", code),
        ("Your organisation", "Doughnut Partners"),
        ("Your name", "Olive Ng"),
        ("Your e-mail", "olive@example.com"),
        ("A password", PASSWORD),
    ):
        page.get_by_label(re.compile(rf"^\s*{label}")).fill(text)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Three first steps")).to_be_visible()


def test_everything_comes_in_again_elsewhere(owners: list[Owner]) -> None:
    first, second = owners
    first.bring("people", PEOPLE)
    empty = first.standings()
    first.bring("accounts", ACCOUNTS)
    first.bring("accounts", NAMESAKE, "Another person of the same name")
    first.bring("history", HISTORY)
    assert first.standings() != empty
    first.page.goto(f"{first.address}/export")
    with first.page.expect_download() as download:
        first.page.get_by_role("button", name="Download everything").click()
    with ZipFile(BytesIO(download.value.path().read_bytes())) as files:
        for kind in ("people", "accounts", "history"):
            choice = "Another person of the same name" if kind == "accounts" else ""
            second.bring(kind, files.read(f"{kind}.csv"), choice)
    assert second.standings() == first.standings()
    assert second.checked() == first.checked() != ""
    second.undo()  # of the history
    assert second.standings() == empty
    assert second.checked() == first.checked()
    second.check("people", b"%PDF-1.7")
    expect(second.page.get_by_text("This is a PDF, and no table.")).to_be_visible()
