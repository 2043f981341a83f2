"""Style sheets: a client's page and a signed-in page share the first of two, and no name means one thing in each."""

import re
from pathlib import Path

from feedback.web.assets import SHEETS

ROOT = Path(__file__).parent.parent
CLIENTS, SIGNED_IN = SHEETS["css/base.css"], SHEETS["css/app.css"]
NOT_THE_CLIENTS = {".narrow"}  # a column of signed-in pages, that stands in the first sheet
PUT_TOGETHER = {"r"}  # with a rating


def selectors(sheet: str) -> list[str]:
    """Return the selectors of a style sheet, each alone."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / f"static/css/{sheet}.css").read_text(), flags=re.DOTALL)
    lists = (found.strip() for found in re.findall(r"([^{};]+)\{", text))
    return [each.strip() for found in lists if not found.startswith("@") for each in found.split(",")]


def classes(text: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", text))


def styled(sheets: tuple[str, ...]) -> set[str]:
    return {name for sheet in sheets for selector in selectors(sheet) for name in classes(selector)}


def used(templates: str) -> dict[str, str]:
    """Return the classes that these templates write, and where."""
    return {
        name: path.name
        for path in (ROOT / "templates").glob(templates)
        for written in re.findall(r'class="([^"]*)"', path.read_text())
        for name in re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", written).split()
    }


def restyled() -> set[str]:
    """Return the selectors of signed-in pages in which everything is the client's, too. On paper there are no clients."""
    clients = styled(CLIENTS)
    found = {selector for sheet in SIGNED_IN if sheet != "print" for selector in selectors(sheet)}
    return {selector for selector in found if (names := classes(selector)) and names <= clients}


def test_signed_in_sheet_restyles_nothing_of_the_clients():
    """One that names nothing of its own would mean a part of the client's page and its namesake: so it was with heads."""
    assert restyled() == NOT_THE_CLIENTS


def test_namesake_is_noticed(monkeypatch):
    monkeypatch.setattr("test_styles.SIGNED_IN", ("choices",))
    assert ".brow a" in restyled()


def test_client_page_writes_no_class_that_its_sheet_lacks():
    clients = styled(CLIENTS)
    written = used("client/*.html") | used("layouts/client.html") | used("errors/client.html")
    assert {name: where for name, where in written.items() if name not in clients | PUT_TOGETHER} == {}


def test_first_view_lacks_no_class_of_its_six_rows():
    rows = styled(SHEETS["css/rows.css"])
    written = used("client/_rows.html") | used("client/_whose.html") | used("client/_language.html")
    others = {"card", "alarm"} | PUT_TOGETHER  # a refused form comes with the whole sheet
    assert {name: where for name, where in written.items() if name not in rows | others} == {}
