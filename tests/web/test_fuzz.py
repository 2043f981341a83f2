"""Nonsense to every address, as everybody, in every kind of body: never a failure of ours, never a token in the log,
never a cookie for a client. A fixed seed draws one combination for each address; `make test-long` draws many."""

import io
import itertools
import json
import random
import re
from functools import cache

import pytest
from support.cast import Browser
from support.pages import NOBODY
from support.tokens import token_of
from support.typed import field_names, known_words

from web.test_get_never_writes import everything  # noqa: F401 (a fixture)

SEED = 2020
DEEP = "[" * 5000 + "]" * 5000
TEXTS = (
    "", " ", "[1]", "\0", "a\0b", "-1", "0", "99999999999999999999", "1e400", "NaN", "١", "５", "1.5", "x" * 5000, "\ud800",
    "\U0010ffff\u202e", "{{7*7}}", "%s%n", "'; --", "\r\nSet-Cookie: a=1", DEEP, NOBODY, f"{{{NOBODY}}}", "not-a-uuid",
    "00000000-0000-0000-0000-000000000000", "2026-W99", "0000-W00", "9999-12-31", "0001-01-01T00:00", "../../etc/passwd",
)  # fmt: skip
# Names of fields that macros and loops put together, and those of templates and forms are not told from
# (support/typed.py; test_fuzz_long.py knows which are missing). And names that no form has.
PUT_TOGETHER = (
    "client_id", "domains", "first", "issuer", "label", "last", "rating_1", "rating_2", "rating_3", "rating_4", "rating_5", "secret", "tenant",
)  # fmt: skip
ODD_NAMES = ("sort", "skip", "", "[]", "x" * 300)
TYPES = ("form", "json", "file", "text", "none", "charset", "broken", "endless")
METHODS = ("GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS")
_LAST = ("/sign-out", "/hand-over")  # after which nobody is signed in
# Sue manages another team; Ann's phone is handed over to a client; Pat is a program, with a token of Olive's.
CAST = (None, "alice", "carol", "olive", "mallory", "sue", "ann", "pat")
PAIRS = tuple(itertools.product(CAST, TYPES))


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


@cache
def names() -> list[str]:
    """Return the names of all fields. Needs a request, the first time."""
    return sorted({*field_names(), *PUT_TOGETHER, *ODD_NAMES})


def text(chance: random.Random, name: str) -> str:
    """Return nonsense for a field, or one of the words that it knows, so that what is behind them is reached."""
    known = known_words().get(name, ())
    return chance.choice(known) if known and chance.random() < 0.4 else chance.choice(TEXTS)


def body(kind: str, chance: random.Random, real: dict[str, str]) -> dict:
    """The arguments of one request with nonsense in it."""
    fields = {name: text(chance, name) for name in chance.sample(names(), chance.randint(0, 4))}
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


def fuzz(served, cast_of, paths: list[str], lines, rounds: range, part: int = 1) -> None:
    """Ask every address once a round, as somebody in some kind of body: after as many rounds as there are pairs, as
    everybody in every kind. With part=3 a third of the addresses, by the seed. cast_of() signs everybody in anew."""
    chance = random.Random(SEED)
    chance.shuffle(paths)
    pairs = {path: number for number, path in enumerate(paths)}
    with served.test_request_context():
        names(), known_words()
    tokens = {
        part
        for path in paths
        for part in re.split(r"[/?]", path)
        if re.fullmatch(r"[A-Z0-9]{22,26}|[\w.-]{40,}", part)
    }
    assert len(tokens) > 3
    failed, cookies, written = [], [], []
    for turn in rounds:
        browsers = cast_of()
        chance.shuffle(paths)
        for path in sorted(paths[::part], key=lambda path: path.endswith(_LAST)):
            served.extensions["limits"].storage.reset()
            (name, kind), method = PAIRS[(pairs[path] + turn) % len(PAIRS)], chance.choice(METHODS)
            token = browsers[name]._token
            real = {"csrf_token": token} if token else {}
            told = {"Authorization": f"Bearer {browsers[name].api_token}"} if name == "pat" else {}
            query = {
                name: text(chance, name).encode("utf-8", "replace")
                for name in chance.sample(names(), chance.randint(0, 2))
            }
            asked = {} if "?" in path else {"query_string": query}
            reply = browsers[name].client.open(
                path, method=method, headers={**_headers(chance), **told}, **asked, **body(kind, chance, real)
            )
            case = (name, method, path[:60], kind, reply.status_code)
            if reply.status_code >= 500:
                failed.append(case)
            if path[:3].casefold() == "/f/" and name is None and "Set-Cookie" in reply.headers:
                cookies.append(case)
        written += lines()
    places = [line["traceback"] for line in written if "traceback" in line]
    assert (failed, cookies, places) == ([], [], [])
    log = json.dumps(written).casefold()
    assert [token for token in tokens if token.casefold() in log] == []


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
def cast_of(sign_in, app, cast, everything):  # noqa: F811
    """cast_of() is a browser for everybody, each with the token of its forms."""
    cast.add("sue", "manager", "West")
    cast.add("ann", "rep", "North")
    met = cast.meeting("ann", "Ivo")

    def enter() -> dict[str | None, Browser]:
        signed = [name for name in CAST if name not in (None, "pat")]
        browsers = {None: Browser(app.test_client()), **{name: sign_in(name) for name in signed}}
        for name in signed:
            browsers[name].post("/healthz")
        handed = {"invitation": met.id, "pin": "4711"}
        assert browsers["ann"].post(f"/meetings/{met.meeting_id}/hand-over", handed).status_code == 303
        browsers["ann"]._token = None
        browsers["ann"].post("/healthz")
        browsers["pat"] = Browser(app.test_client())
        browsers["pat"].api_token = token_of(cast, "olive")
        return browsers

    return enter


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_nonsense_is_never_a_failure_of_ours(served, everything, cast_of, lines):  # noqa: F811
    fuzz(served, cast_of, addresses(served, everything), lines, range(1), part=3)
