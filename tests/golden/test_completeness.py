"""Every address that takes something, and every action, stands in a story: once with a change, and once refused."""

import inspect
import pkgutil
import re
from ast import Raise, parse, walk
from collections.abc import Iterator
from importlib import import_module
from textwrap import dedent

import pytest
from support.pages import NOBODY
from werkzeug.exceptions import NotFound

from feedback import actions as package
from golden.story import STORIES
from golden.telling import actions

STEP = re.compile(r"^\w{3} \d\d \w{3} [\d:]{8} \S+ (POST|PUT|PATCH|DELETE) ((?:<[^>]+>|\S)+)", re.MULTILINE)
REFUSED = re.compile(r"^  (?:[45]\d\d|302 /sign-in)|^    refused:", re.MULTILINE)
CHANGE_NOTHING = {
    "/settings/words/<tag>/preview": "shows what was typed, and stores nothing",
    "/sign-in/company": "says which companies sign in so",
}
NEVER_REFUSED = {
    "/forgot-password": "says the same of every address",
    "/sign-in/link": "likewise",
    "/sign-out": "whoever is not signed in is led to the same page",
    "/me/sessions": "there may be no other",
    "/privacy/processing/read": "may be said again",
    "/settings/words/<tag>/preview": CHANGE_NOTHING["/settings/words/<tag>/preview"],
    "/unlock": "a wrong PIN is led back to the page that asks",
    "/meetings/calendar/address/end": "one that is not there is ended already",
    "/meetings/calendar/address/pause": "likewise",
    "/meetings/calendar/address/read": "likewise",
}
NOTHING_BY_THEMSELVES = {
    "client_lines.may_be_mailed": "asks, and writes nothing",
    "meetings.unknown": "a refusal",
    "passkeys.new_passkey_options": "what a browser is told",
    "passkeys.passkey_options": "likewise",
    "settings.changed_to": "words",
    "people.add_user": "of the command line; stories invite",
    "encrypting.encrypt_anew": "of another secret key: tests/web/auth/test_second_factor.py",
    "scoring.changes.rescore_again": "of PostgreSQL alone",
}
NEVER_REFUSES = {
    "decisions.decide_answer": "the address says what it refuses",
    "meetings.bring_back": "of a merge in the same moment: tests/actions/test_merging.py",
    "outcomes.retract_outcome": "the address finds it first",
    "promises.note_promise": "the address says what it refuses",
    "people.add_user": NOTHING_BY_THEMSELVES["people.add_user"],
    "client_lines.take_line_back": "the page shows no button where there is nothing to take back",
    "alerts.handle.reopen_alert": "of a relationship that has another by now",
}
A_PROVIDERS = ("oidc.",)  # ask one, as tests/web/auth/test_providers.py does


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_address_that_writes_stands_in_a_story(app):
    changed, refused = set(), set()
    adapter = app.url_map.bind("localhost")
    for method, path, told in _steps():
        try:
            wanted = re.sub(r"<[^>]+>", NOBODY, path).partition("?")[0]
            rule, _ = adapter.match(wanted, method, return_rule=True)
        except NotFound:
            continue
        if "nothing changed" not in told:
            changed.add((method, rule.rule))
        if REFUSED.search(told):
            refused.add((method, rule.rule))
    doors = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
        if not rule.alias
    }
    assert {door for door in doors - changed if door[1] not in CHANGE_NOTHING} == set()
    assert {door for door in doors - refused if door[1] not in NEVER_REFUSED} == set()


def _steps() -> Iterator[tuple[str, str, str]]:
    """Yield the method and address of each step, and what is told of it."""
    for path in STORIES.glob("*.txt"):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            if found := STEP.search(block):
                yield found[1], found[2], block[found.end() :].partition("\n")[2]


def test_every_action_stands_in_a_story():
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    told: dict[str, set[str]] = {}
    for path in STORIES.glob("*.txt"):
        for line in path.read_text(encoding="utf-8").partition("== Actions that were used\n")[2].splitlines():
            name, _, ends = line.partition(": ")
            told.setdefault(name, set()).update(ends.split(", "))
    every = {name: each for name, each in actions(package).items() if not name.startswith(A_PROVIDERS)}
    unused = {name for name in every if "changed" not in told.get(name, ())}
    unrefused = {
        name for name, each in every.items() if _refuses(each) and "refused" not in told.get(name, ())
    }
    assert unused - NOTHING_BY_THEMSELVES.keys() == set()
    assert unrefused - NEVER_REFUSES.keys() == set()


def _refuses(function) -> bool:
    return any(
        isinstance(node, Raise) and node.exc for node in walk(parse(dedent(inspect.getsource(function))))
    )
