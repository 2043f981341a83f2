"""Which language the client's page speaks: the one asked for, else the contact's own, else the browser's, else the
organisation's, else English."""

import pytest
from sqlmodel import update

from feedback.models import Contact, Organisation

SPOKEN = {"asked": "ja", "contact": "de", "browser": "fr", "organisation": "es"}


@pytest.fixture
def speaks(db, stranger, own, page):
    """speaks({"contact", "browser"}) is what each page of the client's speaks where these are known."""

    def look(known):
        with db.writing() as session:
            session.execute(
                update(Contact).values(language=SPOKEN["contact"] if "contact" in known else None)
            )
            session.execute(
                update(Organisation).values(
                    language=SPOKEN["organisation"] if "organisation" in known else "en"
                )
            )
        headers = {"Accept-Language": SPOKEN["browser"]} if "browser" in known else {}
        ask = f"?lang={SPOKEN['asked']}" if "asked" in known else ""
        replies = [
            stranger.get(f"{path}{ask}", headers=headers).text for path in (page, own, f"{own}/receipt")
        ]
        return {text.split('<html lang="')[1].split('"')[0] for text in replies}

    return look


@pytest.mark.parametrize("first", [*SPOKEN, "english"])
def test_first_that_is_known_decides(speaks, first):
    order = list(SPOKEN)
    known = set(order[order.index(first) :]) if first in order else set()
    assert speaks(known) == {SPOKEN.get(first, "en")}


def test_language_we_do_not_have_is_skipped(db, stranger, page, speaks):
    speaks({"organisation"})
    text = stranger.get(f"{page}?lang=tlh", headers={"Accept-Language": "tlh, *"}).text
    assert '<html lang="es"' in text
