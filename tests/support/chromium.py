"""A real Chromium, as a phone or a laptop, and a person's actions in it."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from feedback.core.dimensions import DIMENSIONS

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SIX = dict(zip(DIMENSIONS, (5, 4, 3, 2, 1, 5), strict=True))  # taps that differ
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
FONTS = ("Roboto", "DejaVu Sans")  # of phones, and the widest of desktops
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of the machine, else the one that Playwright installed."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def fonts_here() -> list[str]:
    """Return which of FONTS the machine has."""
    if not shutil.which("fc-match"):
        return []
    named = {
        font: subprocess.run(["fc-match", "-f", "%{family}", font], capture_output=True, text=True).stdout
        for font in FONTS
    }
    return [font for font in FONTS if font in named[font]]


def decode(page: Page) -> str:
    """Return what a camera reads from the screen: the one QR code in a screenshot's pixels."""
    picture = Image.open(BytesIO(page.screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, f"{len(found)} codes on the screen"
    return found[0].text


def tap(page: Page, ratings: dict[str, int]) -> None:
    """Tap the rings as a thumb does: on what is visible, not on the input beneath."""
    for name, rating in ratings.items():
        page.locator(f'label:has(input[name="{name}"][value="{rating}"])').tap()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab from where the keyboard focus is, until `wanted` has it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not come to {wanted}")


def until(condition: Callable[[], Any], page: Page | None = None) -> None:
    """Wait, at most ten seconds, for something that happens by itself. With a page, its routes keep
    working."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50) if page else time.sleep(0.05)
    raise AssertionError("it did not happen")
