"""A form whose button no page has, or has no more: refused in words, and nothing changes."""

import io

import pytest
from support.dump import dump
from support.pages import words

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
PEOPLE = b"name,email,role,team\nErik,erik@example.com,rep,North\n"
NO_BUTTON = "Choose one of the buttons."


@pytest.fixture
def forms(cast, sign_in):
    """Who sends which form to where, and what is said about it."""
    olive, alice = sign_in("olive"), sign_in("alice")
    file = {"kind": "people", "file": (io.BytesIO(PEOPLE), "people.csv")}
    job = olive.post("/import", file, content_type="multipart/form-data").location
    person = f"/people/{cast.alice.id}/access"
    return [
        (olive, job, "nonsense", NO_BUTTON),
        (olive, person, "nonsense", NO_BUTTON),
        (olive, person, "factor", "There is no second factor to remove."),
        (alice, "/me/passkeys", "nonsense", NO_BUTTON),
        (alice, "/me/second-factor", "nonsense", NO_BUTTON),
        (alice, "/me/second-factor", "codes", "Set up codes from a phone first."),
    ]


def test_button_that_is_on_no_page_changes_nothing(db, forms):
    before = dump(db)
    for browser, path, what, said in forms:
        reply = browser.post(path, {"what": what})
        assert (reply.status_code, said in words(reply.text)) == (422, True), (path, what)
    assert dump(db) == before
