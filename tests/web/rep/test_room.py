"""/g/<token>: one code for everybody in a room, where each picks a name and nobody sees who has answered."""

import re
from threading import Barrier, Thread
from uuid import UUID

import brotli
import pytest
from sqlmodel import col, select
from support.cast import Browser
from support.pages import six, words

from feedback.actions import clients, meetings, taken_back
from feedback.actions.asking import NotMailed, ask_by_mail
from feedback.actions.erasure import erase_contact
from feedback.actions.meetings import NewContact
from feedback.actions.mirrors import seal_for_room
from feedback.actions.rooms import Guest, RoomClosed, TooManyGuests, enter_room
from feedback.core.access import Reader
from feedback.core.asking import Way
from feedback.core.dimensions import DIMENSIONS
from feedback.core.trust import Signal
from feedback.models import Contact, GroupCode, Invitation
from feedback.models.feedback import Counts
from feedback.store.invitations import invitations_of_meeting
from feedback.wording.i18n import languages

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_CONTACTS = 20
MOST_GUESTS = 10
MOST_IN_A_ROOM = 40

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
DONE = {"done": "1"}
NAMES = ("Dana Whitfield", "Omar Idris", "رنا خليل")


@pytest.fixture
def add(cast):
    """add("Dana Whitfield") is the id of a contact of Northwind."""

    def made(name, account="Northwind"):
        with cast.changing() as c:
            return meetings.find_or_add_contact(c, NewContact(name, account))

    return made


@pytest.fixture
def room(sign_in, add):
    """room(*names) is Alice's meeting with them in one room: (address of its page, address of the code)."""

    def begin(*names):
        alice = sign_in("alice")
        ids = [str(add(name)) for name in names or NAMES]
        made = alice.post("/meetings/new", {"contact_id": ids, "way": "group"})
        assert made.status_code == 303, words(made.text)
        path = made.headers["Location"]
        code = re.search(r'data-share="http://[^/]+(/g/\w+)"', alice.get(path).text)[1]
        return path, code

    return begin


@pytest.fixture
def phone(app):
    """phone() is a new phone of somebody in the room."""
    return lambda: Browser(app.test_client())


def pick(phone, code, name):
    """Scan, pick the name, and return the address that follows."""
    page = phone.get(code)
    value = re.search(rf'value="([^"]+)">\s*<span><bdi>{name}<', page.text)[1]
    return phone.client.post(code, data={"who": value}).headers["Location"]


def enter(phone, code, name="Zoe", **more):
    once = re.search(r'name="once" value="(\w+)"', phone.get(code).text)[1]
    return phone.client.post(code, data={"who": "else", "name": name, "once": once, **more})


def answers(cast, path, reader=Reader.RULES):
    with cast.db.reading() as session:
        found = invitations_of_meeting(
            session, cast.olive.organisation_id, path_id(path), reader, cast.clock()
        )
    return {i.contact: i for i in found}


def path_id(path):
    return UUID(path.rsplit("/", 1)[1])


def test_everybody_gets_a_page_of_their_own(cast, room, phone):
    path, code = room()
    for name, rating in zip(NAMES, (5, 3, 1), strict=True):
        mine = phone()
        own = pick(mine, code, name)
        assert name.split()[0] in mine.get(own).text
        assert mine.client.post(own, data=six(rating) | DONE).status_code == 303
    found = answers(cast, path)
    assert [found[name].client.ratings[0] for name in NAMES] == [5, 3, 1]
    assert {i.way for i in found.values()} == {Way.GROUP}


@SQLITE
def test_list_tells_nothing_of_who_answered(room, phone):
    _, code = room()

    def seen():
        return re.sub(r'value="\w{22}"', "", phone().get(code).text)

    before = seen()
    mine = phone()
    own = pick(mine, code, "Omar Idris")
    empty = phone().get(own).text
    mine.client.post(own, data=six(2) | DONE)
    assert seen() == before
    assert phone().get(own).text == empty  # nor does the page that the name leads to


@SQLITE
def test_second_phone_learns_not_whether_the_first_answered(cast, room, phone):
    """The same page while the first is tapping, once it has answered, and once it was erased."""
    path, code = room()
    first, seen = phone(), []
    own = pick(first, code, "Omar Idris")
    keyed = first.client.post(own, data={"integrity": 4}).headers["Location"]
    for state in ("tapping", "done", "erased"):
        if state == "done":
            first.client.post(keyed, data=six(4) | DONE)
        if state == "erased":
            first.client.post(keyed.partition("?")[0] + "/erase")
        second = phone()
        reply = second.client.post(own, data=six(1))
        seen.append((reply.status_code, re.sub(r"/g/\w+", "", reply.text)))
        assert second.client.post(f"{own}/again").status_code == 409
        assert second.get(own + "?told=1").status_code == 200
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == 409
    assert "in use on another phone" in seen[0][1]
    assert "Somebody else" in seen[0][1]
    omar = answers(cast, path)["Omar Idris"]
    assert not omar.client.put_away_at  # nobody has pushed the first phone out


@SQLITE
def test_rep_hears_of_nobody_before_the_guess(cast, room, phone, sign_in):
    path, code = room()
    alice, status = sign_in("alice"), f"{path}/status"
    before = [alice.get(path).text, alice.get(status).text, words(alice.get(f"{path}/correct").text)]
    mine = phone()
    own = pick(mine, code, "Omar Idris")
    mine.client.post(f"{own}/opened")
    mine.client.post(own, data=six(2) | DONE)
    after = [alice.get(path).text, alice.get(status).text, words(alice.get(f"{path}/correct").text)]
    assert without_tokens(after) == without_tokens(before)
    omar = answers(cast, path, Reader.REP)["Omar Idris"]
    assert (omar.progress.taps, omar.progress.done, omar.opened_at) == (0, False, None)
    for name in ("Omar Idris", "Dana Whitfield"):  # who answered, and who did not
        who = answers(cast, path)[name].id
        for form in (
            {"what": "declined", "invitation": who},
            {"what": "time", "held_at": "2026-11-18T09:00"},
        ):
            assert "Seal your guess first" in words(alice.post(f"{path}/correct", form).text)
        alice.post(f"{path}/ask", {"invitation": who, "way": "mail"})
        refused = alice.post(f"{path}/taken-back", {"invitation": who})
        assert refused.status_code == 409
    cast.seal(answers(cast, path)["Omar Idris"], 4)
    assert "Compare" in alice.get(status).text


def without_tokens(pages):
    return [re.sub(r'value="[^"]{40,}"', "", page) for page in pages]


@SQLITE
def test_who_was_mailed_stays_in_the_room(cast, room, phone):
    """Else their page would tell the others in the room whether they have answered."""
    path, code = room()
    omar = answers(cast, path)["Omar Idris"]
    with cast.changing() as c:
        meetings.add_address(c, omar.contact_id, "omar@client.example")
        with pytest.raises(NotMailed):
            ask_by_mail(c, omar.meeting_id, omar.id, "http://here")  # before the guess
    cast.seal(omar, 4)
    with cast.changing() as c:
        ask_by_mail(c, omar.meeting_id, omar.id, "http://here")
    own = pick(phone(), code, "Omar Idris")
    empty = phone().get(own).text
    phone().client.post(own, data=six(2) | DONE)
    assert phone().get(own).text == empty


@SQLITE
def test_one_guess_seals_for_everybody(cast, room, sign_in):
    path, _ = room()
    alice, first = sign_in("alice"), answers(cast, path)[NAMES[0]]
    form = {"invitation": first.id, "everybody": "1", "done": "1"}
    assert alice.post(f"{path}/mirror", form | {"integrity": "4"}).status_code == 422
    assert not any(i.sealed for i in answers(cast, path).values())
    form["stage"] = "change"
    assert alice.post(f"{path}/mirror", form | six(4)).headers["Location"] == path
    guessed = [(i.sealed, i.mirror.ratings, i.mirror.stage) for i in answers(cast, path).values()]
    assert guessed == [(True, (4,) * 6, "change")] * len(NAMES)
    assert alice.post(f"{path}/mirror", form | six(4)).status_code == 303  # a double click
    assert alice.post(f"{path}/mirror", form | six(5)).status_code == 422


@SQLITE
def test_page_that_has_closed_does_not_keep_others_from_being_guessed(cast, room, db):
    path, _ = room()
    first, *_, last = answers(cast, path).values()
    with db.writing() as session:
        session.get_one(Invitation, (last.organisation_id, last.id)).closes_at = cast.clock()
    with cast.changing() as c:
        assert seal_for_room(c, first.id, dict.fromkeys(DIMENSIONS, 4), None)
    sealed = {each.id for each in answers(cast, path).values() if each.sealed}
    assert len(sealed) == len(NAMES) - 1
    assert last.id not in sealed


@SQLITE
def test_guest_is_another_and_waits_for_a_manager(cast, room, phone, sign_in):
    path, code = room()
    mine = phone()
    own = enter(mine, code, NAMES[0], email="zoe@client.example").headers["Location"]
    mine.client.post(own, data=six(5) | DONE)
    with cast.db.reading() as session:
        found = session.scalars(select(Invitation).where(col(Invitation.guest).is_(True))).all()
        assert len(found) == 1
        who = session.get_one(Contact, (found[0].organisation_id, found[0].contact_id))
        assert (who.name, who.email, who.email_typed_at) == (NAMES[0], "zoe@client.example", None)
    said = next(i for i in answers_all(cast, path) if i.guest)
    assert said.client.counts == Counts.QUARANTINED
    assert Signal.GUEST in said.client.signals
    assert "Who was that?" in sign_in("alice").get(path).text
    assert phone().get(code).text.count(f"<bdi>{NAMES[0]}") == 1  # nobody reads what others typed


def answers_all(cast, path):
    with cast.db.reading() as session:
        return invitations_of_meeting(
            session, cast.olive.organisation_id, path_id(path), Reader.RULES, cast.clock()
        )


@SQLITE
def test_bad_names_are_asked_for_again(cast, room, phone):
    path, code = room()
    for name, email in (("", ""), ("x" * 300, ""), ("Zoe", "nobody"), (" \u200e ", "")):
        refused = enter(phone(), code, name, email=email)
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.text
    for name in ("😀 Zoë", "رنا", "O'Neill <b>", "x" * 200):
        entered = enter(phone(), code, name)
        assert entered.status_code == 303
        assert phone().get(entered.headers["Location"]).status_code == 200
    assert len(answers_all(cast, path)) == len(NAMES) + 4


@SQLITE
def test_same_form_twice_is_one_guest(cast, room, phone):
    path, code = room()
    mine = phone()
    once = re.search(r'name="once" value="(\w+)"', mine.get(code).text)[1]
    form = {"who": "else", "name": "Zoe", "once": once}
    assert (
        mine.client.post(code, data=form).headers["Location"]
        == mine.client.post(code, data=form).headers["Location"]
    )
    assert len(answers_all(cast, path)) == len(NAMES) + 1


@SQLITE
def test_guests_of_one_code_are_few(cast, room, phone):
    _, code = room("Dana Whitfield")
    for number in range(MOST_GUESTS):
        assert enter(phone(), code, f"Guest {number}").status_code == 303
    assert enter(phone(), code).status_code == 429


@SQLITE
def test_code_takes_one_person_to_forty(cast, sign_in, add, phone, room):
    _, code = room("Dana Whitfield")
    assert len(re.findall('name="who" value=', phone().get(code).text)) == 2
    many = [f"Client {number:02}" for number in range(MOST_IN_A_ROOM)]
    _, code = room(*many)
    page = phone().get(code)
    assert len(re.findall('name="who" value=', page.text)) == MOST_IN_A_ROOM + 1
    alice, ids = sign_in("alice"), [str(add(name)) for name in (*many, "One more")]
    assert alice.post("/meetings/new", {"contact_id": ids, "way": "group"}).status_code == 422
    assert alice.post("/meetings/new", {"contact_id": ids[-MOST_CONTACTS - 1 :]}).status_code == 422


@SQLITE
def test_two_of_one_name_are_told_apart(cast, sign_in, phone):
    """By company; in one company by position, else by the beginning of the address, which the others in the room know."""
    people = (
        ("Northwind", "Buyer", ""), ("Northwind", "", "dana.w@north.example"), ("Northwind", "", ""), ("Contoso", "", ""),
    )  # fmt: skip
    ids = []
    for account, role, email in people:
        with cast.changing() as c:
            new = NewContact("Dana Whitfield", account, email or None, role or None, another=True)
            ids.append(str(meetings.find_or_add_contact(c, new)))
    alice = sign_in("alice")
    path = alice.post("/meetings/new", {"contact_id": ids, "way": "group"}).headers["Location"]
    code = re.search(r'data-share="http://[^/]+(/g/\w+)"', alice.get(path).text)[1]
    page = phone().get(code).text
    shown = [words(each) for each in re.findall(r'name="who" value="[\w-]{36}">(.*?)</button>', page, re.S)]
    assert sorted(shown) == sorted(
        f"Dana Whitfield · {rest}" for rest in ("Contoso", "Northwind", "Northwind, Buyer", "Northwind, dan…")
    )
    assert "north.example" not in page


@SQLITE
def test_who_left_meanwhile_is_not_on_the_list(cast, room, phone, add):
    _, code = room()
    value = re.search(r'value="([^"]+)">\s*<span><bdi>Omar', phone().get(code).text)[1]
    dana, omar = add("Dana Whitfield"), add("Omar Idris")
    with cast.changing() as c:
        clients.archive_contact(c, cast.alice.id, dana, archived=True)
        erase_contact(c, cast.olive.id, omar)
    page = phone().get(code).text
    assert "Dana" in page  # archived: stands in no list to choose from any more, and was there
    assert "Omar" not in page
    stale = phone().client.post(code, data={"who": value})
    assert (stale.status_code, stale.headers["Location"]) == (303, code)


@SQLITE
def test_code_ends_like_any_other(cast, room, phone, clock):
    path, code = room()
    assert phone().get("/g/" + "A" * 26).status_code == 404
    clock.forward(days=14)
    for reply in (phone().get(code), enter_late(phone(), code), phone().client.post(code, data={"who": "x"})):
        assert reply.status_code == 410
    assert len(answers_all(cast, path)) == len(NAMES)


@SQLITE
def test_nobody_enters_a_room_whose_code_has_ended_meanwhile(cast, room, clock):
    path, _ = room()
    clock.forward(days=14)
    with pytest.raises(RoomClosed), cast.changing() as c:
        enter_room(c, UUID(path.split("/")[2]), Guest("Zoe", "", "x"))
    assert len(answers_all(cast, path)) == len(NAMES)


def enter_late(phone, code):
    return phone.client.post(code, data={"who": "else", "name": "Zoe", "once": "x"})


@SQLITE
def test_scanner_that_opens_links_leaves_no_trace(cast, room, phone):
    path, code = room()
    for _ in range(3):
        assert phone().get(code).status_code == 200
        assert phone().client.head(code).status_code == 200
    assert all(not i.touched for i in answers_all(cast, path))


@SQLITE
def test_room_taken_back_says_so(cast, room, phone):
    path, code = room("Dana Whitfield")
    own = pick(phone(), code, "Dana Whitfield")
    with cast.changing() as c:
        taken_back.take_back(c, cast.alice.id, answers(cast, path)["Dana Whitfield"].id)
    assert phone().get(code).status_code == 410
    assert phone().get(own).status_code == 404
    with cast.db.reading() as session:
        assert not session.scalars(select(GroupCode)).all()


@SQLITE
def test_reps_own_browser_counts_for_nothing(cast, room, sign_in, phone):
    path, code = room()
    alice = sign_in("alice")
    assert "data-room" in phone().get(code).text
    assert "data-room" not in alice.get(code).text  # her phone remembers nobody's name
    own = pick(alice, code, "Omar Idris")
    alice.client.post(own, data=six(5) | DONE)
    said = answers(cast, path)["Omar Idris"].client
    assert said.counts == Counts.QUARANTINED
    assert Signal.REPS_BROWSER in said.signals


def test_two_phones_at_the_same_moment(cast, room):
    """Whoever is first keeps the name; the same form twice is one guest; the last place is given once."""
    path, _ = room("Dana Whitfield")
    meeting, start, came = path_id(path), Barrier(8), []

    def come(number):
        start.wait()
        try:
            with cast.changing() as c:
                came.append(enter_room(c, meeting, Guest("Zoe", once=f"form {number // 2}")))
        except TooManyGuests:
            came.append(None)

    for number in range(MOST_GUESTS - 2):
        with cast.changing() as c:
            enter_room(c, meeting, Guest("Zoe", once=f"before {number}"))
    threads = [Thread(target=come, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == 8
    assert len({token for token in came if token}) == 2
    assert len([i for i in answers_all(cast, path) if i.guest]) == MOST_GUESTS


@SQLITE
def test_list_is_small_and_needs_nothing_else(room, phone):
    """Forty names and the form in one request, in 37 languages, mirrored where they are written so."""
    _, code = room(*(f"Client {number:02} of a Rather Long Name" for number in range(MOST_IN_A_ROOM)))
    for tag in languages():
        page = phone().get(f"{code}?lang={tag}")
        assert len(brotli.compress(page.data, quality=5)) <= 5 * 1024
        assert not re.search(r"<link|<img|src=", page.text)
        assert f'dir="{"rtl" if tag in ("ar", "fa", "he") else "ltr"}"' in page.text
        assert "Set-Cookie" not in page.headers
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Wer sind Sie?" in phone().get(f"{code}?lang=de").text
    spoken = phone().client.post(code, data={"speak": "de"})
    assert spoken.headers["Location"] == f"{code}?lang=de"
