"""The commands of docs/api.md do what the page says, section by section, with curl and jq."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.tokens import token_of
from web.api.test_api_meetings import read_code

from feedback.core.api_tokens import TokenKind

PAGE = Path(__file__).parents[2] / "docs/api.md"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:{day}T080000Z\r\nSUMMARY:Review\r\n"
    "ATTENDEE:mailto:fay@client.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
NEEDED = [name for name in ("curl", "jq", "awk", "bash") if shutil.which(name) is None]


@pytest.fixture
def does(address, cast, tmp_path):
    """does(heading, token) runs the commands of a section; what they print."""
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)

    def run(heading: str, token: str) -> str:
        (section,) = (each for each in sections if each.startswith(heading))
        commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))
        assert "curl" in commands
        fails = 'curl() { command curl --fail-with-body "$@"; }\n'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", fails + commands],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": os.environ["PATH"], "BD": f"{address}/api/v1", "AUTH": f"Authorization: Bearer {token}"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.skipif(bool(NEEDED) and "CI" not in os.environ, reason=f"{', '.join(NEEDED)} not installed")
def test_commands_of_the_page_do_what_it_says(cast, clock, does, tmp_path):
    alice, carol = token_of(cast, "alice"), token_of(cast, "carol")
    everything = token_of(cast, "olive", kind=TokenKind.ORGANISATION)

    made = does("Make a meeting and print its code", alice)
    assert '"contact": "Dana Whitfield"' in made
    assert read_code((tmp_path / "code.png").read_bytes()).casefold() == made.splitlines()[0].casefold()
    assert (tmp_path / "room.svg").read_text().startswith("<svg ")

    cast.meeting("alice", "Fay", "Contoso", email="fay@client.example")
    clock.forward(days=1)
    (tmp_path / "calendar.ics").write_text(CALENDAR.format(day=clock().strftime("%Y%m%d")))
    assert "/f/" in does("Ask about what was held", alice)

    does("Push loyalty into a CRM each night", everything)
    lines = [json.loads(line) for line in (tmp_path / "tonight.jsonl").read_text().splitlines()]
    assert {line["contact"] for line in lines} == {"Dana Whitfield", "Eli Brandt", "Fay"}

    clock.forward(days=20)  # what the page tells of has happened by then
    told = does("Tell us of a renewal", carol)
    assert ('"renews_on":"2027-03-31"' in told, '"outcome":"renewed"' in told) == (True, True)


def test_every_section_with_commands_is_run():
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    with_commands = [
        each.splitlines()[0] for each in sections if re.search(r"^```sh", each, flags=re.MULTILINE)
    ]
    assert with_commands == [
        "Before you begin", "Make a meeting and print its code", "Ask about what was held",
        "Push loyalty into a CRM each night", "Tell us of a renewal",
    ]  # fmt: skip
