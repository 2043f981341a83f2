"""/contacts/new: a client added by hand, and the rep who is to meet them."""

import pytest
from sqlalchemy import func, select
from support.pages import words

from feedback.actions.asking import stop_mail
from feedback.core.asking import StopReason
from feedback.models import Account, Audit, Contact, MailStop, Relationship

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
NEW = "/contacts/new"


@pytest.fixture
def typed(cast):
    """typed(name=…) is what the form sends."""

    def filled(**other):
        return {"name": "Zoë Müller", "account": "Søn & Co", "rep": cast.alice.email, **other}

    return filled


def _one(db, table):
    with db.reading() as session:
        return session.scalars(select(table)).one()


def _count(db, table):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_owner_adds_a_company_and_somebody_there(cast, db, sign_in, typed):
    olive = sign_in("olive")
    for address in ("/accounts", "/contacts"):
        assert f'href="{NEW}"' in olive.get(address).text, "an empty list leads there"
    sent = typed(
        email="ZOE@son.example", role="COO", language="de", no_mail="y", value="1200.50",
        renews_on="2027-01-31", review_days="30",
    )  # fmt: skip
    added = olive.post(NEW, sent)
    assert added.status_code == 303
    assert "Added." in olive.get(added.location).text
    contact, account = _one(db, Contact), _one(db, Account)
    assert (contact.email, contact.email_typed_at, contact.role, contact.language) == (
        "zoe@son.example", None, "COO", "de",
    )  # fmt: skip
    assert (account.value, account.review_days, str(account.renews_on)) == (1200.5, 30, "2027-01-31")
    assert _count(db, MailStop) == 1
    with db.reading() as session:
        told = session.scalars(select(Audit.what).where(Audit.what.like("%.added")).order_by(Audit.id)).all()
    assert told[-2:] == ["account.added", "contact.added"]
    assert _count(db, Relationship) == 0, "nobody has met them, and no figure moves"


def test_double_click_adds_one(db, sign_in, typed):
    olive = sign_in("olive")
    first, second = olive.post(NEW, typed(value="5")), olive.post(NEW, typed(value="5"))
    assert first.location.split("?")[0] == second.location.split("?")[0]
    assert (_count(db, Contact), _count(db, Account)) == (1, 1)
    alone = {"account": "Alone", "value": "7"}
    assert [olive.post(NEW, alone).status_code for _ in "12"] == [303, 303]
    assert _count(db, Account) == 2


def test_second_of_one_name_is_a_question(cast, clock, db, sign_in, typed):
    cast.meeting("bob", "Zoe Muller", "Elsewhere", "zoe@elsewhere.example")
    carol = sign_in("carol")
    asked = carol.post(NEW, typed())
    assert asked.status_code == 422
    assert "Is it somebody who is here already?" in words(asked.text)
    assert "open what is here" not in asked.text, "another team's contact is not hers to open"
    assert "open what is here" in sign_in("olive").post(NEW, typed()).text
    assert _count(db, Contact) == 1
    assert carol.post(NEW, typed(same="no")).status_code == 303
    clock.forward(minutes=1)
    again = carol.post(NEW, typed(name="zoe muller"))
    assert again.status_code == 422, "neither with another spelling"
    assert carol.post(NEW, typed(same="no")).status_code == 303
    assert _count(db, Contact) == 3, "two of one name at one company stay two"


def test_company_spelled_otherwise_is_a_question(cast, db, sign_in, typed):
    cast.meeting("alice", "Dana", "Søn & Co")
    olive = sign_in("olive")
    asked = olive.post(NEW, typed(account="SON CO"))
    assert "Is it a company that is here already?" in asked.text
    (account_id,) = (_one(db, Account).id,)
    assert olive.post(NEW, typed(account="SON CO", company=str(account_id))).status_code == 303
    assert _count(db, Account) == 1
    assert olive.post(NEW, typed(account="SON CO", name="Nils", company="no")).status_code == 303
    assert _count(db, Account) == 2
    assert olive.post(NEW, typed(name="Ole", account="søn  & co", value="9")).status_code == 422
    assert _count(db, Contact) == 3, "its own value is not written over"


def test_rep_finds_whom_to_meet_until_met(cast, db, sign_in, typed):
    assert sign_in("carol").post(NEW, typed()).status_code == 303
    alice, bob, carol = sign_in("alice"), sign_in("bob"), sign_in("carol")
    assert "To meet" in alice.get("/relationships").text
    for address in ("/meetings/new", "/relationships", "/meetings"):
        assert "Zoë Müller" in alice.get(address).text, address
        assert "Zoë Müller" not in bob.get(address).text, address
    account, contact = _one(db, Account), _one(db, Contact)
    for address in ("/contacts", "/accounts", f"/accounts/{account.id}", f"/contacts/{contact.id}"):
        assert "Søn &amp; Co" in carol.get(address).text, address
    assert "Zoë Müller" in carol.get(f"/accounts/{account.id}").text
    bob.post("/meetings/new", {"contact_id": str(contact.id)})
    assert carol.get(f"/contacts/{contact.id}").status_code == 404, "who met them looks after them"
    assert carol.get(f"/accounts/{account.id}").status_code == 404
    assert "Zoë Müller" not in alice.get("/relationships").text


def test_rep_is_corrected_while_nobody_met_them(cast, db, sign_in, typed):
    olive = sign_in("olive")
    olive.post(NEW, typed(rep=""))
    contact = _one(db, Contact)
    address = f"/contacts/{contact.id}"
    assert sign_in("alice").get(address).status_code == 404
    said = {"name": "Zoë Müller", "account": "Søn & Co", "rep": "alice"}
    assert olive.post(address, said | {"rep": cast.alice.name.upper()}).status_code == 303
    assert sign_in("alice").get(address).status_code == 200
    carol = sign_in("carol")
    for rep, why in (("", "Who is to meet them?"), (cast.bob.email, "None of your reps")):
        refused = carol.post(address, said | {"rep": rep})
        assert (refused.status_code, why in words(refused.text)) == (422, True), rep
    assert sign_in("alice").post(address, said | {"rep": ""}).status_code == 303
    assert _one(db, Contact).given_to_id == cast.alice.id, "no rep gives a client away"


def test_wrong_form_keeps_what_was_typed(cast, db, sign_in, typed):
    carol = sign_in("carol")
    for field, wrong in (
        ("name", ""), ("account", " "), ("email", "no address"), ("language", "xx"), ("value", "much"),
        ("review_days", "0"), ("renews_on", "soon"), ("rep", ""), ("rep", "nobody"), ("rep", cast.bob.email),
        ("role", "x" * 201),
    ):  # fmt: skip
        refused = carol.post(NEW, typed(**{field: wrong}))
        assert refused.status_code == 422, field
        assert 'role="alert"' in refused.text, field
        assert field == "name" or "Zoë Müller" in refused.text, field
    assert (_count(db, Contact), _count(db, Account)) == (0, 0)


def test_who_stopped_mail_stays_stopped(cast, db, sign_in, typed):
    with cast.changing() as c:
        stop_mail(c, "zoe@son.example", StopReason.CLIENT)
    assert sign_in("olive").post(NEW, typed(email="zoe@son.example")).status_code == 303
    assert _one(db, MailStop).reason == StopReason.CLIENT


def test_somebody_is_added_at_an_account(cast, sign_in):
    cast.meeting("alice", "Dana", "Northwind")
    carol = sign_in("carol")
    with cast.db.reading() as session:
        account_id = session.scalars(select(Account.id)).one()
    assert f'{NEW}?account={account_id}"' in carol.get(f"/accounts/{account_id}").text
    assert 'value="Northwind"' in carol.get(f"{NEW}?account={account_id}").text
    assert carol.get(f"{NEW}?account={cast.alice.id}").status_code == 404
    assert carol.get(f"{NEW}?account=x").status_code == 200
    assert sign_in("alice").get(NEW).status_code == 403


@pytest.mark.parametrize(
    "given",
    [{"name": "n" * 201}, {"account": "a" * 201}, {"account": ""}, {"role": "r" * 201}, {"email": "e" * 321}, {"review_days": "3651"},
     {"review_days": "0"}, {"value": "1" * 21}],
)  # fmt: skip
def test_what_cannot_be_is_422_and_kept_as_typed(db, sign_in, typed, given):
    page = sign_in("olive").post(NEW, typed(**given))
    assert page.status_code == 422
    (kept,) = given.values()
    assert kept in page.text
    assert (_count(db, Contact), _count(db, Account)) == (0, 0)
