"""A rep's own calendar, as Google, Outlook and Apple write it, and as it should not be."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.calendar.event import PlannedMeeting
from feedback.calendar.file import read_calendar
from feedback.calendar.lines import calendar_lines
from feedback.calendar.planned import CalendarReading
from feedback.db.change import Invalid

# What people are promised, by its own number: one that moves in the code is to be noticed.
LARGEST = 30 << 20

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)  # a Wednesday
BEFORE_THE_CLOCKS_CHANGE = datetime(2026, 10, 21, 11, 0, tzinfo=UTC)  # back an hour on Sunday the 25th

GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:PUBLISH
X-WR-CALNAME:alice@example.com
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
DTSTART:20261119T090000Z
DTEND:20261119T100000Z
DTSTAMP:20261101T080000Z
ORGANIZER;CN=Team:mailto:c_1f@group.calendar.google.com
UID:1@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Alice;X-NU
 M-GUESTS=0:mailto:alice@example.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=dana@n
 orthwind.example;X-NUM-GUESTS=0:mailto:Dana@Northwind.example
ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED:mailto:c_9@resource.calendar.google.com
DESCRIPTION:Join: https://meet.example/x\\n\\nSecret notes
LOCATION:Room 5
SUMMARY:Quarterly review\\, Northwind
STATUS:CONFIRMED
BEGIN:VALARM
ACTION:DISPLAY
SUMMARY:Reminder
TRIGGER:-P0DT0H10M0S
END:VALARM
END:VEVENT
END:VCALENDAR
"""
OUTLOOK = """\
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
DTEND;TZID="W. Europe Standard Time":20261119T110000
DTSTART;TZID="W. Europe Standard Time":20261119T100000
ORGANIZER;CN="Dana":mailto:dana@northwind.example
ATTENDEE;CN=Alice;RSVP=TRUE:mailto:alice@example.com
ATTENDEE;CN=Bob;PARTSTAT=DECLINED;RSVP=TRUE:mailto:bob@example.com
SUMMARY;LANGUAGE=de:Quarterly review\\, Northwind
UID:040000008200E00074C5B7101A82E008
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
END:VCALENDAR
"""
APPLE = """\
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 15.0//EN
VERSION:2.0
X-WR-CALNAME:Work
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:MESZ
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:MEZ
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;CN=Alice;CUTYPE=INDIVIDUAL;EMAIL=alice@example.com;PARTSTAT=ACCEPTED;ROLE=CHAIR:/aMTIzNDU2/principal/
ATTENDEE;CN=Dana;CUTYPE=INDIVIDUAL;EMAIL=dana@northwind.example;PARTSTAT=NEEDS-ACTION:mailto:dana@northwind.example
ORGANIZER;CN=Alice;EMAIL=alice@example.com:/aMTIzNDU2/principal/
DTEND;TZID=Europe/Berlin:20261119T110000
DTSTART;TZID=Europe/Berlin:20261119T100000
SUMMARY:Quarterly review\\, Northwind
UID:7F1C2A
END:VEVENT
END:VCALENDAR
"""
ODD_ZONE = """\
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1MO
END:STANDARD
END:VTIMEZONE
"""


def event(start: str, *lines: str, title: str = "Visit", uid: str = "1") -> str:
    return "\n".join(
        ("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART{start}", *lines, "END:VEVENT\n")
    )


def read(
    *parts: str | bytes, now: datetime = NOON, whole: bool = False, since_all: bool = False
) -> list[PlannedMeeting]:
    """What is planned from today on; since_all: with what was planned before."""
    texts = [part.encode() if isinstance(part, str) else part for part in parts]
    data = (
        b"".join(texts) if whole else b"BEGIN:VCALENDAR\nVERSION:2.0\n" + b"".join(texts) + b"END:VCALENDAR\n"
    )
    found = read_calendar(data, own_email="alice@example.com", zone=BERLIN, now=now).meetings
    return [each for each in found if since_all or each.starts_at.astimezone(BERLIN).date() >= now.date()]


def times(*parts: str, **options) -> list[str]:
    """When, in UTC: day and time."""
    return [f"{meeting.starts_at:%d.%m. %H:%M}" for meeting in read(*parts, **options)]


def reason(*parts: str | bytes, whole: bool = False) -> str:
    with pytest.raises(Invalid) as refused:
        read(*parts, whole=whole)
    return refused.value.reasons["calendar"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize(
    ("text", "hour"), [(GOOGLE, 9), (OUTLOOK, 9), (APPLE, 9)], ids=["google", "outlook", "apple"]
)
def test_google_outlook_and_apple_calendars_are_read(text, hour, line_end):
    assert read(text.replace("\n", line_end), whole=True) == [
        PlannedMeeting(
            datetime(2026, 11, 19, hour, tzinfo=UTC),
            "Quarterly review, Northwind",
            ("dana@northwind.example",),
        )
    ]


@pytest.mark.parametrize(
    ("start", "when"),
    [
        (":20261119T100000Z", "19.11. 10:00"),
        (":20261119T100000", "19.11. 09:00"),  # floating: by the organisation's clocks
        (";TZID=Europe/Berlin:20261119T100000", "19.11. 09:00"),
        (";TZID=America/New_York:20261119T100000", "19.11. 15:00"),
        (";TZID=Eastern Standard Time:20261119T100000", "19.11. 15:00"),  # Windows' name, no VTIMEZONE
        (';TZID="India Standard Time";VALUE=DATE-TIME:20261119T100000', "19.11. 04:30"),
        (";TZID=UTC:20261119T100000", "19.11. 10:00"),
        (";TZID=Pacific/Kiritimati:20261118T013000", None),  # already yesterday in Berlin
        (";TZID=Pacific/Kiritimati:20261203T120000", "02.12. 22:00"),  # still the 14th day in Berlin
    ],
)
def test_event_time_uses_its_zone(start, when):
    assert times(event(start), event(":20261120T080000Z", uid="2")) == sorted(
        filter(None, [when, "20.11. 08:00"]), key=lambda text: (text[3:5], text)
    )


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;INTERVAL=0", "FREQ=YEARLY;BYSECOND=0,1"])
def test_zone_with_endless_changes_is_unknown(rule):
    zone = ODD_ZONE.format("+0300").replace("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO", rule)
    assert "could not be read: 'Visit'" in reason(zone, event(";TZID=Customized Time Zone:20261119T120000"))


@pytest.mark.parametrize("offset", ["+0300", "-0500"])
def test_custom_zone_does_not_outlive_its_calendar(offset):
    hour = 12 - int(offset) // 100
    text = ODD_ZONE.format(offset) + event(";TZID=Customized Time Zone:20261119T120000", "RRULE:FREQ=WEEKLY")
    assert times(text) == [f"19.11. {hour:02}:00", f"26.11. {hour:02}:00"]
    assert "could not be read" in reason(event(";TZID=Customized Time Zone:20261119T120000"))


def test_zones_of_one_name_in_several_calendars_stay_apart():
    def calendar(offset, uid):
        start = ";TZID=Customized Time Zone:20261119T120000"
        return f"BEGIN:VCALENDAR\n{event(start, uid=uid)}{ODD_ZONE.format(offset)}END:VCALENDAR\n"

    server = [calendar("+0300", "1"), calendar("-0500", "2"), calendar("+0300", "3"), calendar("-0400", "4")]
    assert times(*server, whole=True) == ["19.11. 09:00", "19.11. 16:00", "19.11. 17:00"]
    assert len(calendar_lines("".join(server).encode(), date(2026, 11, 1), date(2026, 12, 1)).zones) == 3


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("tzone://Microsoft/Custom", "tzone://Microsoft/Custom"),
        ("tzone://Microsoft/Custom", '"tzone://Microsoft/Custom"'),
        ("(UTC-05:00) Bogota\\, Lima", '"(UTC-05:00) Bogota, Lima"'),
        ("(UTC-05:00) Bogota", "(UTC-05:00) Bogota"),
    ],
)
def test_zone_is_known_however_its_name_is_written(named, said):
    zone = ODD_ZONE.format("-0500").replace("Customized Time Zone", named)
    assert times(zone, event(f";TZID={said}:20261119T100000", f"EXDATE;TZID={said}:20261120T100000")) == [
        "19.11. 15:00"
    ]


@pytest.mark.parametrize(
    "name", ["Z", "gmt", "tzone://Microsoft/Utc", '"UTC+00:00"', "Coordinated Universal Time"]
)
def test_utc_is_known_by_its_other_names(name):
    assert times(event(f";TZID={name}:20261119T100000")) == ["19.11. 10:00"]


@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
def test_zone_name_with_vendor_prefix_is_known():
    start = ";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261119T100000"
    assert times(event(start)) == ["19.11. 09:00"]


def test_series_keeps_local_hour_across_clock_change():
    weekly = event(";TZID=Europe/Berlin:20260101T090000", "RRULE:FREQ=WEEKLY")
    assert times(weekly, now=BEFORE_THE_CLOCKS_CHANGE) == ["22.10. 07:00", "29.10. 08:00"]
    outlook = OUTLOOK.replace("20261119T100000", "20260101T090000\nRRULE:FREQ=WEEKLY")
    assert times(outlook, now=BEFORE_THE_CLOCKS_CHANGE, whole=True) == ["22.10. 07:00", "29.10. 08:00"]


def test_clock_change_follows_the_events_country():
    weekly = event(";TZID=America/New_York:20260103T090000", "RRULE:FREQ=DAILY;BYDAY=SA,SU")
    assert times(weekly, now=BEFORE_THE_CLOCKS_CHANGE) == [
        "24.10. 13:00", "25.10. 13:00", "31.10. 13:00", "01.11. 14:00",
    ]  # fmt: skip


WEEKLY = ";TZID=Europe/Berlin:20260106T100000"  # Tuesdays


@pytest.mark.parametrize(
    ("lines", "exceptions", "when"),
    [
        (["RRULE:FREQ=WEEKLY"], [], ["24.11. 09:00", "01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY;BYDAY=TU,FR"], [], ["20.11. 09:00", "24.11. 09:00", "27.11. 09:00", "01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY;INTERVAL=2"], [], ["24.11. 09:00"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261124T090000Z"], [], ["24.11. 09:00"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261124"], [], []),
        (["RRULE:FREQ=WEEKLY;COUNT=48"], [], ["24.11. 09:00", "01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY;COUNT=47"], [], ["24.11. 09:00"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=-1TU"], [], ["24.11. 09:00"]),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"], [], ["30.11. 09:00"]),
        (["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261124T100000"], [], ["01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY", "EXDATE:20261124T090000Z,20261201T090000Z"], [], []),
        (["RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261124"], [], ["01.12. 09:00"]),
        (["RDATE;TZID=Europe/Berlin:20261126T110000"], [], ["26.11. 10:00"]),
        (["RRULE:FREQ=WEEKLY"], [(":20261125T140000Z", [])], ["25.11. 14:00", "01.12. 09:00"]),  # moved a day
        (["RRULE:FREQ=WEEKLY"], [(":20270301T140000Z", [])], ["01.12. 09:00"]),  # moved far away
        (["RRULE:FREQ=WEEKLY"], [(":20261124T090000Z", ["STATUS:CANCELLED"])], ["01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY", "STATUS:CANCELLED"], [], []),
        (["RRULE:FREQ=WEEKLY"], [(";VALUE=DATE:20261124", [])], ["01.12. 09:00"]),
        (["RRULE:FREQ=WEEKLY"], [(":20261124T090000Z", ["ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com"])], ["01.12. 09:00"]),
    ],
)  # fmt: skip
def test_recurring_event_falls_on_its_days(lines, exceptions, when):
    moved = [
        event(start, "RECURRENCE-ID;TZID=Europe/Berlin:20261124T100000", *more, uid="weekly")
        for start, more in exceptions
    ]
    found = times(event(WEEKLY, *lines, uid="weekly"), *moved, event(":20261119T000000Z", uid="always"))
    assert found == ["19.11. 00:00", *when]


def test_moved_day_has_own_title_and_people():
    weekly = event(WEEKLY, "RRULE:FREQ=WEEKLY", "ATTENDEE:mailto:dana@x.example", title="Weekly")
    moved = event(
        ":20261125T140000Z", "RECURRENCE-ID:20261124T090000Z", "ATTENDEE:mailto:eli@x.example", title="Late"
    )
    assert [(m.title, m.emails) for m in read(moved, weekly)] == [
        ("Late", ("eli@x.example",)),
        ("Weekly", ("dana@x.example",)),
    ]


@pytest.mark.parametrize("day", [";VALUE=DATE:20261124", ":20261124"])
def test_moved_day_may_be_named_by_its_day_alone(day):
    weekly = event(WEEKLY, "RRULE:FREQ=WEEKLY")
    moved = event(":20261124T140000Z", f"RECURRENCE-ID{day}", "SEQUENCE:1")
    assert times(moved, weekly) == times(weekly, moved) == ["24.11. 14:00", "01.12. 09:00"]


def test_exception_without_its_series_is_read():
    assert times(event(":20261125T140000Z", "RECURRENCE-ID:20261124T090000Z")) == ["25.11. 14:00"]


@pytest.mark.parametrize(
    "lines",
    [
        [":20261119T090000Z", "STATUS:CANCELLED"],
        [":20261119T090000Z", "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Alice@Example.com"],
        [":20261119T090000Z", "CLASS:PRIVATE"],
        [":20261119T090000Z", "CLASS:CONFIDENTIAL"],
        [":20261119T090000Z", "STATUS: cancelled "],
        [":20261119T090000Z", "STATUS:CANCELED"],
        [":20261119T090000Z", "ATTENDEE;PARTSTAT=DELEGATED:mailto:alice@example.com"],
        [";VALUE=DATE:20261119"],
        [";VALUE=DATE:20261101", "RRULE:FREQ=DAILY"],
        [":20261103T220000Z"],
        [":20261202T230000Z"],
    ],
    ids=[
        "cancelled",
        "declined",
        "private",
        "confidential",
        "cancelled in small letters",
        "canceled",
        "delegated",
        "all day",
        "all day, daily",
        "15 days ago",
        "in 15 days",
    ],
)
def test_unusable_event_is_left_out(lines):
    assert reason(event(*lines)).startswith("There is no meeting in it for the coming 14 days.")


@pytest.mark.parametrize(
    "title",
    [
        "Canceled: Review",
        "Abgesagt: Review",
        "Annulé : Review",
        "已取消：Review",
        "Zrušeno: Review",
        "Lemondva: Review",
        "İptal Edildi: Review",
        "Avbokat: Review",
    ],
)
def test_meeting_that_was_called_off_in_its_title_is_left_out(title):
    called_off = event(":20261119T090000Z", title=title, uid="off")
    assert [m.title for m in read(called_off, event(":20261119T090000Z", title="Abgesagt? Review"))] == [
        "Abgesagt? Review"
    ]


def test_two_weeks_before_are_kept_in_mind():
    days = (":20261103T230000Z", ":20261117T090000Z", ":20261119T090000Z")
    planned = [event(day, uid=str(n)) for n, day in enumerate(days)]
    assert len(read(*planned, since_all=True)) == 3


@pytest.mark.parametrize("when", [":20261117T230000Z", ":20261202T225959Z"])
def test_today_and_14th_day_are_included(when):
    assert len(read(event(when))) == 1


@pytest.mark.parametrize(
    ("person", "emails"),
    [
        ("ATTENDEE:mailto:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE:MAILTO:Dana@X.example", ("dana@x.example",)),
        ('ATTENDEE;CN="Whitfield, Dana: COO":mailto:dana@x.example', ("dana@x.example",)),
        ("ATTENDEE:mailto:dana%2Bwork@x.example", ("dana+work@x.example",)),
        ("ORGANIZER:mailto:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:dana@x.example", ()),
        ('ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:eli@x.example":mailto:dana@x.example', ()),
        ("ATTENDEE;CUTYPE=ROOM:mailto:room5@x.example", ()),
        ("ATTENDEE:mailto:alice@example.com", ()),
        ("ATTENDEE:invalid:nomail", ()),
        ('ATTENDEE;CN="Dana "Dee" Whitfield":mailto:dana@x.example', ("dana@x.example",)),
        ("ATTENDEE;CN=Whitfield;Dana:mailto:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE;CN=Dana: purchasing;PARTSTAT=ACCEPTED:mailto:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE;CN='dana@x.example':mailto:'dana@x.example'", ("dana@x.example",)),
        ("ATTENDEE;CN=Dana:mailto:<dana@x.example>", ("dana@x.example",)),
        ("ATTENDEE:MAILTO:Dana Whitfield <dana@x.example>", ("dana@x.example",)),
        ("ATTENDEE;CN=Dana:mailto:mailto:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE;CN=Dana:mailto:dana@x.example?subject=Re: Hello", ("dana@x.example",)),
        ("ATTENDEE;CN=Dana:dana@x.example", ("dana@x.example",)),
        ("ATTENDEE;CN=dana@x.example:invalid:nomail", ("dana@x.example",)),
        ("ATTENDEE;PARTSTAT=declined;CN=Dana: x:mailto:dana@x.example", ()),
        ("ATTENDEE:mailto:two people@x.example", ()),
        ("ATTENDEE:mailto:d.o'hara@x.example", ("d.o'hara@x.example",)),
        ("ATTENDEE:mailto:d.o%27hara@x.example", ("d.o'hara@x.example",)),
        ("ATTENDEE:mailto:Dana@xn--mller-kva.example", ("dana@müller.example",)),
        ("ATTENDEE:mailto:dana@mu\u0308ller.example", ("dana@müller.example",)),
        ("ATTENDEE:mailto:dana@straße.example", ("dana@straße.example",)),
        ("ATTENDEE:mailto:dana@xn--.example", ("dana@xn--.example",)),
        ("ATTENDEE:mailto:dana@x.example.", ("dana@x.example",)),
        ("ATTENDEE:https://cal.example/principals/dana@x.example/", ()),
        ("ATTENDEE;ROLE=ATTENDEE;STATUS=DECLINED:Dana <dana@x.example>", ()),
        ("ATTENDEE:mailto:dana@x.example\nATTENDEE:mailto:dana@x.example", ("dana@x.example",)),
    ],
)
def test_attendees_are_known_by_address(person, emails):
    assert read(event(":20261119T090000Z", person))[0].emails == emails


def test_long_attendee_list_is_cut():
    people = [f"ATTENDEE:mailto:somebody.{n}@northwind.example" for n in range(500)]
    assert len(" ".join(read(event(":20261119T090000Z", *people))[0].emails)) <= 4000


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Tea\\, cake\\; talk\\nnotes", "Tea, cake; talk notes"),
        ("", ""),
        ("t" * 300, "t" * 199 + "…"),
        ("Ä🍩", "Ä🍩"),
    ],
)
def test_title_is_one_short_line(title, kept):
    assert read(event(":20261119T090000Z", title=title))[0].title == kept


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "There is nothing in it."),
        (b" \n ", "There is nothing in it."),
        (b"Dear Alice, see you on Thursday", "This is not a calendar."),
        (b"<html>BEGIN:VCALENDAR</html>", "This is not a calendar."),
        (bytes(range(256)) * 40, "This is not a calendar."),
        (b"PK\x03\x04" + bytes(100), "This is a .zip."),
        (b"/etc/passwd", "This is not a calendar."),
        (b"BEGIN:VCALENDAR", "This calendar stops in the middle."),
        (GOOGLE[: len(GOOGLE) // 2].encode(), "This calendar stops in the middle."),
        (b"BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR", "This calendar is broken"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 9000, "This calendar is broken"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "There is no meeting in it for the coming 14 days."),
        (GOOGLE.encode() + b" " * LARGEST, "This calendar is larger than 30 MB."),
    ],
)  # fmt: skip
def test_file_that_is_no_calendar_is_refused(data, why):
    assert reason(data, whole=True).startswith(why)


def reading(*parts: str, **options):
    text = "BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(parts) + "END:VCALENDAR\n"
    return read_calendar(text.encode(), own_email="alice@example.com", zone=BERLIN, now=NOON, **options)


def test_event_in_unknown_zone_is_named_and_costs_no_other():
    good = event(":20261119T090000Z", uid="good")
    for name in (
        "Mars/Olympus Mons",
        "../../etc/passwd",
        "/etc/passwd",
        "Customized Time Zone",
        '"tzone://Microsoft/Custom"',
    ):
        found = reading(
            good, event(f";TZID={name}:20260105T090000", "RRULE:FREQ=DAILY", title="Landing", uid="z")
        )
        assert ([m.title for m in found.meetings], found.unread, found.named) == (["Visit"], 1, ("Landing",))
    private = event(
        ";TZID=W. Europe Standard Time 1:20260105T100000", "RRULE:FREQ=DAILY", "CLASS:PRIVATE", uid="z"
    )
    assert (reading(good, private).unread, reading(good, private).named) == (1, ("",))
    long_over = event(";TZID=Customized Time Zone:20190304T100000", "RRULE:FREQ=WEEKLY;COUNT=5", uid="z")
    assert reading(good, long_over).unread == 0


def test_broken_moved_day_leaves_its_series():
    series = event(":20261117T090000Z", "RRULE:FREQ=DAILY;COUNT=4", title="Daily")
    found = reading(series, event(":banana", "RECURRENCE-ID:20261118T090000Z", title="Moved"))
    assert (len(found.meetings), found.named) == (4, ("Moved",))


def test_private_event_that_cannot_be_read_stays_unnamed():
    found = reading(
        event(":banana", "CLASS:CONFIDENTIAL", title="Doctor"),
        event(":banana", uid="2"),
        event(":20261119T090000Z", uid="3"),
    )
    assert (found.unread, found.named) == (2, ("Visit", ""))


def test_moved_day_of_a_private_series_stays_unnamed():
    series = event(":20261117T090000Z", "RRULE:FREQ=DAILY;COUNT=4", "CLASS:PRIVATE", title="Doctor")
    moved = event(":banana", "RECURRENCE-ID:20261118T090000Z", title="Doctor")
    found = reading(series, moved, event(":20261119T090000Z", uid="2"))
    assert (found.unread, found.named) == (1, ("",))


def test_invitations_that_a_server_keeps_are_its_calendar():
    kept = [
        f"BEGIN:VCALENDAR\nMETHOD:REQUEST\n{event(f':202611{day}T090000Z', uid=day)}END:VCALENDAR\n"
        for day in ("19", "20")
    ]
    assert times(*kept, whole=True) == ["19.11. 09:00", "20.11. 09:00"]
    nameless = event(":20261119T090000Z") + event(":20261120T090000Z")
    assert len(times("METHOD:REQUEST\n", nameless.replace("UID:1\n", ""))) == 2


def test_message_about_one_meeting_is_no_calendar():
    one = event(":20261119T090000Z")
    for method, why in (
        ("CANCEL", "cancels one meeting"),
        ("REPLY", "a reply"),
        ("REQUEST", "one invitation"),
    ):
        assert why in reason(f"METHOD:{method}\n", one)
        assert why in reason(one, f"METHOD:{method}\n")
    assert (
        len(read("METHOD:REQUEST\n", one, event(":20261120T090000Z", uid="2"))) == 2
    )  # a whole calendar, oddly labelled
    cancelled = f"BEGIN:VCALENDAR\nMETHOD:CANCEL\n{one}END:VCALENDAR\n"
    beside = f"BEGIN:VCALENDAR\n{event(':20261120T090000Z', uid='2')}END:VCALENDAR\n"
    assert times(cancelled, beside, whole=True) == ["20.11. 09:00"]


def test_letters_survive_folds_and_other_encodings():
    text = (
        "BEGIN:VCALENDAR\r\n"
        + event(":20261119T090000Z", title="Gespräch über Verträge, Zoë").replace("\n", "\r\n")
        + "END:VCALENDAR\r\n"
    )
    plain = text.encode()
    at = plain.index("ä".encode()) + 1
    titles = {
        read(data, whole=True)[0].title
        for data in (
            plain,
            plain[:at] + b"\r\n " + plain[at:],  # inside of a letter
            plain[:at] + b"\r\r\n\t" + plain[at:],
            plain.replace(b"\r\n", b"\r\r\n"),
            b"\xef\xbb\xbf" + plain,
            text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-16-be"),
            text.encode("cp1252"),
            plain.replace(b"UID:1", b"X-NOTE:caf\xe9\r\nUID:1\r\nDESCRIPTION:caf\xe9"),
        )
    }  # fmt: skip
    assert titles == {"Gespräch über Verträge, Zoë"}


def test_floating_time_is_in_the_calendars_own_zone():
    floating, fixed = event(":20261119T100000"), event(":20261119T100000Z", uid="2")
    for zone, hour in (("America/New_York", 15), ("Eastern Standard Time", 15), ("Mars", 9)):
        assert times(f"X-WR-TIMEZONE:{zone}\n", floating, fixed) == sorted(
            (f"19.11. {hour:02}:00", "19.11. 10:00")
        )
        assert times(floating, fixed, f"X-WR-TIMEZONE:{zone}\n") == sorted(
            (f"19.11. {hour:02}:00", "19.11. 10:00")
        )
    series = event(":20261117T100000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261119T100000")
    assert times("X-WR-TIMEZONE:America/New_York\n", series) == ["18.11. 15:00"]


def test_whole_day_with_times_is_left_out():
    meeting, zone = event(":20261120T080000Z", uid="2"), ";TZID=Europe/Berlin"
    for whole in (
        event(f"{zone}:20261119T000000", f"DTEND{zone}:20261120T000000"),
        event(f"{zone}:20261118T000000", f"DTEND{zone}:20261121T000000"),
        event(":20261118T220000Z", "DTEND:20261119T220000Z", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"),
        event(":20261118T230000Z", "DTEND:20261119T230000Z"),
    ):
        assert times(whole, meeting) == ["20.11. 08:00"]
    midnight = event(
        f"{zone}:20261119T000000", f"DTEND{zone}:20261119T010000", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE"
    )
    assert len(read(midnight, meeting)) == 2


def test_meeting_ends_when_its_calendar_says():
    for lines, minutes in (
        (["DTEND:20261119T093000Z"], 30),
        (["DURATION:PT45M"], 45),
        (["DTEND;TZID=Europe/Berlin:20261119T113000"], 90),
    ):
        assert read(event(":20261119T090000Z", *lines))[0].ends_at == datetime(
            2026, 11, 19, 9, tzinfo=UTC
        ) + timedelta(minutes=minutes)
    for lines in ([], ["DTEND:banana"], ["DTEND:20261119T080000Z"]):
        assert read(event(":20261119T090000Z", *lines))[0].ends_at is None


def test_own_other_addresses_are_no_attendees():
    people = (
        "ORGANIZER:mailto:sales@example.com",
        "ATTENDEE:mailto:dana@x.example",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com",
    )
    assert reading(event(":20261119T090000Z", *people), may_be_empty=True).meetings == []
    found = reading(event(":20261119T090000Z", *people), aliases=["sales@example.com"])
    assert [m.emails for m in found.meetings] == [("dana@x.example",)]


def test_own_address_is_known_however_its_domain_is_written():
    invited = event(":20261119T090000Z", "ATTENDEE:mailto:a@xn--mller-kva.example").encode()
    data = b"BEGIN:VCALENDAR\nVERSION:2.0\n" + invited + b"END:VCALENDAR\n"
    for own in ("a@müller.example", "a@xn--mller-kva.example"):
        assert read_calendar(data, own_email=own, zone=BERLIN, now=NOON).meetings[0].emails == ()


def test_calendar_may_be_empty_where_it_is_subscribed_to():
    assert reading(may_be_empty=True) == CalendarReading([], 0)


@pytest.mark.parametrize(
    "broken",
    [
        event(":banana", uid="2"),
        event(":20261340T990000Z", uid="2"),
        event(":00010101T000000", "RRULE:FREQ=YEARLY", uid="2"),
        event(":20261119T090000Z", "RRULE:FREQ=SOMETIMES", uid="2"),
        event(":20261119T090000Z", "RRULE:D1 #0", uid="2"),
        event(":20261119T090000Z", "EXDATE:never", "RRULE:FREQ=DAILY", uid="2"),
        event(":20261119T090000Z", "RECURRENCE-ID:once", uid="2"),
        event(":16010101T000000Z", "RRULE:FREQ=SECONDLY", uid="2"),
        event(":20261119T090000Z", "RRULE:FREQ=DAILY;BYSECOND=0,1,2,3,4,5", uid="2"),
        event(":20261101T090000Z", "RRULE:FREQ=WEEKLY;INTERVAL=0", uid="2"),  # dateutil would never return
        event(":20261101T090000Z", "RRULE:FREQ=DAILY;INTERVAL=-1", uid="2"),
        "BEGIN:VEVENT\nUID:2\nEND:VEVENT\n",
        "BEGIN:VEVENT\nno colon here\n:::\n=\nEND:VEVENT\n",
        "BEGIN:VTIMEZONE\nTZID:X\nEND:VTIMEZONE\n" + event(":banana;TZID=X", uid="2"),
    ],
)
def test_unreadable_event_spares_the_others(broken):
    assert "18.11. 16:00" in times(broken, event(":20261118T160000Z"))


def test_unreadable_events_alone_are_counted():
    assert reason(event(":banana")).endswith("1 event could not be read: 'Visit'.")


@pytest.mark.parametrize(
    "line",
    [
        "BEGIN:VTODO\nSUMMARY:Call\nDUE:20261119T090000Z\nEND:VTODO\n",
        "BEGIN:VFREEBUSY\nEND:VFREEBUSY\n",
        "X-APPLE:1\n",
    ],
)
def test_non_event_component_is_skipped(line):
    assert times(line, event(":20261119T090000Z"), line) == ["19.11. 09:00"]


def test_pasted_calendars_are_read_as_one():
    assert times("\n\n ", GOOGLE, "\n", APPLE.replace("T100000", "T150000"), whole=True) == [
        "19.11. 09:00",
        "19.11. 14:00",
    ]


def test_lines_of_a_text_that_was_not_folded_cost_nothing():
    text = "DESCRIPTION:Hello\nBegin: ten o'clock\nEND of message\nend:\na\0b"
    assert times(event(":20261119T090000Z", text)) == ["19.11. 09:00"]
    assert times(GOOGLE + "\0\0", whole=True) == ["19.11. 09:00"]


def vcalendar(head: str, text: str) -> str:
    lines = ("BEGIN:VEVENT", "DTSTART:20261119T090000Z", f"SUMMARY;{head}:{text}", "END:VEVENT", "")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8", "Gespr=C3=A4ch,=\n mit=20=\nDana"),
        ("CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE", "Gespr=E4ch, =\nmit Dana"),
        ("QUOTED-PRINTABLE;CHARSET=UTF-8", "Gespr=C3=A4ch,=0D=0Amit Dana"),
    ],
)
def test_title_of_vcalendar_is_read(head, text):
    for end in ("\n", "\r\n", "\r"):
        found = read(vcalendar(head, text).replace("\n", end), event(":20261119T100000Z"))
        assert [m.title for m in found] == ["Gespräch, mit Dana", "Visit"]


def test_title_in_an_encoding_that_nobody_knows_is_left_as_it_is():
    assert read(vcalendar("QUOTED-PRINTABLE;CHARSET=X", "a=20b"))[0].title == "a=20b"


@pytest.mark.parametrize("rule", ["RRULE:W1 TU #0", "EXRULE:FREQ=WEEKLY;BYDAY=SA\nRRULE:FREQ=DAILY"])
def test_series_that_is_not_known_is_named(rule):
    found = reading(event(":20261110T090000Z", rule, title="Weekly"), event(":20261119T090000Z", uid="2"))
    assert ([m.title for m in found.meetings], found.named) == (["Visit"], ("Weekly",))


@pytest.mark.parametrize(
    "start",
    [
        ":2026-11-19T09:00:00Z", ":20261119T0900Z", ":2026-11-19T09:00:00.000Z", ":20261119t090000z", ": 20261119T090000Z ",
        ";TZID=Europe/Berlin:2026-11-19 10:00:00", ":2026-11-19T10:00",
    ],
)  # fmt: skip
def test_time_is_read_as_booking_pages_write_it(start):
    assert times(event(start)) == ["19.11. 09:00"]


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=DAILY; COUNT=3 "], ["RRULE: freq=daily;count=3;"], ["RRULE:RSCALE=GREGORIAN;FREQ=DAILY;COUNT=3;X-A=1"],
        ["RRULE:FREQ=DAILY;UNTIL=;COUNT=3"], ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:"],
        ["RRULE:FREQ=DAILY;UNTIL=2026-11-21T09:00:00Z"], ["RRULE:freq=daily;until=20261121t090000z"], ["RRULE:FREQ=DAILY;UNTIL=2026-11-22"],
        ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin;VALUE=DATE:20261122,20261123"],
        ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE:2026-11-22T09:00:00Z,2026-11-23T09:00Z"],
        ["RDATE:2026-11-20T09:00:00Z,20261121T090000Z"], ["RDATE;VALUE=PERIOD:20261120T090000Z/PT1H,20261121T090000Z/20261121T100000Z"],
        ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261122T090000Z,"], ["RRULE:FREQ=DAILY;COUNT=3", "RDATE:"],
    ],
)  # fmt: skip
def test_rule_with_a_space_or_nothing_in_it_is_read(lines):
    assert times(event(":20261119T090000Z", *lines)) == ["19.11. 09:00", "20.11. 09:00", "21.11. 09:00"]


def test_latin1_title_is_read():
    assert read(event(":20261119T090000Z", title="Frühstück").encode("latin-1"))[0].title == "Frühstück"


def test_events_without_uid_stay_separate():
    two = event(":20261119T090000Z") + event(":20261120T090000Z")
    assert len(read(two.replace("UID:1\n", ""))) == 2


def test_5000_events_are_read_quickly():
    days = (date(2013, 1, 1) + timedelta(days=n) for n in range(5000))
    past = "".join(event(f":{day:%Y%m%d}T090000Z", uid=f"{n}@x") for n, day in enumerate(days))
    series = [
        event(":20240102T090000Z", "RRULE:FREQ=WEEKLY", uid=f"weekly {n}", title=f"{n}") for n in range(20)
    ]
    begun = time.monotonic()
    assert len(read(past, *series, event(":20261119T090000Z"))) == 2 * 20 + 1
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=9999999", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]
)
def test_endless_repeats_are_refused(rule, monkeypatch):
    monkeypatch.setattr("feedback.calendar.file.TIME_LIMIT", 0.5)
    endless = [event(":16010101T090000Z", f"RRULE:{rule}", uid=f"{n}") for n in range(2000)]
    assert reason(*endless).startswith("This calendar repeats too much to be read.")


def test_over_1000_meetings_are_refused():
    many = "".join(event(":20261119T090000Z", uid=f"{n}", title=f"{n}") for n in range(1001))
    assert reason(many).startswith("More than 1,000 meetings in 14 days")
