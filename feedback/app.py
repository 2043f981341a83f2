"""The application factory: extensions, blueprints, headers, error pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from feedback.api import assistants
from feedback.api import blueprint as api
from feedback.charts.weeks import draw_weeks
from feedback.config import Settings, read_settings
from feedback.context import AppContext
from feedback.core.sessions import LONGEST
from feedback.db.engine import Database
from feedback.web import (
    accounts,
    alerts,
    answers,
    asked,
    asking,
    assets,
    audit,
    auth,
    calendar,
    calendar_address,
    chat,
    client,
    clients,
    coaching,
    codes,
    corrections,
    erasing,
    errors,
    evidence,
    exports,
    hand_over_clients,
    handing_over,
    imports,
    join,
    leaderboard,
    look,
    mail_links,
    meetings,
    mirrors,
    new_client,
    new_meeting,
    operations,
    outcomes,
    passkeys,
    passwords,
    people,
    practices,
    processing,
    promises,
    providers,
    relationships,
    reps,
    rooms,
    second_factor,
    settings_asking,
    settings_look,
    settings_scores,
    settings_sign_in,
    settings_words,
    sign_up,
    start,
    status,
    stop,
    teams,
    today,
    tokens,
    webhooks,
    without_network,
)
from feedback.web import settings as settings_pages
from feedback.web.again import PatientFlask
from feedback.web.bodies import LARGEST_FORM, refuse_other_bodies
from feedback.web.context import close_read_session, organisations_to_switch_to, viewer
from feedback.web.cookies import Cookies
from feedback.web.counters import MemoryCounters
from feedback.web.first_view import BR_LEVEL, BR_WINDOW, FirstView
from feedback.web.headers import add_file_headers, page_headers, transport_policy
from feedback.web.hosts import refuse_other_hosts
from feedback.web.htmx import htmx
from feedback.web.language import choose_language
from feedback.web.page_templates import install_page_templates
from feedback.web.request_log import observed
from feedback.web.routing import QuickRule
from feedback.web.short_way import ShortWay
from feedback.web.turns import refuse_while_busy
from feedback.wording import filters, i18n

_HERE = Path(__file__).parent
# A wheel has templates and static files inside the package; the repository has them at its root.
RESOURCES = _HERE if (_HERE / "templates").is_dir() else _HERE.parent


BLUEPRINTS = (
    accounts.pages,
    alerts.pages,
    answers.pages,
    asked.pages,
    api.docs,
    api.pages,
    asking.pages,
    assistants.pages,
    audit.pages,
    auth.pages,
    calendar.pages,
    calendar_address.pages,
    client.pages,
    clients.pages,
    coaching.pages,
    codes.pages,
    corrections.pages,
    erasing.pages,
    evidence.pages,
    exports.pages,
    hand_over_clients.pages,
    handing_over.pages,
    imports.pages,
    join.pages,
    leaderboard.pages,
    look.pages,
    mail_links.pages,
    meetings.pages,
    mirrors.pages,
    new_client.pages,
    new_meeting.pages,
    operations.pages,
    outcomes.pages,
    passkeys.pages,
    passwords.pages,
    people.pages,
    practices.pages,
    processing.pages,
    promises.pages,
    providers.pages,
    relationships.pages,
    reps.pages,
    rooms.pages,
    second_factor.pages,
    teams.pages,
    sign_up.pages,
    start.pages,
    status.pages,
    stop.pages,
    today.pages,
    tokens.pages,
    webhooks.pages,
    chat.pages,
    without_network.pages,
    settings_pages.pages,
    settings_look.pages,
    settings_asking.pages,
    settings_scores.pages,
    settings_sign_in.pages,
    settings_words.pages,
)


def create_app(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Flask:
    """Make the application. Settings come from the environment unless given; `clock` returns the time, aware.

    Raises ConfigError for a wrong setting.
    """
    settings = settings or read_settings()
    app = PatientFlask(__name__, static_folder=None, template_folder=str(RESOURCES / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        SESSION_REFRESH_EACH_REQUEST=False,  # no page but sign-in sets a cookie
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.has_tls,
        SESSION_COOKIE_NAME="__Host-session"
        if settings.has_tls
        else "session",  # so named, no other host can set it
        PERMANENT_SESSION_LIFETIME=LONGEST,
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open for hours; its token is valid as long as the session
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=BR_LEVEL,
        COMPRESS_BR_WINDOW=BR_WINDOW,
        COMPRESS_MIMETYPES=["text/html", "text/csv"],
    )
    app.url_rule_class = QuickRule
    app.url_map.redirect_defaults = False  # a QR code has capitals, which must not cost a redirect
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install_page_templates(app)
    static = assets.prepare(RESOURCES / "static", settings.instance / "static")
    app.extensions["feedback"] = AppContext(
        database or Database(settings.database_url, settings.keys), settings, clock
    )
    app.extensions["assets"] = static
    app.extensions["limits"] = FixedWindowRateLimiter(
        storage_from_string(settings.redis_url) if settings.redis_url else MemoryCounters()
    )
    app.session_interface = Cookies()
    app.jinja_env.globals.update(
        static=static.url,
        inline=static.inline,
        viewer=viewer,
        organisations_to_switch_to=organisations_to_switch_to,
    )

    app.url_value_preprocessor(refuse_while_busy)  # before everything
    app.before_request(refuse_other_hosts)  # before everything that reads a form or a cookie
    csrf = CSRFProtect(app)
    htmx.init_app(app)
    Compress(app)
    i18n.install_translations(app)
    filters.install_filters(app)
    app.jinja_env.filters["weeks_picture"] = draw_weeks
    look.install_look(app)
    errors.install_error_pages(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(client.pages)  # access is by the address, not by a cookie
    csrf.exempt(rooms.pages)  # likewise
    csrf.exempt(stop.pages)  # likewise
    csrf.exempt(api.pages)  # by a token in a header
    csrf.exempt(assistants.pages)  # likewise
    app.before_request(refuse_other_bodies)
    app.before_request(choose_language)
    app.teardown_appcontext(close_read_session)
    app.after_request(page_headers(transport_policy(settings)))
    _serve_static(app, static, transport_policy(settings))
    app.wsgi_app = ShortWay(app, FirstView(app, app.wsgi_app))  # type: ignore[method-assign]  # how Flask documents it
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how Flask documents it
    app.wsgi_app = observed(app.wsgi_app, settings.log, proxied=bool(settings.trusted_proxies))  # type: ignore[method-assign, assignment]  # the outermost
    return app


def _serve_static(app: Flask, static: assets.Assets, transport: str | None) -> None:
    noise = WhiteNoise(
        app.wsgi_app,
        max_age=3600,
        allow_all_origins=False,
        add_headers_function=add_file_headers(transport),
        immutable_file_test=lambda _path, url: bool(assets.FINGERPRINTED.match(url)),
    )
    for url in static.urls.values():
        noise.add_file_to_dictionary(url, str(static.folder / url.removeprefix("/static/")))
    for url, name in assets.ICONS.items():
        noise.add_file_to_dictionary(url, str(static.folder / static.url(name).removeprefix("/static/")))
    app.wsgi_app = noise  # type: ignore[method-assign]  # how Flask documents it
