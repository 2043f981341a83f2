"""Whole files as people have them: what a spreadsheet or another tool leaves behind is forgiven."""

import io
from datetime import UTC

import pytest
from sqlmodel import col, select
from support.cast import NOON

from feedback.imports import cells as read
from feedback.imports.cells import Moments
from feedback.imports.days import iso_day
from feedback.imports.history.row import CLIENT, COLUMNS, REP
from feedback.imports.report import BadFile, email_address
from feedback.imports.run import ImportKind, import_file
from feedback.models import Account, Contact, Feedback, Meeting, Side, User
from feedback.store.contacts import name_key
from feedback.store.staff import staff, teams_of

DANA = "alice@example.com,Northwind,Dana,dana@northwind.example"
FIVE = ",".join("444444")


@pytest.fixture
def bring(cast, clock):
    """bring(kind, lines) imports them into Olive's organisation."""

    def bring(kind, *lines, **options):
        file = io.BytesIO("\r\n".join(lines).encode())
        return import_file(
            cast.db, cast.olive.organisation_id, ImportKind(kind), file, now=clock(), **options
        )

    return bring


@pytest.fixture
def team(cast):
    """team(name) is the team of a person."""

    def team(name):
        with cast.db.reading() as session:
            everybody = staff(session, cast.olive.organisation_id, 0, 1000)
            teams = teams_of(session, cast.olive.organisation_id, everybody)
        return next(tuple(teams[p.id]) for p in everybody if p.name == name)

    return team


@pytest.fixture
def rows(cast):
    """rows(Meeting) are those of a table, by id."""

    def rows(table):
        with cast.db.reading() as session:
            return session.exec(select(table).order_by(col(table.id))).all()

    return rows


def history(*columns):
    return ",".join(("rep_email", "account", "contact", "contact_email", "held_at", *columns))


@pytest.mark.parametrize(
    "lines",
    [
        ("name,email,role,team,,", "Erik,erik@example.com,rep,West,,"),
        ("sep=;", "name;email;role;team", "Erik;erik@example.com;rep;West"),
        ("Name, E-Mail ,ROLE,Team", "Erik,erik@example.com,rep,West", " , , , "),
        ("email|name|team|role", "erik@example.com|Erik|West|rep"),
        ("name,email,role,team", "Erik,erik@example.com,rep,West,,"),
    ],
)
def test_people_of_a_spreadsheet_are_read(bring, team, lines):
    assert bring("people", *lines).added == ("1 person", "1 team")
    assert team("Erik") == ("West",)


@pytest.mark.parametrize(
    "lines",
    [("name,email,role", "Erik,erik@example.com,rep"), ("name,email,role,team", "Erik,erik@example.com,rep")],
)
def test_people_need_no_team(bring, team, lines):
    assert bring("people", *lines).added == ("1 person",)
    assert team("Erik") == ()


def test_people_need_a_role(bring):
    with pytest.raises(BadFile) as error:
        bring("people", "name,email", "Erik,erik@example.com")
    assert "missing: role" in error.value.problems[0].reason


def test_accounts_need_only_names(bring):
    assert bring("accounts", "account,contact", "Northwind,Dana").added == ("1 account", "1 contact")
    assert bring("accounts", "account", "Contoso", '"Acme, Inc."').added == ("2 accounts",)


def test_comma_is_a_decimal_mark_between_semicolons(bring, rows):
    bring("accounts", "account;contact;value;review_days", "Northwind;Dana;1200,50;90", "Acme, Inc.;;0,5;")
    assert {a.name: a.value for a in rows(Account)} == {"Northwind": 1200.5, "Acme, Inc.": 0.5}


@pytest.mark.parametrize(
    ("header", "row", "name", "note"),
    [
        ("First Name,Last Name,Email,Role", "Ruth,Adler,r@x.example,rep", "Ruth Adler", "'First Name' and 'Last Name' together are name."),
        ("Name,Vorname,E-Mail,Rolle", "Adler,Ruth,r@x.example,rep", "Ruth Adler", "'Vorname' and 'Name' together are name."),
        ("Nombre,Apellidos,Correo,Rol", "Ruth,,r@x.example,rep", "Ruth", "'Nombre' and 'Apellidos' together are name."),
        ("Email,Role,First Name,Last Name", "r@x.example,rep,Ruth", "Ruth", "'First Name' and 'Last Name' together are name."),
        ("Name,First Name,Email,Role", "Dr. Ruth Adler,Ruth,r@x.example,rep", "Dr. Ruth Adler", "'First Name' and 'Name' together are name."),
        ("Display Name,First Name,Last Name,Email,Role", "Dr. Adler,R,A,r@x.example,rep", "Dr. Adler", "Columns that are none of ours were left out: 'First Name', 'Last Name'."),
    ],
)  # fmt: skip
def test_name_in_two_columns_is_one(bring, team, header, row, name, note):
    assert note in bring("people", header, row).notes
    assert team(name) == ()


@pytest.mark.parametrize(
    "said",
    [
        "Ruth Adler <Ruth@x.example>", '"Adler, Ruth" <ruth@x.example>', '"ruth@x.example" <ruth@x.example>', "<ruth@x.example>",
        "mailto:ruth@x.example", "SMTP:ruth@x.example", "ruth@x.example;", "ruth@x.example.", "Ruth <mailto:ruth@x.example> ",
    ],
)  # fmt: skip
def test_address_is_read_as_mail_programs_write_it(said):
    assert email_address(said) == "ruth@x.example"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("ruth@x.example; paul@x.example", "holds several e-mail addresses; leave one"),
        ("Ruth <ruth@x.example>, Paul <paul@x.example>", "holds several e-mail addresses; leave one"),
        ("ruth @x.example", "is not an e-mail address"),
        ("ruth@x.example (work)", "is not an e-mail address"),
        ("Ruth <ruth>", "is not an e-mail address"),
    ],
)
def test_other_addresses_are_refused_in_words(said, why):
    with pytest.raises(ValueError, match=why):
        email_address(said)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Name*,Email*,Role*", "Ruth Adler,r@x.example,rep"),
        ('ï»¿"Name","Email","Role"', "Ruth Adler,r@x.example,rep"),
        ("\u200bName\u200b,“Email”,Ro\u00adle", "Ruth Adler,r@x.example,rep"),
        ("Name:;E-Mail-Adresse:;Rolle (intern)", "Ruth Adler;r@x.example;rep"),
        ("First Name [Required],Last Name [Required],Email Address [Required],Role", "Ruth,Adler,r@x.example,rep"),
        ("Nom;Prénom;Adresse e-mail;Rôle", "Adler;Ruth;r@x.example;rep"),
        ("Name,Email (work),Email (private),Email,Role", "Ruth Adler,a@x.example,b@x.example,r@x.example,rep"),
    ],
)  # fmt: skip
def test_column_is_known_with_what_stands_beside_its_name(cast, bring, header, row):
    bring("people", header, row)
    with cast.db.reading() as session:
        found = {p.name: p.email for p in session.exec(select(User)).all()}
    assert found["Ruth Adler"] == "r@x.example"


def test_columns_of_address_books_and_surveys_are_known(bring, rows):
    bring(
        "accounts",
        "First Name,Last Name,Organization Name,E-mail 1 - Value",
        "Ines,Brandt,Fernhill,ines@x.example",
    )
    bring(
        "accounts",
        "Person - Name,Person - Organization,Person - Email - Work,Value (EUR)",
        "Tom,Harbour,tom@x.example,7",
    )
    assert {c.name: c.email for c in rows(Contact)} == {
        "Ines Brandt": "ines@x.example",
        "Tom": "tom@x.example",
    }
    assert {a.name: a.value for a in rows(Account)} == {"Fernhill": None, "Harbour": 7}
    report = bring(
        "history",
        history(*(name.removeprefix("client_") for name in CLIENT)),
        f"{DANA},2026-05-01T10:00Z,{FIVE}",
    )
    assert report.added[2:] == ("1 meeting", "1 client's answer")
    assert "'integrity' is client_integrity" in report.notes[0]


def test_time_in_a_column_of_its_own_belongs_to_the_day(bring, rows):
    header = f"rep_email,account,contact,Datum,Uhrzeit,{','.join(CLIENT)}"
    row = "alice@example.com,Northwind,Dana"
    days = (("1.5.2026", "9:05"), ("1.5.2026", "2:30 PM"), ("2.5.2026", ""), ("3.5.2026 10:00", "7:00"))
    report = bring("history", header, *(f"{row},{day},{time},{FIVE}" for day, time in days))
    assert "'Datum' and 'Uhrzeit' together are held_at." in report.notes
    assert sorted(f"{row.held_at:%d %H:%M}" for row in rows(Meeting)) == [
        "01 07:05",
        "01 12:30",
        "01 22:00",
        "03 08:00",
    ]


def test_half_a_name_may_be_chosen_for_the_whole(bring, team):
    header, row = "First Name,Last Name,Email,Role", "Ruth,Adler,r@x.example,rep"
    bring("people", header, row, chosen={"name": "Last Name"})
    assert team("Adler") == ()


def test_contact_of_a_crm_has_first_and_last_name(bring, rows):
    lines = ("Ines,Brandt,ines@x.example,Fernhill", ",Voss,v@x.example,Fernhill", ",,,Harbour")
    report = bring("accounts", "First Name,Last Name,Email,Company Name", *lines)
    assert report.added == ("2 accounts", "2 contacts")
    assert sorted(c.name for c in rows(Contact)) == ["Ines Brandt", "Voss"]


@pytest.mark.parametrize(
    "name", ["Summe", "TOTAL:", "Grand  Total", "合計", "Gesamtergebnis", "Total (12 rows)", "Average"]
)
def test_total_below_the_rows_is_no_account(bring, name):
    with pytest.raises(BadFile) as refused:
        bring(
            "accounts",
            "account;contact;value",
            "Fernhill;Ines;1200,50",
            "Harbour;Tom;800",
            "",
            f"{name};2;2000,50",
        )
    assert [
        (p.row, "Take the row out, or write the whole name" in p.reason) for p in refused.value.problems
    ] == [(5, True)]
    assert bring("accounts", "account,contact", "Total,Ines", "Total Energies,").added == (
        "2 accounts",
        "1 contact",
    )


def test_account_with_a_comma_is_not_split(bring):
    with pytest.raises(BadFile) as error:
        bring("accounts", "account,contact", "Acme, Inc.,Dana")
    assert error.value.problems[0].reason == "has 3 cells; the header has 2"


def test_history_needs_no_extras(bring, rows):
    report = bring("history", history(*CLIENT, *REP), f"{DANA},2026-05-01T10:00+02:00,{FIVE},{FIVE}")
    assert report.added[2:] == ("1 meeting", "1 client's answer", "1 mirror")
    assert rows(Feedback)[0].nps is None


def test_history_may_be_the_clients_only(bring, rows):
    report = bring("history", history(*CLIENT), f"{DANA},2026-05-01T10:00+02:00,{FIVE}")
    assert report.added[2:] == ("1 meeting", "1 client's answer")
    assert [row.side for row in rows(Feedback)] == [Side.CLIENT]


def test_times_of_history_take_the_organisations_zone(bring, rows):
    times = ("2026-05-01 10:00:00", "2026-05-02 10:00:00 UTC", "2026-05-03T10:00:00z", "2026-05-04")
    report = bring("history", history(*CLIENT), *(f"{DANA},{time},{FIVE}" for time in times))
    assert report.notes == ("Times without a zone were read as Europe/Berlin's: 2 of them.",)
    assert [row.held_at.strftime("%d %H:%M") for row in rows(Meeting)] == [
        "01 08:00", "02 10:00", "03 10:00", "03 22:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1.5.2026 10:00", "2026-05-01 10:00"), ("01.05.2026, 9:05:00", "2026-05-01 09:05"), ("31. 12. 2025", "2025-12-31 00:00"),
        ("2026/05/01 10:00", "2026-05-01 10:00"), ("2026. 5. 1.", "2026-05-01 00:00"), ("20260501", "2026-05-01 00:00"),
        ("2026-5-1 9:05", "2026-05-01 09:05"), ("2026-05-01 9:05", "2026-05-01 09:05"), ("2026-05-01, 10:00", "2026-05-01 10:00"),
        ("2026-05-01 2:30 PM", "2026-05-01 14:30"), ("1.5.2026 12:05 a.m.", "2026-05-01 00:05"), ("2026/05/01 2:30:10\u202fpm", "2026-05-01 14:30"),
        ("1 May 2026 10:00", "2026-05-01 10:00"), ("01-MAY-2026 9:05", "2026-05-01 09:05"), ("May 1, 2026, 2 PM", "2026-05-01 14:00"),
        ("Sept. 1, 2026", "2026-09-01 00:00"), ("Fri, 01 May 2026 10:00:00 +0200", "2026-05-01 08:00"), ("Fr., 01.05.2026 10:00", "2026-05-01 10:00"),
        ("Fri May 1, 2026", "2026-05-01 00:00"), ("2026年5月1日 10:00", "2026-05-01 10:00"), ("2026-05-01   10:00", "2026-05-01 10:00"),
        ("2026-05-01T06:00−02:00", "2026-05-01 08:00"),
        ("2026-05-01 10:00:00 GMT+02:00", "2026-05-01 08:00"), ("2026-05-01T10:00+02:00[Europe/Berlin]", "2026-05-01 08:00"),
    ],
)  # fmt: skip
def test_day_that_can_be_read_in_one_way_is_taken(said, day):
    assert f"{Moments(NOON, UTC).read(said):%Y-%m-%d %H:%M}" == day
    assert iso_day(said.replace("−", "-"))[:10].replace("20260501", "2026-05-01") == day[:10]


@pytest.mark.parametrize(
    "said",
    [
        "05/01/2026",
        "1.5.26",
        "31.02.2026",
        "1.13.2026",
        "01-05-2026",
        "46143",
        "1.5.2026 10 Uhr",
        "13:30 PM",
        "2026-05-01 13:30 PM",
        "Mayday 2026",
        "before 1 May 2026",
        "until 2026-05-01",
        "1 Mayor 2026",
        "2026-5-1-2",
        "2026-05-01 10:00 CEST",
    ],
)
def test_other_days_are_refused_in_words(said):
    with pytest.raises(ValueError, match="write it like 2026-05-01T10:00") as refused:
        Moments(NOON, UTC).read(said)
    assert said in str(refused.value)


def test_whole_numbers_of_other_programs_are_read():
    assert [read.read_rating(said) for said in ("4.0", "4,00", "4")] == [4, 4, 4]
    assert [read.nps("10.0"), read.days("90,0")] == [10, 90]
    for said in ("4.5", "4.", "40", "0.0", ".0"):
        with pytest.raises(ValueError, match="a rating is"):
            read.read_rating(said)
    with pytest.raises(ValueError, match=r"not '1\.000'"):
        read.days("1.000")


@pytest.mark.parametrize("error", ["#N/A", "#NV", "#REF!", "#DIV/0!", "#NAME?", "#WERT!", "#¡VALOR!", "#N/D"])
def test_error_of_a_spreadsheet_is_no_name(bring, error):
    with pytest.raises(BadFile) as refused:
        bring("accounts", "account,contact", f"Fernhill,{error}")
    assert refused.value.problems[0].reason == (
        f"contact: '{error}' is an error of the spreadsheet; correct it there, or leave it blank"
    )
    assert bring("accounts", "account,contact", "#1 Tools!,#Media").added == ("1 account", "1 contact")


@pytest.mark.parametrize(
    "nothing", ["-", "–", "---", "n/a", "N/A", "NULL", "(blank)", "(Leer)", "(null)", '=""', '="-"']
)
def test_what_programs_write_for_nothing_is_blank(bring, rows, nothing):
    cell = nothing.replace('"', '""')
    bring("accounts", "account,contact,contact_email,value", *(f'F,"{cell}","{cell}","{cell}"',))
    assert [(a.name, a.value) for a in rows(Account)] == [("F", None)]
    assert rows(Contact) == []
    with pytest.raises(BadFile) as refused:
        bring("accounts", "account,contact", f'"{cell}",Ines')
    assert refused.value.problems[0].reason == "account is needed"
    report = bring(
        "history", history(*CLIENT, "comment"), f'{DANA},2026-05-01T10:00Z,4,"{cell}",4,4,4,4,"{cell}"'
    )
    assert report.added[2:] == ("1 meeting", "1 client's answer")
    assert [(f.integrity, f.competency, f.comment) for f in rows(Feedback)] == [(4, None, None)]


def test_name_that_begins_like_nothing_is_a_name(bring, rows):
    bring("accounts", "account,contact", "Null & Co,None", "N/A Media,Na")
    assert {a.name for a in rows(Account)} == {"Null & Co", "N/A Media"}
    assert {c.name for c in rows(Contact)} == {"None", "Na"}


def test_text_that_was_kept_a_text_is_read(bring, rows):
    bring(
        "accounts",
        "account,contact,contact_email,value",
        '"=""Fern """"hill""""""","=""Ines""","=""i@x.example""",="1200.5"',
    )
    assert [(a.name, a.value) for a in rows(Account)] == [('Fern "hill"', 1200.5)]
    assert [(c.name, c.email) for c in rows(Contact)] == [("Ines", "i@x.example")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("J\ufffdrg", "is garbled; export"),
        ("MÃ¼ller", "perhaps for 'Müller'; export"),
        ("M√ºller", "perhaps for 'Müller'; export"),
        ("M├╝ller", "perhaps for 'Müller'; export"),
        ("M?ller", "with ? for a letter; export"),
        ("????", "has no letter; write"),
        ("4.91511E+11", "is a number that the spreadsheet shortened"),
        ("...", "has no letter; write"),
        ("\u200b", "nothing in it can be seen"),
    ],
)
def test_garbled_name_is_refused(bring, name, said):
    with pytest.raises(BadFile) as refused:
        bring("accounts", "account,contact", f"Fernhill,{name}")
    assert said in refused.value.problems[0].reason


def test_letters_that_only_look_garbled_are_names(bring):
    names = ["SÃO JOÃO", "Ñandú", "Ça va®", "Αθηνά", "Ãngelo", "Müller", "L’Équipe", "Who?", "🍩", "4711"]
    assert bring("accounts", "account,contact", *(f"F,{name}" for name in names)).added == (
        "1 account",
        "10 contacts",
    )


@pytest.mark.parametrize("names", ["Ines Brandt; Tom Aske", '"Ines Brandt\nTom Aske"'])
def test_cell_of_several_people_is_asked_about(bring, names):
    with pytest.raises(BadFile) as refused:
        bring("accounts", "account,contact", f"Fernhill,{names}")
    assert "names several people, or not? Write a row for each" in refused.value.problems[0].reason


def test_entities_of_a_web_page_are_letters(bring, rows):
    bring("accounts", "account,contact", "Smith &amp; Sons,M&uuml;ller &#8211; O&#x27;Neil", "AT&T; Co,D&D")
    assert {a.name for a in rows(Account)} == {"Smith & Sons", "AT&T; Co"}
    assert {c.name for c in rows(Contact)} == {"Müller – O'Neil", "D&D"}


def test_comment_is_read_as_it_was_written(bring, rows):
    bring("history", history(*CLIENT, "comment"), f"{DANA},2026-05-01T10:00Z,{FIVE},Good &amp; fine._x000D_")
    assert rows(Feedback)[0].comment == "Good & fine."
    with pytest.raises(BadFile) as refused:
        bring(
            "history",
            history(*CLIENT, "comment"),
            f"{DANA},2026-05-02T10:00Z,{FIVE},Schön".replace("Schön", "SchÃ¶n"),
        )
    assert "comment: 'SchÃ¶n' is garbled, perhaps for 'Schön'" in refused.value.problems[0].reason


def test_comment_with_a_lost_letter_is_taken_and_said(bring, rows):
    """What a client wrote cannot be exported anew: one lost letter among thousands of comments stopped the whole file."""
    said = [
        f"{DANA},2026-05-0{day}T10:00Z,{FIVE},Sch{letter}n" for day, letter in enumerate("\ufffdö\ufffd", 1)
    ]
    said.append(f"{DANA},2026-05-04T10:00Z,{FIVE},Schï¿½n")
    found = bring("history", history(*CLIENT, "comment"), *said)
    assert found.notes == (
        "3 comments have a letter that was lost before the file was saved (\ufffd), in row 2, 4, 5: imported as written.",
    )
    assert sorted(each.comment for each in rows(Feedback)) == ["Schön", *["Sch\ufffdn"] * 3]
    assert bring("history", history(*CLIENT, "comment"), *said).already == 4


def test_reason_of_an_outcome_with_a_lost_letter_is_taken_and_said(bring, rows):
    bring("accounts", "account,contact", "Fernhill,Ines")
    reasons = [f"Fernhill,2026-05-{day:02},renewed,Sch\ufffdn" for day in range(1, 8)]
    found = bring("outcomes", "account,date,outcome,reason", *reasons)
    assert found.added == ("7 outcomes",)
    assert "7 comments have" in found.notes[0]
    assert "in row 2, 3, 4, 5, 6 and others: imported" in found.notes[0]


def test_what_nobody_sees_makes_no_second_person(bring, rows):
    bring("accounts", "account,contact", "Fernhill\u200b,\u200fדנה כהן\u200f")
    again = bring(
        "accounts", "account,contact,contact_email", "\ufeffFernhill,דנה\u00ad כהן,\u200bdana@x.example"
    )
    assert (again.added, again.updated) == ((), ("1 contact",))
    assert [(c.name, c.email) for c in rows(Contact)] == [("דנה כהן", "dana@x.example")]
    assert name_key("Da\u200bna") == name_key("dana")
    assert read.name("می\u200cخواهم") == "می\u200cخواهم"


def test_people_behind_one_mailbox_stay_apart(bring, rows):
    lines = [
        f"alice@example.com,Northwind,{name},office@northwind.example,2026-05-0{day}T10:00Z,{FIVE}"
        for day, name in enumerate(("Tom Aske", "Lena Voss", "T. Aske", "Lena Voss"), start=1)
    ]
    report = bring("history", history(*CLIENT), *lines)
    assert report.added[:2] == ("1 account", "2 contacts")
    assert report.notes[0].startswith("'Lena Voss' shares an e-mail address with somebody else")
    assert sorted(row.name for row in rows(Contact)) == ["Lena Voss", "Tom Aske"]
    assert bring("history", history(*CLIENT), *lines).already == 4


def test_absent_column_says_nothing_of_who_is_here(bring, rows):
    bring("accounts", "account,contact,contact_email", "Northwind,Dana,dana@northwind.example")
    assert bring("accounts", "account,contact", "Northwind,Dana").already == 1
    assert rows(Contact)[0].email == "dana@northwind.example"


def test_every_column_is_still_taken(bring):
    row = f"{DANA},2026-05-01T10:00Z,{FIVE},{FIVE},9,Good.,change,growing"
    report = bring("history", ",".join(COLUMNS), row)
    assert report.notes == ()
    assert "1 meeting" in " ".join(report.added)
