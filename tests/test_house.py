"""Tests that read the house: what README, templates and migrations say is true."""

import ast
import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import CheckConstraint, inspect
from sqlmodel import SQLModel
from support.slow import FIRST, LONG, PAGES_ON_BOTH, SLOW

from feedback import migrations
from feedback.cli import COMMANDS, main
from feedback.config import VARIABLES
from feedback.core.alerts.reasons import Kind, meeting_loyalty
from feedback.core.dimensions import as_ratings
from feedback.core.scoring.points import Scoring, points
from feedback.core.scoring.relationships import Moment, relationship_numbers
from feedback.core.scoring.reps import SIGMA_FLOOR, SIGMA_NEEDS, SIGMA_UNKNOWN, Field, Voice, score_of
from feedback.db.engine import Database
from feedback.web.assets import SHEETS
from feedback.wording.labels import ALERT_LABELS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PROSE = " ".join(README.split())  # a sentence may go over a line's end
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")
)
# Characters that there are to read in the largest page and the largest partial, with little to spare.
LARGEST_PAGE, LARGEST_PARTIAL = 4400, 3250
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TOP_LEVEL = {
    "pyproject.toml", "feedback", "templates", "static", "instance", "tests", "README.md", "benchmarks", "docs",
    "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock", "SECURITY.md", "deploy", "Dockerfile", "compose.yaml",
}  # fmt: skip


def test_top_level_holds_only_agreed_files():
    listed = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert listed - TOP_LEVEL <= {"dist"}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_template_compiles(app: Flask):
    assert [app.jinja_env.get_template(name).name for name in TEMPLATES] == TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_stay_small(name):
    """Counted is what is read: characters, without the indentation."""
    lines = (ROOT / "templates" / name).read_text().splitlines()
    read = sum(len(line.strip()) for line in lines)
    assert read <= (LARGEST_PARTIAL if Path(name).name.startswith("_") else LARGEST_PAGE)


def test_template_lines_fit_120_characters():
    lines = [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]
    assert len(lines) > 3000
    assert [where for where, line in lines if len(line) > 120] == []


def test_a_line_of_css_holds_one_declaration_or_one_selector():
    one = re.compile(r"[\w-]+: [^;{}]+;|@layer [\w, ]+;|[^;{},]+ \{|[^;{},]+,|\}|")
    lines = [
        (f"{path.name}:{number}", line.strip())
        for path in STYLES
        # a comment may take as many lines as it likes
        for number, line in enumerate(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S).splitlines(), 1)
    ]
    assert len(lines) > 1500
    assert [where for where, line in lines if not one.fullmatch(line)] == []


def test_every_file_of_css_is_part_of_one_sheet():
    parts = sorted([*SHEETS["css/base.css"], *SHEETS["css/app.css"]])
    assert parts == [path.stem for path in STYLES]
    assert set(SHEETS["css/rows.css"]) < set(SHEETS["css/base.css"])


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
    assert named == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name):
    reply = CliRunner().invoke(main, [name, "--help"])
    assert reply.exit_code == 0
    assert len(reply.output.splitlines()) > 2


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_path_in_a_document_exists(path):
    """A link leads to a file and a heading that are there, and so does every path that is named in code."""
    text = path.read_text()
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    broken = [link for link in links if not _leads_somewhere(path, link)]
    named = re.findall(r"`((?:feedback|tests|benchmarks|docs|static|templates|deploy|\.ci)/[\w./-]*)`", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert (broken, missing) == ([], [])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_test_named_in_a_document_exists(path):
    """As `tests/core/test_points.py::test_name`: the file is there, and in it the function."""
    named = re.findall(r"\b(tests/[\w/]+\.py)::(test_\w+)", path.read_text())
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in _text_of(file)] == []


def _text_of(name: str) -> str:
    file = ROOT / name
    return file.read_text() if file.exists() else ""


def test_every_row_of_what_fails_names_a_test():
    """In docs/operating.md, below "When something fails"; one names what runs by itself, and says so."""
    text = (ROOT / "docs" / "operating.md").read_text()
    part = text[text.index("## When something fails") : text.index("## Logs")]
    rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
    rows = [row for row in rows if "---" not in row[0]]
    assert len(rows) == 11
    assert [row[0] for row in rows if "::test_" not in row[-1]] == ["| the primary of a pair is killed"]


def test_every_row_of_who_would_do_what_names_a_test():
    text = (ROOT / "SECURITY.md").read_text()
    rows = [line for line in text[text.index("| who | tries |") :].splitlines()[2:] if line.startswith("| ")]
    assert len(rows) >= 15
    assert [row for row in rows if not re.search(r"\| `tests/[^|]+::test_\w+` \|$", row)] == []


def test_every_place_in_the_glossary_exists():
    """The last cell of a row is a path below feedback/; a word that looks like a class is one there."""
    rows = re.findall(
        r"^\| (\S[^|]*) \| .+ \| `([^`]+)` \|$", (ROOT / "docs" / "glossary.md").read_text(), re.M
    )
    words = [word for word, _ in rows]
    assert len(rows) > 80
    assert words == sorted(words, key=str.casefold)
    assert [place for _, place in rows if not (ROOT / "feedback" / place).exists()] == []
    classes = [(word, ROOT / "feedback" / place) for word, place in rows if word[0].isupper()]
    assert [word for word, file in classes if not re.search(rf"class {word}\b", file.read_text())] == []


def _leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists() or not anchor:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(), re.M)
    return anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_score_example_is_correct():
    few = score_of([Voice(1.0, 90.0)] * 4, Field(75.0, 20.0), 1.0)
    many = score_of([Voice(1.0, 90.0)] * 40, Field(75.0, 20.0), 1.0)
    shown = [f"{n:.2f}" for n in (few.score, few.low, few.high, many.score, many.high - many.score)]
    # (360 + 375) / 9, 25.632 / 3 either way; (3600 + 375) / 45, 25.632 / 6.7082
    assert shown == ["81.67", "73.12", "90.21", "88.33", "3.82"]
    assert all(number in PROSE for number in shown)


def test_readme_points_and_loyalty_are_correct():
    earned = [f"{points(rating):g}" for rating in range(1, 6)]
    assert f"earns {', '.join(earned[:4])} or {earned[4]} **points**" in PROSE
    today = datetime(2026, 11, 18, 15, tzinfo=UTC)
    said = ((timedelta(days=-90), 3), (timedelta(hours=-6), 5), (timedelta(), 4))
    dana = relationship_numbers((Moment(today + ago, (rating,) * 6) for ago, rating in said), Scoring(90))
    assert f"25 * (4 - 1) = **{dana.loyalty:.2f}**" in PROSE


def test_readme_sigma_is_correct():
    assert (
        f"at least {SIGMA_FLOOR:g}, and {SIGMA_UNKNOWN:g} while it has fewer than {SIGMA_NEEDS} relat"
        in PROSE
    )


def test_readme_webhook_loyalty_is_correct():
    shown = json.loads(re.search(r"```json\n(.+?)```", README, re.S)[1])["data"]
    # 5, 4, 4, 3 and 5 have the mean 4.2: 25 * 3.2
    assert meeting_loyalty(as_ratings(shown["ratings"])) == pytest.approx(shown["loyalty"]) == 80.0


def test_migrations_match_the_models(db: Database):
    with db.engine.connect() as connection:
        command.check(migrations._config(connection))


def test_checks_match_the_models(db: Database):
    """Alembic does not compare CHECKs; a word that the database does not know would be refused when a client is Done."""
    stored = inspect(db.engine)
    for table in SQLModel.metadata.sorted_tables:
        wanted = {
            str(check.name): literals(check.sqltext)
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }
        found = {
            check["name"]: literals(check["sqltext"]) for check in stored.get_check_constraints(table.name)
        }
        assert found == wanted, table.name


def literals(condition: object) -> set[str]:
    """The words and numbers of a condition, which each database writes down in its own way."""
    return set(re.findall(r"'[^']*'|\b\d+\b", str(condition)))


def test_every_exception_from_a_tool_says_why():
    exceptions = [
        (path.relative_to(ROOT).as_posix(), line)
        for path in sorted((ROOT / "feedback").rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search("# (n[o]qa|type: i[g]nore)", line)
    ]
    reasons = re.compile(r"# n[o]qa: [A-Z0-9, ]+ \(\w|# type: i[g]nore\[[a-z, -]+\]  # \w")
    assert len(exceptions) > 40
    assert [each for each in exceptions if not reasons.search(each[1])] == []


def test_every_kind_of_alert_has_a_label():
    assert list(ALERT_LABELS) == list(Kind)


def test_files_name_no_registry_or_machine():
    # Each written so that this file does not hold it.
    forbidden = re.compile(r"p[y]pi\.org|n[p]mjs|python[h]osted|/r[o]ot/|/w[o]rk/|--index-[u]rl")
    files = [ROOT / "requirements.lock", ROOT / "pyproject.toml", ROOT / "Makefile", *DOCUMENTS]
    assert len(files) > 15
    assert forbidden.search("p" + "ypi.org")
    assert [path.name for path in files if forbidden.search(path.read_text())] == []


# Who reads or writes what a client chose about who may see an answer, and who only passes it to core.access.
VISIBILITY_IN = {
    "core/access.py": "decides",
    "models/feedback.py": "the column",
    "store/invitation_view.py": "asks core.access", "store/invitations.py": "what the view asks with",
    "store/history.py": "asks core.access", "store/answered.py": "a rough set, of which core.access decides",
    "actions/answers.py": "writes what the client chose", "actions/answer_rows.py": "the default of a new row",
    "actions/taps.py": "the default of a first tap",
    "store/export.py": "asks core.access",
    "store/taps.py": "reads and writes it for a tap",
    "actions/answer_keys.py": "the default of one begun again",
    "web/client_pages.py": "the client's own form", "web/forms.py": "the client's own form",
    "pages/webhook_payload.py": "tells other systems what the client chose",
    "web/start.py": "asks core.access about the made-up answer of a trial",
    "demo/people.py": "what the example's clients choose",
}  # fmt: skip


def test_only_core_access_decides_visibility():
    """Nobody else reads `visibility`; and nobody compares seals, but to ask core.access or about one's own guess."""
    files = {path.relative_to(ROOT / "feedback").as_posix(): path.read_text() for path in (ROOT / "feedback").rglob("*.py")
             if "migrations" not in path.parts}  # fmt: skip
    assert {name for name, text in files.items() if "visibility" in text} == set(VISIBILITY_IN)
    pages = {
        path.relative_to(ROOT / "templates").as_posix(): path.read_text()
        for path in (ROOT / "templates").rglob("*.*")
    }
    assert {name for name, text in pages.items() if "visibility" in text} == {"client/_rows.html"}
    seals = {
        name for name, text in files.items() if re.search(r"sealed_at (is|==|!=|<|>)|\.sealed_at\.is", text)
    }
    assert seals == {"core/access.py", "store/invitation_view.py", "actions/mirrors.py"}


# Who writes without a change, and so without a new version of the data: nothing there is on a page that the version
# is the tag of (web.unchanged).
WRITES_WITHOUT_CHANGE = {
    "actions/audit.py": "the audit log, on no page but its own",
    "actions/change.py": "the changes themselves, and taps",
    "actions/passwords.py": "a mail that was asked for, on no page",
    "actions/people.py": "an organisation that is new",
    "actions/sign_in_links.py": "a mail that was asked for, on no page",
    "actions/sign_ups.py": "of no organisation yet",
    "db/counters.py": "attempts to sign in, of no organisation",
    "db/engine.py": "the definition",
    "migrations/__init__.py": "rebuilds numbers while nobody looks",
    "sending/chat.py": "the log of chat channels",
    "sending/webhooks.py": "the log of webhooks",
    "sending/worker.py": "the queue of mails",
}


def test_every_write_counts_a_version_or_says_why_not():
    files = {path.relative_to(ROOT / "feedback").as_posix(): path.read_text() for path in (ROOT / "feedback").rglob("*.py")}  # fmt: skip
    assert {name for name, text in files.items() if "writing()" in text or "def writing" in text} == set(
        WRITES_WITHOUT_CHANGE
    )


def test_only_taps_are_written_without_a_transaction_of_ours():
    ways = (".write_at_once(", ".writing_bare(")
    names = {
        path.name
        for path in (ROOT / "feedback").rglob("*.py")
        if any(way in path.read_text() for way in ways)
    }
    assert names == {"taps.py"}  # no number follows from a tap, so it counts no version


# What orders a list to its end and is no id: one of each in an organisation, or a tuple that ends with an id itself.
ORDERS_OF_THEIR_OWN = {
    "col(Team.name)", "col(FrozenWeek.monday)", "col(WeekRow.monday).desc()", "col(FrozenWeek.monday).desc()",
    "col(Organisation.timezone)", "changed.c.half_year", "afar", "column", "row_id", "*order", "*order.order",
    "*found.primary_key.columns", "*_in_order(page.c)", "*_in_order(its)",
}  # fmt: skip


def test_every_order_ends_with_what_there_is_once():
    """Two of a name or of a moment come in the order of the table otherwise, which a database may change between two pages
    of a list, and which is another one on the other database."""
    ends = [
        (path.relative_to(ROOT).as_posix(), ast.unparse(call.args[-1]))
        for path in sorted((ROOT / "feedback").rglob("*.py"))
        if "migrations" not in path.parts
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "order_by"
    ]
    assert len(ends) > 100
    assert [each for each in ends if not re.search(r"id\)(\.desc\(\))?$", each[1])
            and each[1] not in ORDERS_OF_THEIR_OWN] == []  # fmt: skip
    assert {end for _, end in ends} >= ORDERS_OF_THEIR_OWN


def test_whoever_connects_asks_whether_our_own_network_may_be_reached():
    """By what the settings say, and never by a word of its own."""
    asked = [
        (path.name, {each.arg: each.value for each in call.keywords}.get("private"))
        for path in (ROOT / "feedback").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("addresses_of", "target_of")
    ]
    assert {"addresses.py", "chat.py", "fetching.py", "oidc.py", "webhooks.py"} <= {name for name, _ in asked}
    by_itself = {
        name for name, how in asked if not ast.unparse(how or ast.Constant(None)).endswith("private")
    }
    assert by_itself == set()


@pytest.mark.parametrize("room", ["web", "actions", "chat"])
def test_tests_know_limits_by_themselves(room):
    """One that takes a limit from the code goes along with it, whatever it becomes."""
    taken = []
    for path in sorted((ROOT / "tests" / room).rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("feedback."):
                module = import_module(node.module)
                taken += [
                    f"{path.name}: {each.name}"
                    for each in node.names
                    if each.name.isupper()
                    and isinstance(getattr(module, each.name, None), int | float | timedelta)
                ]
    assert taken == []


def test_every_file_called_slow_exists():
    assert {*SLOW, *LONG, *FIRST, *PAGES_ON_BOTH} - {
        path.name for path in (ROOT / "tests").rglob("test_*.py")
    } == set()


def test_targets_that_are_named_are_in_the_makefile():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
    in_ci = re.findall(r"\bmake ([a-z][a-z-]*)$", (ROOT / ".ci" / "run").read_text(), re.M)
    assert {"lint", "test"} <= set(in_ci)
    assert {*in_ci, *re.findall(r"`make ([a-z-]+)", README)} - targets == set()


AUDITED = {"name": "flask", "version": "3.1", "vulns": []}
UNSOUND = {"name": "flask", "version": "3.1", "vulns": [{"id": "CVE-1", "fix_versions": ["3.2"]}]}
UNKNOWN = {"name": "flask", "version": "3.1", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "said", "passes"),
    [
        ("", "not audited: no network", True),
        (json.dumps({"dependencies": [UNKNOWN]}), "not audited: nobody knows of these 1 packages here", True),
        (
            json.dumps({"dependencies": [AUDITED, UNKNOWN]}),
            "0 known vulnerabilities in 1 of 2 packages",
            True,
        ),
        (json.dumps({"dependencies": [UNSOUND]}), "flask 3.1: CVE-1, repaired in 3.2", False),
    ],
    ids=["no answer", "knows nothing", "sound", "unsound"],
)
def test_an_audit_fails_for_a_known_vulnerability_only(report, said, passes):
    judge = runpy.run_path(str(ROOT / ".ci" / "audit.py"))["judge"]
    words, passed = judge(report)
    assert said in words
    assert passed is passes


def test_measure_prints_every_row():
    told = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "measure.py"], capture_output=True, text=True, check=True
    )
    assert len(told.stdout.split("\n\n")[0].splitlines()) == 17


def test_no_two_classes_share_a_name():
    found = [
        node.name
        for path in (ROOT / "feedback").rglob("*.py")
        if "versions" not in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    ]
    assert len(found) > 150
    assert [name for name, count in Counter(found).items() if count > 1] == []


# Tests that assert nothing but that something is absent, and whose own words, or whose fixture, fail where nothing was
# looked at: a list of what is wrong, over a sweep that is itself counted; a lock that is waited for.
ONLY_ABSENT = {
    "test_sum_waits_for_another_write_to_the_rep": "waits, and a replay that compares every number",
    "test_one_device_and_seals_at_once_do_not_deadlock": "raises where somebody is refused; then a replay",
    "test_assigning_and_answering_at_once_do_not_deadlock": "likewise",
    "test_own_address_is_known_however_its_domain_is_written": "of the one meeting that is read",
    "test_reading_leaves_the_file_open": "of one file",
    "test_axe_finds_nothing_on_client_pages": "axe's own list of what is wrong",
    "test_axe_finds_nothing_on_leaderboard": "likewise",
    "test_axe_finds_nothing_on_managers_pages": "likewise",
    "test_reduced_motion_stops_all_animation": "of every element of a page that was waited for",
    "test_handed_over_phone_opens_only_the_answer": "of a page that was waited for",
    "test_selected_text_stops_the_refresh": "other tests see the same refresh ask",
    "test_nothing_scrolls_sideways_or_is_too_small": "of a list of pages",
    "test_phone_in_a_clients_hand_begins_nothing": "of a page that was waited for",
    "test_done_whose_answer_lost_its_headers_ends_at_what_was_said": "of a page that was waited for",
    "test_every_address_that_writes_stands_in_a_story": "a set less another",
    "test_every_action_stands_in_a_story": "likewise",
    "test_everybody_sees_what_was_seen": "files that are compared",
    "test_tables_are_looked_at_once": "a second look, after one that other tests see",
    "test_every_word_of_the_app_is_translated": "sets of texts, less others",
    "test_citus_script_goes_in_the_order_of_keys": "of a script that is read",
    "test_lock_of_the_image_is_part_of_the_whole": "a set less another",
    "test_units_are_hardened": "likewise",
    "test_tests_know_limits_by_themselves": "of every test",
    "test_every_file_called_slow_exists": "a set less another",
    "test_all_works_through_a_pooler": "the code of a process that failed or not",
    "test_client_page_writes_no_class_that_its_sheet_lacks": "a set less another",
    "test_first_view_lacks_no_class_of_its_six_rows": "likewise",
    "test_every_reason_is_of_an_address": "likewise",
    "test_every_test_named_in_a_document_exists": "names that lack: documents may name none",
    "test_every_point_that_is_met_is_shown_by_something": "of rows that another test counts",
    "test_own_pages_show_what_is_ones_own": "marks that lack: each has to be there",
    "test_client_pages_set_no_cookie": "of visits that are listed",
    "test_more_than_a_tap_is_left_to_the_form": "the short way's answer to what it does not take",
    "test_second_page_with_a_choice_is_left_to_the_form": "likewise",
    "test_nobody_without_a_score_has_a_line": "nothing is drawn of nothing",
    "test_relationship_page_shows_the_whole_brief": "marks that lack: each has to be there",
    "test_no_page_has_unmarked_words": "of pages whose links are followed, each opened",
    "test_every_posted_form_is_covered": "a set less another",
    "test_every_get_address_is_covered": "likewise",
    "test_whole_organisations_are_read_by_the_listed_only": "of statements that were issued",
}  # fmt: skip
_EMPTY = {"None", "''", "b''", "0", "[]", "()", "{}", "set()"}
_ANY = {
    "len",
    "set",
    "str",
    "sorted",
    "items",
    "values",
    "keys",
    "get",
    "post",
    "read_text",
    "search",
    "next",
}


def asserts_an_absence(test: ast.expr) -> bool:
    """Whether what a test asserts holds as well where nothing was looked at."""
    if isinstance(test, ast.UnaryOp):
        return isinstance(test.op, ast.Not)
    if isinstance(test, ast.BoolOp):
        return all(map(asserts_an_absence, test.values))
    if not isinstance(test, ast.Compare) or len(test.ops) > 1:
        return False
    nothing = {ast.unparse(test.left), ast.unparse(test.comparators[0])} & _EMPTY
    return isinstance(test.ops[0], ast.NotIn) or (isinstance(test.ops[0], ast.Eq | ast.Is) and bool(nothing))


def test_tests_assert_what_is_there_too():
    """A test whose every assert is of an absence is green where its page is empty. One may stand beside a test of its
    file that finds something by the same call; the core answers its arguments alone; the others have a reason."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.parent.name in {"core", "evidence"}:
            continue
        finds = {call for a in asserts_of(tree) if not asserts_an_absence(a) for call in calls_in(a)}
        for test in ast.walk(tree):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                asserts = asserts_of(test)
                only = asserts and all(map(asserts_an_absence, asserts)) and "raises" not in calls_in(test)
                if only and not any(calls_in(each) & finds for each in asserts):
                    found.add(test.name)
    assert found == ONLY_ABSENT.keys()


def asserts_of(tree: ast.AST) -> list[ast.expr]:
    return [each.test for each in ast.walk(tree) if isinstance(each, ast.Assert)]


def calls_in(tree: ast.AST) -> set[str]:
    """The names of functions that are called, but those that say nothing of what is looked at."""
    calls = (each.func for each in ast.walk(tree) if isinstance(each, ast.Call))
    return {ast.unparse(each).rpartition(".")[2] for each in calls} - _ANY


@pytest.mark.parametrize(
    ("asserted", "absent"),
    [("not found", True), ("a not in b", True), ("f() == []", True), ("f() is None", True), ("0 == n", True),
     ("a in b", False), ("f() == [1]", False), ("f() is not None", False), ("found", False), ("n > 0", False)],
)  # fmt: skip
def test_absences_are_told_from_presences(asserted, absent):
    assert asserts_an_absence(ast.parse(asserted, mode="eval").body) is absent
