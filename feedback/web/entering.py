"""The last steps of each way of signing in: the second factor, where one is asked for, and then the session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, current_app, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from feedback.actions.sessions import tell_new_device
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.one_time_codes import REMEMBERED_FOR
from feedback.core.password_links import mark_of
from feedback.store.credentials import Credentials, one_credentials
from feedback.store.providers import ProviderView, provider
from feedback.store.second_factor import SecondFactor, second_factor
from feedback.web.context import mails_from, now, read_session, safe_next, start_session
from feedback.web.htmx import redirect_to, render
from feedback.web.sign_in_limits import is_known_device, remember_device

WAITS_FOR = timedelta(minutes=10)  # after the first step, for the second


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has shown the first of two things."""

    who: Credentials
    others: Sequence[Credentials]
    next: str


def enter(
    who: Credentials,
    others: Iterable[Credentials] = (),
    *,
    strong: bool = False,
    by_provider: bool = False,
    target: str | None = None,
) -> Response:
    """Sign a person in who has shown who they are, or ask for the second factor first; or say that their organisation
    signs in by its provider alone. others: who the same person is in other organisations, as shown by the same. strong:
    what was shown is as good as two. target: where to go on; else as the address says."""
    if not by_provider and (instead := _provider_instead(who)):
        return render("auth/by_provider.html", status=403, provider=instead, next=request.args.get("next"))
    found = second_factor(read_session(), who.organisation_id, who.user_id)
    proven = [each for each in others if not _is_asked(each) and not _provider_instead(each)]
    target = target or safe_next(request.args.get("next")) or "/"
    if not strong and _is_asked(who, found):
        session["waiting"] = [
            *_ids(who), mark_of(who.password_hash), now().isoformat(), [_ids(each) for each in proven]
        ]  # fmt: skip
        return redirect_to(url_for("codes.ask", next=target))
    return finish(Waiting(who, proven, target), second=strong or found.id is not None)


def finish(waiting: Waiting, *, second: bool) -> Response:
    """Begin the session, tell the person of a browser that was not known, and go on to where they wanted to be.
    second: a second factor was shown, now or lately on this device."""
    who, told = waiting.who, mails_from() if not is_known_device(waiting.who.email) else None
    start_session(
        who.organisation_id,
        who.user_id,
        [(each.organisation_id, each.user_id) for each in waiting.others],
        also=lambda c: tell_new_device(c, who.user_id, who.email, told),
        second_factor=second,
    )
    response = redirect_to(waiting.next)
    remember_device(response, who.email)
    return response


def waiting_here() -> Waiting | None:
    """Return who has shown the first of two things in this browser; None for nobody, or when it was too long ago, or the
    password is another by now."""
    try:
        organisation, user, mark, since, others = session["waiting"]
        who = one_credentials(read_session(), UUID(organisation), UUID(user))
        proven = [one_credentials(read_session(), UUID(where), UUID(each)) for where, each in others]
    except (KeyError, ValueError, TypeError, NotFound):
        return None
    if mark != mark_of(who.password_hash) or now() - datetime.fromisoformat(since) >= WAITS_FOR:
        return None
    return Waiting(who, proven, safe_next(request.args.get("next")) or "/")


def trust_device(response: Response, who: Credentials) -> None:
    """Ask for no code in this browser for 30 days."""
    found = second_factor(read_session(), who.organisation_id, who.user_id)
    if found.id is None:
        return
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([found.id.hex, mark_of(who.password_hash), now().isoformat()]),
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _provider_instead(who: Credentials) -> ProviderView | None:
    """Return the provider by which alone somebody signs in; None where other ways are open, as to the keeper."""
    found = provider(read_session(), who.organisation_id)
    return found if found and found.only and found.keeper_id != who.user_id else None


def _is_asked(who: Credentials, found: SecondFactor | None = None) -> bool:
    found = found or second_factor(read_session(), who.organisation_id, who.user_id)
    if found.id is None:
        return found.passkeys > 0 and who.role in who.second_factor_for
    return not _is_trusted(who, found)


def _is_trusted(who: Credentials, found: SecondFactor) -> bool:
    """Tell whether a code was shown in this browser lately: for this secret and password, and since other devices were
    last signed out."""
    try:
        secret_id, mark, since = _signer().loads(request.cookies.get(_cookie_name(), ""))
        at = datetime.fromisoformat(since)
    except (BadSignature, ValueError, TypeError):
        return False
    fits = found.id is not None and secret_id == found.id.hex and mark == mark_of(who.password_hash)
    fresh = found.trusts_since is not None and at >= found.trusts_since
    return fits and fresh and now() - at < REMEMBERED_FOR


def _ids(who: Credentials) -> list[str]:
    return [who.organisation_id.hex, who.user_id.hex]


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME'].removesuffix('session')}trusted"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(app_context().settings.secret_key, salt="trusted device")
