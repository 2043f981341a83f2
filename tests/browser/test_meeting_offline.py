"""A meeting begins without a network: the phone shows a code that it reserved before, and the client's phone waits."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from support.chromium import decode, tap

from feedback.core.finding import folded, holds_words
from feedback.models import Contact, Meeting
from feedback.store.replay import differences


def _code(page: Page, name: str) -> str:
    """Return what the code on the screen says, once it is there."""
    expect(page.get_by_role("heading", name=f"Show this to {name}")).to_be_visible()
    return decode(page)


def _count(db, table):
    with db.reading() as session:
        asked = select(func.count()).select_from(table).execution_options(across_organisations=True)
        return session.scalar(asked)


@pytest.fixture
def ready(rep, cast):
    """ready() is Alice's phone on her page, with codes for meetings without a network."""

    def enter(**options: object) -> Page:
        cast.meeting()
        page = rep(**options)
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        expect(page.get_by_text("Without a network this phone can begin 5 meetings")).to_be_visible()
        return page

    return enter


def test_meeting_begins_offline_and_arrives_once(ready, phone, cast, db, address):
    page = ready()
    page.context.set_offline(True)
    page.goto(f"{address}/meetings")
    expect(page.get_by_text("No network. Your phone can begin a meeting all the same")).to_be_visible()
    page.get_by_label("Find a contact or company").fill("nórthwind DAN")
    page.get_by_role("button", name="Show code").tap()
    first = _code(page, "Dana Whitfield")
    client = phone().new_page()
    assert client.goto(first).status == 200
    expect(client.get_by_role("heading", name="This page is not ready yet")).to_be_visible()
    client.evaluate("self.stays = true")
    with client.expect_response(first):
        client.evaluate(
            "dispatchEvent(new Event('online'))"
        )  # it looks at once, and sees that nothing has changed
    client.wait_for_timeout(200)
    assert client.evaluate("self.stays") is True
    page.reload()
    assert _code(page, "Dana Whitfield") == first
    page.goto(f"{address}/meetings")
    page.get_by_role("button", name="Show code").tap()  # the same person is the same code
    assert _code(page, "Dana Whitfield") == first
    page.get_by_role("link", name="Somebody else").tap()
    page.locator("#somebody-new summary").tap()
    page.get_by_label("Name").fill("Eli Ode")
    page.get_by_role("textbox", name="Company").fill("Acme")
    page.get_by_role("button", name="Show the code").tap()
    assert _code(page, "Eli Ode") != first
    page.go_back()
    expect(page.locator("#waits li")).to_have_count(2)
    assert _count(db, Meeting) == 1
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/meetings$"))
    expect(page.get_by_text("3 to guess")).to_be_visible()
    expect(page.locator("#waits")).to_be_hidden()
    assert _count(db, Meeting) == 3
    expect(client.get_by_role("heading", name="Six taps, Dana.")).to_be_visible(timeout=15000)
    tap(client, {"savvy": 4})
    page.get_by_text("3 to guess").tap()
    page.get_by_role("link", name="Eli Ode Acme").tap()
    expect(page.get_by_role("heading", name=re.compile("Eli"))).to_be_visible()
    assert _count(db, Contact) == 2
    with db.reading() as session:
        assert list(differences(session, cast.alice.organisation_id)) == []


FOLDED = (
    "Jörg O'Brien-Łoś",
    "Straße\t5 ẞ",
    "İSTANBUL ı",
    "Σίσυφος",
    "שָׁלוֹם",
    "علي كريم",
    "अनुराधा",
    "ｆｕｌｌ １２",
    "田中太郎",
    "’ʼ'",
    "",
)
TYPED = ("muller jo", "obrien", "brien", "lass", "太郎", "%", "  ", "d'arc", "arc", "a b c d e f g h zz", "")


def test_phone_finds_names_as_the_server_does(phone):
    script = (Path(__file__).parents[2] / "static/js/offline.js").read_text()
    kept = [script[script.index("const MARKS") : script.index("const $ =")]]
    kept.append(script[script.index("function holdsWords") : script.index("async function again")])
    page = phone().new_page()
    page.evaluate("() => {" + "\n".join(kept) + "Object.assign(window, {folded, holdsWords}); }")
    for text in FOLDED:
        assert page.evaluate("text => folded(text)", text) == folded(text), text
    for typed in TYPED:
        for name in ("Jörg Müller-O'Brien", "田中太郎", "Jeanne d’Arc", "abcdefgh a b c d e f g h"):
            found = page.evaluate("([name, typed]) => holdsWords([name, 'Glass'], typed)", [name, typed])
            assert found == holds_words(f"{name} Glass", typed), (name, typed)


def test_phone_takes_each_code_once_and_none_for_a_meeting_that_was_refused(phone):
    script = (Path(__file__).parents[2] / "static/js/kept.js").read_text()
    page = phone().new_page()
    page.evaluate(f"() => {{ {script} }}")
    begun = page.evaluate(
        """() => {
          const until = Date.now() + 60_000, codes = ["A", "B", "C"].map((token) => ({ token, until }));
          const kept = { locked: false, codes, contacts: [], waiting: [] };
          const dana = { contact_id: "1", name: "Dana", account: "Northwind" };
          const token = (who) => phone.begin(kept, who, "form", "")?.code.token;
          const made = [token(dana), token(dana)];
          kept.waiting[0].refused = "She is known already.";
          made.push(token(dana));
          kept.waiting[1].began -= 2 * 60 * 60 * 1000;
          return [...made, token(dana), token({ ...dana, name: "Eli" }), phone.usable(kept).length];
        }"""
    )
    assert begun == ["A", "A", "B", "C", None, 0]


def test_phone_sends_what_its_rep_began_and_nothing_of_anybody_elses(phone, address):
    """How long ago is told in seconds; what was refused is not sent again; and whoever is signed in now gets nothing that
    somebody else has begun."""
    scripts = [
        (Path(__file__).parents[2] / f"static/js/{name}.js").read_text()
        for name in ("kept", "without-network")
    ]
    page = phone().new_page()
    page.goto(f"{address}/privacy")
    sent, left = page.evaluate(
        "async () => {" + "\n".join(scripts) + """
          const sent = [], until = Date.now() + 60_000, NOW = { who: "alice", csrf: "", contacts: [], stock: 0 };
          window.fetch = async (place, { body } = {}) => {
            if (body) sent.push([place, body.get("token"), body.get("ago")]);
            return Response.json(body ? { meeting: "/meetings/1" } : NOW);
          };
          const began = Date.now() - 90_000, one = { contact_id: "1", name: "Dana", account: "", began };
          const refused = { ...one, code: { token: "R", until }, refused: "No." };
          const begun = { who: "alice", codes: [{ token: "C", until }], waiting: [{ ...one, code: { token: "W", until } }, refused] };
          await phone.change((kept) => { Object.assign(kept, structuredClone(begun)); });
          await late.send();
          const mine = await phone.read();
          await phone.change((kept) => { Object.assign(kept, structuredClone(begun)); });
          NOW.who = "bob";
          await late.send();
          const bobs = await phone.read();
          return [sent, [mine, bobs].map((kept) => [kept.who, kept.codes.length, kept.waiting.map((each) => each.code.token)])];
        }"""
    )  # fmt: skip
    assert [(place, token) for place, token, _ in sent] == [("/meetings/late", "W")]
    assert 90 <= int(sent[0][2]) <= 120
    assert left == [["alice", 1, ["R"]], ["bob", 0, []]]
