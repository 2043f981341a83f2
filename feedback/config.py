"""Settings from the environment, read once at the start. A wrong value ends the start with one clear line."""

import logging
import os
import re
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from feedback.core.tokens import new_random

SET_UP_CODE = "set-up-code"  # the file in the instance folder
log = logging.getLogger("feedback.config")


class ConfigError(Exception):
    """Raised when a setting is wrong; the message is one line for the person who set it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, as VARIABLES explains them."""

    instance: Path
    database_url: str
    secret_key: str
    old_secret_keys: tuple[str, ...] = ()  # what was encrypted with them can still be read
    hsts: str = "host"  # or "subdomains": browsers come back with TLS only to the hosts below ours, too
    base_url: str | None = None  # None: codes carry the address that the browser used; mails carry no links
    smtp_url: str | None = None  # None: no mail is sent
    mail_from: str | None = None
    redis_url: str | None = None  # None: rate limits are counted in each process
    sign_up: str = "closed"  # or "open"
    trusted_proxies: int = 0
    security_contact: str | None = (
        None  # where to report a weakness: mailto:… or https://…; None: nowhere is said
    )
    private_webhooks: bool = False  # whether webhooks may lead into our own network
    metrics_token: str | None = None  # None: /metrics answers this machine alone
    backup_dir: Path | None = None  # where the worker puts a backup a day; None: it makes none
    log: str = "off"  # json or text: a line for each request

    @property
    def has_tls(self) -> bool:
        """Whether the public address begins with https://."""
        return bool(self.base_url and self.base_url.startswith("https://"))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what the database's secrets are encrypted with, the first, and read with, all."""
        return (self.secret_key, *self.old_secret_keys)


# (name, default in words, purpose). README's table is this list, and a test compares them.
VARIABLES = (
    ("FEEDBACK_DATABASE_URL", "SQLite in the instance folder", "where the data lives: sqlite:///… or postgresql://…"),
    ("FEEDBACK_INSTANCE", "instance/", "the folder for the database, the secret key and prepared static files"),
    ("FEEDBACK_SECRET_KEY", "made once, kept in the instance folder", "signs sessions, encrypts secrets in the database; 32 characters or more"),
    ("FEEDBACK_OLD_SECRET_KEYS", "none", "keys of before, with commas between: what they encrypted can still be read"),
    ("FEEDBACK_BASE_URL", "the address the browser used", "what codes and mails carry, like https://feedback.example; other hosts are refused"),
    ("FEEDBACK_HSTS", "host", "subdomains also asks for TLS on every host below this one, whatever serves it; with https:// above"),
    ("FEEDBACK_SMTP_URL", "no mail", "mail server, smtp://user:password@host:587 or smtps://…"),
    ("FEEDBACK_MAIL_FROM", "none", "the sender of mails; needed with FEEDBACK_SMTP_URL"),
    ("FEEDBACK_REDIS_URL", "counted in each process", "shared limits of requests for several processes, redis://…"),
    ("FEEDBACK_SIGN_UP", "closed", "open lets anyone make an organisation of their own"),
    ("FEEDBACK_TRUSTED_PROXIES", "0", "how many proxies in front may say who the visitor is"),
    ("FEEDBACK_SECURITY_CONTACT", "none", "where to report a weakness, an e-mail or https:// address; for security.txt"),
    ("FEEDBACK_PRIVATE_WEBHOOKS", "refused", "allowed lets webhooks lead into your own network, and be http://"),
    ("FEEDBACK_METRICS_TOKEN", "none", "who sends it as a bearer token may read /metrics from elsewhere; 16 characters or more"),
    ("FEEDBACK_API_TOKEN", "none", "the token of `feedback mcp`; no other command reads it"),
    ("FEEDBACK_BACKUP_DIR", "no backups", "a folder that is there, and this server's alone: the worker puts a backup into it each day"),
    ("FEEDBACK_LOG", "json; text on a terminal", "how the log is written: json or text"),
)  # fmt: skip


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environment` (os.environ by default). Makes the instance folder and the secret
    key when they are missing, and takes other people's rights from what is there. Raises ConfigError for any value
    that cannot be used."""
    os.umask(0o077)  # what this process makes from now on is for its own user: the database and its -wal, too
    env = os.environ if environment is None else environment
    known = {name for name, _, _ in VARIABLES}
    for name in env:
        if name.startswith("FEEDBACK_") and name not in known:
            raise ConfigError(
                f"{name} is no setting of ours; did you mean one of {', '.join(sorted(known))}?"
            )
    instance = _folder(env.get("FEEDBACK_INSTANCE", "").strip() or "instance")
    smtp_url = _url(env, "FEEDBACK_SMTP_URL", ("smtp", "smtps"))
    mail_from = env.get("FEEDBACK_MAIL_FROM", "").strip() or None
    if smtp_url and not (mail_from and "@" in mail_from):
        raise ConfigError("FEEDBACK_MAIL_FROM must be an e-mail address when FEEDBACK_SMTP_URL is set")
    database_url, secret_key = _database_url(env, instance), _secret_key(env, instance)
    _keep_private(instance, database_url)
    return Settings(
        instance=instance,
        database_url=database_url,
        secret_key=secret_key,
        old_secret_keys=_old_secret_keys(env),
        hsts=_choice(env, "FEEDBACK_HSTS", ("host", "subdomains")),
        base_url=_base_url(env),
        smtp_url=smtp_url,
        mail_from=mail_from,
        redis_url=_url(env, "FEEDBACK_REDIS_URL", ("redis", "rediss", "unix")),
        sign_up=_choice(env, "FEEDBACK_SIGN_UP", ("closed", "open")),
        trusted_proxies=_count(env, "FEEDBACK_TRUSTED_PROXIES"),
        security_contact=_security_contact(env),
        private_webhooks=_choice(env, "FEEDBACK_PRIVATE_WEBHOOKS", ("refused", "allowed")) == "allowed",
        metrics_token=_metrics_token(env),
        backup_dir=_backup_dir(env),
        log=_choice(env, "FEEDBACK_LOG", ("text", "json") if _on_terminal() else ("json", "text")),
    )


def _folder(text: str) -> Path:
    path = Path(text).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"FEEDBACK_INSTANCE: cannot make the folder {path} ({error.strerror})") from error
    if not os.access(path, os.W_OK):
        raise ConfigError(f"FEEDBACK_INSTANCE: cannot write to the folder {path}")
    return path


def _backup_dir(env: Mapping[str, str]) -> Path | None:
    """Return the folder for backups. It is not made: where a disk is not mounted, they would fill another one. Nor does
    its absence end the start: `feedback doctor` tells of it."""
    text = env.get("FEEDBACK_BACKUP_DIR", "").strip()
    if text and not Path(text).is_absolute():
        raise ConfigError("FEEDBACK_BACKUP_DIR must be a whole path, like /backups/feedback")
    return Path(text) if text else None


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    text = env.get("FEEDBACK_DATABASE_URL", "").strip() or f"sqlite:///{instance / 'feedback.sqlite3'}"
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError(
            "FEEDBACK_DATABASE_URL is not a database address (sqlite:///… or postgresql://…)"
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(
            f"FEEDBACK_DATABASE_URL: {url.get_backend_name()} is not supported; use SQLite or PostgreSQL"
        )
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _secret_key(env: Mapping[str, str], instance: Path) -> str:
    """Return the key of the environment, else the one in the instance folder, which is made on the first
    start."""
    given = env.get("FEEDBACK_SECRET_KEY", "").strip()
    if given:
        if len(given) < 32:
            raise ConfigError("FEEDBACK_SECRET_KEY is too short: at least 32 characters")
        return given
    path = instance / "secret-key"
    key = _made_once(path, secrets.token_urlsafe(48))
    if len(key) < 32:
        raise ConfigError(
            f"{path} holds no usable key; remove it to have one made (signed-in people sign in again)"
        )
    return key


def _old_secret_keys(env: Mapping[str, str]) -> tuple[str, ...]:
    keys = [key.strip() for key in env.get("FEEDBACK_OLD_SECRET_KEYS", "").split(",")]
    found = tuple(key for key in keys if key)
    if any(len(key) < 32 for key in found):
        raise ConfigError("FEEDBACK_OLD_SECRET_KEYS: each has at least 32 characters, with commas between")
    return found


def set_up_code(settings: Settings) -> str:
    """Return the code that /set-up asks for while there is no organisation, so that the first who finds a new server
    does not own it. It is made once, and kept in the instance folder, where every process finds the same."""
    return _made_once(settings.instance / SET_UP_CODE, "-".join(re.findall("....", new_random(12))))


def forget_set_up_code(settings: Settings) -> None:
    """Delete the code: there is an organisation now."""
    (settings.instance / SET_UP_CODE).unlink(missing_ok=True)


def _made_once(path: Path, content: str) -> str:
    """Write a private file unless it is there; return what is in it."""
    try:
        # O_EXCL: of several processes that start at once, one writes it and the others read it.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
    except FileExistsError:
        pass
    return path.read_text().strip()


def _keep_private(instance: Path, database_url: str) -> None:
    """Take away what rights others have to the folder, the files in it, and an SQLite database elsewhere. What
    belongs to another user cannot be changed, and is warned of."""
    url = make_url(database_url)
    database = Path(url.database).absolute() if url.get_backend_name() == "sqlite" and url.database else None
    beside = (
        [database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-writers")]
        if database
        else []
    )
    for path in {instance, *(file for file in instance.iterdir() if file.is_file()), *beside}:
        try:
            mode = path.stat().st_mode
            if mode & 0o077:
                path.chmod(stat.S_IMODE(mode) & 0o700)
        except FileNotFoundError:
            continue  # not made yet, or a -wal that is gone by now
        except PermissionError:
            log.warning("others may have rights to %s, and they cannot be taken away", path)


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    text = env.get(name, "").strip()
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise ConfigError(f"{name} must begin with {' or '.join(s + '://' for s in schemes)}")
    return text


def _base_url(env: Mapping[str, str]) -> str | None:
    """Return our public address without a slash at the end: scheme, host and port, and nothing else."""
    text = _url(env, "FEEDBACK_BASE_URL", ("http", "https"))
    if text and not re.fullmatch(
        r"https?://[a-zA-Z0-9_.-]+(:[0-9]+)?/?|https?://\[[0-9a-fA-F:.]+\](:[0-9]+)?/?", text
    ):
        raise ConfigError(
            "FEEDBACK_BASE_URL must be like https://feedback.example: a host, and nothing after it"
        )
    return text.rstrip("/") if text else None


def _security_contact(env: Mapping[str, str]) -> str | None:
    """Return the address for reports as a URI."""
    text = env.get("FEEDBACK_SECURITY_CONTACT", "").strip()
    if not text or re.fullmatch(r"https://[^\s/]+\S*", text):
        return text or None
    bare = text.removeprefix("mailto:")
    if not re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", bare):
        raise ConfigError("FEEDBACK_SECURITY_CONTACT must be an e-mail address, or begin with https://")
    return f"mailto:{bare}"


def _metrics_token(env: Mapping[str, str]) -> str | None:
    text = env.get("FEEDBACK_METRICS_TOKEN", "").strip()
    if text and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", text):
        raise ConfigError(
            "FEEDBACK_METRICS_TOKEN must have 16 to 200 letters, figures and any of . _ ~ + / = -"
        )
    return text or None


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = env.get(name, "").strip() or choices[0]
    if text not in choices:
        raise ConfigError(f"{name} must be {' or '.join(choices)}, not {text!r}")
    return text


def _count(env: Mapping[str, str], name: str) -> int:
    text = env.get(name, "").strip() or "0"
    if not text.isascii() or not text.isdigit() or int(text) > 10:
        raise ConfigError(f"{name} must be a number from 0 to 10, not {text!r}")
    return int(text)
