"""Tests that read the house: what README, templates and migrations say is true."""

import ast
import re
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from flask import Flask

from feedback import migrations
from feedback.cli import main
from feedback.config import VARIABLES
from feedback.core.reps import Field, Voice, score_of
from feedback.store.database import Database

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")
)
TOP_LEVEL = {
    "pyproject.toml", "feedback", "templates", "static", "instance", "tests", "README.md", "benchmarks", "docs",
    "Makefile", "CHANGELOG.md", "requirements.lock",
}  # fmt: skip


def test_top_level_is_as_agreed():
    listed = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert listed - TOP_LEVEL <= {"dist"}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_template_is_valid(app: Flask):
    assert [app.jinja_env.get_template(name).name for name in TEMPLATES] == TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_stay_small(name):
    lines = (ROOT / "templates" / name).read_text().count("\n")
    assert lines <= (40 if Path(name).name.startswith("_") else 70)


def test_every_rule_says_what_it_computes():
    public = [
        (path.name, node)
        for path in sorted((ROOT / "feedback" / "core").glob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert len(public) > 80
    assert [f"{name}: {node.name}" for name, node in public if not ast.get_docstring(node)] == []


def test_readme_lists_every_setting_as_it_is():
    rows = re.findall(r"^\| `(FEEDBACK_\w+)` \| (.+?) \| (.+?) \|$", README, re.M)
    assert rows == list(VARIABLES)


def test_readme_names_every_command():
    named = set(re.findall(r"^feedback ([a-z-]+)", README, re.M))
    assert named == set(main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_explains_itself(name):
    reply = CliRunner().invoke(main, [name, "--help"])
    assert reply.exit_code == 0
    assert len(reply.output.splitlines()) > 2


def test_readmes_worked_example_is_what_the_core_computes():
    few = score_of([Voice(1.0, 80.0)] * 4, Field(60.0, 30.0), 1.0)
    many = score_of([Voice(1.0, 80.0)] * 40, Field(60.0, 30.0), 1.0)
    shown = [f"{n:.2f}" for n in (few.score, few.low, few.high, many.score, many.high - many.score)]
    assert shown == ["68.89", "56.07", "81.70", "77.78", "5.73"]
    assert all(number in README for number in shown)


def test_migrations_equal_the_models(db: Database):
    with db.engine.connect() as connection:
        command.check(migrations._config(connection))


def test_no_file_names_a_registry_or_a_machine():
    # Each written so that this file does not hold it.
    forbidden = re.compile(r"p[y]pi\.org|n[p]mjs|python[h]osted|/r[o]ot/|/w[o]rk/|--index-[u]rl")
    files = [ROOT / "requirements.lock", ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "README.md"]
    assert [path.name for path in files if forbidden.search(path.read_text())] == []
