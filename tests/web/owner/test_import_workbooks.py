"""The same files as Excel workbooks, through the page."""

import pytest
from support.cases import CASES, REFUSED
from support.uploads import Importing, workbook


@pytest.fixture
def importing(cast, clock, sign_in, tmp_path):
    cast.add("rita", "rep", "North")
    return Importing(sign_in("olive"), cast, clock, tmp_path)


def test_each_is_imported_and_undone(importing):
    for what, (kind, delimiter, text, added, said) in CASES.items():
        if not isinstance(text, str) or text.startswith("sep="):
            continue  # only a CSV file has an encoding, or such a line
        place = importing.check(kind, workbook(text, ";" if text.startswith("Company") else delimiter))
        page = importing.page(place)
        assert f"Would be added: {added}" in page, (what, page)
        assert said in page, (what, page)
        importing.act(place, "import")
        importing.act(place, "undo")
        assert "Undone." in importing.page(place), what


def test_the_others_are_refused_in_words(importing):
    for what, (kind, text, said) in REFUSED.items():
        if '"' in text:
            continue
        page = importing.page(importing.check(kind, workbook(text)))
        assert said in page, (what, page)
        assert "Nothing was written." in page, what
