"""What everybody sees in small worlds, at every address, compared with what is kept in tests/golden/seen/ and beside it.

When this fails, look at the difference. If it is meant, `make golden` writes the files anew, and git shows what changed:
read that as you read code.
"""

from difflib import unified_diff
from pathlib import Path

import pytest

from golden.scripts import SCRIPTS, SIX_WEEKS

MOST_LINES = 60  # of differences that a failure prints
TEMPLATES = Path(__file__).parents[2] / "templates"
# Templates that nobody who only looks is given, by why.
NOT_RENDERED = {
    "the answer to a form that was sent": (
        "auth/_recovery_codes.html", "auth/confirm.html", "auth/proof.html", "auth/proved.html",
        "auth/sign_up_sent.html", "clients/compare.html", "clients/_same.html", "clients/stays.html", "errors/refused.html", "meetings/_same.html",
        "meetings/stays.html", "meetings/taken_back.html", "mirrors/already_sealed.html", "privacy/erased.html", "privacy/on_file.html", "people/_handed_over.html",
    ),
    "signing in: tests/web/auth": (
        "auth/_proof_by_provider.html", "auth/_scan_codes.html", "auth/_unlock.html", "auth/by_provider.html", "auth/callback.html", "auth/code.html",
        "auth/new_password.html", "auth/passkey_refused.html", "auth/provider_refused.html", "auth/sign_in_link_over.html", "auth/use_link.html",
    ),
    "signing up, and the first organisation: tests/web/auth": ("auth/set_up.html", "auth/sign_up.html", "mail/sign_up.txt"),
    "of this machine": ("status/status.html", "status/_findings.html", "operations/service-worker.js"),
    "of the code: tests/web/api": ("api/docs.html",),
    "part of a page that a script asks for": ("errors/_words.html",),
}  # fmt: skip
# Addresses that answer nobody here with 200, by why.
NEVER_200 = {
    "not looked at: of this machine, new each time, or a file": (
        "/F/<token>", "/F/<token>/<key>", "/F/<token>/<key>/receipt", "/G/<token>", "/accents/<digits>.css", "/api", "/api/v1/openapi.json", "/demo/<ticket>",
        "/logos/<code>/<name>", "/meetings/reserved", "/metrics", "/readyz", "/service-worker.js", "/sign-in/callback", "/sign-in/passkey/new", "/sign-in/passkey/options",
        "/sign-in/with/<code>", "/status",
    ),
    "leads elsewhere, or is closed here": ("/", "/.well-known/security.txt", "/set-up", "/sign-in/code", "/sign-up", "/sign-up/<ticket>", "/sign-in/link/<token>", "/new-password/<token>"),
}  # fmt: skip


def differences(kept: dict[str, str], seen: dict[str, str]) -> list[str]:
    """Return the lines that differ, by file."""
    found = []
    for name in sorted(kept.keys() | seen.keys()):
        before, now = (texts.get(name, "").splitlines() for texts in (kept, seen))
        found += unified_diff(before, now, f"kept {name}", f"seen {name}", lineterm="", n=1)
    return found


def test_everybody_sees_what_was_seen(walk):
    here = walk.us.script.folder
    kept = {str(file.relative_to(here)): file.read_text("utf-8") for file in here.glob("**/*.txt")}
    found = differences(kept, walk.texts())
    shown = "\n".join(found[:MOST_LINES])
    assert not found, f"{len(found)} lines of differences; if they are meant: make golden\n{shown}"


def test_a_changed_figure_is_a_difference():
    assert differences({"a": "Dana 4 of 5\n"}, {"a": "Dana 3 of 5\n"})[-2:] == [
        "-Dana 4 of 5",
        "+Dana 3 of 5",
    ]


def shown_in_any() -> set[str]:
    """Return the templates that were rendered, and the addresses that answered somebody with 200, in any of the worlds."""
    texts = [(script.folder / "shown.txt").read_text("utf-8") for script in SCRIPTS]
    return {line for text in texts for line in text.splitlines()}


def test_every_template_is_rendered():
    every = {str(file.relative_to(TEMPLATES)) for file in TEMPLATES.glob("**/*") if file.is_file()}
    assert sorted(every - shown_in_any()) == sorted(name for names in NOT_RENDERED.values() for name in names)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_address_answers_somebody(app):
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert sorted(rules - shown_in_any()) == sorted(rule for rules in NEVER_200.values() for rule in rules)


@pytest.mark.parametrize("script", [SIX_WEEKS], indirect=True, ids=lambda script: script.seen)
def test_nothing_shows_of_the_other_organisation(walk):
    shown = "\n".join(walk.texts().values())
    assert "Dana Whitfield" in shown
    assert "ELSEWHERE" not in shown
    assert "Said elsewhere" not in shown
    assert "elsewhere.example" not in shown
