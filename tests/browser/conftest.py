"""A served app and a real Chromium. On SQLite alone: what differs here is the browser, not the database."""

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, WebError
from support.cast import Cast, Clock
from support.chromium import PHONE
from support.keys import KEYS
from werkzeug.serving import make_server

from feedback.db.engine import Database
from feedback.store.invitation_view import InvitationView


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in Path(str(item.path)).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def db(_sqlite: tuple[Database, Path, Path], tmp_path: Path) -> Iterator[Database]:
    path = shutil.copy(_sqlite[2], tmp_path / "feedback.sqlite3")
    database = Database(f"sqlite:///{path}", KEYS)
    yield database
    database.dispose()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def here(address: str) -> str:
    """The server by its name, which passkeys need."""
    return address.replace("127.0.0.1", "localhost")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """phone() is a new phone with nothing on it; options as of Playwright's new_context. On a client's
    page no script may fail."""
    made: list[BrowserContext] = []
    failed: list[str] = []

    def new(**options: object) -> BrowserContext:
        made.append(browser.new_context(**{**PHONE, **options}))
        made[-1].on("weberror", note)
        return made[-1]

    def note(failure: WebError) -> None:
        if failure.page and "/f/" in failure.page.url:
            failed.append(f"{failure.page.url}: {failure.error}")

    yield new
    for context in made:
        context.close()
    assert failed == []


@pytest.fixture
def entered(phone: Callable[..., BrowserContext], address: str, cast: Cast) -> Callable[..., Page]:
    """entered("carol") is Carol's phone, signed in."""

    def enter(name: str, **options: object) -> Page:
        page = phone(**options).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("E-mail").fill(f"{name}@example.com")
        page.get_by_label("Password").fill("a short sentence")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: not url.endswith("/sign-in"))
        return page

    return enter


@pytest.fixture
def rep(entered: Callable[..., Page]) -> Callable[..., Page]:
    """rep() is Alice's phone, signed in."""
    return functools.partial(entered, "alice")


@pytest.fixture
def compared(cast: Cast, clock: Clock) -> tuple[InvitationView, InvitationView]:
    """A meeting of last week, answered and sealed; and one of today, waiting."""
    earlier = cast.meeting()
    cast.answer(earlier, 5, 4, 3, 2, 5, 5, comment="Thank you for the list.")
    cast.seal(earlier, 5, 4, 3, 5, 3, 5, stage="comparing")
    clock.forward(days=7)
    return earlier, cast.meeting()


@pytest.fixture
def stored(cast: Cast) -> Callable[[InvitationView], InvitationView]:
    """stored(invitation) is what the database knows of it now."""
    return cast.reload


@pytest.fixture
def invitation(cast: Cast) -> InvitationView:
    """Dana's, whom nobody has asked yet."""
    return cast.meeting()


@pytest.fixture
def page(phone: Callable[..., BrowserContext], address: str, invitation: InvitationView) -> Page:
    """Dana's phone, on the client's page."""
    page = phone().new_page()
    page.goto(f"{address}/f/{invitation.token}")
    return page
