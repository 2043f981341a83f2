"""Tests that read the house: what README, templates and migrations say is true."""

import ast
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from flask import Flask

from feedback import migrations
from feedback.cli import main
from feedback.config import VARIABLES
from feedback.core.alerts.reasons import meeting_loyalty
from feedback.core.dimensions import as_ratings
from feedback.core.scoring.points import Scoring, points
from feedback.core.scoring.relationships import Moment, relationship_numbers
from feedback.core.scoring.reps import SIGMA_FLOOR, SIGMA_NEEDS, SIGMA_UNKNOWN, Field, Voice, score_of
from feedback.db.engine import Database

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")
)
TOP_LEVEL = {
    "pyproject.toml", "feedback", "templates", "static", "instance", "tests", "README.md", "benchmarks", "docs",
    "Makefile", "CHANGELOG.md", "requirements.lock",
}  # fmt: skip


def test_top_level_holds_only_agreed_files():
    listed = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert listed - TOP_LEVEL <= {"dist"}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_template_compiles(app: Flask):
    assert [app.jinja_env.get_template(name).name for name in TEMPLATES] == TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_stay_small(name):
    lines = (ROOT / "templates" / name).read_text().count("\n")
    assert lines <= (40 if Path(name).name.startswith("_") else 70)


def test_every_core_function_has_a_docstring():
    public = [
        (path.name, node)
        for path in sorted((ROOT / "feedback" / "core").rglob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert len(public) > 80
    assert [f"{name}: {node.name}" for name, node in public if not ast.get_docstring(node)] == []


def test_readme_lists_every_setting():
    rows = re.findall(r"^\| `(FEEDBACK_\w+)` \| (.+?) \| (.+?) \|$", README, re.M)
    assert rows == list(VARIABLES)


def test_readme_names_every_command():
    named = set(re.findall(r"^feedback ([a-z-]+)", README, re.M))
    assert named == set(main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help(name):
    reply = CliRunner().invoke(main, [name, "--help"])
    assert reply.exit_code == 0
    assert len(reply.output.splitlines()) > 2


def test_readme_score_example_is_correct():
    few = score_of([Voice(1.0, 90.0)] * 4, Field(75.0, 20.0), 1.0)
    many = score_of([Voice(1.0, 90.0)] * 40, Field(75.0, 20.0), 1.0)
    shown = [f"{n:.2f}" for n in (few.score, few.low, few.high, many.score, many.high - many.score)]
    # (360 + 375) / 9, 25.632 / 3 either way; (3600 + 375) / 45, 25.632 / 6.7082
    assert shown == ["81.67", "73.12", "90.21", "88.33", "3.82"]
    assert all(number in README for number in shown)


def test_readme_points_and_loyalty_are_correct():
    earned = [f"{points(rating):g}" for rating in range(1, 6)]
    assert f"earns {', '.join(earned[:4])} or {earned[4]} **points**" in README
    today = datetime(2026, 11, 18, 15, tzinfo=UTC)
    said = ((timedelta(days=-90), 3), (timedelta(hours=-6), 5), (timedelta(), 4))
    dana = relationship_numbers((Moment(today + ago, (rating,) * 6) for ago, rating in said), Scoring(90))
    assert f"25 * (4 - 1) = **{dana.loyalty:.2f}**" in README


def test_readme_sigma_is_correct():
    assert (
        f"at least {SIGMA_FLOOR:g}, and {SIGMA_UNKNOWN:g} while it has fewer than {SIGMA_NEEDS} relat"
        in README
    )


def test_readme_webhook_loyalty_is_correct():
    shown = json.loads(re.search(r"```json\n(.+?)```", README, re.S)[1])["data"]
    # 5, 4, 4, 3 and 5 have the mean 4.2: 25 * 3.2
    assert meeting_loyalty(as_ratings(shown["ratings"])) == pytest.approx(shown["loyalty"]) == 80.0


def test_migrations_match_the_models(db: Database):
    with db.engine.connect() as connection:
        command.check(migrations._config(connection))


def test_files_name_no_registry_or_machine():
    # Each written so that this file does not hold it.
    forbidden = re.compile(r"p[y]pi\.org|n[p]mjs|python[h]osted|/r[o]ot/|/w[o]rk/|--index-[u]rl")
    files = [ROOT / "requirements.lock", ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "README.md"]
    assert [path.name for path in files if forbidden.search(path.read_text())] == []


# Who reads or writes what a client chose about who may see an answer, and who only passes it to core.access.
VISIBILITY_IN = {
    "core/access.py": "decides",
    "models/feedback.py": "the column",
    "store/invitations.py": "asks core.access", "store/relationships.py": "asks core.access",
    "actions/answers.py": "writes what the client chose", "actions/answer_rows.py": "the default of a new row",
    "actions/answer_keys.py": "the default of one begun again",
    "web/client.py": "the client's own form", "web/forms.py": "the client's own form",
    "webhooks/payloads.py": "tells other systems what the client chose",
    "demo/people.py": "what the example's clients choose",
}  # fmt: skip


def test_only_core_access_decides_visibility():
    """Nobody else reads `visibility`; and nobody compares seals, but to ask core.access or about one's own guess."""
    files = {path.relative_to(ROOT / "feedback").as_posix(): path.read_text() for path in (ROOT / "feedback").rglob("*.py")
             if "migrations" not in path.parts}  # fmt: skip
    assert {name for name, text in files.items() if "visibility" in text} == set(VISIBILITY_IN)
    pages = {path.name: path.read_text() for path in (ROOT / "templates").rglob("*.*")}
    assert {name for name, text in pages.items() if "visibility" in text} == {"_rows.html"}
    seals = {
        name for name, text in files.items() if re.search(r"sealed_at (is|==|!=|<|>)|\.sealed_at\.is", text)
    }
    assert seals == {"core/access.py", "store/invitations.py", "actions/mirrors.py"}
