"""The events of a CalDAV server (RFC 4791), asked by the caldav library; every one of its requests goes to checked IP
addresses only, and all of them share one budget."""

import logging
from datetime import datetime
from typing import Any, cast
from urllib.parse import urljoin

from feedback.core.calendar.faults import CalendarFault
from feedback.sending.fetching import MOST_REDIRECTS, Budget, Unfetched
from feedback.sending.fetching import request as send

MOST_CALENDARS = 10  # of one person that are read

_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_KIND = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>'
)
# Only what falls into the time, as it is stored: what recurs is expanded here, and not by each server in its own way.
_EVENTS = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-data/></d:prop>'
    '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
    '<c:time-range start="{begins}" end="{ends}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>'
)


def caldav_events(
    url: str, user_name: str, password: str, between: tuple[datetime, datetime], budget: Budget
) -> bytes:
    """Return the events between two moments as calendars one after another: of the calendar at this address, else of all
    that the person has on its server. Raises Unfetched."""
    from caldav import DAVClient
    from caldav.lib import error as caldav_errors

    for name in ("caldav", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they log holds addresses
    client = DAVClient(url, username=user_name or None, password=password or None)
    client.session.trust_env, client.session.max_redirects = False, MOST_REDIRECTS
    for scheme in ("https://", "http://"):
        client.session.mount(scheme, _adapter(budget))
    try:
        return _all_events(client, url, between)
    except Unfetched:
        raise
    except caldav_errors.AuthorizationError as error:
        raise Unfetched(CalendarFault.SIGN_IN) from error
    except caldav_errors.NotFoundError as error:
        raise Unfetched(CalendarFault.GONE) from error
    except Exception as error:  # a library at work on what anybody may answer
        raise Unfetched(CalendarFault.SERVER) from error
    finally:
        client.close()


def _all_events(client: Any, url: str, between: tuple[datetime, datetime]) -> bytes:
    begins, ends = (f"{moment:%Y%m%dT%H%M%SZ}" for moment in between)
    asked = _EVENTS.format(begins=begins, ends=ends)
    if _is_calendar(client, url):
        found = [url]
    else:
        found = [str(each.url) for each in client.principal().calendars()][:MOST_CALENDARS]
    if not found:
        raise Unfetched(CalendarFault.GONE)
    return b"\r\n".join(_events(client, urljoin(url, each), asked) for each in found)


def _is_calendar(client: Any, url: str) -> bool:
    reply = client.propfind(url, _KIND, depth=0)
    _check(reply.status)
    return reply.tree is not None and next(reply.tree.iter(f"{_CALDAV}calendar"), None) is not None


def _events(client: Any, url: str, asked: str) -> bytes:
    reply = client.report(url, asked, depth=1)
    _check(reply.status)
    if reply.tree is None:
        raise Unfetched(CalendarFault.CALENDAR)
    return "\r\n".join(found.text or "" for found in reply.tree.iter(f"{_CALDAV}calendar-data")).encode()


def _check(status: int) -> None:
    if status in (401, 403):
        raise Unfetched(CalendarFault.SIGN_IN)
    if status in (404, 410):
        raise Unfetched(CalendarFault.GONE)
    if status not in (200, 207):
        raise Unfetched(CalendarFault.SERVER)


def _adapter(budget: Budget) -> Any:
    """Return what requests hands its requests to, in place of its own connections. Redirects come here one by one."""
    from requests import PreparedRequest, Response
    from requests.adapters import BaseAdapter
    from requests.structures import CaseInsensitiveDict

    class CheckedAdapter(BaseAdapter):
        def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
            headers = {str(name): _plain(value) for name, value in request.headers.items()}
            found = send(
                request.method or "GET",
                request.url or "",
                {**headers, "Accept-Encoding": "gzip"},
                request.body.encode() if isinstance(request.body, str) else cast(bytes | None, request.body),
                budget,
            )
            reply: Any = Response()
            reply.status_code, reply.headers = found.status, CaseInsensitiveDict(found.headers)
            reply.headers.pop("content-encoding", None)  # unpacked
            reply._content, reply._content_consumed = found.body, True
            reply.url, reply.request, reply.connection = request.url, request, self
            reply.reason, reply.encoding = "", "utf-8"
            return cast(Response, reply)

        def close(self) -> None:
            """There is nothing to be closed: each request has a connection of its own."""

    return CheckedAdapter()


def _plain(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
