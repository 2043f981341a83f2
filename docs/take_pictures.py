"""README's pictures, taken from the real pages of the example organisation. Run by `make pictures`."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.chromium import LAPTOP, PHONE, chromium, tap  # noqa: E402

from feedback import migrations  # noqa: E402
from feedback.config import read_settings  # noqa: E402
from feedback.core.access import Reader  # noqa: E402
from feedback.db.engine import Database  # noqa: E402
from feedback.demo.fill import ExampleOrganisation, fill_example  # noqa: E402
from feedback.store.invitation_view import InvitationView  # noqa: E402
from feedback.store.invitations import invitations_of_rep  # noqa: E402
from feedback.web.auth import demo_tickets  # noqa: E402

PORT = 8799
BASE = f"http://127.0.0.1:{PORT}"


def save(page: Page, name: str) -> None:
    """With few colours, so that the repository stays small; as on a screen so long that nothing floats over the page."""
    wide = page.viewport_size or {"width": 390}
    page.set_viewport_size({"width": wide["width"], "height": page.evaluate("document.body.scrollHeight")})
    page.wait_for_timeout(300)
    picture = Image.open(BytesIO(page.screenshot(full_page=True)))
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(HERE / f"{name}.png", optimize=True)


def latest_blind_spot(db: Database, example: ExampleOrganisation) -> InvitationView:
    """A meeting of the rep whose gap card has something to say."""
    now = datetime.now(UTC)
    with db.reading() as session:
        since = now - timedelta(days=60)
        found = invitations_of_rep(session, example.organisation_id, example.rep_id, since, Reader.REP, now)
    wide = [i for i in found if i.both_in and i.access.whole]
    return max(
        wide,
        key=lambda i: max(m - c for c, m in zip(i.client.ratings, i.mirror.ratings, strict=True) if c and m),
    )


def take(browser: Browser, db: Database, example: ExampleOrganisation) -> None:
    tickets = demo_tickets(read_settings())
    client = browser.new_context(**PHONE).new_page()
    client.goto(f"{BASE}/f/{example.token}")
    tap(client, {"integrity": 5, "competency": 4, "recognition": 3, "proactivity": 2})
    save(client, "client")
    rep = browser.new_context(**PHONE).new_page()
    rep.goto(f"{BASE}/demo/{tickets.dumps([str(example.organisation_id), str(example.rep_id)])}")
    rep.get_by_role("button", name="Dana Whitfield").first.tap()
    rep.get_by_text("Show this to").wait_for()
    save(rep, "qr")
    gap = latest_blind_spot(db, example)
    rep.goto(f"{BASE}/meetings/{gap.meeting_id}/gap?invitation={gap.id}")
    save(rep, "gap")
    manager = browser.new_context(**LAPTOP).new_page()
    manager.goto(f"{BASE}/demo/{tickets.dumps([str(example.organisation_id), str(example.owner_id)])}")
    save(manager, "leaderboard")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FEEDBACK_INSTANCE": folder, "FEEDBACK_BASE_URL": BASE}
        settings = read_settings()
        db = Database(settings.database_url, settings.keys)
        migrations.migrate(db)
        example = fill_example(db, datetime.now(UTC))
        server = subprocess.Popen([Path(sys.executable).with_name("feedback"), "serve", "--port", str(PORT)])
        try:
            for _ in range(100):
                try:
                    urlopen(f"{BASE}/readyz").close()
                    break
                except OSError:
                    time.sleep(0.2)
            with chromium() as browser:
                take(browser, db, example)
        finally:
            server.terminate()
            server.wait(20)
            db.dispose()


if __name__ == "__main__":
    main()
