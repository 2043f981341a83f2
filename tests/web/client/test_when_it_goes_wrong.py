"""Pages for when it goes wrong: each says in the client's language what to do, without technical words."""

import re

import pytest
from support.pages import words

from feedback.actions import answers
from feedback.actions.change import change
from feedback.app import create_app
from feedback.db.engine import Database

GERMAN = {"Accept-Language": "de-AT,de;q=0.9"}
TECHNICAL = re.compile(
    r"\b(?:[45]\d\d|errors?|fehler|server|http\w*|token|sql\w*|datenbank|database|exception)\b", re.I
)


@pytest.fixture(params=["a folder that is gone", "a server that is gone"])
def without_database(request, app, tmp_path):
    """A browser of an app whose database cannot be reached."""
    gone = {
        "a folder that is gone": f"sqlite:///{tmp_path}/no/such/folder/feedback.sqlite3",
        "a server that is gone": "postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2",
    }
    database = Database(gone[request.param])
    yield create_app(app.extensions["feedback"].settings, database=database).test_client()
    database.dispose()


@pytest.fixture
def go_wrong(cast, clock, invitation, page, own, stranger):
    """go_wrong("closed") is what a client with a German phone is shown."""

    def look(how: str):
        if how == "unknown":
            return stranger.get("/f/x", headers=GERMAN)
        cast.answer(invitation, 4)
        if how == "erased":
            with change(cast.db, invitation.organisation_id, clock()) as c:
                answers.erase_answer(c, invitation.id)
            return stranger.get(own, headers=GERMAN)
        if how == "closed":
            clock.forward(days=20)
        if how == "too fast":
            for _ in range(60):
                stranger.client.post(f"{page}/opened")
            return stranger.client.post(page, data={"savvy": 5}, headers=GERMAN)
        return stranger.get(page, headers=GERMAN)

    return look


@pytest.mark.parametrize(
    ("how", "status", "what", "todo"),
    [
        ("unknown", 404, "Diese Adresse kennen wir nicht", "Scannen Sie den Code noch einmal"),
        ("closed", 410, "Diese Seite ist geschlossen", "bitten Sie Alice"),
        ("erased", 410, "Gelöscht", "bitten Sie Alice"),
        ("too fast", 429, "Etwas zu schnell", "Warten Sie eine Minute"),
    ],
)
def test_error_pages_advise_in_clients_language(go_wrong, how, status, what, todo):
    reply = go_wrong(how)
    assert reply.status_code == status
    assert '<html lang="de"' in reply.text
    assert f"<h1>{what}</h1>" in reply.text
    assert todo in words(reply.text)
    assert not TECHNICAL.findall(words(reply.text))


@pytest.mark.parametrize("method", ["get", "post"])
def test_page_without_database_is_503_in_clients_language(without_database, invitation, method):
    reply = getattr(without_database, method)(f"/f/{invitation.token}", headers=GERMAN)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "30")
    assert '<html lang="de"' in reply.text
    assert "Ihre bisherige Bewertung ist gespeichert." in words(reply.text)
    assert not TECHNICAL.findall(words(reply.text))
    assert "Set-Cookie" not in reply.headers


def test_chosen_language_precedes_the_browsers(without_database, invitation, stranger):
    chosen = f"/f/{invitation.token}?lang=ja"
    assert '<html lang="ja"' in without_database.get(chosen, headers=GERMAN).text
    assert '<html lang="ja"' in stranger.get("/f/x?lang=ja", headers=GERMAN).text


def test_rep_page_without_database_is_503(without_database):
    with without_database.session_transaction() as session:
        session.update(
            organisation="0190b5a4-0000-7000-8000-000000000000",
            secret="s",
        )
    for reply in (without_database.get("/sign-in"), without_database.get("/meetings")):
        assert reply.status_code == 503
        assert "What was saved before is kept. Wait a minute, then try again." in words(reply.text)
