"""Which uploads are read at all, told before a byte of the body is: whoever never signed in gets a form's worth."""

from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie

from flask import Flask
from itsdangerous import BadSignature

from feedback.web.bodies import LARGEST_FORM, UPLOADS, largest_body
from feedback.web.cookies import Cookies

Headers = Sequence[tuple[bytes, bytes]]


def largest_body_of(app: Flask) -> Callable[[str, str, Headers], int]:
    """Return what tells how many bytes a request's body may have: those of a form where a file is taken, unless the
    request brings the cookie of somebody who signed in. It is looked into without the database; whether that session
    goes on is asked when the request is here."""

    def largest(method: str, path: str, headers: Headers) -> int:
        usual = largest_body(method, path)
        return min(usual, LARGEST_FORM) if path in UPLOADS and not _signed_in(app, headers) else usual

    return largest


def _signed_in(app: Flask, headers: Headers) -> bool:
    serializer = Cookies().get_signing_serializer(app)
    name, lasts = app.config["SESSION_COOKIE_NAME"], int(app.permanent_session_lifetime.total_seconds())
    for key, value in headers:
        if key == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(name)
                if found and serializer and "secret" in serializer.loads(found.value, max_age=lasts):
                    return True
            except (BadSignature, CookieError, TypeError):
                continue
    return False
