"""A request as WSGI describes it (PEP 3333), made from what ASGI says."""

import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
_OWN_NAMES = {"CONTENT_TYPE", "CONTENT_LENGTH"}  # every other header begins with HTTP_

_PROTOCOLS = {"1": "HTTP/1.0", "1.0": "HTTP/1.0"}


def wsgi_environ(scope: dict[str, Any], body: bytes, length: int | None) -> Environ:
    """Return the environ of a request whose body was read.

    length: what CONTENT_LENGTH says, None for a request without a body. It differs from the body's for one that
    is too large: it was not read, and the application refuses it by its length.
    """
    server, port = scope["server"]
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_of(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or ""),
        "SERVER_PROTOCOL": _PROTOCOLS.get(scope["http_version"], "HTTP/1.1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope["client"]:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"][0], str(scope["client"][1])
    _add_headers(environ, scope["headers"])
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def path_of(scope: dict[str, Any]) -> str:
    """Return the path as WSGI writes it: the bytes that were meant, each as a letter of Latin-1."""
    raw: bytes = scope["raw_path"]
    return (unquote_to_bytes(raw) if b"%" in raw else raw).decode("latin-1")


def _add_headers(environ: Environ, headers: list[tuple[bytes, bytes]]) -> None:
    """Headers that came twice are joined. One with an underscore is left out: it could not be told from that
    with a hyphen, which a proxy in front overwrites."""
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").upper()
        if "_" in name:
            continue
        key, value = name.replace("-", "_"), raw_value.decode("latin-1")
        if key not in _OWN_NAMES:
            key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
