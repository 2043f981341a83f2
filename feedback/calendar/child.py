"""The process in which calendars of others are read: python -m feedback.calendar.child

It takes one calendar after another from standard input, and ends by itself when none comes for a while. What it may
use is limited before it reads anything (feedback.calendar.reader says why).
"""

import json
import os
import resource
import select
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

CPU_SECONDS = 5  # for one calendar; then the system ends this process
MEMORY = 768 << 20  # bytes of address space
IDLE_SECONDS = 120
NICER = 10  # whoever waits for a page goes first


def main() -> None:
    """Read calendars until there are no more. A request is a line of JSON and so many bytes; the answer a line."""
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from feedback.calendar.file import read_calendar
    from feedback.db.change import Invalid

    _say("ready")
    source = sys.stdin.buffer
    while select.select([source], [], [], IDLE_SECONDS)[0]:
        line = source.readline()
        if not line:
            return
        asked = json.loads(line)
        data = source.read(asked["length"])
        _grant()
        try:
            read = read_calendar(
                data,
                own_email=asked["own_email"],
                zone=ZoneInfo(asked["zone"]),
                now=datetime.fromisoformat(asked["now"]),
                aliases=asked["aliases"],
                may_be_empty=asked["may_be_empty"],
            )
        except Invalid as error:
            _say({"refused": error.reasons["calendar"]})
        else:
            meetings = [
                (m.starts_at.isoformat(), m.title, m.emails, m.ends_at and m.ends_at.isoformat())
                for m in read.meetings
            ]
            _say({"meetings": meetings, "unread": read.unread, "named": read.named})


def _grant() -> None:
    """Allow so much processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS, most))


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
