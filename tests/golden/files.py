"""Files that worlds are told by: past feedback, calendars, and what is uploaded at /import."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from feedback.core.dimensions import DIMENSIONS
from feedback.imports.jobs import add_job, start_import
from feedback.imports.run import ImportKind, import_file
from feedback.imports.running import run_jobs
from golden.world import BERLIN, World, at

PLANNED = """BEGIN:VCALENDAR
VERSION:2.0
{}END:VCALENDAR
"""
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:{title}
{people}END:VEVENT
"""


def random_rows(seed: int, weeks: int, pairs: Sequence[tuple[str, str, str]], before: datetime) -> str:
    """Return a file of past feedback: of each (rep, account, contact) some meetings, in the weeks before then."""
    dice, lines = (
        Random(seed),
        [
            "rep_email,account,contact,contact_email,held_at,"
            + ",".join(f"{side}_{name}" for side in ("client", "rep") for name in DIMENSIONS)
            + ",nps,comment,stage,rep_stage"
        ],
    )
    for number, (rep, account, contact) in enumerate(pairs):
        level = dice.choice((2.4, 3.1, 3.7, 4.2, 4.7))
        for week in range(number % 5, weeks, 4 + number % 4):
            held = (
                before
                - timedelta(weeks=weeks - week)
                + timedelta(hours=dice.randrange(0, 90), minutes=dice.randrange(60))
            )
            client = [min(5, max(1, round(dice.gauss(level, 0.8)))) for _ in DIMENSIONS]
            rep_says = (
                [min(5, max(1, round(dice.gauss(4.1, 0.7)))) for _ in DIMENSIONS]
                if dice.random() < 0.7
                else [""] * 6
            )
            if dice.random() < 0.1:
                client[dice.randrange(6)] = ""  # type: ignore[call-overload]
            mail = f"{contact.split()[0].lower()}@{account.split()[0].lower()}.example"
            said = (
                client + rep_says,
                dice.choice(("", 3, 7, 8, 9, 10)),
                dice.choice(("", "", "All fine.", "Good call")),
                dice.choice(("", "curious", "problem", "change", "comparing")),
                dice.choice(("", "change", "adopting")),
            )
            lines.append(
                ",".join(
                    map(
                        str,
                        (f"{rep}@example.com", account, contact, mail, held.isoformat(), *said[0], *said[1:]),
                    )
                )
            )
    return "\n".join(lines) + "\n"


def calendar_of(*events: tuple[str, str, int, tuple[str, ...]], zone: ZoneInfo = BERLIN) -> bytes:
    """Return a calendar's file of (when, title, minutes, addresses)."""
    told = [
        EVENT.format(uid=f"{n}@calendar.example", start=at(when, zone), end=at(when, zone) + timedelta(minutes=minutes), title=title,
                     people="".join(f"ATTENDEE:mailto:{each}\n" for each in emails))
        for n, (when, title, minutes, emails) in enumerate(events)
    ]  # fmt: skip
    return PLANNED.format("".join(told)).encode().replace(b"\n", b"\r\n")


def imported(us: World, kind: ImportKind, text: str) -> None:
    """Import a file at once."""
    import_file(us.db, us.cast.olive.organisation_id, kind, io.BytesIO(text.encode()), now=us.clock())


def uploaded(us: World, kind: str, name: str, text: str, *, start: bool = True) -> UUID:
    """Upload a file at /import, and let the worker check it and import it."""
    instance = us.app.extensions["feedback"].settings.instance / "imports"
    job = us.do(add_job, us.cast.olive.id, kind, name, text.encode())
    run_jobs(us.db, us.clock, instance)
    if start:
        us.do(start_import, us.cast.olive.id, job)
        run_jobs(us.db, us.clock, instance)
    return job
