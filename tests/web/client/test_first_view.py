"""The client's first view is one small request: it carries its styles and its script, and was rendered ahead."""

import base64
import hashlib
import re

import pytest
from support.pages import words

from feedback.core.answer_key import new_key
from feedback.wording.i18n import EVERY_LANGUAGE, languages

LARGEST = 5 * 1024  # bytes


@pytest.fixture
def compressed(stranger, page):
    """compressed(language) is the first view as a phone in that language receives it."""
    return lambda language: stranger.get(
        page, headers={"Accept-Language": language, "Accept-Encoding": "gzip, deflate, br"}
    )


def test_first_view_is_at_most_5_kb(compressed):
    sizes = {language: len(compressed(language).data) for language in languages()}
    assert len(sizes) > 30
    assert {language: size for language, size in sizes.items() if size > LARGEST} == {}
    assert compressed("th").headers["Content-Encoding"] == "br"


def test_first_view_loads_nothing_else(stranger, page):
    text = stranger.get(page).text
    assert "<style>" in text
    assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', text) == []


def test_rows_come_before_the_script(stranger, page):
    text = stranger.get(page).text
    assert text.count("<script>") == 1
    assert (
        text.index("<style>")
        < text.index('name="integrity"')
        < text.index("</form>")
        < text.index("<script>")
    )


def test_phone_paints_one_language_before_it_hears_of_the_others(stranger, page):
    text = stranger.get(page, headers={"Accept-Language": "nl"}).text
    painted = re.sub("<noscript>.*?</noscript>", "", text, flags=re.DOTALL)
    assert re.findall("<option[^>]*>([^<]*)", painted) == ["Nederlands"]
    assert len(re.findall("<option", text)) > 10


def test_button_that_a_script_makes_needless_is_there_without_one(stranger, page):
    """The page is painted before its script has come, so that the script has nothing to hide."""
    assert re.search(r"</select></label>\s*<noscript><button>OK</button></noscript>", stranger.get(page).text)


def test_icon_stands_where_browsers_look(stranger):
    for address in ("/favicon.ico", "/apple-touch-icon.png"):
        with stranger.get(address) as reply:
            assert (reply.status_code, reply.mimetype) == (200, "image/png")
            assert reply.data.startswith(b"\x89PNG")
            assert len(reply.data) < 5 * 1024


def test_page_and_its_preview_name_the_organisation(stranger, page):
    text = stranger.get(page).text
    assert "<title>How was it? · Doughnut Partners</title>" in text
    assert 'property="og:title" content="How was it? · Doughnut Partners"' in text
    assert re.search(r'property="og:description"\s+content="Six taps about a meeting. · Alice"', text)
    assert "Dana" not in text.split("</title>")[1].split("<style>")[0]  # a preview is seen by others
    assert "<bdi>Doughnut Partners</bdi>" in text


def test_policy_allows_only_what_page_carries(stranger, page):
    reply = stranger.get(page)
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", reply.text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", languages())
def test_prepared_page_says_what_rendered_one_does(stranger, page, language):
    # The long menu is not prepared; without the menus the two pages are the same.
    prepared, rendered = (
        re.sub(r"<select.*?</select>", "", stranger.get(f"{page}?lang={wish}").text, flags=re.DOTALL)
        for wish in (language, language + EVERY_LANGUAGE)
    )
    rendered = rendered.replace(f"?lang={language}{EVERY_LANGUAGE}", f"?lang={language}")
    assert "Dana" in words(prepared)
    assert "zq" not in prepared
    assert _fields(prepared) == _fields(rendered)
    assert words(prepared).replace(" ", "") == words(rendered).replace(" ", "")


def test_names_are_escaped(cast, stranger):
    met = cast.meeting(contact="<b>Dana</b> O’Neill", account='Bread & "Butter" zqrepqz')
    text = stranger.get(f"/f/{met.token}").text
    assert "&lt;b&gt;Dana&lt;/b&gt;" in text
    assert "Bread &amp; &#34;Butter&#34; zqrepqz" in text
    assert "<b>Dana" not in text


def test_two_clients_see_their_own_names(cast, stranger):
    first, second = (
        cast.meeting(contact="Dana Whitfield"),
        cast.meeting(contact="Rui Costa", account="Pão Lda"),
    )
    pages = [words(stranger.get(f"/f/{each.token}").text) for each in (first, second, first)]
    assert ["Dana" in each for each in pages] == [True, False, True]
    assert ["Pão Lda" in each for each in pages] == [False, True, False]


def test_short_menu_leads_to_every_language(stranger, page):
    short = stranger.get(page, headers={"Accept-Language": "sl"}).text
    assert 'value="sl" lang="sl" selected' in short
    assert 'value="ko"' not in short
    assert f'value="sl{EVERY_LANGUAGE}"' in short
    address = stranger.client.post(page, data={"speak": f"sl{EVERY_LANGUAGE}", "visibility": "rep"}).location
    whole = stranger.get(address).text
    assert len(re.findall('<option value="[^"]*" lang', whole.split("<noscript")[1])) == len(languages())
    assert 'value="sl" lang="sl" selected' in whole


def _fields(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<(?:input|button|form)[^>]*?(?:name|action)="([^"]*)"(?: value="([^"]*)")?', page)


@pytest.fixture
def both_ways(stranger, page):
    """both_ways(**headers) is the first view as it is answered before the application, and by it."""

    def ask(**headers):
        stranger.get(page, headers=headers)  # the first of its kind is the application's
        return stranger.get(page, headers=headers), stranger.get(f"{page}?by=application", headers=headers)

    return ask


@pytest.mark.parametrize("encodings", ["", "gzip, deflate, br, zstd", "gzip", "br;q=0"])
@pytest.mark.parametrize("tongue", ["de-AT, en;q=0.5", "ar", "xx", ""])
def test_short_way_answers_as_application_does(both_ways, encodings, tongue):
    short, long = both_ways(**{"Accept-Encoding": encodings, "Accept-Language": tongue})
    apart = {"Date": "", "X-Request-ID": ""}
    assert {**long.headers, **apart} == {**short.headers, **apart}
    assert (short.status, short.data) == (long.status, long.data)


def test_short_way_asks_no_application(app, stranger, page, both_ways):
    both_ways()
    asked = []
    app.before_request_funcs[None].insert(0, lambda: asked.append(1))
    try:
        assert "Dana" in stranger.get(page).text
    finally:
        app.before_request_funcs[None].pop(0)
    assert asked == []


def test_what_fails_before_the_application_is_answered_by_it(stranger, page, both_ways, monkeypatch, caplog):
    both_ways()

    def broken(*_given):
        raise RuntimeError(f"of the short way alone, at {page}")

    monkeypatch.setattr("feedback.web.first_view.invitation_by_token", broken)
    assert "Dana" in stranger.get(page).text
    assert caplog.messages == ["went the long way: RuntimeError in broken"]


def test_short_way_ends_with_first_tap(cast, stranger, page, both_ways, clock):
    both_ways()
    stranger.client.post(page, data={"savvy": 4, "sequence": 1, "visibility": "rep"})
    assert 'name="savvy"' not in stranger.get(page).text
    closed = f"/f/{cast.meeting().token}"
    assert stranger.get(closed).status_code == 200
    clock.forward(days=20)
    assert stranger.get(closed).status_code == 410


def test_short_way_tells_the_length_of_its_own_page_once(cast, both_ways, stranger):
    """Another client's name is longer."""
    both_ways()
    reply = stranger.get(f"/f/{cast.meeting(contact='Wolfeschlegelsteinhausenbergerdorff').token}")
    assert reply.headers.getlist("Content-Length") == [str(len(reply.data))]
    assert len(reply.headers.getlist("X-Request-ID")) == 1


def test_page_of_a_key_whose_first_tap_is_on_its_way_keeps_it(stranger, page):
    """The phone made it, and the page goes on under it."""
    key = new_key()
    for _ in range(2):
        text = stranger.get(f"{page}/{key}").text
        assert f'data-key="{key}"' in text
        assert f'action="{page}/{key}"' in text
