"""/meetings/new: whom did you meet?"""

import re

import pytest
from support.dump import dump
from support.pages import NOBODY, words

DANA = {"contact_name": "Dana Whitfield", "account_name": "Northwind"}


def test_new_contact_leads_to_the_code(cast, sign_in):
    alice = sign_in("alice")
    reply = alice.post("/meetings/new", DANA)
    assert reply.status_code == 303
    assert "Show this to Dana Whitfield" in words(alice.get(reply.location).text)


def test_known_contact_leads_to_the_code(cast, sign_in, invitation):
    alice = sign_in("alice")
    reply = alice.post("/meetings/new", {"contact_id": invitation.contact_id})
    assert "Show this to Dana Whitfield" in words(alice.get(reply.location).text)


def test_several_contacts_get_own_codes(cast, sign_in, invitation):
    alice = sign_in("alice")
    eli = cast.meeting(contact="Eli Ode")
    reply = alice.post("/meetings/new", {"contact_id": [invitation.contact_id, eli.contact_id], **DANA})
    text = alice.get(reply.location).text
    assert re.findall(r"<h1>Show this to <bdi>(.+?)</bdi></h1>", text) == ["Dana Whitfield", "Eli Ode"]


def test_somebody_new_beside_whoever_was_just_met_gets_a_code(cast, sign_in, invitation):
    alice = sign_in("alice")
    eli = {"contact_name": "Eli Ode", "account_name": "Northwind"}
    reply = alice.post("/meetings/new", {"contact_id": invitation.contact_id, **eli})
    assert str(invitation.meeting_id) not in reply.location
    names = re.findall(r"<h1>Show this to <bdi>(.+?)</bdi></h1>", alice.get(reply.location).text)
    assert names == ["Dana Whitfield", "Eli Ode"]


def test_same_form_twice_is_one_meeting(cast, db, sign_in):
    alice, form = sign_in("alice"), {**DANA, "form_key": "pressed twice"}
    assert alice.post("/meetings/new", form).location == alice.post("/meetings/new", form).location
    assert len(dump(db)["meetings"]) == 1


def test_every_form_has_its_own_key(cast, sign_in):
    alice = sign_in("alice")
    keys = {re.search(r'name="form_key" value="(.+?)"', alice.get("/meetings/new").text)[1] for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize("q", ["whit", "WHITFIELD", "northw", "dana  whit"])
def test_search_finds_by_name_and_company(sign_in, invitation, q):
    assert "Dana Whitfield" in sign_in("alice").get("/meetings/new", query_string={"q": q}).text


@pytest.mark.parametrize("q", ["%", "_", "zz"])
def test_search_takes_no_wildcards(sign_in, invitation, q):
    text = words(sign_in("alice").get("/meetings/new", query_string={"q": q}).text)
    assert f"Nobody called “{q}” here yet." in text


def test_unmatched_search_fills_new_contact_form(sign_in, invitation):
    alice = sign_in("alice")
    assert 'name="contact_name" value=""' in alice.get("/meetings/new?q=northw").text
    assert 'name="contact_name" value="Zoe"' in alice.get("/meetings/new?q=Zoe").text
    assert 'name="contact_email" value="zoe@x.example"' in alice.get("/meetings/new?q=zoe@x.example").text


def test_htmx_search_returns_only_the_list(sign_in, invitation):
    reply = sign_in("alice").get("/meetings/new?q=dana", headers={"HX-Request": "true"})
    assert reply.text.startswith('<div id="contacts"')
    assert "HX-Request" in reply.headers["Vary"]


def test_search_stays_within_the_organisation(cast, sign_in, invitation):
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    cast.meeting("mike", "Dana Elsewhere")
    page = sign_in("mike").get("/meetings/new?q=dana").text
    assert "Dana Elsewhere" in page
    assert "Dana Whitfield" not in page


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "Who did you meet? Choose a contact, or write a name and a company."),
        ({"contact_name": "Dana"}, "At which company?"),
        ({"account_name": "Northwind"}, "Who was it?"),
        ({**DANA, "contact_email": "dana at northwind"}, "This is not an e-mail address"),
        ({**DANA, "contact_name": "n" * 201}, "At most 200 characters."),
        ({**DANA, "topic": "t" * 201}, "At most 200 characters."),
        ({"contact_id": NOBODY}, "One of these contacts is not known here."),
        ({"contact_id": "x"}, "One of these contacts is not known here."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_invalid_meeting_is_422_with_reason(cast, db, sign_in, form, reason):
    alice, before = sign_in("alice"), dump(db)
    reply = alice.post("/meetings/new", form)
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert all(f'value="{value}"' in reply.text for name, value in form.items() if name != "contact_id")
    assert dump(db) == before


def test_whoever_was_ticked_is_shown_once_more_and_once(cast, sign_in, invitation):
    """Also somebody whom the rep never met, and who is not in the list of the last ones."""
    others = cast.meeting("bob", "Eli Ode", "Fernhill").contact_id
    form = {"contact_id": [invitation.contact_id, others], "topic": "t" * 201}
    text = sign_in("alice").post("/meetings/new", form).text
    ticked = re.findall(r'<input[^>]*name="contact_id"[^>]*value="([^"]+)"[^>]*\bchecked', text)
    assert ticked == [str(invitation.contact_id), str(others)]
    assert [text.count(f'value="{each}"') for each in ticked] == [1, 1]


def test_contact_of_another_organisation_is_refused(cast, sign_in, invitation):
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    reply = sign_in("mike").post("/meetings/new", {"contact_id": invitation.contact_id})
    assert reply.status_code == 422
    assert "Dana" not in reply.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_new_meeting_is_for_reps_only(cast, sign_in, method):
    codes = [getattr(sign_in(n), method)("/meetings/new").status_code for n in ("carol", "olive", "mallory")]
    assert codes == [403] * 3


def test_stranger_signs_in_and_keeps_search(cast, stranger):
    assert (
        stranger.get("/meetings/new?q=d%C3%A4na").location == "/sign-in?next=/meetings/new?q%3Dd%25C3%25A4na"
    )
