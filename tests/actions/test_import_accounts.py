"""Accounts and contacts from a file: added, or completed by what the file fills in."""

import io

import pytest
from sqlmodel import col, select

from feedback.imports.report import BadFile, Instructions
from feedback.imports.run import ImportKind, import_file
from feedback.models import Account, Contact

HEADER = "account,contact,contact_email,contact_role,language,value,review_days\n"
DANA = "Northwind,Dana Whitfield,dana@northwind.example,COO,de,120000,60\n"


@pytest.fixture
def bring(cast, clock):
    """bring(lines) imports accounts into Olive's organisation."""

    def bring(lines, **options):
        where, file = cast.olive.organisation_id, io.BytesIO((HEADER + lines).encode())
        return import_file(cast.db, where, ImportKind.ACCOUNTS, file, now=clock(), **options)

    return bring


@pytest.fixture
def refused(bring, accounts, contacts):
    def refused(lines):
        before = accounts(), contacts()
        with pytest.raises(BadFile) as error:
            bring(lines)
        assert (accounts(), contacts()) == before
        return [(problem.row, problem.reason) for problem in error.value.problems]

    return refused


@pytest.fixture
def accounts(cast):
    def accounts():
        with cast.db.reading() as session:
            found = session.exec(select(Account).order_by(col(Account.name)))
            return [(a.name, a.value, a.review_days) for a in found]

    return accounts


@pytest.fixture
def contacts(cast):
    def contacts():
        with cast.db.reading() as session:
            found = session.exec(select(Contact).order_by(col(Contact.name)))
            return [(c.name, c.email, c.role, c.language) for c in found]

    return contacts


def test_accounts_and_contacts_are_added(bring, accounts, contacts):
    report = bring(DANA + "Northwind,Ed Sato,,,,,\nContoso,,,,,,\n")
    assert report.added == ("2 accounts", "2 contacts")
    assert accounts() == [("Contoso", None, None), ("Northwind", 120000.0, 60)]
    assert contacts() == [
        ("Dana Whitfield", "dana@northwind.example", "COO", "de"),
        ("Ed Sato", None, None, None),
    ]


def test_the_same_file_twice_changes_nothing(bring):
    bring(DANA + "Contoso,,,,,,\n")
    report = bring(DANA + "Contoso,,,,,,\n")
    assert (report.added, report.updated, report.already) == ((), (), 2)


def test_blank_cells_keep_stored_values(bring, accounts, contacts):
    bring(DANA)
    report = bring("NORTHWIND,dana whitfield,,CEO,,,30\n")
    assert (report.added, report.updated) == ((), ("1 account", "1 contact"))
    assert accounts() == [("Northwind", 120000.0, 30)]
    assert contacts() == [("Dana Whitfield", "dana@northwind.example", "CEO", "de")]


def test_known_address_renames_who_may_be_called_so(bring, contacts):
    bring(DANA)
    bring("Northwind,D. Whitfield,Dana@Northwind.example,,,,\nNorthwind,Dana Whitfield,,,,,\n")
    assert [name for name, *_ in contacts()] == ["D. Whitfield", "Dana Whitfield"]


MARRIED = "Northwind,Dana Smith,dana@northwind.example,,,,\n"
NAMESAKE = "Northwind,Dana Whitfield,other@northwind.example,,,,\n"


@pytest.mark.parametrize(
    ("line", "doubt", "says"),
    [
        (MARRIED, "other_name", "is the address of 'Dana Whitfield'; is 'Dana Smith' the same person?"),
        (NAMESAKE, "other_email", "with another address, dana@northwind.example; is other@northwind.example"),
    ],
)
def test_doubtful_contact_is_asked_about(bring, refused, line, doubt, says):
    bring(DANA)
    ((row, reason),) = refused(line)
    assert row == 2
    assert says in reason
    with pytest.raises(BadFile) as error:
        bring(line)
    assert error.value.doubts == {doubt: 1}


@pytest.mark.parametrize(
    ("line", "doubt", "said", "here"),
    [
        (MARRIED, "other_name", "same", [("Dana Smith", "dana@northwind.example")]),
        (
            MARRIED,
            "other_name",
            "new",
            [("Dana Smith", "dana@northwind.example"), ("Dana Whitfield", "dana@northwind.example")],
        ),
        (NAMESAKE, "other_email", "same", [("Dana Whitfield", "other@northwind.example")]),
        (
            NAMESAKE,
            "other_email",
            "new",
            [("Dana Whitfield", "dana@northwind.example"), ("Dana Whitfield", "other@northwind.example")],
        ),
    ],
)
def test_doubtful_contact_is_who_was_said(bring, contacts, line, doubt, said, here):
    bring(DANA)
    how = {"how": Instructions(choices={doubt: said})}
    bring(line, **how)
    assert sorted((name, email) for name, email, *_ in contacts()) == here
    assert bring(line, **how).already == 1  # the same file once more finds the same people
    assert len(contacts()) == len(here)


def test_one_of_two_namesakes_has_to_be_named(bring, refused):
    bring(DANA + NAMESAKE, how=Instructions(choices={"other_email": "new"}))
    assert "2 people there are called 'Dana Whitfield'" in refused("Northwind,Dana Whitfield,,CEO,,,\n")[0][1]


def test_same_address_elsewhere_is_another_contact(bring, contacts):
    bring(DANA)
    assert bring("Contoso,Dana Whitfield,dana@northwind.example,,,,\n").added == ("1 account", "1 contact")
    assert len(contacts()) == 2


def test_conflicting_account_values_are_refused(refused):
    reasons = refused(DANA + "Northwind,Ed Sato,,,,5,60\n")
    assert reasons == [(3, "value: of this account row 2 says 120000, not 5")]


def test_another_contacts_address_is_refused(bring, refused):
    bring(DANA + "Northwind,Ed Sato,,,,,\n")
    reasons = refused("Northwind,Ed Sato,dana@northwind.example,,,,\n")
    assert reasons == [(2, "contact_email: dana@northwind.example is the address of 'Dana Whitfield' there")]


def test_repeated_contact_is_refused(refused):
    assert refused(DANA + "northwind,DANA WHITFIELD,,,,,\n") == [
        (3, "the same contact as row 2, 'Dana Whitfield'")
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",Dana,,,,,", "account is needed"),
        ("N,,d@n.example,,,,", "contact is needed with"),
        ("N,Dana,d@,,,,", "contact_email: 'd@' is not an e-mail address"),
        ("N,Dana,,,klingon,,", "language: 'klingon' is no language"),
        ("N,Dana,,,de@euro,,", "is no language"),
        ("N,Dana,,,,-1,", "value: a number from 0"),
        ("N,Dana,,,,,0", "review_days: a whole number"),
        ("N,Dana,," + "x" * 201 + ",,,", "contact_role: at most 200"),
    ],
)
def test_wrong_row_is_refused(refused, line, said):
    assert said in refused(line + "\n")[0][1]


def test_dry_run_writes_nothing(bring, accounts, contacts):
    bring(DANA)
    report = bring("Northwind,Dana Whitfield,,CEO,,1,\nContoso,Ed,,,,,\n", dry_run=True)
    assert (report.added, report.updated) == (("1 account", "1 contact"), ("1 account", "1 contact"))
    assert (len(accounts()), contacts()[0][2]) == (1, "COO")


def test_2100_rows_are_imported(bring, accounts):
    lines = "".join(f"Account {n % 700},Contact {n},,,,{n % 700},\n" for n in range(2100))
    assert bring(lines).added == ("700 accounts", "2100 contacts")
    assert len(accounts()) == 700
