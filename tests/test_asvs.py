"""docs/asvs.md: each point of OWASP ASVS 5.0's levels 1 and 2 once, shown by what there is; and that what is said not to be
here is not. (That each test which a document names exists is looked at in test_house.py.)"""

import re
import ssl
from pathlib import Path

import pytest

from feedback.actions.oidc import SIGNED_BY
from feedback.models.encrypted import Purpose

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "asvs.md").read_text()
# The last number of level 1 or 2 in each section of 5.0.0. Within a section they are numbered from 1 on, those of level 3 last,
# so that nothing is left out between.
SECTIONS = {
    1: "1-2 2-9 3-11 4-3 5-2", 2: "1-3 2-3 3-4 4-1", 3: "2-2 3-4 4-6 5-5 7-2", 4: "1-3 2-1 3-2 4-4", 5: "1-1 2-3 3-2 4-3",
    6: "1-3 2-12 3-4 4-4 5-5 6-3 8-4", 7: "1-3 2-4 3-2 4-5 5-2 6-2", 8: "1-2 2-3 3-1 4-1", 9: "1-3 2-4",
    10: "1-2 2-2 3-4 4-11 5-5 6-2 7-3", 11: "1-2 2-3 3-3 4-4 5-1 6-1", 12: "1-3 2-2 3-4", 13: "1-1 2-5 3-2 4-5",
    14: "1-2 2-4 3-3", 15: "1-3 2-3 3-7", 16: "1-1 2-5 3-4 4-3 5-3", 17: "1-1 2-4 3-2",
}  # fmt: skip
POINTS = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in SECTIONS.items()
    for section, last in (each.split("-") for each in sections.split())
    for number in range(1, int(last) + 1)
]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in DOCUMENT[: DOCUMENT.index("## What is encrypted")].splitlines()
    if re.match(r"\| \d", line)
]


def test_every_point_of_two_levels_is_there_once():
    assert len(POINTS) == 253
    assert [row[0] for row in ROWS] == POINTS


def test_every_point_that_is_met_is_shown_by_something():
    shows = re.compile(r"`tests/[\w/]+\.py(::test_\w+)?`|`make (lint|audit)`|\]\([\w./#-]+\)")
    unshown = [row[0] for row in ROWS if not row[1].startswith(("nothing here", "**not met**"))]
    assert [point for row in ROWS if (point := row[0]) in unshown and not shows.search(row[2])] == []


def test_what_is_not_met_says_what_it_would_take():
    last = DOCUMENT[DOCUMENT.index("## What is not met") :]
    told = [point for line in re.findall(r"^\| (\d[\d., ]+) \|", last, re.M) for point in line.split(", ")]
    assert sorted(told) == sorted(row[0] for row in ROWS if row[1].startswith("**not met**"))


def test_counts_are_those_of_the_rows():
    starts = [row[1].partition(":")[0] for row in ROWS]
    absent, unmet = starts.count("nothing here"), starts.count("**not met**")
    said = f"Met: {len(ROWS) - absent - unmet}. Nothing here: {absent}. Not met to the letter: {unmet}."
    assert said in DOCUMENT


# What rows of the document call absent. Each is looked for in the program, the templates and what runs in browsers.
ABSENT = {
    "code made of text": r"(?<![\w.])(?:eval|exec)\(|\brender_template_string\b|\bfrom_string\(|new Function\(",
    "a shell": r"shell=True|os\.system\(|os\.popen\(",
    "unpickling": r"\b(?:pickle|marshal|shelve|dill|jsonpickle)\b",
    "query and form as one": r"request\.values",
    "weak hashes and modes": r"\b(?:md5|sha1|modes\.ECB|PKCS1v15)\b",
    "certificates that nobody looks at": r"verify=False|CERT_NONE|_create_unverified_context|check_hostname ?= ?False",
    "other languages for queries and pages": r"(?i)\b(?:ldap|xpath|latex|jndi|memcached?|graphql|saml|jsonp)\b",
    "other lines to browsers": r"(?i)\bnew WebSocket\b|\bwebsocket\b|websockets=True|webrtc|RTCPeerConnection|postMessage",
    "other ways into an object": r"__proto__|\.prototype\b|setPrototypeOf",
}  # fmt: skip


@pytest.mark.parametrize("what", ABSENT)
def test_what_is_said_not_to_be_here_is_not(what):
    folders = (("feedback", "*.py"), ("static/js", "*.js"), ("templates", "*.html"))
    files = [path for folder, kind in folders for path in (ROOT / folder).rglob(kind)]
    assert len(files) > 700
    found = re.compile(ABSENT[what])
    assert [path.relative_to(ROOT).as_posix() for path in files if found.search(path.read_text())] == []


def test_fields_of_passwords_are_masked_and_known_to_managers_of_passwords():
    """A PIN, which is chosen for a minute, is kept by no manager of passwords."""
    texts = {str(path): path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    said = [
        (name, field)
        for name, text in texts.items()
        for field in re.findall(r"<input[^>]*>|\{\{ field\((?:[^{}]|\n)*?\) \}\}", text)
        if re.search(r'name="\w*password"|, "password"|type="password"', field)
    ]
    assert len(said) >= 10
    for name, field in said:
        assert re.search(r'type="password"|, "password"', field), name
        managed = re.search(r'autocomplete="(current|new)-password"', field)
        assert managed or 'name="pin"' in field, name
    assert [name for name, text in texts.items() if "onpaste" in text] == []


def test_lines_to_others_are_tls_of_today():
    """What mail, webhooks, chat and calendars use as it is (ruff refuses others)."""
    context = ssl.create_default_context()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    weak = re.compile("RC4|3DES|DES-CBC|NULL|EXPORT|MD5|anon", re.IGNORECASE)
    assert [each["name"] for each in context.get_ciphers() if weak.search(each["name"])] == []
    uses = {
        path.name
        for path in (ROOT / "feedback").rglob("*.py")
        if "create_default_context()" in path.read_text()
    }
    assert uses == {"http.py", "smtp.py"}


def test_list_of_keys_names_every_purpose():
    part = DOCUMENT[DOCUMENT.index("## What is encrypted") : DOCUMENT.index("## Of level 3")]
    told = next(line for line in part.splitlines() if "to be read again: " in line)
    named = told.partition("to be read again: ")[2].partition(" |")[0]
    assert set(named.split(", ")) == {purpose.value for purpose in Purpose}
    assert ", ".join(SIGNED_BY) in part
