"""/accounts and /accounts/<id>: which are sound, which are at risk, and what that is worth."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support.pages import NOBODY, words

from feedback.models import Account, Organisation


def rows(text: str) -> list[str]:
    body = text.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in text else ""
    return [words(row) for row in re.findall(r"<tr.*?</tr>", body, re.S)]


def listed(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/accounts/[^"]+">([^<]+)<', text)


@pytest.fixture
def worth(cast):
    """worth("Acme", value=…, review_days=…) fills in what an import would."""

    def worth(name: str, **values: object) -> None:
        with cast.db.writing() as session:
            session.execute(update(Account).where(Account.name == name).values(**values))

    return worth


@pytest.fixture
def address(cast):
    """address("Acme") is its page's."""

    def address(name: str) -> str:
        with cast.db.reading() as session:
            return f"/accounts/{session.scalar(select(Account.id).where(Account.name == name))}"

    return address


@pytest.fixture
def four(cast, worth):
    """Acme is sound. Bolt is lukewarm and hangs on one relationship; Cora on one blind spot: said 23/6 = 3.83,
    guessed 5; loyalty 25 * (3.83 - 1) = 70.8. Echo is Bob's, in the South."""
    for rep, contact, account, said, guessed in (
        ("alice", "Ana", "Acme", (5,), (5,)),
        ("alice", "Al", "Acme", (5,), (5,)),
        ("alice", "Ben", "Bolt", (3,), (3,)),
        ("alice", "Cleo", "Cora", (5, 5, 5, 3, 3, 2), (5,)),
        ("bob", "Eli", "Echo", (1,), (1,)),
    ):
        met = cast.meeting(rep, contact, account)
        cast.answer(met, *said)
        cast.seal(met, *guessed)
    worth("Acme", value=50_000)
    worth("Bolt", value=1_200_000)
    worth("Echo", value=700)
    return cast


def test_worst_account_is_first_with_reasons(four, sign_in):
    assert rows(sign_in("carol").get("/accounts").text) == [
        "Bolt 50 Transactional 1 relationship, 1.0 voice 1,200,000 18 Nov Only Transactional One relationship in your teams only, and that is lukewarm “Fine” : nobody has taken it, due 20 Nov –",
        "Cora 71 Transactional 1 relationship, 1.0 voice – 18 Nov Only Transactional One relationship in your teams only, and that is a blind spot: guessed 5.0, says 3.8 Blind spot : nobody has taken it, due 20 Nov –",
        "Acme 100 Trusted Advisor 2 relationships, 2.0 voices 50,000 18 Nov Sound – –",
    ]


def test_values_carry_the_currency_of_settings(four, address, sign_in):
    with four.db.writing() as session:
        session.execute(update(Organisation).values(currency="EUR"))
    carol = sign_in("carol")
    text = words(carol.get("/accounts").text)
    assert "worth EUR 1,200,000 a year" in text
    assert rows(carol.get("/accounts").text)[2].count("EUR 50,000") == 1
    page = carol.get(address("Bolt")).text
    assert re.search(r'<b class="amount">EUR 1,200,000</b>', page)  # breaks before the number alone


def test_totals_show_value_at_risk(four, sign_in):
    text = words(sign_in("carol").get("/accounts").text)
    assert "At risk 2 of 3 worth 1,200,000 a year Sound 1 of 3 worth 50,000 a year" in text
    assert "Not known yet 0 of 3 Accounts 3 worth 1,250,000 a year" in text


def test_shared_account_shows_own_teams_part(scored, sign_in, address):
    # Alice's: 100 + 75 + 50, and Ivo's 25: 250/4 = 62.5. With Bob's three hundreds: 550/7 = 78.6.
    carol, olive = sign_in("carol"), sign_in("olive")
    assert rows(carol.get("/accounts").text)[0].startswith(
        "Northwind 62 Transactional 4 relationships, 4.0 voices"
    )
    assert rows(olive.get("/accounts").text)[0].startswith(
        "Northwind 79 Predisposed 8 relationships, 7.0 voices"
    )
    page = words(carol.get(address("Northwind")).text)
    assert "Cleo" in page
    assert not re.search(r"\b(Bob|Eli|Fay|Gus|Hal)\b", page)
    assert re.search(r"\bHal\b", words(olive.get(address("Northwind")).text))


def test_silence_uses_accounts_review_days(four, clock, sign_in, worth):
    worth("Acme", review_days=120)
    clock.forward(days=91)
    text = "\n".join(rows(sign_in("carol").get("/accounts").text))
    assert "Cora" in text
    assert text.count("No meeting for 91 days, 90 were meant at most") == 2  # Bolt and Cora
    clock.forward(days=30)
    assert "No meeting for 121 days, 120 were meant at most" in words(sign_in("carol").get("/accounts").text)


@pytest.mark.parametrize("agreed", [False, True])
def test_one_day_is_one_and_a_day_to_come_is_to_come(four, clock, sign_in, worth, address, agreed):
    if agreed:
        with four.db.writing() as session:
            session.execute(update(Organisation).values(works_agreement=True))
    olive, today = sign_in("olive"), clock().date()
    worth("Acme", review_days=1, renews_on=today)
    shown = words(olive.get(address("Acme")).text)
    assert ("review every day · renews on" in shown, "renewed on" in shown) == (True, False)
    worth("Acme", review_days=2, renews_on=today - timedelta(days=1))
    shown = words(olive.get(address("Acme")).text)
    assert ("review every 2 days · renewed on" in shown, "renews on" in shown) == (True, False)


def test_unmet_account_is_shown_to_owner_only(four, sign_in):
    with four.db.writing() as session:
        session.add(
            Account(
                organisation_id=four.olive.organisation_id,
                created_at=four.clock(),
                name="Dorn",
                name_key="dorn",
                value=9e6,
            )
        )
    olive, carol = sign_in("olive"), sign_in("carol")
    assert (
        rows(olive.get("/accounts").text)[-1]
        == "Dorn No answers yet 0 relationships 9,000,000 Not yet Not known yet – –"
    )
    assert "Dorn" not in carol.get("/accounts").text
    path = re.search(r'href="([^"]+)">Dorn', olive.get("/accounts").text)[1]
    assert "No contacts here yet." in olive.get(path).text
    assert carol.get(path).status_code == 404


def test_account_shows_after_one_meeting(cast, sign_in, address):
    cast.meeting("alice", "Dana", "Northwind")
    carol = sign_in("carol")
    assert rows(carol.get("/accounts").text) == [
        "Northwind No answers yet 1 relationship – 18 Nov Not known yet. One relationship only – –"
    ]
    assert "No answers yet" in carol.get(address("Northwind")).text


def test_stage_mismatch_is_told_in_words(cast, sign_in):
    for account, client, rep in (
        ("A", "comparing", "growing"),
        ("B", "comparing", "comparing"),
        ("C", "adopting", "comparing"),
        ("D", "change", "comparing"),
    ):
        met = cast.meeting("alice", "Dana", account)
        cast.answer(met, 5, stage=client)
        cast.seal(met, 5, stage=rep)
    said = [
        re.sub(r"^(–|(Ahead|Unusual).*? 20 Nov) ", "", row.split("One relationship only ")[1])
        for row in rows(sign_in("carol").get("/accounts").text)
    ]
    assert said == [
        "Client: comparing options. Rep: using it and wanting more. The rep runs 2 steps ahead.",
        "Comparing options, say both.",
        "Client: putting it to work. Rep: comparing options. The client is 1 step further than the rep says.",
        "Client: they have decided to change. Rep: comparing options. The rep is one step ahead.",
    ]


def test_latest_stage_is_shown(cast, clock, sign_in):
    for stage in ("problem", "adopting"):
        cast.answer(cast.meeting("alice", "Dana", "A"), 5, stage=stage)
        clock.forward(days=1)
    assert "Client: putting it to work." in words(sign_in("carol").get("/accounts").text)


def test_account_page_shows_people_and_answers(four, clock, sign_in, address):
    clock.forward(days=7)
    later = four.meeting("alice", "Ben", "Bolt")
    four.answer(later, 2)
    text = sign_in("carol").get(address("Bolt")).text
    # g halves in 90 days: 2 ** (-7/90) = 0.9475; (0.9475 * 50 + 25)/1.9475 = 37.2
    assert rows(text)[0] == "Ben Change Ben Alice 37 Antagonistic 25 Nov"
    answers = re.findall(r'<a href="/answers/([^"]+)">([^<]+)</a>', text)
    assert answers[0] == (str(later.id), "25 Nov")
    assert [day for _, day in answers] == ["25 Nov", "18 Nov"]
    assert "from 50 to 37" in words(text)
    assert "guessed 3.0, says 2.5" in words(text)  # (0.9475 * 3 + 2)/1.9475 = 2.49
    assert "Open alerts 1" in words(text)  # with three reasons: low, a drop from 50 to 25, and "fine"


def test_account_page_shows_the_map(four, sign_in, address):
    text = sign_in("carol").get(address("Cora")).text
    assert "<title>Cleo, Cora, with Alice: guessed 5.0, says 3.8</title>" in text
    assert (
        "At risk. Only Transactional One relationship in your teams only, and that is a blind spot"
        in words(text)
    )
    assert "One relationship only, and that is a blind spot" in words(
        sign_in("olive").get(address("Cora")).text
    )


def test_manager_sees_own_teams_accounts_only(four, sign_in, address):
    assert listed(sign_in("carol").get("/accounts").text) == ["Bolt", "Cora", "Acme"]
    assert listed(sign_in("olive").get("/accounts").text) == ["Bolt", "Echo", "Cora", "Acme"]
    assert listed(sign_in("mallory").get("/accounts").text) == []
    echo = address("Echo")
    assert [sign_in(name).get(echo).status_code for name in ("carol", "mallory", "olive")] == [404, 404, 200]


def test_accounts_filter_by_team_and_name(four, sign_in):
    olive = sign_in("olive")
    south = re.search(r'<option value="([^"]+)"[^>]*>South<', olive.get("/accounts").text)[1]
    assert listed(olive.get(f"/accounts?team={south}").text) == ["Echo"]
    assert listed(olive.get("/accounts?q=CO").text) == ["Cora"]
    assert listed(olive.get(f"/accounts?q=CO&team={south}").text) == []
    assert "with “%” in its name" in olive.get("/accounts?q=%25").text
    assert sign_in("carol").get(f"/accounts?team={south}").status_code == 404


@pytest.mark.parametrize("name", ["O'Neill & <i>Söhne</i>", "株式会社ドーナツ", "شركة الكعك", "x" * 200])
def test_account_name_is_escaped_and_found(cast, sign_in, address, name):
    cast.meeting("alice", "Dana", name)
    carol = sign_in("carol")
    assert "<i>Söhne" not in carol.get("/accounts").text
    assert len(listed(carol.get("/accounts", query_string={"q": name[:60]}).text)) == 1
    assert carol.get(address(name)).status_code == 200


def test_accounts_are_paged_by_20(cast, sign_in):
    with cast.db.writing() as session:
        for n in range(50):
            session.add(
                Account(
                    organisation_id=cast.olive.organisation_id,
                    created_at=cast.clock(),
                    name=f"Account {n:03}",
                    name_key=f"account {n:03}",
                    search=f"account {n:03}",
                )
            )
    olive = sign_in("olive")
    pages = [listed(olive.get(f"/accounts?page={n}").text) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 10]
    assert pages[2][-1] == "Account 049"
    text = olive.get("/accounts?q=account&page=2").text
    assert "21 to 40 of 50" in text
    assert 'href="/accounts?page=3&amp;q=account"' in text
    assert {olive.get(f"/accounts?page={n}").status_code for n in ("0", "4", "x", "-1", "²", "9" * 30)} == {
        404
    }


def test_empty_accounts_page_says_so(cast, sign_in):
    assert "No accounts yet." in sign_in("olive").get("/accounts").text


@pytest.mark.parametrize("which", ["x", "1", NOBODY])
def test_unknown_account_is_404(cast, sign_in, which):
    assert sign_in("olive").get(f"/accounts/{which}").status_code == 404


def test_rep_gets_403_for_accounts(four, sign_in, address):
    alice = sign_in("alice")
    assert [alice.get(path).status_code for path in ("/accounts", address("Acme"))] == [403, 403]


def test_post_to_accounts_is_405(four, sign_in, address):
    carol = sign_in("carol")
    assert [carol.post(path).status_code for path in ("/accounts", address("Acme"))] == [405, 405]


def test_stranger_signs_in_first(four, stranger, address):
    for path in ("/accounts", address("Acme")):
        assert stranger.get(path).location == f"/sign-in?next={path}"


def test_endless_search_is_cut(four, sign_in):
    """What is typed stands in the page, and in the addresses of its pages."""
    page = sign_in("carol").get("/accounts", query_string={"q": "x" * 5000}).text
    assert f'value="{"x" * 200}"' in page
    assert "x" * 201 not in page
