"""/relationships for a rep: the own clients, to search, with their level and what is open."""

import re

import pytest
from support.pages import words


def names(page: str) -> list[str]:
    return re.findall(r"<strong><bdi>(.+?)</bdi></strong>", page)


@pytest.fixture
def clients(cast, clock):
    """Alice met three, Bob one of them and one more; Jörg's answer is for the manager only."""
    for rep, name, account in (("bob", "Zoë Quist", "Quist"), ("alice", "Dana Whitfield", "Northwind"),
                               ("alice", "Jörg Müller", "Straße 9"), ("alice", "Ana Novák", "Northwind")):  # fmt: skip
        met = cast.meeting(rep, name, account)
        if name != "Ana Novák":
            cast.answer(met, 5, visibility="manager" if name == "Jörg Müller" else "rep")
            cast.seal(met, 4)
        clock.forward(hours=1)
    return cast


def test_own_clients_stand_with_level_and_what_is_open(clients, sign_in):
    page = sign_in("alice").get("/relationships").text
    assert names(page) == ["Ana Novák", "Jörg Müller", "Dana Whitfield"]
    text = words(page)
    assert "No level yet · met 18 Nov · 1 to guess" in text
    assert "Trusted Advisor · met 18 Nov · 1 to compare" in text
    assert "Zoë" not in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("muller jorg", ["Jörg Müller"]),
        ("STRASSE", ["Jörg Müller"]),
        ("north ana", ["Ana Novák"]),
        ("northwind", ["Ana Novák", "Dana Whitfield"]),
        ("%", []),
        ("zoë", []),
    ],
)
def test_search_knows_accents_and_any_order(clients, sign_in, search, found):
    page = sign_in("alice").get("/relationships", query_string={"q": search}).text
    assert names(page) == found


def test_manager_only_answer_gives_no_level(clients, sign_in):
    """Not even among three voices: a line per client would name it."""
    for name in ("Eli", "Fay", "Gus"):
        met = clients.meeting("alice", name)
        clients.answer(met, 4)
        clients.seal(met, 4)
    row = sign_in("alice").get("/relationships?q=jorg").text
    assert "No level yet" in words(row)


def test_level_is_the_one_of_the_relationships_page(clients, sign_in):
    alice = sign_in("alice")
    address = re.search(r'href="(/relationships/[0-9a-f-]{36})"', alice.get("/relationships?q=dana").text)[1]
    assert "Trusted Advisor" in words(alice.get(address).text)


def test_list_is_cut_into_pages(cast, sign_in):
    for n in range(52):
        cast.meeting("alice", f"Guest {n:02}")
    alice = sign_in("alice")
    assert len(names(alice.get("/relationships").text)) == 20
    assert len(names(alice.get("/relationships?page=3").text)) == 12
    assert alice.get("/relationships?page=4").status_code == 404


def test_new_rep_reads_what_will_stand_there(cast, sign_in):
    assert "Your clients appear here after the first meeting" in words(
        sign_in("alice").get("/relationships").text
    )


def test_arithmetic_is_folded_for_reps_only(clients, sign_in):
    alice = sign_in("alice")
    address = re.search(r'href="(/relationships/[0-9a-f-]{36})"', alice.get("/relationships?q=dana").text)[1]
    assert '<details id="working">' in alice.get(address).text
    assert '<details id="working" open>' in sign_in("carol").get(address).text


def test_page_of_a_contact_tells_its_rep_of_no_colleague(cast, sign_in):
    met = cast.meeting("alice", "Dana Whitfield", email="dana@client.example")
    again = cast.meeting("bob", "Dana Whitfield", email="dana@client.example")
    assert again.contact_id == met.contact_id
    page = sign_in("alice").get(f"/contacts/{met.contact_id}").text
    assert page.count('href="/relationships/') == 1
    assert "Bob" not in page
    assert "Bob" in sign_in("olive").get(f"/contacts/{met.contact_id}").text
