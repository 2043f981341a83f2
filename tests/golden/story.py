"""A story: who sends what to which address, what is answered, and exactly what that changed in the database.

Ids stand by name: people, teams, accounts and contacts by theirs, other rows by their table and the order in which they
came, and what is not stored (a dry run) as <?>. Hashes, codes and secrets stand by the order in which they are seen, so
that a change of one shows. Times are UTC, those of 2026 without the year; `now` is the time of the step.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Flask
from support.cast import NOON, PASSWORD, Browser, Cast, Clock
from support.chat_services import chat_channel
from support.one_by_one import OneByOne
from support.pages import words
from support.tokens import Program, token_of

from feedback.core.asking import address_mark
from feedback.core.dimensions import DIMENSIONS
from feedback.core.links import stop_token
from feedback.db.engine import Database
from feedback.imports.running import run_jobs
from feedback.jobs.daily import run_daily
from feedback.jobs.evidence import run_evidence
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.jobs.settling import settle_due
from feedback.models.encrypted import EncryptedText
from feedback.models.webhook import Event
from feedback.sending.chat import deliver_chat
from feedback.sending.http import HttpReply
from feedback.sending.webhooks import deliver_webhooks
from feedback.sending.worker import ask_about_calendars, deliver_mails, deliver_sign_ups
from feedback.webhooks import subscriptions
from golden.watched import COLUMNS, KEYS, Row, Watched

HERE = Path(__file__).parent
STORIES = HERE / "stories"
PLAYS = sorted(path.stem for path in (HERE / "plays").glob("[a-z]*.py"))
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# What is never the same twice: argon2, hexadecimal hashes, letters of core/tokens, and what secrets.token_urlsafe makes.
SECRET = re.compile(
    r"\$argon2[^\s'\"]+|(?<![\w-])(?:fb[a-z]*_)?(?:(?=[0-9a-f]*[a-f])[0-9a-f]{12,}|[34679CDFGHJKMNPQRTVWXY]{20,}|(?=[\w-]*(?:\d|[a-z][A-Z]+[a-z]+[A-Z]))(?=[\w-]*[A-Z])[\w-]{20,}={0,2})(?![\w-])"
)
SECRETS = {"hash", "secret", "token", "encrypted_token", "public_key", "credential_id", "browser_hash", "network_hash",
           "device_hash", "key_hash", "request_hash", "network", "address_mark", "code", "hint", "pin_hash", "key"}  # fmt: skip
REASON = re.compile(r'<[^>]*role="alert"[^>]*>(.*?)</(?:p|span|div|ul|small|strong)>', re.DOTALL)
SINGULAR = {
    "webhook_deliveries": "delivery",
    "calendar_entries": "entry",
    "activity": "activity",
    "calendar_addresses": "calendar address",
    "mail_stops": "stop",
}
NAMED = ("organisations", "users", "teams", "accounts", "contacts")
SHOWN_ONCE = ("code", "passkey", "proof_code", "mark")
ON_POSTGRESQL = ("again_at",)  # of scoring changes, which are worked out once more there
SIGNS_IN_EVERY = timedelta(days=1)


class Six(list[Any]):
    """What is known of each dimension, in their order."""


class Story:
    """What is played, and what is written down of it."""

    def __init__(self, app: Flask, db: Database, clock: Clock) -> None:
        self.app, self.db, self.clock = app, db, clock
        self.lines: list[str] = []
        self.names: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.used: dict[str, set[str]] = {}  # the actions of the running step, and how each ended
        self.refused: dict[str, None] = {}  # what the actions of the running step said
        self.locked: dict[str, None] = {}  # what the running step locked, in this order
        self.actions: dict[str, Counter[str]] = {}
        self.signed_in: dict[str, datetime] = {}
        self.browsers: dict[str, Browser] = {}
        self.programs: dict[str, Program] = {}
        self.cast = Cast(db, clock)
        self.reply: Any = None
        self.brief = self.weeks = False  # weeks: whether what is frozen is told
        self.watched = Watched(db)

    @property
    def folder(self) -> Path:
        """Return where the worker and pages tell each other how far an import is."""
        instance: Path = self.app.extensions["feedback"].settings.instance
        return instance / "imports"

    # The stage

    def open(self, *, told: bool = False) -> None:
        """Set the usual people up, silently. told: whether a webhook and a channel are told all there is."""
        self.cast.add_organisation("Doughnut Partners", "olive")
        self.cast.add("carol", "manager", "North")
        self.cast.add("alice", "rep", "North")
        self.cast.add("bob", "rep", "South")
        self.cast.add_organisation("Elsewhere Ltd", "mallory")
        if told:
            with self.cast.changing() as c:
                subscriptions.add_webhook(c, self.cast.olive.id, "https://8.8.8.8/", list(Event))
                chat_channel(c, self.cast.olive.id)
        self.silently()

    def silently(self) -> None:
        """Take what was written up to now as known."""
        for table, _, row in self.watched.read():
            self._learn(table, row)
        self.used.clear()

    def browser(self, who: str) -> Browser:
        """Return somebody's browser, signed in; a name that nobody of the cast has is a phone, or a stranger's browser."""
        person, last = self.cast.people.get(who), self.signed_in.get(who, self.clock.now)
        if who not in self.browsers or (person and self.clock.now - last > SIGNS_IN_EVERY):
            browser = self.browsers[who] = Browser(self.app.test_client())
            if person:
                browser.post("/sign-in", {"email": person.email, "password": PASSWORD})
                browser._token = None
                self.silently()
            else:  # a phone, on a network of its own
                number = len(self.browsers)
                mine = {"REMOTE_ADDR": f"192.0.2.{number}", "HTTP_USER_AGENT": f"Phone {number}"}
                browser.client.environ_base |= mine
        if person:
            self.signed_in[who] = self.clock.now
        return self.browsers[who]

    def program(self, who: str) -> Program:
        """Return a program with a token of somebody, which may do all that the person may."""
        if who not in self.programs:
            self.programs[who] = Program(self.app.test_client(), token_of(self.cast, who))
            self.silently()
        return self.programs[who]

    def id(self, name: str) -> UUID:
        """Return the id that stands under a name."""
        found = [key for key, value in self.names.items() if value == name]
        if not found:
            raise KeyError(f"nothing is called {name}")
        return UUID(found[0])

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table as they were after the last step, the oldest first."""
        self.silently()
        found = [dict(zip(COLUMNS[table], row, strict=True)) for row in self.watched.rows[table].values()]
        return sorted(found, key=lambda row: str(row.get("id")))

    def last(self, table: str, number: int = -1) -> str:
        """Return the name of a row, the last one unless told, as it may be sent."""
        return f"<{self.names[str(self.rows(table)[number]['id'])]}>"

    def code(self, number: int = -1) -> str:
        """Return the address behind the code of an invitation, the last one unless told."""
        return f"/f/{self.rows('invitations')[number]['encrypted_token'].text}"

    # What happens

    def scene(self, title: str) -> None:
        """Begin a part."""
        self.lines += ["", f"== {title}"]

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        self.clock.now = moment

    def later(self, **delta: float) -> None:
        """Move the clock."""
        self.clock.forward(**delta)

    def post(self, who: str, path: str, form: Row | None = None, /, **more: Any) -> Any:
        """Send a form as somebody. Names of ids, in <>, may stand in the address and in the form. aside: what it is about."""
        note, options = more.pop("aside", ""), more.pop("options", {})
        sent = {name: self._filled(value) for name, value in {**(form or {}), **more}.items()}
        with self._step(f"{who} POST {self.masked(path)}", sent, note):
            browser = self.browser(who)
            browser._token = None  # the session may be another by now
            self.reply = browser.post(self._filled(path), sent, **options)
        return self.reply

    def api(self, who: str, method: str, path: str, body: Any = None, aside: str = "", **headers: str) -> Any:
        """Send a request to the API as a program of somebody's."""
        told = {**(body or {}), **{f"[{name.replace('_', '-')}]": value for name, value in headers.items()}}
        with self._step(f"{who} {method} /api/v1{self.masked(path)}", told, aside):
            self.reply = self.program(who).ask(method, self._filled(path), self._filled(body), **headers)
        return self.reply

    def tap(self, who: str, path: str, form: Row) -> None:
        """Send what the script of the client's page sends."""
        with self._step(f"{who} POST {self.masked(path)} by script", form, ""):
            self.reply = self.browser(who).client.post(path, data=form, headers={"HX-Request": "true"})

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let something happen without a word about it."""
        lines, used = self.lines, self.actions
        self.lines, self.actions = [], {}
        yield
        self.lines, self.actions = lines, used

    def mcp(self, who: str, tool: str, arguments: Row) -> None:
        """Let an assistant of somebody's use a tool."""
        self.program(who)
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        }
        with self._step(f"{who} POST /mcp", {tool: arguments}, ""):
            program = self.programs[who]
            accepts = {
                "Authorization": f"Bearer {program.token}",
                "Accept": "application/json, text/event-stream",
            }
            self.reply = program.client.post("/mcp", json=call, headers=accepts)

    def mark(self, who: str, path: str) -> str:
        """Return the ETag of what the API shows there."""
        found: str = self.program(who).get(self._filled(path)).headers["ETag"]
        self.silently()
        return found

    def do(self, what: str, action: Callable[[], Any]) -> Any:
        """Do something that no address does: a job, the worker, a command."""
        self.reply = None
        with self._step(what, {}, ""):
            return action()

    def change(self, what: str, action: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Call an action in a change of its own; who is refused is told."""
        self.reply = None
        with self._step(what, {}, ""):
            try:
                with self.cast.changing() as c:
                    action(c, *arguments, **named)
            except Exception as refused:
                self.lines.append(f"  {type(refused).__name__}: {self.masked(str(refused))}")

    def upload(self, who: str, path: str, form: Row, **files: tuple[bytes, str]) -> Any:
        """Send a form with files."""
        sent = form | {name: file for name, (_, file) in files.items()}
        self.browser(who)
        with self._step(f"{who} POST {self.masked(path)}", sent, ""):
            browser = self.browser(who)
            browser._token = None
            data = form | {name: (io.BytesIO(content), file) for name, (content, file) in files.items()}
            self.reply = browser.post(self._filled(path), data, content_type="multipart/form-data")
        return self.reply

    def scoring(self) -> None:
        """Let the worker look at changes of how scores are worked out, until there is nothing to do."""
        self.do(
            "the worker looks at changes of scores",
            lambda: run_scoring_changes(self.db, self.clock, self.folder),
        )

    def asking(self) -> None:
        """Let the worker ask about meetings of calendars by itself."""
        settings = self.app.extensions["feedback"].settings
        self.do("the worker asks by itself", lambda: ask_about_calendars(self.db, settings, self.clock()))

    def evidence(self) -> None:
        """Let the worker work figures of evidence out."""
        self.do("the worker works evidence out", lambda: run_evidence(self.db, self.clock))

    def imports(self) -> None:
        """Let the worker check and import files."""
        self.do("the worker looks at files", lambda: run_jobs(self.db, self.clock, self.folder))

    def settle(self) -> None:
        """Let the worker look for answers that have settled."""
        with self.app.app_context():
            self.do("the worker settles", lambda: settle_due(self.db, self.clock(), "http://localhost"))

    def daily(self) -> None:
        """Let the worker do what is due by the calendar."""
        where = self.cast.olive.organisation_id
        self.do("the worker's daily round", lambda: run_daily(self.db, where, self.clock()))

    def mails(self, fails: Exception | None = None) -> list[str]:
        """Let the worker send mails; return what was sent. fails: what the mail server says to each."""
        sent: list[str] = []

        def send(_settings: Any, message: Any) -> None:
            if fails:
                raise fails
            sent.append(message.get_body(("plain",)).get_content())

        context = self.app.extensions["feedback"]
        with patch("feedback.sending.worker.send", send), self.app.app_context():
            self.do(
                f"the worker sends mails{f', and hears {fails}' if fails else ''}",
                lambda: (
                    deliver_mails(self.db, context.settings, self.clock),
                    deliver_sign_ups(self.db, context.settings, self.clock),
                ),
            )
        return sent

    def messages(self, status: int, words: str = "", **more: Any) -> list[Any]:
        """Let the worker tell webhooks and chat, where everybody answers so; return what was told."""
        told: list[Any] = []

        def post(_target: Any, _addresses: Any, body: bytes, _headers: Any) -> HttpReply:
            told.append(json.loads(body))
            return HttpReply(status, words, words, **more)

        with ExitStack() as stack:
            for room in ("webhooks", "chat"):
                stack.enter_context(patch(f"feedback.sending.{room}.post_once", post))
                stack.enter_context(
                    patch(f"feedback.sending.{room}.addresses_of", lambda _target, private: [])
                )
            stack.enter_context(patch("feedback.sending.rounds.ThreadPoolExecutor", OneByOne))
            self.do(
                f"the worker tells webhooks and chat, who answer {status} {words}".rstrip(),
                lambda: (
                    deliver_webhooks(self.db, False, self.clock),
                    deliver_chat(self.app),
                ),
            )
        return told

    def stop_of(self, email: str) -> str:
        """Return the token that a mail carries, by which an address is not mailed any more."""
        where = self.cast.olive.organisation_id
        return stop_token(self.app.secret_key, where, address_mark(where, email))

    @contextmanager
    def _step(self, line: str, sent: Row, note: str) -> Iterator[None]:
        who = line.split()[0]
        if " /api/v1" in line:
            self.program(who)
        elif " POST " in line:
            self.browser(who)
        six = {name: sent[name] for name in DIMENSIONS if name in sent}
        if len(six) == len(DIMENSIONS):
            rest = {name: value for name, value in sent.items() if name not in six}
            sent = {"six": Six(six.values()), **rest}
        form = "".join(
            f" {name}={self._sent(value, name)}" for name, value in sent.items() if value is not None
        )
        self.lines += [
            "",
            *([f"({note})"] if note else []),
            f"{self.clock.now:%a %d %b %H:%M:%S} {line}{form}",
        ]
        self.reply = None
        self.used.clear()
        self.refused.clear()
        self.locked.clear()
        yield
        changed = [*self.watched.read()]
        for table, _, row in changed:
            self._learn(table, row)
        if self.reply is not None:
            self.lines.append(f"  {self._answered(self.reply)}")
        self.lines += [f"    refused: {self.masked(why)}" for why in self.refused]
        if self.brief:
            many = Counter(
                (table, "~" if old and new else "+" if new else "-") for table, old, new in changed
            )
            told = [f"    {sign} {number} {table}" for (table, sign), number in many.items()]
        else:
            told = self._all_told(changed)
        told = [line for line in told if line]  # without what was rounded otherwise, or encrypted anew
        self.lines += told or ["    nothing changed"]
        self.lines += [f"    locked: {'; '.join(self.locked)}"] if self.locked else []
        for action, ends in self.used.items():
            self.actions.setdefault(action, Counter()).update(
                {"refused" if end == "refused" else "changed" for end in ends if end == "refused" or changed}
            )

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """Write only how many rows changed of each table."""
        self.brief = True
        yield
        self.brief = False

    # How it is written down

    def _all_told(self, changed: list[tuple[str, Row | None, Row | None]]) -> list[str]:
        """Return a line for each row; of weeks that were frozen without a word about them only how many."""
        weeks = [each for each in changed if each[0] in ("weeks", "standings")]
        if not weeks or self.weeks:
            return [self._told(*each) for each in changed]
        many = Counter(table for table, *_ in weeks)
        told = [self._told(*each) for each in changed if each not in weeks]
        return [*told, *(f"    + {number} {table}" for table, number in many.items())]

    def _learn(self, table: str, row: Row | None) -> None:
        key = str(row["id"]) if row and "id" in row else None
        if row is None or key is None or key in self.names:
            return
        if table in NAMED and row["name"]:
            name = re.sub(r"[<>]", "", row["name"])
            name = name if name not in self.names.values() else f"{name}, {table[:-1]}"
        else:
            name = SINGULAR.get(table, table.replace("_", " ").removesuffix("s"))
        self.counts[name] += 1
        number = self.counts[name]
        self.names[key] = name if table in NAMED and number == 1 else f"{name} {number}"

    def _answered(self, reply: Any) -> str:
        """Return the status, where it leads, and what is said when it is refused."""
        text = f"{reply.status_code}"
        if reply.location:
            text += f" {self.masked(reply.location)}"
        if reply.status_code >= 400 or (reply.mimetype == "text/html" and reply.status_code == 200):
            if reply.is_json:
                body = reply.get_json()
                said = [body.get("refused") or body.get("detail") or body.get("title")]
                said += [f"{name}: {why}" for name, why in (body.get("errors") or {}).items()]
            else:
                said = [words(found) for found in REASON.findall(reply.text)] or [
                    words(found) for found in re.findall(r"<h1[^>]*>(.*?)</h1>", reply.text, re.DOTALL)
                ]
            text += "".join(f' "{self.masked(each)}"' for each in said if each)
        elif reply.is_json:
            text += f" {self._briefly(reply.get_json())}"
        return text

    def _told(self, table: str, old: Row | None, new: Row | None) -> str:
        row = new or old or {}
        name = self.names.get(str(row.get("id")))
        key = (
            f"<{name}>"
            if name
            else " ".join(self._shown(row[each], each) for each in KEYS[table] if each != "organisation_id")
        )
        where = row.get("organisation_id")
        elsewhere = self.names.get(str(where), "") not in ("", "Doughnut Partners")
        line = f"{table} {key}{f' of <{self.names[str(where)]}>' if elsewhere else ''}"
        old, new = _six_together(old), _six_together(new)
        if old is not None and new is not None:
            if table == "data_versions":
                return f"    ~ version {new['number']}{' elsewhere' if elsewhere else ''}"
            both = [
                (c, self._shown(old[c], c), self._shown(new[c], c)) for c in new if c not in ON_POSTGRESQL
            ]
            told = [f"{c}: {was} -> {now}" for c, was, now in both if was != now]
            if table == "rep_sums":  # sums, which tests/store/test_rep_sums.py looks at
                told = told and [f"{new['heard']} heard"]
            return f"    ~ {line} {'; '.join(told)}" if told else ""
        skipped = {"organisation_id", *(KEYS[table] if not name else ("id",))}
        if old is not None:  # what it was has been told when it came
            return f"    - {line}"
        told = (
            f"{c}={self._shown(v, c)}"
            for c, v in (new or {}).items()
            if v is not None and c not in skipped and not (c == "created_at" and v == self.clock.now)
        )
        if table == "rep_sums":
            told = (f"{row['heard']} heard" for _ in "1")
        return f"    + {line} {' '.join(told)}"

    def _shown(self, value: Any, column: str = "") -> str:
        if isinstance(value, StrEnum):
            value = value.value
        if isinstance(value, Six):
            return "/".join("-" if each is None else self._shown(each) for each in value)
        if isinstance(value, EncryptedText):
            value = value.text
        if value is None or isinstance(value, bool | int):
            return str(value) if column not in SECRETS or value is None else self._secret(str(value))
        if isinstance(value, float):
            return f"{value:.6g}"
        if isinstance(value, datetime):
            seconds = f"{value:%Y-%m-%dT%H:%M:%S}{f'.{value.microsecond:06}' if value.microsecond else ''}"
            return "now" if value == self.clock.now else seconds.removeprefix(f"{NOON.year}-")
        if isinstance(value, date):
            return f"{value}"
        if isinstance(value, UUID):
            return f"<{self.names.get(str(value), '?')}>"
        if isinstance(value, bytes | memoryview):
            return self._secret(bytes(value).hex())
        if isinstance(value, dict):
            return (
                "{"
                + ", ".join(f"{name}: {self._shown(each, str(name))}" for name, each in value.items())
                + "}"
            )
        if isinstance(value, list | tuple | set | frozenset):
            each_shown = [self._shown(each, column) for each in value]
            return (
                "["
                + ", ".join(sorted(each_shown) if isinstance(value, set | frozenset) else each_shown)
                + "]"
            )
        text = str(value)
        if column in SECRETS and (len(text) >= 10 or column in ("hint", "code")):
            return self._secret(text)
        return repr(self.masked(text)) if not re.fullmatch(r"[\w.@+-]+", text) else self.masked(text)

    def _briefly(self, value: Any) -> str:
        """Return what a program is answered: of lists only how long they are."""
        if not isinstance(value, dict):
            return "" if value is None else self._sent(value, "")
        told = (
            f"{name}: {self._sent([*each] if isinstance(each, list) else each, name)}"
            for name, each in value.items()
            if each is not None
        )
        return "{" + ", ".join(told) + "}"

    def _sent(self, value: Any, name: str) -> str:
        if isinstance(value, Six):
            return self._shown(value)
        if name in SHOWN_ONCE and value not in ("", "{}", "000000", "123456", "wrong"):
            return self._secret(value)
        if isinstance(value, str | list | bytes) and len(value) > 200:
            return f"({len(value)} characters)"
        if isinstance(value, list) and (len(value) > 5 or (value and isinstance(value[0], dict))):
            return f"({len(value)} of them)"
        return self._shown(value, name)

    def _secret(self, text: str) -> str:
        return self.secrets.setdefault(text, f"#{len(self.secrets) + 1}")

    def masked(self, text: str) -> str:
        text = ID.sub(lambda found: f"<{self.names.get(found[0], '?')}>", text)
        return SECRET.sub(lambda found: self._secret(found[0]), text)

    def _filled(self, value: Any) -> Any:
        """Return what is sent, with ids in place of names."""
        if isinstance(value, str):
            return re.sub(r"<([^<>]+)>", lambda found: str(self.id(found[1])), value)
        if isinstance(value, dict):
            return {name: self._filled(each) for name, each in value.items()}
        return [self._filled(each) for each in value] if isinstance(value, list) else value

    def text(self) -> str:
        """Return the story as it is kept."""
        ends = [f"{name}: {', '.join(sorted(ends))}" for name, ends in sorted(self.actions.items()) if ends]
        return "\n".join([*self.lines[1:], "", "== Actions that were used", *ends, ""])


def another(text: str) -> str:
    """Return a code or key like this one that nobody has."""
    return text[:-1] + ("X" if text[-1] != "X" else "Y")


def _six_together(row: Row | None) -> Row | None:
    """Return a row in which the columns of the six dimensions are one, in their order."""
    if row is None:
        return None
    found = {name: value for name, value in row.items() if not name.endswith(DIMENSIONS)}
    for name in row:
        if name.endswith(DIMENSIONS[0]):
            before = name.removesuffix(DIMENSIONS[0])
            six = [row[before + each] for each in DIMENSIONS]
            found[before.strip("_") or "six"] = None if six == [None] * len(DIMENSIONS) else Six(six)
    return found
