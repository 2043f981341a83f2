"""What each function of the store and of the pages asks the database, and what it makes of its answers, and what each
action writes, returns and raises, is written down: statements/. So is what jobs, imports, messages, the API and the pages
of the browser ask, write and answer."""

import os
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from support.acting import Acting, ActionDrawer, told_of_action
from support.answering import Answering, told
from support.requesting import RequestDrawer, Requesting
from support.trying import Untried, rules_of

import feedback

HERE = Path(__file__).parent / "statements"
ASKING = ("store", "pages")  # what is asked, and made of the answers, without a row that agrees with another
ACTING = ("actions",)
REQUESTED = ("jobs", "webhooks", "chat", "calendar", "imports", "exports", "sending", "api", "web")
MODULES = [
    each.name
    for each in walk_packages(feedback.__path__, "feedback.")
    if each.name.split(".")[1] in (*ASKING, *ACTING, *REQUESTED) and each.name.count(".") > 1
]
# These go through a set, whose order is never the same.
NOT_TRIED = {
    "activity_until", "todays_entries", "all_entries", "next_entry", "asked_by_itself", "live_standings",
    "store.activity._not_yet_counted", "pages.leaderboard._live", "pages.rep._activity", "pages.scoring_preview._ranks",
    # These start threads or processes, wait, ask the network or this machine, or are decorators.
    "start_calendar_thread", "join_calendar_thread", "start_chat_thread", "start_rounds", "join_rounds", "start_upkeep_thread", "start_webhook_thread",
    "run_worker", "start_import_thread", "caldav_events", "sending.fetching.fetch", "sending.fetching.request", "Budget.seconds", "post_once",
    "check_address", "examine", "calendar.child.main", "calendar.child._grant", "calendar.child._say", "sending.caldav._adapter", "sending.doctor._examine", "_over_http", "web.unchanged._tag", "calendar.file._parsed", "calendar.file._events", "calendar.file._check_deadline",
    "web.metrics.count_request", "web.metrics._of",
    "read_calendar", "serve_stdio", "ask_server", "api.operations.operation", "api.operations.serve",
    "back_up_daily", "numpy_is_there", "ridge_weights", "export_to_folder", "relaxed_gc", "api.assistants.answer", "api.assistants.server",
    "connected", "settings_found", "check_disk", "check_permissions", "check_lines", "check_time_zones", "metrics_text", "newest_backup", "count_token",
    # These are written down elsewhere, or are made of what is, and take long.
    "run_due_jobs", "run_evidence", "api.openapi.describe", "api.blueprint.description", "api.blueprint.show",
}  # fmt: skip


@pytest.fixture(scope="module")
def answering() -> Answering:
    return Answering()


@pytest.fixture(scope="module")
def acting() -> Acting:
    return Acting()


def file_of(name: str) -> Path:
    """Return where it is written down what a module asks."""
    _, room, module = name.split(".", 2)
    return HERE / room / f"{module}.txt"


@pytest.fixture(scope="module")
def requesting(tmp_path_factory) -> Requesting:
    return Requesting(tmp_path_factory.mktemp("instance"))


def now(answering: Answering, acting: Acting, requesting: Requesting, name: str) -> str:
    """Return what the functions of a module ask and write now."""
    module, lines = import_module(name), []
    for function, call, of in rules_of(module):
        if not {function, f"{name.removeprefix('feedback.')}.{function}"} & NOT_TRIED:
            try:
                room = name.split(".")[1]
                if room in ASKING:
                    lines += told(answering, module, function, call, of)
                else:
                    draws = ActionDrawer if room in ACTING else RequestDrawer
                    place = acting if room in ACTING else requesting
                    lines += told_of_action(place, draws(module, function, place), function, call, of)
            except Untried:
                continue
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", MODULES)
def test_function_asks_and_writes_what_is_written(answering, acting, requesting, name):
    path, asked = file_of(name), now(answering, acting, requesting, name)
    if os.environ.get("WRITE_GOLDEN") and asked:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(asked, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert asked == before, "If it is meant: make golden, and read what it changes."


def test_written_functions_are_those_of_a_module():
    assert set(HERE.glob("*/*")) <= {file_of(name) for name in MODULES}
