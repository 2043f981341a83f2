"""/contacts and what belongs to it: found, corrected, archived, joined and parted; accounts likewise."""

import re

import pytest
from sqlmodel import col, select
from support.dump import dump
from support.pages import NOBODY, words

from feedback.actions.asking import stop_mail
from feedback.actions.clients import archive_account, archive_contact
from feedback.actions.new_clients import NewClient, add_client
from feedback.core.asking import StopReason
from feedback.jobs.silence import evaluate_silence
from feedback.models import Account, Alert, Audit, Contact, MailStop, Merge
from feedback.store.contacts import recent_contacts

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def dana(invitation):
    """The address of Dana, whom Alice met."""
    return f"/contacts/{invitation.contact_id}"


@pytest.fixture
def form():
    """form(name=…) is what the page of Dana sends."""

    def filled(**other):
        return {
            "name": "Dana Whitfield",
            "account": "Northwind",
            "email": "",
            "role": "",
            "language": "",
            **other,
        }

    return filled


def _stops(db):
    with db.reading() as session:
        return session.exec(select(MailStop)).all()


def _audit(db, what):
    with db.reading() as session:
        return session.exec(select(Audit).where(col(Audit.what) == what).order_by(col(Audit.id))).all()


def test_list_finds_by_name_company_and_address(cast, sign_in):
    cast.meeting("alice", "Zoë Müller", "O'Hara & Søn", "zoe@ohara.example")
    cast.meeting("bob", "Nils", "Elsewhere")
    carol = sign_in("carol")
    for typed in ("muller zoe", "OHARA", "zoe@ohara", "son mull"):
        assert "Zoë Müller" in carol.get("/contacts", query_string={"q": typed}).text, typed
    assert "Nobody with “nils”" in words(carol.get("/contacts?q=nils").text)
    assert "Nils" in sign_in("olive").get("/contacts?q=nils").text


def test_contact_is_corrected_with_before_and_after(cast, db, sign_in, dana, form):
    sent = form(
        name="Dana O'Neil",
        account="Northwind Ltd",
        email="DANA@north.example",
        role="COO",
        language="de",
        no_mail="y",
    )
    for who in ("alice", "alice"):  # a double click writes once
        assert sign_in(who).post(dana, sent).status_code == 303
    (entry,) = _audit(db, "contact.changed")
    assert (entry.before["name"], entry.after["name"]) == ("Dana Whitfield", "Dana O'Neil")
    assert entry.after["account"] == "Northwind Ltd"
    assert entry.after["wants_no_mail"] is True
    with db.reading() as session:
        contact = session.exec(select(Contact)).one()
        assert (contact.email, contact.language) == ("dana@north.example", "de")
        assert contact.email_typed_at is not None  # by a rep: a signal as ever
    kept = r'value="de" selected>[^<]*</option>'  # whoever corrects something else leaves it as it is
    assert re.search(kept, sign_in("alice").get(dana).text)
    sign_in("carol").post(dana, sent | {"email": "d@north.example"})
    with db.reading() as session:
        assert session.exec(select(Contact.email_typed_at)).one() is None


def test_no_mail_is_noted_of_the_address(cast, db, sign_in, dana, form):
    alice, sent = sign_in("alice"), form(email="dana@north.example")
    alice.post(dana, sent | {"no_mail": "y"})
    assert [row.reason for row in _stops(db)] == ["noted"]
    assert "wants no mail" in sign_in("carol").get("/contacts").text
    assert 'name="no_mail" value="y" checked' in alice.get(dana).text  # so that saving a name frees nobody
    alice.post(dana, sent)
    assert 'name="no_mail" value="y">' in alice.get(dana).text
    assert _stops(db) == []
    with cast.changing() as c:
        stop_mail(c, "dana@north.example", StopReason.CLIENT)
    alice.post(dana, sent)
    assert [row.reason for row in _stops(db)] == ["client"]  # nobody else can take that back
    assert "They stopped it themselves" in alice.get(dana).text


def test_address_that_is_new_here_is_not_freed_of_what_is_known_of_it(cast, db, sign_in, dana, form):
    with cast.changing() as c:
        stop_mail(c, "dana@north.example", StopReason.NOTED)
    assert sign_in("alice").post(dana, form(email="dana@north.example")).status_code == 303
    assert [row.reason for row in _stops(db)] == ["noted"]


def test_rep_corrects_an_address_and_keeps_one(db, sign_in, dana, form):
    alice = sign_in("alice")
    alice.post(dana, form(email="dana@north.example"))
    refused = alice.post(dana, form(email=""))
    assert refused.status_code == 422
    assert "taken away by a manager" in refused.text
    assert sign_in("carol").post(dana, form(email="")).status_code == 303


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"account": ""}, {"email": "dana"}, {"language": "xx-nope"}, {"role": "x" * 201}]
)
def test_wrong_contact_is_422_with_reason(db, sign_in, dana, form, wrong):
    before = dump(db)["contacts"]
    reply = sign_in("alice").post(dana, form(**wrong))
    assert reply.status_code == 422
    assert 'class="reason"' in reply.text
    assert dump(db)["contacts"] == before


def test_contact_of_others_is_404(cast, sign_in, dana, form):
    cast.add("dave", "manager", "South")
    for name, code in (
        ("alice", 200),
        ("carol", 200),
        ("olive", 200),
        ("bob", 404),
        ("dave", 404),
        ("mallory", 404),
    ):
        browser = sign_in(name)
        assert browser.get(dana).status_code == code, name
        assert browser.get(f"{dana}/merge").status_code == code, name
        if code == 404:
            assert browser.post(dana, form(name="Mine")).status_code == 404
            assert browser.post(f"{dana}/merge", {"other": dana[10:]}).status_code == 404
    assert sign_in("alice").get("/contacts").status_code == 403
    assert sign_in("alice").post(f"{dana}/archive").status_code == 403
    assert sign_in("alice").get(f"{dana}/merge?other=x").status_code == 404
    assert sign_in("olive").get(f"/contacts/{NOBODY}").status_code == 404


def test_second_of_a_name_is_a_question_when_edited(cast, db, sign_in, dana, form):
    other = cast.meeting("alice", "Dana Blake", "Northwind", "blake@north.example")
    alice = sign_in("alice")
    asked = alice.post(f"/contacts/{other.contact_id}", form(email="blake@north.example"))
    assert asked.status_code == 422
    assert "Somebody else" in words(asked.text)
    assert f"other={dana[10:]}" in asked.text
    assert dump(db)["merges"] == []
    sent = form(email="blake@north.example", same="no")
    assert alice.post(f"/contacts/{other.contact_id}", sent).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Contact.name)).all() == ["Dana Whitfield"] * 2
    shown = alice.get("/meetings/new?q=dana").text
    assert "blake@north.example" in shown
    assert "no e-mail" in shown
    assert "blake@north.example" in alice.get("/relationships").text


def test_second_of_a_name_is_a_question_when_met(cast, db, sign_in, invitation):
    alice = sign_in("alice")
    typed = {"contact_name": "dana  WHITFIELD", "account_name": "Northwind", "form_key": "k"}
    asked = alice.post("/meetings/new", typed)
    assert asked.status_code == 422
    assert "Dana Whitfield · Northwind" in words(asked.text)
    assert len(dump(db)["meetings"]) == 1
    same = alice.post("/meetings/new", typed | {"same": str(invitation.contact_id)})
    assert same.location == f"/meetings/{invitation.meeting_id}"  # within the hour the same meeting
    another = alice.post("/meetings/new", typed | {"same": "no", "form_key": "l"})
    assert another.status_code == 303
    assert alice.post("/meetings/new", typed | {"same": "no", "form_key": "l"}).location == another.location
    assert len(dump(db)["contacts"]) == 2
    wrong = alice.post("/meetings/new", typed | {"same": "x", "form_key": "m"})
    assert wrong.status_code == 422


def test_archived_contact_is_not_offered(cast, clock, db, sign_in, dana, invitation):
    cast.seal(invitation, 4)
    cast.answer(invitation, 4)
    carol, alice = sign_in("carol"), sign_in("alice")
    scores = dump(db)["rep_sums"]
    assert carol.post(f"{dana}/archive", {"what": "archive"}).status_code == 303
    assert dump(db)["rep_sums"] == scores
    for page in ("/meetings", "/meetings?q=dana", "/meetings/new?q=dana"):
        assert str(invitation.contact_id) not in alice.get(page, headers={"HX-Request": "true"}).text, page
    assert "Dana" in carol.get("/contacts?archived=1").text
    clock.forward(days=120)
    evaluate_silence(db, cast.olive.organisation_id, clock())
    with db.reading() as session:
        assert session.exec(select(Alert)).all() == []
    cast.meeting("alice")  # who is met is archived no longer
    assert "Nobody is archived" in sign_in("carol").get("/contacts?archived=1").text
    assert [e.what for e in _audit(db, "contact.brought_back")] == ["contact.brought_back"]


def test_who_is_given_to_a_rep_is_offered_until_archived(cast, db, invitation):
    def offered() -> list[str]:
        with db.reading() as session:
            found = recent_contacts(session, cast.olive.organisation_id, cast.bob.id)
        return [each.name for each in found]

    with cast.changing() as c:
        new = NewClient("Acme", name="Zoe", given_to=cast.bob.id)
        _, contact_id = add_client(c, cast.carol.id, new)
    before = offered()
    with cast.changing() as c:
        archive_contact(c, cast.carol.id, contact_id, archived=True)
    assert (before, offered()) == (["Zoe"], [])


def test_who_was_archived_before_the_company_stays_so(cast, clock, db, invitation):
    eli = cast.meeting("alice", "Eli").contact_id
    with db.reading() as session:
        account = session.exec(select(Account.id)).one()
    for archive, which, archived in (
        (archive_contact, eli, True),
        (archive_account, account, True),
        (archive_account, account, False),
    ):
        clock.forward(hours=1)
        with cast.changing() as c:
            archive(c, cast.carol.id, which, archived=archived)
    with db.reading() as session:
        left = session.exec(select(Contact.id).where(col(Contact.archived_at).is_not(None))).all()
    assert left == [eli]


def test_contacts_are_joined_and_parted_on_the_page(cast, clock, db, sign_in, dana):
    other = cast.meeting("alice", "D. Whitfield", "Northwind", "dw@north.example")
    alice = sign_in("alice")
    assert "D. Whitfield" in alice.get(f"{dana}/merge").text  # may be the same
    assert "Yes, join them" in alice.get(f"{dana}/merge?other={other.contact_id}").text
    joined = alice.post(f"{dana}/merge", {"other": other.contact_id})
    assert joined.location.startswith(dana)
    assert "Also known as" in alice.get(dana).text
    assert alice.get(f"/contacts/{other.contact_id}").location == dana
    assert alice.post(f"{dana}/merge", {"other": other.contact_id}).status_code == 404  # a double click
    (entry,) = _audit(db, "contact.merged")
    assert (entry.before["name"], entry.after["name"]) == ("D. Whitfield", "Dana Whitfield")
    assert "Client contacts joined" in sign_in("olive").get("/audit").text
    with db.reading() as session:
        merge = f"/merges/{session.exec(select(Merge.id)).one()}"
    assert sign_in("bob").post(merge).status_code == 404
    assert sign_in("mallory").post(merge).status_code == 404
    assert alice.post(merge).status_code == 303
    assert alice.post(merge).status_code == 404
    assert "Also known as" not in alice.get(dana).text
    alice.post(f"{dana}/merge", {"other": other.contact_id})
    clock.forward(days=1, hours=1)
    with db.reading() as session:
        late = session.exec(select(Merge.id).where(col(Merge.undone_at).is_(None))).one()
    assert alice.post(f"/merges/{late}").status_code == 409


def test_rep_cannot_hide_an_unhappy_client(cast, db, sign_in, dana, invitation):
    other = cast.meeting("alice", "Dana W", "Northwind")
    cast.answer(invitation, 5)
    cast.answer(other, 1)
    before = dump(db)["relationships"]
    alice = sign_in("alice")
    assert "Ask your manager" in alice.get(f"{dana}/merge?other={other.contact_id}").text
    assert alice.post(f"{dana}/merge", {"other": other.contact_id}).status_code == 422
    assert dump(db)["relationships"] == before
    assert sign_in("carol").post(f"{dana}/merge", {"other": other.contact_id}).status_code == 303


def test_account_is_changed_archived_and_joined(cast, db, sign_in, invitation):
    cast.meeting("alice", "Eli", "Northwind Ltd")
    with db.reading() as session:
        ids = {row.name: row.id for row in session.exec(select(Account)).all()}
    page, carol = f"/accounts/{ids['Northwind']}", sign_in("carol")
    sent = {"name": "Nörthwind", "value": "1200,50", "renews_on": "2027-03-01", "review_days": "30"}
    assert carol.post(f"{page}/edit", sent).status_code == 303
    (entry,) = _audit(db, "account.changed")
    assert entry.after == {"name": "Nörthwind", "value": 1200.5, "review_days": 30, "renews_on": "2027-03-01"}
    assert "renews on" in words(carol.get(page).text)
    assert "Nörthwind" in carol.get("/accounts?q=northwi").text
    assert "Dana" in carol.get("/contacts?q=dana+northwind").text
    for wrong in (
        {"name": ""},
        {"value": "1.200"},
        {"value": "-1"},
        {"review_days": "0"},
        {"renews_on": "x"},
        {"name": "Northwind ltd"},
    ):
        assert carol.post(f"{page}/edit", sent | wrong).status_code == 422, wrong
    carol.post(f"{page}/archive", {"what": "archive"})
    assert "Nörthwind" not in carol.get("/accounts").text
    assert "Nörthwind" in carol.get("/accounts?archived=1").text
    assert "Dana" not in carol.get("/contacts").text
    carol.post(f"{page}/archive", {"what": "back"})
    assert "Dana" in carol.get("/contacts").text
    other = ids["Northwind Ltd"]
    assert "Northwind Ltd" in carol.get(f"{page}/merge?q=ltd").text
    assert "One company?" in carol.get(f"{page}/merge?other={other}").text
    assert carol.post(f"{page}/merge", {"other": other}).status_code == 303
    assert carol.get(f"/accounts/{other}").location == page
    with db.reading() as session:
        merge = f"/merges/{session.exec(select(Merge.id)).one()}"
    assert sign_in("alice").post(merge).status_code in (403, 404)
    assert carol.post(merge).status_code == 303
    assert "Northwind Ltd" in carol.get("/accounts").text


def test_accounts_of_others_stay_as_they_are(cast, db, sign_in, invitation):
    cast.add("dave", "manager", "South")
    with db.reading() as session:
        page = f"/accounts/{session.exec(select(Account.id)).one()}"
    before = dump(db)["accounts"]
    for name, code in (("dave", 404), ("mallory", 404), ("alice", 403)):
        for path in ("edit", "archive", "merge"):
            assert (
                sign_in(name).post(f"{page}/{path}", {"name": "Mine", "other": NOBODY}).status_code == code
            ), name
    assert dump(db)["accounts"] == before


def test_erasing_takes_second_names_along(cast, db, sign_in, dana):
    other = cast.meeting("alice", "Dorothea Whitfield", "Northwind", "doro@north.example")
    olive = sign_in("olive")
    olive.post(f"{dana}/merge", {"other": other.contact_id})
    assert olive.post(f"{dana}/erase", {"sure": "1"}).status_code == 303
    left = repr({name: rows for name, rows in dump(db).items() if name not in ("users", "sessions")})
    for word in ("Dorothea", "doro@", "dorothea", "Dana Whitfield", "dana whitfield"):
        assert word not in left, word
