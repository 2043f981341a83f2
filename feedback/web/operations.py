"""Health checks for operators, what robots and researchers look for, and what installs the app on a phone: service
worker, offline page, manifest."""

import hashlib
import re
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from feedback import __version__
from feedback.context import app_context
from feedback.core.health import HealthAnswer, answer_to_us, asked_by_us
from feedback.instance import WORKER, done_at
from feedback.migrations import at_head, unknown_revision
from feedback.web.assets import static_url
from feedback.web.context import db, now
from feedback.web.metrics import metrics_text

pages = Blueprint("operations", __name__)
WORKER_SILENT = timedelta(minutes=5)
# What a proxy adds to a request that it passes on.
PROXIED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
           "HTTP_VIA")  # fmt: skip
_THIS_MACHINE = re.compile(
    r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?"
)  # no name that a page could have chosen
SECURITY_TEXT_HOLDS = timedelta(days=90)  # after it was read
# The static files that the service worker keeps.
SHELL = (
    "css/base.css", "css/app.css", "js/htmx.js", "js/app.js", "js/kept.js", "js/without-network.js", "js/offline.js",
    "img/doughnut.svg",
)  # fmt: skip


@pages.get("/healthz")
def alive() -> Response:
    """Tell that the process answers; and to ourselves, who we are (core/health.py)."""
    key = app_context().settings.secret_key
    nonce = asked_by_us(key, request.args.get("check", ""))
    return _text(answer_to_us(key, _seen(nonce)) if nonce else "ok", 200)


def _seen(nonce: str) -> HealthAnswer:
    """Return how this request came, after the proxies in front."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return HealthAnswer(
        nonce=nonce,
        version=__version__,
        base_url=app_context().settings.base_url,
        scheme=request.scheme,
        host=request.host,
        proxies=len([each for each in forwarded.split(",") if each.strip()]),
        trusted_proxies=app_context().settings.trusted_proxies,
    )


@pages.get("/readyz")
def ready() -> Response:
    """Tell whether the database can be reached and has every migration, and whether the worker takes its turns where
    one should run here; 503 if not. One that a newer version has migrated will do: what this one asks of it is still
    there (CONTRIBUTING, a migration only adds)."""
    try:
        if not at_head(db()) and not unknown_revision(db()):
            return _text("migrations are missing: run `feedback migrate`", 503)
    except SQLAlchemyError:
        return _text("the database cannot be reached", 503)
    heard = done_at(app_context().settings.instance, WORKER)
    if heard and now() - heard > WORKER_SILENT:
        return _text("the worker has not been heard of for five minutes", 503)
    return _text("ok", 200)


@pages.get("/metrics")
def metrics() -> Response:
    """Return the figures for Prometheus: to this machine itself, and to whoever has the token; 404 for others."""
    if not (_asked_by_this_machine() or _has_metrics_token()):
        abort(404)
    response = make_response(metrics_text(db(), app_context().settings, now()))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return response


def _asked_by_this_machine() -> bool:
    """Tell whether a request came from this machine itself, without a proxy in between."""
    if any(name in request.environ for name in PROXIED):
        return False
    try:
        here = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return here and _THIS_MACHINE.fullmatch(request.host) is not None


def _has_metrics_token() -> bool:
    wanted = app_context().settings.metrics_token
    given = request.authorization
    if wanted is None or given is None or given.type != "bearer":
        return False
    return compare_digest((given.token or "").encode(), wanted.encode())


@pages.get("/service-worker.js")
def service_worker() -> Response:
    """Return the service worker, which keeps the static files and the page without a network on the rep's phone. Its
    version changes with any of them."""
    kept = [static_url(name) for name in SHELL]
    holds = "".join(kept) + render_template("operations/offline.html")
    version = hashlib.sha256(holds.encode()).hexdigest()[:12]
    words = render_template(
        "operations/service-worker.js", version=version, kept=kept, offline=url_for("operations.offline")
    )
    response = make_response(words)
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/offline")
def offline() -> Response:
    return make_response(render_template("operations/offline.html"))


@pages.get("/app.webmanifest")
def manifest() -> Response:
    """Return the web app manifest, with which a phone can put the app on its home screen."""
    icons = [
        {"src": static_url(f"img/doughnut-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]  # fmt: skip
    response = make_response(
        {
            "name": "Beyond Doughnuts",
            "short_name": "Doughnuts",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#fffaf4",
            "theme_color": "#fffaf4",
            "icons": icons,
        }
    )
    response.mimetype = "application/manifest+json"
    return response


@pages.get("/robots.txt")
def robots() -> Response:
    """Ask search engines to read nothing."""
    return _text("User-agent: *\nDisallow: /", 200)


@pages.get("/.well-known/security.txt")
def security() -> Response:
    """Say where a weakness can be reported (RFC 9116); 404 where nobody is named."""
    settings = app_context().settings
    if settings.security_contact is None:
        abort(404)
    expires = (now() + SECURITY_TEXT_HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {settings.security_contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}"]
    if settings.base_url:
        lines.append(f"Canonical: {settings.base_url}{url_for('operations.security')}")
    return _text("\n".join([*lines, "Preferred-Languages: en"]), 200)


def _text(words: str, status: int) -> Response:
    response = make_response(words + "\n", status)
    response.mimetype = "text/plain"
    return response
