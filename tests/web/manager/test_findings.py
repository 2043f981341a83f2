"""Findings, drivers and the instrument's health on the page of evidence: of which answers, for whom, and in what words."""

import re
import sys
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlmodel import col, func, select, update
from support.pages import words

from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.staff import add_team
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.health import AnswerSums
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.jobs import evidence
from feedback.jobs.drivers import drivers_section
from feedback.models import Account, Contact, EvidenceFigures, Feedback, Invitation, Organisation, Side
from feedback.models.feedback import Counts
from feedback.pages.evidence.claims import claims_section, finding_of, stored_finding
from feedback.pages.evidence.frame import scopes
from feedback.pages.evidence.health import SummedAnswers, health_section, summed_answers
from feedback.pages.evidence.said import answers_said
from feedback.store.invitations import invitation_by_id
from feedback.wording.evidence import CLAIM_WORDS

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def scope_of(cast, who="olive"):
    with cast.db.reading() as session:
        found = scopes(session, cast.olive.organisation_id, cast.clock())
    return found[cast.olive.organisation_id if who == "olive" else cast.people[who].id]


def section(cast, make, who="olive"):
    with cast.db.reading() as session:
        return make(session, scope_of(cast, who))


def page(cast, browser):
    with cast.changing() as c:
        evidence.want_evidence(c)
    evidence.run_evidence(cast.db, cast.clock)
    return words(browser.get("/evidence").text)


def heard(cast, rep, account, *ratings, contact=None, **extras):
    """A meeting about which somebody answers; a day later."""
    met = cast.meeting(rep, contact or f"Client of {account}", account)
    cast.answer(met, *ratings, **extras)
    cast.clock.forward(days=1)
    return met


def every_kind(cast):
    """Answers of every kind: settled, with and without a seal; kept from the rep; erased; being tapped; settled by the clock;
    set apart; incomplete."""
    cast.seal(heard(cast, "alice", "A", 5, 4, 4, 3, 5, 5), 4)
    heard(cast, "bob", "B", 3, visibility="manager")
    erased = heard(cast, "alice", "C", 2)
    apart = heard(cast, "bob", "D", 5)
    cast.answer(cast.meeting("alice", "Idle", "F"), 4, 3, 4, 4, 3, 4, done=False)
    cast.clock.forward(minutes=11)  # settled by the clock, and not processed
    cast.answer(cast.meeting("alice", "Tapping", "E"), 4, done=False)
    now = cast.clock()
    with cast.changing() as c:
        for met, values in ((erased, {"erased_at": now}), (apart, {"counts": "quarantined"})):
            c.session.execute(
                update(Feedback)
                .where(col(Feedback.organisation_id) == c.organisation_id, col(Feedback.invitation_id) == met.id, col(Feedback.side) == Side.CLIENT)
                .values(values)
            )  # fmt: skip


def test_sums_hold_just_the_answers_that_managers_see(cast):
    every_kind(cast)
    with cast.db.reading() as session:
        scope = scope_of(cast)
        ids = session.scalars(
            select(Invitation.id).where(Invitation.organisation_id == scope.organisation_id)
        )
        views = [
            invitation_by_id(session, scope.organisation_id, each, Reader.MANAGER, cast.clock())
            for each in ids
        ]
        seen = [view.client for view in views if view and view.access.whole]
        said = list(answers_said(session, scope))
        sums = summed_answers(session, scope)
    # the one set apart is shown, and not counted
    counted = sorted(side.ratings for side in seen if side.counts == Counts.COUNTED)
    assert len(seen) == 4
    assert (
        sorted(each.ratings for each in said) == counted == [(3,) * 6, (4, 3, 4, 4, 3, 4), (5, 4, 4, 3, 5, 5)]
    )
    assert sum(each.sums.count for each in sums) == 3
    assert sum(each.sums.total for each in sums) == 26 + 18 + 22
    assert sum(each.sums.straight for each in sums) == 1


def test_findings_come_out_of_outcomes_and_values(cast):
    """Twelve clients who said Fine and were lost, twelve who said Good and stayed, with accounts worth a third."""
    for n in range(12):
        heard(cast, "alice", f"Lost {n}", 3, 3, 4, 3, 3, 3)
        heard(cast, "bob", f"Kept {n}", 5, 4, 5, 4, 5, 5)
    heard(cast, "alice", "Lost 3", 1, contact="After the loss")
    _note_all(cast, days_ago=1)
    found = {each["claim"]: finding_of(each) for each in section(cast, claims_section)["findings"]}
    assert list(found) == list(CLAIM_WORDS)
    assert found["satisfied_and_lost"].sample == {"lost": 12, "satisfied": 12}
    assert found["satisfied_and_lost"].verdict == "holds"
    assert found["fine_before_loss"].sample == {
        "lukewarm": 12,
        "lukewarm_lost": 12,
        "better": 12,
        "better_lost": 0,
    }
    assert found["loyal_bring_more"].sample == {"loyal": 12, "others": 12}
    assert found["loyal_bring_more"].figures[0].value == pytest.approx(3)
    assert found["loyal_bring_more"].reps == 2
    assert all(finding_of(stored_finding(each)) == each for each in found.values())
    north = {each["claim"]: each["sample"] for each in section(cast, claims_section, "carol")["findings"]}
    assert north["loyal_bring_more"] == {"loyal": 0, "others": 12}


def _note_all(cast, days_ago=0):
    """Note the outcome of each account, so long ago; those kept are worth three times the lost."""
    day = (cast.clock() - timedelta(days=days_ago)).date()
    with cast.changing() as c:
        rows = c.session.execute(
            select(Account.id, Account.name)
            .where(Account.organisation_id == c.organisation_id)
            .order_by(Account.name)
        ).all()
        for account_id, name in rows:
            lost = name.startswith("Lost")
            said = OutcomeSaid(ClientOutcome.LOST if lost else ClientOutcome.RENEWED, day)
            note_outcome(c, cast.olive.id, account_id, said, OutcomeSource.PAGE)
            row = c.session.get_one(Account, (c.organisation_id, account_id))
            row.value = 10_000.0 if lost else 30_000.0


@SQLITE
def test_page_says_what_is_missing(cast, sign_in):
    olive = sign_in("olive")
    text = page(cast, olive)
    assert text.count("Too early to tell") >= len(CLAIM_WORDS)
    assert "It takes ten lost clients who had answered in the year before." in text
    assert "Complete answers so far: 0." in text
    assert "Nobody has answered all six yet" in text
    for n in range(3):
        heard(cast, "alice", f"A {n}", 4)
    text = page(cast, olive)
    assert "Complete answers so far: 3." in text
    assert "Too early: it takes 60 complete answers." in text
    assert sign_in("alice").get("/evidence").status_code == 403


def _many(cast, count=70):
    """So many answers of one client each, out of one that is copied: seventy meetings would take long."""
    met = heard(cast, "alice", "First", 5, 4, 3, 4, 5, 4, nps=9)
    with cast.changing() as c:
        where = c.organisation_id
        row = c.session.exec(
            select(Feedback).where(
                Feedback.organisation_id == where,
                Feedback.invitation_id == met.id,
                Feedback.side == Side.CLIENT,
            )
        ).one()
        contact = c.session.exec(select(Contact).where(Contact.organisation_id == where)).first()
        invitation = c.session.exec(
            select(Invitation).where(Invitation.organisation_id == where, Invitation.id == met.id)
        ).one()
        for n in range(count):
            other = Contact(**{**contact.model_dump(exclude={"id"}), "name": f"C {n}", "name_key": f"c {n}"})
            c.session.add(other)
            c.session.flush()
            asked = Invitation(
                **{
                    **invitation.model_dump(exclude={"id", "encrypted_token"}),
                    "contact_id": other.id,
                    "token": f"{n:040}",
                }
            )
            c.session.add(asked)
            c.session.flush()
            ratings = {name: (n * (d + 2) + n // 7) % 5 + 1 for d, name in enumerate(DIMENSIONS)}
            copied = {
                **row.model_dump(exclude={"id"}),
                **ratings,
                "invitation_id": asked.id,
                "nps": min(10, 2 * ratings["proactivity"]),
            }
            c.session.add(Feedback(**copied))  # fmt: skip


@SQLITE
def test_drivers_are_said_in_words(cast, sign_in, monkeypatch):
    _many(cast)
    for n in range(3):
        heard(cast, "alice", f"B {n}", 5, 5, 5, 3, 5, 5)
    today = "The most room to 5, times how much it tells about who would recommend you: 1.8 × "
    assert today not in words(sign_in("carol").get("/today").text)
    text = page(cast, sign_in("carol"))
    assert "Proactivity tells most about who would recommend you." in text
    told = words(sign_in("carol").get("/today").text)
    assert "Proactivity : " in told
    assert today in told
    assert "from 71 clients." in told
    assert "Held against “Would you recommend us?”" in text
    assert "All 74" in text
    monkeypatch.setitem(sys.modules, "numpy", None)
    text = page(cast, sign_in("carol"))
    assert "beyond-doughnuts[evidence]" in text
    assert "What is true here" in text


@SQLITE
def test_works_agreement_hides_figures_of_fewer_than_five(cast, sign_in):
    _many(cast)
    for rep in ("alice", "bob"):
        for n in range(6):
            heard(cast, rep, f"Lost {rep} {n}", 3)
    _note_all(cast)
    olive = sign_in("olive")
    assert "12 of 12 lost clients." in page(cast, olive)
    with cast.changing() as c:
        c.session.get_one(Organisation, c.organisation_id).works_agreement = True
    assert "being worked out" in words(olive.get("/evidence").text)
    text = page(cast, olive)
    assert "a figure comes from at least 5 reps" in text
    assert "what rests on the reps’ guesses is not worked out" in text
    for figure in (
        "12 of 12",
        "lost clients had said Fine",
        "Proactivity tells",
        "real gap",
        "In the room",
        "All 83",
        "so far",
    ):
        assert figure not in text, figure
    with cast.db.reading() as session:
        stored = session.exec(select(EvidenceFigures).where(EvidenceFigures.organisation_id == cast.olive.organisation_id, EvidenceFigures.id == cast.olive.organisation_id)).one()  # fmt: skip
    assert [
        len(stored.figures["sections"]["health"][name]) for name in ("all", "teams", "languages", "reps")
    ] == [0, 0, 0, 0]


@SQLITE
def test_unsealed_answers_move_nothing_a_rep_can_see(cast, sign_in):
    """The page is for managers; a rep is refused whatever there is, by as many bytes."""
    before = sign_in("alice").get("/evidence")
    heard(cast, "alice", "A", 1)
    with cast.changing() as c:
        evidence.want_evidence(c)
    evidence.run_evidence(cast.db, cast.clock)
    after = sign_in("alice").get("/evidence")
    assert (
        (before.status_code, len(before.data))
        == (after.status_code, len(after.data))
        == (403, len(after.data))
    )


@SQLITE
@pytest.mark.parametrize("names", [("Anchorage", "Zug"), ("Zug", "Anchorage")])
def test_teams_of_as_many_answers_are_listed_by_name(cast, sign_in, names):
    """One by one, and where some stand together."""
    heard(cast, "alice", "A", 5, 4, 4, 3, 5, 5)
    page(cast, olive := sign_in("olive"))
    with cast.changing() as c:
        first, second = (str(add_team(c, cast.olive.id, name)) for name in names)
        stored = c.session.exec(select(EvidenceFigures).where(EvidenceFigures.id == c.organisation_id)).one()
        (whole,) = stored.figures["sections"]["health"]["all"]
        teams = [
            {**whole, "answers": answers, "advice": [], "names": ids}
            for answers, ids in ((61, [first, second]), (60, [first]), (60, [second]))
        ]
        health = {**stored.figures["sections"]["health"], "teams": teams}
        stored.figures = {**stored.figures, "sections": {**stored.figures["sections"], "health": health}}
    listed = re.findall(r"(Anchorage|Zug)", words(olive.get("/evidence").text))
    assert listed[-4:] == ["Anchorage", "Zug"] * 2


@SQLITE
def test_reps_by_way_are_named_to_managers(cast, sign_in):
    _many(cast)
    with cast.changing() as c:
        half = (
            select(Invitation.id)
            .where(Invitation.organisation_id == c.organisation_id)
            .order_by(Invitation.id)
            .limit(30)
        )
        c.session.execute(
            update(Invitation)
            .where(col(Invitation.organisation_id) == c.organisation_id, col(Invitation.id).in_(half))
            .values(way="mail")
        )
        others = col(Invitation.way) != "mail"
        c.session.execute(
            update(Invitation)
            .where(col(Invitation.organisation_id) == c.organisation_id, others)
            .values(way="group")
        )
    text = page(cast, sign_in("carol"))
    assert "In the room, and from afar" in text
    assert "Alice" in text[text.index("In the room, and from afar") :]
    rows = section(cast, health_section)["reps"]
    assert [(row["room_answers"], row["afar_answers"]) for row in rows] == [
        (41, 30)
    ]  # one code for a room, too
    for name in ("all", "teams", "languages"):
        assert [row["room_difference"] for row in section(cast, health_section)[name]] == [
            pytest.approx(rows[0]["room"] - rows[0]["afar"])
        ], name
    with cast.db.reading() as session:
        assert (
            session.scalar(
                select(func.count())
                .select_from(Invitation)
                .where(Invitation.organisation_id == cast.olive.organisation_id)
            )
            == 71
        )
    assert section(cast, drivers_section, "carol")["fitted"]["clients"] == 71


@pytest.mark.parametrize(("afar", "told"), [(4, False), (5, True)])
def test_room_and_mail_of_a_group_are_told_where_enough_reps_asked_each_way(monkeypatch, afar, told):
    """Under a works agreement: what four reps' clients said by mail could be about one of them."""
    of_one = AnswerSums(60, (240.0,) * 6, (1000.0,) * 6, 1440.0, 35_000.0)
    reps = [UUID(int=n) for n in range(5)]
    rows = [SummedAnswers(rep, None, "en", False, of_one) for rep in reps]
    rows += [SummedAnswers(rep, None, "en", True, of_one) for rep in reps[:afar]]
    monkeypatch.setattr("feedback.pages.evidence.health.summed_answers", lambda *_: rows)
    (found,) = health_section(None, SimpleNamespace(works_agreement=True))["all"]
    assert found["answers"] == 60 * len(rows)
    assert (found["room_difference"] is not None) == told
