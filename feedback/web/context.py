"""The context of a request: the database, the time, and the signed-in user."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g, redirect, request, session, url_for
from sqlmodel import Session

from feedback.actions.change import change, tap
from feedback.actions.sessions import begin_session, end_session, lock_session, note_seen, session_hash
from feedback.context import app_context
from feedback.core.access import Forbidden, NotFound, Role
from feedback.core.audit import AuditKind
from feedback.core.sessions import device_label, is_due
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.store import people
from feedback.store.people import SignedIn, Viewer
from feedback.web.htmx import redirect_to, wants_partial
from feedback.web.origin import network_mark
from feedback.web.request_log import note_organisation

# Where somebody goes who has to set a second factor up before anything else.
SETS_UP = frozenset(
    {"second_factor.show", "second_factor.update", "passkeys.show", "passkeys.update", "passkeys.new_options"}
)
P = ParamSpec("P")
R = TypeVar("R")


def db() -> Database:
    """Return the app's database."""
    return app_context().db


def now() -> datetime:
    """Return the time by the app's clock, aware."""
    return app_context().clock()


def changing() -> AbstractContextManager[Change]:
    """Open a change on the signed-in person's organisation."""
    return change(db(), current_user().organisation_id, now())


def read_session() -> Session:
    """Return this request's session for reading; it is closed when the request ends."""
    if "reading" not in g:
        g.reading = db().reading()
    return cast(Session, g.reading)


def close_read_session(_error: BaseException | None = None) -> None:
    """Close this request's session for reading, if it was opened."""
    opened = g.pop("reading", None)
    if opened is not None:
        opened.close()


def base_url() -> str:
    """Return the public address of the app, without a slash at the end. Where it is not set it is the address that
    the browser used, whose host was found to be a plain one (web/hosts.py): good for codes, never for mails."""
    return app_context().settings.base_url or request.host_url.rstrip("/")


def mails_from() -> str | None:
    """Return the public address that mails carry; None where none can be sent: without a mail server, or without a
    public address."""
    settings = app_context().settings
    return settings.base_url if settings.smtp_url else None


def viewer() -> Viewer | None:
    """Return the signed-in user, None when nobody is. Looked up once per request."""
    if "viewer" not in g:
        g.viewer = _signed_in()
    return cast(Viewer | None, g.viewer)


def current_user() -> Viewer:
    """Return the signed-in user, in a view that needs one. Raises Forbidden when nobody is signed in."""
    found = viewer()
    if found is None:
        raise Forbidden("nobody is signed in")
    return found


def current_session() -> UUID:
    """Return the id of this browser's session, in a view that needs somebody signed in. Raises Forbidden."""
    return current_sign_in().session_id


def current_sign_in() -> SignedIn:
    """Return who is signed in and how, in a view that needs somebody signed in. Raises Forbidden."""
    current_user()
    found: SignedIn = g.signed_in
    return found


def zone() -> ZoneInfo:
    """Return the organisation's time zone."""
    return ZoneInfo(current_user().timezone)


def today() -> date:
    """Return the organisation's date."""
    return now().astimezone(zone()).date()


def start_session(
    organisation_id: UUID,
    user_id: UUID,
    others: Iterable[tuple[UUID, UUID]] = (),
    also: Callable[[Change], None] | None = None,
    *,
    second_factor: bool = False,
) -> None:
    """Sign a user in, in this browser; who was signed in here before is signed out. others: organisation and user of the
    same person, as the same password proved; they get sessions of their own, to switch to. also: what is written with
    it. second_factor: one was shown."""
    leave_session()
    session["organisation"] = str(organisation_id)
    session["secret"] = _begin(organisation_id, user_id, also=also, second_factor=second_factor)
    session["others"] = {str(where): _begin(where, who) for where, who in others}
    session.permanent = True


def other_organisations() -> list[Viewer]:
    """Return who this person is in other organisations to which this browser can switch: where the session that began
    with the same sign-in still runs. The same address alone proves nothing: any owner can invite it."""
    return sorted((each.viewer for each in _signed_in_elsewhere()), key=lambda each: each.organisation)


def _signed_in_elsewhere() -> list[SignedIn]:
    others: dict[str, str] = session.get("others", {})
    signed = (
        people.signed_in(read_session(), UUID(where), session_hash(secret), now())
        for where, secret in others.items()
    )
    return [each for each in signed if each]


def organisations_to_switch_to() -> list[Viewer]:
    """Return other_organisations for the head of the page; looked up once per request, and only in a browser that signed
    in to several."""
    if "to_switch_to" not in g:
        g.to_switch_to = other_organisations() if session.get("others") else []
    return cast(list[Viewer], g.to_switch_to)


def switch_session(organisation_id: UUID) -> None:
    """Go on in another organisation of the same person, by a new session. Raises NotFound unless that person may still
    sign in there, and the session with which they did still runs."""
    signed = (each for each in _signed_in_elsewhere() if each.viewer.organisation_id == organisation_id)
    found = next(signed, None)
    here = _cookie()
    if found is None or here is None:
        raise NotFound("organisation")
    others: dict[str, str] = session["others"]
    with tap(db(), organisation_id, now()) as c:
        end_session(c, others[str(organisation_id)])
    secret = _begin(
        organisation_id, found.viewer.id, AuditKind.SWITCHED, proved=False, second_factor=found.second_factor
    )
    left = {where: old for where, old in others.items() if where != str(organisation_id)}
    session.clear()
    session["organisation"], session["secret"] = str(organisation_id), secret
    session["others"] = {**left, str(here[0]): here[1]}
    session.permanent = True
    g.pop("signed_in", None)
    g.pop("viewer", None)


def _begin(
    organisation_id: UUID,
    user_id: UUID,
    told: AuditKind = AuditKind.SIGNED_IN,
    *,
    proved: bool = True,
    second_factor: bool = False,
    also: Callable[[Change], None] | None = None,
) -> str:
    with tap(db(), organisation_id, now()) as c:
        if also:
            also(c)
        device = device_label(request.user_agent.string)
        network = network_mark(organisation_id)
        return begin_session(c, user_id, device, network, told, proved=proved, second_factor=second_factor)


def leave_session(told: AuditKind | None = None, about_id: UUID | None = None) -> None:
    """Sign out of this browser. The session ends on the server, so that a copy of the cookie is of no use either.
    told: what the audit log says of it, if somebody is signed in."""
    known, who = _cookie() or locked_here(), viewer() if told else None
    if known:
        with tap(db(), known[0], now()) as c:
            end_session(c, known[1])
            if who and told:
                c.audit(who.id, told, about_id or who.id, network=network_mark(who.organisation_id))
    for where, secret in session.get("others", {}).items():
        with tap(db(), UUID(where), now()) as c:
            end_session(c, secret)
    session.clear()
    g.pop("signed_in", None)
    g.pop("viewer", None)


def lock_here(token: str, invitation_id: UUID, pin_hash: Callable[[str], str]) -> None:
    """Lock this browser's session: from now on it shows the client's page of an invitation. pin_hash: makes what is
    stored of the PIN, from the session's secret."""
    known, who = _cookie(), current_user()
    if known is None:
        raise Forbidden("nobody is signed in")
    organisation_id, secret = known
    with tap(db(), organisation_id, now()) as c:
        lock_session(c, secret, pin_hash(secret))
        c.audit(who.id, AuditKind.HANDED_OVER, invitation_id, network=network_mark(organisation_id))
    session.clear()
    session["handed_over"], session["organisation"], session["locked"] = token, str(organisation_id), secret
    session.permanent = True
    g.pop("signed_in", None)
    g.pop("viewer", None)


def locked_here() -> tuple[UUID, str] | None:
    """Return organisation and secret of this browser's locked session; None without one."""
    return _session_of("locked")


def unlock_here() -> None:
    """Let this browser's locked session sign its person in again."""
    known = locked_here()
    session.clear()
    if known:
        session["organisation"], session["secret"] = str(known[0]), known[1]
        session.permanent = True


def signed_in(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator for views that need a signed-in user of one of these roles (of any, when none is
    named)."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            who = viewer()
            if who is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else None
                address = url_for("auth.sign_in", next=back)
                return cast(R, redirect_to(address) if wants_partial() else redirect(address))
            if roles and who.role not in roles:
                raise Forbidden(who.role)
            if current_sign_in().lacks_second_factor and request.endpoint not in SETS_UP:
                return cast(R, redirect_to(url_for("second_factor.show")))
            _note_seen()
            return view(*args, **kwargs)

        return guarded

    return guard


login_required = signed_in()
rep_required = signed_in(Role.REP)
manager_required = signed_in(Role.MANAGER, Role.OWNER)
owner_required = signed_in(Role.OWNER)


def safe_next(target: str | None) -> str | None:
    """Return the address to redirect to if it is one of this app, else None.

    Browsers read a backslash as a slash and skip tabs and line ends, so none of these may be in it.
    """
    if not target or not re.fullmatch(r"/(?!/)[^\\\x00-\x20]*", target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _signed_in() -> Viewer | None:
    known = _cookie()
    if known is None:
        return None
    found = people.signed_in(read_session(), known[0], session_hash(known[1]), now())
    g.signed_in = found
    if found:
        note_organisation(request.environ, known[0])
    return found.viewer if found else None


def _cookie() -> tuple[UUID, str] | None:
    """Return organisation and secret of the session's cookie; None when it carries no session."""
    return _session_of("secret")


def _session_of(name: str) -> tuple[UUID, str] | None:
    try:
        return UUID(session["organisation"]), str(session[name])
    except (KeyError, ValueError):
        return None


def _note_seen() -> None:
    """Write down that the session is used, every some minutes; only pages for signed-in people come here."""
    found: SignedIn | None = g.get("signed_in")
    if found and is_due(found.seen_at, now()):
        note_seen(db(), found.viewer.organisation_id, found.session_id, now())
