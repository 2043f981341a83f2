"""The language of the pages of people who sign in, and that each page has one."""

import html
import re

import pytest
from sqlmodel import select
from support.pages import words

from feedback.actions.change import change
from feedback.models import Organisation, User
from feedback.wording import i18n
from feedback.wording.own_words import standard_words

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


class Bracketed(i18n.NullTranslations):
    """A catalogue that puts every text in brackets."""

    def ugettext(self, message):
        return f"⟦{message}⟧"

    def ungettext(self, singular, plural, num):
        return f"⟦{singular if num == 1 else plural}⟧"


@pytest.fixture
def organisation_speaks(cast):
    """organisation_speaks("fr") makes French the language of Alice's organisation."""

    def speak(tag):
        with change(cast.db, cast.alice.organisation_id, cast.clock()) as c:
            c.session.get_one(Organisation, cast.alice.organisation_id).language = tag

    return speak


def test_page_is_in_the_browsers_language(sign_in, cast):
    page = sign_in("alice").get("/meetings", headers=GERMAN).text
    assert '<html lang="de">' in page
    assert "Ihr erstes Gespräch" in words(page)


@pytest.mark.parametrize(
    ("chosen", "browser", "organisation", "used"),
    [("es", "de", "fr", "es"), ("", "de", "fr", "de"), ("", "ja, pt", "fr", "fr"), ("", "", "ja", "en"),
     ("", "fr-CA;q=0.4, es-MX", "en", "es"), ("en", "de", "de", "en"), ("", "*", "de", "de")],
)  # fmt: skip
def test_choice_comes_before_browser_and_organisation(
    sign_in, cast, organisation_speaks, chosen, browser, organisation, used
):
    organisation_speaks(organisation)
    alice = sign_in("alice")
    assert alice.post("/me/language", {"language": chosen}).status_code == 303
    page = alice.get("/meetings", headers={"Accept-Language": browser}).text
    assert f'<html lang="{used}">' in page


def test_unknown_language_is_refused(sign_in, cast, db):
    alice = sign_in("alice")
    reply = alice.post("/me/language", {"language": "xx"})
    assert reply.status_code == 422
    assert "Choose one of these languages." in words(reply.text)
    with db.reading() as session:
        assert session.exec(select(User.language).where(User.id == cast.alice.id)).one() is None


def test_owners_rooms_are_english_as_a_whole(sign_in, cast):
    olive = sign_in("olive")
    for path in (
        "/people",
        "/teams",
        "/settings",
        "/webhooks",
        "/chat",
        "/audit",
        "/import",
        "/export",
        "/status",
        "/start",
    ):
        page = olive.get(path, headers=GERMAN).text
        assert '<html lang="en">' in page, path
        assert "To the content" in words(page), path
        assert "Rangliste" not in words(page), path


def test_errors_and_refusals_have_the_pages_language(sign_in, cast):
    alice = sign_in("alice")
    missing = alice.get("/meetings/0190b5a4-0000-7000-8000-000000000000", headers=GERMAN)
    assert '<html lang="de">' in missing.text
    assert "Hier ist nichts" in words(missing.text)
    refused = alice.post("/meetings/new", {"contact_name": "Dana"}, headers=GERMAN)
    assert "Bei welcher Firma?" in words(refused.text)
    own = {"old": "a wrong sentence", "password": "another sentence"}
    assert "Das ist nicht Ihr Passwort." in words(alice.post("/me/password", own, headers=GERMAN).text)


def test_stranger_signs_in_in_german(stranger, cast):
    assert "Willkommen zurück" in words(stranger.get("/sign-in", headers=GERMAN).text)
    page = stranger.post("/sign-in", {"email": "alice@example.com", "password": "x"}, headers=GERMAN).text
    assert "E-Mail und Passwort passen nicht zusammen." in words(page)


def test_numbers_and_dates_follow_the_language(sign_in, cast):
    met = cast.meeting()
    cast.seal(met, 3)
    cast.answer(met, 4)
    page = words(sign_in("carol").get("/leaderboard", headers=GERMAN).text)
    assert "Alice (1,0 Stimme)" in page
    assert "16. Nov. – 22. Nov. 2026 · laufend" in page


def test_no_page_has_unmarked_words(sign_in, cast, monkeypatch):
    """All texts in brackets: what is left is what people typed, names, dates and numbers."""
    met = cast.meeting()
    cast.seal(met, 5)
    cast.answer(met, 1, comment="Xxxx")
    waiting = cast.meeting("alice", "Zeb", "Qqqq")
    monkeypatch.setattr(i18n, "app_translations", lambda _tag: Bracketed())
    typed = (
        r"Alice|Bob|Carol|Dana|Whitfield|Zeb|Qqqq|Northwind|Xxxx|North|South|Doughnut Partners|Beyond Doughnuts|CSV"
        r"|FEEDBACK_SMTP_URL|\w+@example\.com|A browser|Nov\.|Deutsch|English|Español|Français|BEGIN:VCALENDAR|https:|feedback worker"
    )
    typed += "".join(f"|{re.escape(each)}" for each in standard_words("de").values())  # as clients read them
    links = {"alice": set(), "carol": set()}
    start = {
        "alice": ["/meetings", "/meetings/new", "/meetings/calendar", "/me", "/relationships", "/leaderboard",
                  f"/meetings/{waiting.meeting_id}/mirror", f"/meetings/{met.meeting_id}/gap",
                  f"/meetings/{waiting.meeting_id}/promises", f"/meetings/{waiting.meeting_id}/hand-over"],
        "carol": ["/leaderboard", "/alerts", "/alerts?closed=1", "/relationships", "/accounts", "/coaching", "/answers", "/today", "/me"],
    }  # fmt: skip
    for name, paths in start.items():
        browser = sign_in(name)
        for path in paths:
            page = browser.get(path, headers=GERMAN).text
            assert _unmarked(page, typed) == [], path
            links[name] |= set(
                re.findall(
                    r'href="(/(?:alerts|answers|accounts|relationships|reps|meetings)/[0-9a-f-]{36}[^"#]*)"',
                    page,
                )
            )
        for path in sorted(links[name])[:25]:
            assert _unmarked(browser.get(html.unescape(path), headers=GERMAN).text, typed) == [], path


def _unmarked(page: str, typed: str) -> list[str]:
    """Return the words of a page outside of brackets, in its text and in what its attributes say."""
    page = re.sub(r'<(script|style|p class="spelled")[^>]*>.*?</(script|style|p)>', "", page, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|placeholder|title|data-label)="([^"]*)"', page)
    left = []
    for text in [re.sub(r"<[^>]*>", " ", page), *said]:
        while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text, flags=re.DOTALL)) != text:
            text = shorter
        text = re.sub(typed, " ", html.unescape(text))
        left += re.findall(r"[A-Za-z]{2,}", text)
    return left
