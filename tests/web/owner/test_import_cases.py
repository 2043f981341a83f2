"""Files as people have them, of every kind that made trouble, through the page."""

import pytest
from sqlmodel import select
from support.cases import CASES, REFUSED
from support.uploads import Importing

from feedback.models import Account, Contact, Meeting


@pytest.fixture
def importing(cast, clock, sign_in, tmp_path):
    cast.add("rita", "rep", "North")
    return Importing(sign_in("olive"), cast, clock, tmp_path)


def test_each_is_imported_and_undone(importing):
    for what, (kind, _, text, added, said) in CASES.items():
        place = importing.check(kind, text)
        page = importing.page(place)
        assert f"Would be added: {added}" in page, (what, page)
        assert said in page, (what, page)
        importing.act(place, "import")
        importing.act(place, "undo")
    with importing.cast.db.reading() as session:
        assert [session.exec(select(table)).all() for table in (Account, Contact, Meeting)] == [[], [], []]


def test_the_others_are_refused_in_words(importing):
    for what, (kind, text, said) in REFUSED.items():
        page = importing.page(importing.check(kind, text))
        assert said in page, (what, page)
        assert "Nothing was written." in page, what
