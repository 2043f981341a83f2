"""Nonsense to every address, as everybody, in every kind of body: never a failure of ours, never a token in the log,
never a cookie for a client. A fixed seed draws one combination for each address; `make test-long` draws many."""

import io
import json
import random
import re

import pytest
from support.cast import Browser
from support.pages import NOBODY

from web.test_get_never_writes import everything  # noqa: F401 (a fixture)

SEED = 2020
DEEP = "[" * 5000 + "]" * 5000
TEXTS = (
    "", " ", "[1]", "\0", "a\0b", "-1", "0", "99999999999999999999", "1e400", "NaN", "١", "５", "1.5", "x" * 5000, "\ud800",
    "\U0010ffff\u202e", "{{7*7}}", "%s%n", "'; --", "\r\nSet-Cookie: a=1", DEEP, NOBODY, f"{{{NOBODY}}}", "not-a-uuid",
    "00000000-0000-0000-0000-000000000000", "2026-W99", "0000-W00", "9999-12-31", "0001-01-01T00:00", "../../etc/passwd",
)  # fmt: skip
# Names of fields that some form has, and some that none has.
FIELDS = (
    "integrity", "savvy", "comment", "visibility", "nps", "stage", "worth_it", "done", "seal", "key", "contact_id", "entry",
    "contact_name", "contact_email", "account_name", "topic", "form_key", "email", "password", "organisation", "name", "role",
    "team", "teams", "timezone", "half_life_days", "workdays", "holidays", "days_off", "url", "events", "secret", "decision",
    "reason", "what", "outcome", "note", "practice", "dimension", "number", "words", "side", "due_on", "verdict", "page",
    "q", "skip", "next", "lang", "change", "step", "rep", "closed", "sort", "speak", "sequence", "code", "", "[]", "x" * 300,
)  # fmt: skip
TYPES = ("form", "json", "file", "text", "none", "charset", "broken", "endless")
METHODS = ("GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS")
_LAST = ("/sign-out", "/hand-over")  # after which nobody is signed in
CAST = (None, "alice", "carol", "olive", "mallory")


def addresses(app, everything) -> list[str]:  # noqa: F811 (the fixture)
    """Real addresses, every rule with somebody's real ids, and every rule with nonsense in it."""
    real = [path for rules in everything.values() for paths in rules.values() for path in paths]
    ids = {part for path in real for part in re.split(r"[/?&=]", path) if len(part) > 20}
    kinds = {len(each): each for each in sorted(ids)}
    found = list(real)
    for rule in app.url_map.iter_rules():
        text = rule.rule
        found.append(
            re.sub(r"<uuid:\w+>", kinds.get(36, NOBODY), text)
            .replace("<token>", kinds[26])
            .replace("<key>", kinds[22])
        )
        found.append(re.sub(r"<[^>]+>", "-1", text))
        found.append(re.sub(r"<[^>]+>", "%00%ff", text))
    return [re.sub(r"<[^>]+>", "2026-W47", path) for path in found]


def body(kind: str, chance: random.Random, real: dict[str, str]) -> dict:
    """The arguments of one request with nonsense in it."""
    fields = {chance.choice(FIELDS): chance.choice(TEXTS) for _ in range(chance.randint(0, 4))}
    fields = {name: value.encode("utf-8", "surrogatepass") for name, value in {**real, **fields}.items()}
    raw = b"&".join(name.encode() + b"=" + value.replace(b"&", b"%26") for name, value in fields.items())
    if kind == "form":
        return {"data": raw, "content_type": "application/x-www-form-urlencoded"}
    if kind == "json":
        return {
            "data": chance.choice([DEEP, "[1]", "{", json.dumps({"savvy": [1]}), "null"]),
            "content_type": "application/json",
        }
    if kind == "file":
        part = chance.choice([b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT", b"\0\xff" * 50, b""])
        return {"data": {**real, "file": (io.BytesIO(part), "x.ics"), "calendar": (io.BytesIO(part), "\u202ex")},
                "content_type": "multipart/form-data"}  # fmt: skip
    types = {
        "text": "text/plain", "charset": "application/x-www-form-urlencoded; charset=utf-7",
        "broken": "multipart/form-data; boundary=", "endless": "application/x-www-form-urlencoded; a=" + "b" * 3000,
    }  # fmt: skip
    return {"data": raw, "content_type": types[kind]} if kind in types else {}


def fuzz(served, cast_of, paths: list[str], lines, rounds: int, part: int = 1) -> None:
    """Ask every address `rounds` times; with part=3 a third of them, by the seed. cast_of() signs everybody in anew."""
    chance = random.Random(SEED)
    tokens = {
        part
        for path in paths
        for part in re.split(r"[/?]", path)
        if re.fullmatch(r"[A-Z0-9]{22,26}|[\w.-]{40,}", part)
    }
    assert len(tokens) > 3
    failed, cookies, written = [], [], []
    for _ in range(rounds):
        browsers = cast_of()
        chance.shuffle(paths)
        for path in sorted(paths[::part], key=lambda path: path.endswith(_LAST)):
            served.extensions["limits"].storage.reset()
            name, method, kind = chance.choice(CAST), chance.choice(METHODS), chance.choice(TYPES)
            real = {"csrf_token": browsers[name]._token} if name else {}
            query = {
                chance.choice(FIELDS): chance.choice(TEXTS).encode("utf-8", "replace")
                for _ in range(chance.randint(0, 2))
            }
            told = {} if "?" in path else {"query_string": query}
            reply = browsers[name].client.open(
                path, method=method, headers=_headers(chance), **told, **body(kind, chance, real)
            )
            case = (name, method, path[:60], kind, reply.status_code)
            if reply.status_code >= 500:
                failed.append(case)
            if path[:3].casefold() == "/f/" and name is None and "Set-Cookie" in reply.headers:
                cookies.append(case)
        written += lines()
    places = [line["traceback"] for line in written if "traceback" in line]
    assert (failed, cookies, places) == ([], [], [])
    text = json.dumps(written).casefold()
    assert [token for token in tokens if token.casefold() in text] == []


def _headers(chance: random.Random) -> dict[str, str]:
    odd = {
        "Accept-Language": chance.choice(["xx-" * 50, "de;q=abc", "*", ""]),
        "If-None-Match": chance.choice(['W/"x"', "*", '"']),
        "HX-Request": "true",
        "Range": "bytes=-1",
        "User-Agent": "x" * 2000,
        "Cookie": 'session=.eJx; session=a; "',
    }
    return {
        name: odd[name]
        for name in chance.sample(sorted(odd), chance.randint(0, 2))
        if name != "Cookie" or chance.random() < 0.1
    }


@pytest.fixture
def cast_of(sign_in, app):
    """cast_of() is a browser for everybody, each with the token of its forms."""

    def enter() -> dict[str | None, Browser]:
        browsers = {name: sign_in(name) if name else Browser(app.test_client()) for name in CAST}
        for name in filter(None, CAST):
            browsers[name].post("/healthz")
        return browsers

    return enter


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_nonsense_is_never_a_failure_of_ours(served, everything, cast_of, lines):  # noqa: F811
    fuzz(served, cast_of, addresses(served, everything), lines, rounds=1, part=3)
