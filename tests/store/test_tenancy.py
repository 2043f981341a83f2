"""The watch over statements, which all other tests run under (support.tenancy)."""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from sqlalchemy import Delete, Select, Update, text
from support.tenancy import FEEDBACK, missing

import feedback

# Who looks across organisations: signing in, what the worker and the check do for all, and what an operator watches.
ACROSS = {
    "store/asking.py": {"asking_mail_by_id"},
    "store/calendars.py": {"calendars_read", "due_calendars", "organisations_that_ask"},
    "store/credentials.py": {"credentials", "oldest_hash"},
    "store/evidence.py": {"wanted_evidence"},
    "store/chat.py": {"count_refusing", "due_chat"},
    "store/figures.py": {"_ALERTS", "_OPEN_ALERTS", "_LAST_WEEKLY", "_SETTLED", "_queue", "waiting"},
    "store/import_jobs.py": {"due_jobs"},
    "store/mail_queue.py": {"_DUE"},
    "store/providers.py": {"only_provider", "providers_for"},
    "store/replay.py": {"orphaned_rows"},
    "store/scoring_changes.py": {"due_scoring_changes"},
    "store/settling.py": {"_TO_NOTIFY", "_TO_SETTLE"},
    "store/webhooks.py": {"_DUE"},
}
PARTS = {"_MAKER"}  # correlated with the statement they stand in, which is checked as a whole
USERS = "SELECT users.id FROM users WHERE users.email = ?"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (USERS, ["users"]),
        (f"{USERS} AND users.organisation_id = ?", []),
        ("SELECT u.id FROM users AS u WHERE u.organisation_id = %(x)s::UUID", []),
        ("SELECT users.organisation_id FROM users", ["users"]),
        ("SELECT 1 FROM users JOIN teams ON users.organisation_id = teams.organisation_id", ["teams", "users"]),
        ("SELECT 1 FROM users JOIN teams ON users.organisation_id = teams.organisation_id"
         " WHERE teams.organisation_id = ?", []),
        ("SELECT 1 FROM users JOIN teams ON users.team_id = teams.id WHERE users.organisation_id = ?", ["teams"]),
        ("SELECT 1 FROM users, organisations WHERE organisations.id = users.organisation_id"
         " AND organisations.code = ?", []),
        ("UPDATE users SET name=?, teams=? WHERE users.organisation_id = ? AND users.id = ?", []),
        ("DELETE FROM users WHERE users.id = ?", ["users"]),
        ("SELECT organisations.id FROM organisations", []),
    ],
)  # fmt: skip
def test_statement_without_organisation_is_found(statement, found):
    assert missing(statement) == found


@pytest.mark.parametrize("across", [False, True])
def test_statement_of_ours_without_organisation_fails(db, across):
    """As if it stood in feedback/; one that looks across organisations says so."""
    statement = text("SELECT users.id FROM users").execution_options(across_organisations=across)
    ours = compile("session.execute(statement)", f"{FEEDBACK}/store/made_up.py", "exec")
    with db.reading() as session:
        if across:
            exec(ours, {"session": session, "statement": statement})  # noqa: S102 (the line above)
        else:
            with pytest.raises(AssertionError, match="whose users"):
                exec(ours, {"session": session, "statement": statement})  # noqa: S102 (the line above)


def test_statements_that_are_made_once_name_their_organisation():
    """Also those that run on one database alone, or so seldom that no other test comes by. A beginning, without its WHERE, is
    completed where it is used."""
    checked = 0
    for module in walk_packages(feedback.__path__, "feedback."):
        if module.name.startswith(("feedback.migrations", "feedback.__main__")):
            continue
        for name, found in vars(import_module(module.name)).items():
            if not isinstance(found, Select | Update | Delete) or found.whereclause is None:
                continue
            if found.get_execution_options().get("across_organisations"):
                continue
            checked += 1
            assert missing(str(found)) == [] or name in PARTS, f"{module.name}.{name}"
    assert checked > 30


def test_only_these_look_across_organisations():
    """The watch lets them pass, so nobody else may say so."""
    found: dict[str, set[str]] = {}
    for path in sorted(Path(FEEDBACK).rglob("*.py")):
        text = path.read_text()
        for node in ast.parse(text).body:
            if "across_organisations" in (ast.get_source_segment(text, node) or ""):
                name = path.relative_to(FEEDBACK).as_posix()
                found.setdefault(name, set()).add(_name_of(node))
    assert found == ACROSS


def _name_of(node: ast.stmt) -> str:
    """The name of a function, or of a statement that is a constant."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        named = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        return named.id if isinstance(named, ast.Name) else f"line {node.lineno}"
    return getattr(node, "name", f"line {node.lineno}")
