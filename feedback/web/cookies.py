"""The signed cookie of a browser in which somebody signs in."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class Cookies(SecureCookieSessionInterface):
    """Flask's cookie, looked into only where there is one. Clients have none, and to prepare its signature took as
    long as to look a client's page up."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the request's cookie holds; nothing without a cookie or with a forged one."""
        if self.get_cookie_name(app) not in request.cookies:
            return SecureCookieSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what was changed, where anything was looked at or changed."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)
