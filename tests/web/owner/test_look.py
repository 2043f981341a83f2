"""/settings/look and /settings/words: the client's page in the organisation's own look and words."""

import io
import json
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import select
from support.pages import words

from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid
from feedback.exports.run import export_to_folder
from feedback.imports.logo import BOX, draw_logo
from feedback.models import Audit, Logo, Organisation, Wording
from feedback.web.bodies import UPLOADS
from feedback.web.bounded import Bounded
from feedback.wording.own_words import standard_words

# What people are promised, by its own number: one that moves in the code is to be noticed.
WIDEST_RATING = 9
WIDEST_ROW = 25
LARGEST_LOGO = 24 << 10
LARGEST_PICTURE = 2 << 20
SHARP = 3

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
BROTLI = {"Accept-Encoding": "br"}


def picture(mode="RGB", size=(300, 100), kind="PNG", colour=None, **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour if colour is not None else "#c2255c").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def show_logo(olive):
    """show_logo(content) uploads a picture."""

    def send(content: bytes, name: str = "logo.png"):
        return olive.post("/settings/look", {"what": "logo", "logo": (io.BytesIO(content), name)})

    return send


def address_of_logo(text: str) -> str:
    return re.search(r'<img src="(/logos/[^"]+)"', text)[1]


def test_logo_stands_on_the_clients_page(cast, show_logo, olive, stranger, page):
    plain = stranger.get(page, headers=BROTLI)
    assert show_logo(picture()).location == "/settings/look?saved=1"
    reply = stranger.get(page)
    (image,) = re.findall(r"<img[^>]*>", reply.text)
    assert 'width="72" height="24" alt="" loading="lazy"' in " ".join(
        image.split()
    )  # nothing moves, and nothing waits for it
    assert "img-src 'self';" in reply.headers["Content-Security-Policy"]
    logo = stranger.get(address_of_logo(reply.text))
    assert (logo.mimetype, logo.headers["Cache-Control"]) == (
        "image/png",
        "public, max-age=31536000, immutable",
    )
    assert Image.open(io.BytesIO(logo.data)).size == (72 * SHARP, 24 * SHARP)
    assert len(stranger.get(page, headers=BROTLI).data) < len(plain.data) + 150
    assert "og:image" not in reply.text
    for where in ("/leaderboard", "/settings/look"):
        assert address_of_logo(olive.get(where).text) == address_of_logo(reply.text)


def test_logo_of_another_organisation_is_not_ours(cast, show_logo, sign_in):
    show_logo(picture())
    assert "<img" in sign_in("olive").get("/leaderboard").text
    assert "<img" not in sign_in("mallory").get("/leaderboard").text


def test_logo_that_was_replaced_is_gone(show_logo, olive, stranger, page, db):
    show_logo(picture())
    first = address_of_logo(stranger.get(page).text)
    show_logo(picture(colour="#0b7a75"))
    second = address_of_logo(stranger.get(page).text)
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (404, 200)
    olive.post("/settings/look", {"what": "no-logo"})
    assert stranger.get(second).status_code == 404
    assert "<img" not in stranger.get(page).text
    with db.reading() as session:
        assert session.exec(select(Logo)).all() == []
        changed = [
            (line.before, line.after)
            for line in session.exec(select(Audit).where(Audit.what == "settings.changed").order_by(Audit.id))
        ]
    assert [(bool(b["logo"]), bool(a["logo"])) for b, a in changed] == [
        (False, True),
        (True, True),
        (True, False),
    ]


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9999))
        + chunk(b"IEND", b"")
    )


def test_bad_pictures_are_refused_in_words(show_logo, db):
    before = picture()
    show_logo(before)
    gif = picture(kind="GIF")
    wrong = {
        "a bomb": (bomb(60_000, 60_000), "far too many pixels"),
        "another": (bomb(5000, 5000), "5000 x 5000 pixels are too many"),
        "no more than a line": (picture(size=(3000, 20)), "no more than a line"),
        "an SVG": (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            "This is no PNG or JPEG",
        ),
        "a GIF": (gif, "This is no PNG or JPEG"),
        "cut off": (picture(size=(900, 900), colour="#123456")[:200], "This is no PNG or JPEG"),
        "a page": (b"<html>", "This is no PNG or JPEG"),
        "nothing": (b"", "Choose a picture"),
    }
    for what, (content, reason) in wrong.items():
        reply = show_logo(content)
        assert reply.status_code == 422, what
        assert reason in words(reply.text), what
    with db.reading() as session:
        assert session.exec(select(Logo)).one().content == draw_logo(before).content


def test_too_many_bytes_are_refused(show_logo, monkeypatch):
    with pytest.raises(Invalid, match="At most 2 MB"):
        draw_logo(b"\x89PNG\r\n\x1a\n" + b"x" * LARGEST_PICTURE)
    monkeypatch.setitem(UPLOADS, "/settings/look", 100)  # a body of 50 MB is not read at all
    assert show_logo(picture()).status_code == 413


def test_picture_is_drawn_anew(db):
    animated, exif = io.BytesIO(), Image.Exif()
    frames = [Image.new("RGB", (90, 30), colour) for colour in ("#ff0000", "#00ff00")]
    frames[0].save(animated, "PNG", save_all=True, append_images=frames[1:])
    exif[0x010E], exif[0x0112] = "secret place", 6  # described, and turned by a quarter
    odd = {
        "animated": animated.getvalue(),
        "CMYK": picture("CMYK", kind="JPEG", colour=(0, 200, 100, 0)),
        "EXIF": picture(size=(100, 100), kind="JPEG", exif=exif),
        "polyglot": picture() + b"<script>alert(1)</script>",
        "16 bits": picture("I;16", colour=40_000),
        "palette": picture("P", colour=1),
        "grey": picture("LA", colour=(0, 0)),
    }
    for what, content in odd.items():
        drawn = draw_logo(content)
        with Image.open(io.BytesIO(drawn.content)) as shown:
            assert (shown.format, shown.mode in ("RGB", "P"), shown.info) == ("PNG", True, {}), what
            assert not getattr(shown, "is_animated", False), what
            assert shown.width <= BOX[0] * SHARP, what
            assert shown.height <= BOX[1] * SHARP, what
        for planted in (b"script", b"secret", b"acTL", b"Exif"):
            assert planted not in drawn.content, what
    tall = Image.new("RGB", (80, 120))
    turned = io.BytesIO()
    tall.save(turned, "JPEG", exif=exif)
    assert draw_logo(turned.getvalue()).width > draw_logo(turned.getvalue()).height


def test_logo_stays_small_whatever_it_shows(db):
    noise = Image.effect_noise((600, 200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert len(draw_logo(out.getvalue()).content) <= LARGEST_LOGO


def test_transparent_logo_gets_a_plate_it_can_be_seen_on(db):
    for ink, plate in (("#101010", (255, 255, 255)), ("#ffffff", (35, 26, 36))):
        drawn = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
        drawn.paste(ink, (20, 10, 40, 20))
        out = io.BytesIO()
        drawn.save(out, "PNG")
        with Image.open(io.BytesIO(draw_logo(out.getvalue()).content)) as shown:
            assert shown.convert("RGB").getpixel((0, 0)) == plate


def test_colour_stands_in_page_and_policy(olive, stranger, page):
    assert olive.post("/settings/look", {"what": "colour", "accent": "FD0"}).status_code == 303
    first, prepared_one = stranger.get(page), stranger.get(page)
    assert first.data == prepared_one.data
    assert "--glaze:#" in first.text.split("</style>")[1]
    assert first.headers["Content-Security-Policy"].count("'sha256-") == 3
    assert len(stranger.get(page, headers=BROTLI).data) <= 5 * 1024
    sheet = re.search(r'href="(/accents/[^"]+)"', olive.get("/leaderboard").text)[1]
    reply = stranger.get(sheet)
    assert (reply.mimetype, reply.text) == (
        "text/css",
        re.findall("<style>(.*?)</style>", first.text, re.DOTALL)[1],
    )
    olive.post("/settings/look", {"what": "colour", "accent": ""})
    assert stranger.get(page).text.count("<style>") == 1
    assert "/accents/" not in olive.get("/leaderboard").text


def test_what_is_no_colour_is_refused(olive, stranger, db):
    for accent in ("red", "#12", "#fff}body{display:none", "é", "x" * 5000):
        for what in ("colour", "try"):
            reply = olive.post("/settings/look", {"what": what, "accent": accent})
            assert (reply.status_code, "Write a colour like" in reply.text) == (422, True)
    assert olive.post("/settings/look", {"what": "try", "accent": "#fd0"}).status_code == 200
    for path in ("/accents/fff.css", "/accents/FFFFFF.css", "/accents/x.css", "/logos/x/y"):
        assert stranger.get(path).status_code == 404
    with db.reading() as session:
        assert set(session.exec(select(Organisation.accent))) == {""}


def test_words_stand_wherever_clients_and_reps_read_them(cast, olive, sign_in, stranger, page, invitation):
    german = {"savvy": "Kennt unser Geschäft", "rating_5": "Spitze"}
    assert olive.post("/settings/words/de", german).location == "/settings/words/de?saved=1"
    olive.post("/settings/words/en", {"savvy": "Knows our <trade>"})
    in_german, in_english = (words(stranger.get(f"{page}?lang={tag}").text) for tag in ("de", "en"))
    assert {"Kennt unser Geschäft", "Spitze"} <= {text for text in german.values() if text in in_german}
    assert "Fantastisch" not in in_german
    assert ("Fantastic" in in_english, "Spitze" in in_english) == (True, False)
    assert "Knows our &lt;trade&gt;" in stranger.get(page).text
    mirror = sign_in("alice").get(f"/meetings/{invitation.meeting_id}/mirror").text
    assert "Knows our &lt;trade&gt;" in mirror
    cast.answer(invitation, 5)
    receipt = stranger.get(f"{cast.answer_address(invitation)}/receipt?lang=de").text
    assert ("Kennt unser Geschäft" in receipt, "Spitze" in receipt) == (True, True)


def test_words_of_another_organisation_are_its_own(cast, olive, stranger, page, sign_in):
    mallory = sign_in("mallory")
    mallory.post("/settings/words/en", {"savvy": "Ours alone"})
    assert "Ours alone" in mallory.get("/settings/words/en").text
    assert "Ours alone" not in stranger.get(page).text
    assert "Ours alone" not in olive.get("/settings/words/en").text


def test_empty_words_are_the_standard_ones_again(olive, stranger, page, db):
    before = stranger.get(page).data
    olive.post("/settings/words/en", {"savvy": "Knows us"})
    assert stranger.get(page).data != before
    olive.post("/settings/words/en", {"savvy": "", "integrity": "Keeps promises"})
    assert stranger.get(page).data == before
    with db.reading() as session:
        assert session.exec(select(Wording)).all() == []
        changes = [
            (a.before, a.after)
            for a in session.exec(select(Audit).where(Audit.what == "settings.changed").order_by(Audit.id))
        ]
    assert changes == [
        ({"en savvy": ""}, {"en savvy": "Knows us"}),
        ({"en savvy": "Knows us"}, {"en savvy": ""}),
    ]


def test_words_changed_by_another_owner_are_kept(cast, olive, sign_in, db):
    cast.add("otto", "owner")
    seen = {"seen": "{}"}
    olive.post("/settings/words/en", {"savvy": "Knows us", **seen})
    reply = sign_in("otto").post("/settings/words/en", {"chemistry": "Fun", **seen})
    assert reply.location == "/settings/words/en?saved=1&others=1"
    refused = sign_in("otto").post("/settings/words/en", {"savvy": "Gets us", **seen})
    assert (refused.status_code, "to Knows us." in words(refused.text)) == (409, True)
    with db.reading() as session:
        assert session.exec(select(Wording)).one().words == {"savvy": "Knows us", "chemistry": "Fun"}
    again = {"seen": json.dumps({"savvy": "Knows us"}), "savvy": "Gets us"}
    assert sign_in("otto").post("/settings/words/en", again).status_code == 303


def test_bad_words_are_refused_and_shown_again(olive, db):
    for form, reason in (
        ({"savvy": "x" * 31}, "Too long for a phone"), ({"rating_1": "x" * 5000}, "Too long for a phone"),
        ({"rating_1": "Fine"}, "Two of them would read alike"),
    ):  # fmt: skip
        reply = olive.post("/settings/words/en", {"chemistry": "Fun", **form})
        assert (reply.status_code, reason in reply.text, 'value="Fun"' in reply.text) == (422, True, True)
    for address in ("/settings/words/xx", "/settings/words/xx/preview", "/settings/words/de-AT"):
        assert olive.get(address).status_code == 404
    with db.reading() as session:
        assert session.exec(select(Wording)).all() == []


def test_preview_shows_what_was_typed_and_saves_nothing(olive, db):
    reply = olive.post("/settings/words/ar/preview", {"savvy": "يفهمنا <b>"})
    assert ("يفهمنا &lt;b&gt;" in reply.text, 'dir="rtl"' in reply.text, "<script>" in reply.text) == (
        True,
        True,
        False,
    )
    with db.reading() as session:
        assert session.exec(select(Wording)).all() == []
    assert "يفهمنا" not in olive.get("/settings/words/ar/preview").text


def test_page_that_is_open_while_words_change_goes_on(olive, stranger, page, cast, invitation):
    stranger.get(page)
    olive.post("/settings/words/en", {"savvy": "Knows us"})
    reply = stranger.client.post(page, data={"savvy": 4, "sequence": 1, "visibility": "rep", "done": "1"})
    assert reply.status_code == 303
    assert "Still open: Keeps promises" in words(stranger.get(reply.location).text)


def test_longest_words_and_a_logo_keep_the_page_small(olive, show_logo, stranger, page):
    show_logo(picture())
    olive.post("/settings/look", {"what": "colour", "accent": "#fd0"})
    for tag in ("en", "ar", "th", "el"):
        letters = "".join(standard_words(tag)[name] for name in DIMENSIONS).replace(" ", "")
        form = {name: letters[at * 9 :][: WIDEST_ROW - 4] for at, name in enumerate(DIMENSIONS)}
        form |= {f"rating_{n}": letters[n * 7 :][: WIDEST_RATING - 2] for n in range(1, 6)}
        assert olive.post(f"/settings/words/{tag}", form).status_code == 303, tag
        asked = {**BROTLI, "Accept-Language": tag}
        assert len(stranger.get(page, headers=asked).data) <= 5 * 1024, tag


def test_what_was_used_last_is_remembered(db):
    kept = Bounded(2)
    for n in range(3):
        kept.put(n, str(n))
    assert [kept.get(n) for n in range(3)] == [None, "1", "2"]
    kept.get(1)
    kept.put(3, "3")
    assert [kept.get(n) for n in (1, 2, 3)] == ["1", None, "3"]


def test_look_is_in_the_export(cast, db, olive, show_logo, tmp_path: Path, clock):
    show_logo(picture())
    olive.post("/settings/words/de", {"savvy": "Kennt uns"})
    with db.reading() as session:
        export_to_folder(session, cast.olive.organisation_id, tmp_path / "out", clock())
    logo = json.loads((tmp_path / "out/tables/logos.jsonl").read_text())
    assert logo["content"].startswith("iVBOR")
    assert json.loads((tmp_path / "out/tables/wordings.jsonl").read_text())["words"] == {"savvy": "Kennt uns"}
