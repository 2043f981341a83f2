"""The page of evidence: whose figures it shows, and when they are worked out."""

import pytest
from sqlmodel import select
from support.pages import words

from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.charts.leads import draw_leads
from feedback.core.evidence.claims import ClaimVerdict
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.core.evidence.warnings import Period
from feedback.jobs import evidence
from feedback.jobs.daily import run_daily
from feedback.models import Account, EvidenceFigures, TeamManager, User
from feedback.store.evidence import wanted_evidence
from feedback.wording.evidence import VERDICT_WORDS

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def work_out(cast) -> int:
    return evidence.run_evidence(cast.db, cast.clock)


def test_figures_are_worked_out_once_a_day(cast, sign_in):
    owner = sign_in("olive")
    assert "being worked out" in owner.get("/evidence").text
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    assert work_out(cast) == 1
    assert "Figures of 18" in owner.get("/evidence").text
    run_daily(cast.db, cast.olive.organisation_id, cast.clock.forward(hours=3))
    assert work_out(cast) == 0
    run_daily(cast.db, cast.olive.organisation_id, cast.clock.forward(hours=10))
    assert work_out(cast) == 1
    with cast.db.reading() as session:
        assert not wanted_evidence(session)


def test_figures_of_other_teams_are_not_shown(cast, sign_in):
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    carol = sign_in("carol")
    assert "Figures of 18" in carol.get("/evidence").text
    with cast.changing() as c:  # Carol no longer looks after North
        mine = c.session.exec(select(TeamManager).where(TeamManager.user_id == cast.carol.id)).one()
        c.session.delete(mine)
    assert "being worked out" in carol.get("/evidence").text


def test_failing_section_holds_up_no_other(cast, sign_in, monkeypatch):
    def fails(session, scope):
        raise ZeroDivisionError

    monkeypatch.setitem(evidence.SECTIONS, "drivers", fails)
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    page = sign_in("olive").get("/evidence").text
    assert "could not be worked out" in page
    assert "Did we warn" in page


def test_period_that_is_none_is_404(cast, sign_in):
    owner = sign_in("olive")
    assert [owner.get(f"/evidence?period={each}").status_code for each in (*Period, "week", "")] == [
        200
    ] * 3 + [404] * 2
    assert sign_in("alice").get("/evidence").status_code == 403


def test_rows_of_who_left_go(cast):
    with cast.changing() as c:
        c.session.add(EvidenceFigures(organisation_id=c.organisation_id, figures={}))
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    with cast.db.reading() as session:
        kept = {
            row.id
            for row in session.exec(
                select(EvidenceFigures).where(EvidenceFigures.organisation_id == cast.olive.organisation_id)
            )
        }
    assert kept == {cast.olive.organisation_id, cast.carol.id}


@SQLITE
def test_works_agreement_shows_no_single_client(cast, clock, sign_in):
    """Six reps' lost clients: counts for all together, no line; and none of fewer than five reps."""
    reps = ("alice", "nora", "nils", "nina", "noah", "nell")
    for name in reps[1:]:
        cast.add(name, "rep", "North")
    for number, name in enumerate(reps * 2):
        cast.answer(cast.meeting(name, f"Client {number}", f"Firm {number}"), 1)
    clock.forward(days=9)

    def lose(firms):
        with cast.changing() as c:
            for account in c.session.exec(select(Account).where(Account.name.in_(firms))).all():
                said = OutcomeSaid(ClientOutcome.LOST, c.now.date())
                note_outcome(c, cast.olive.id, account.id, said, OutcomeSource.PAGE)
        work_out(cast)
        return words(sign_in("carol").get("/evidence").text)

    with cast.changing() as c:
        c.organisation.works_agreement = True
    page = lose([f"Firm {number}" for number in (0, 1, 2, 3, 6, 7, 8, 9)])
    assert "clients of fewer than five reps" in page
    assert "Our alerts" not in page
    page = lose([f"Firm {number}" for number in range(12)])
    assert "Our alerts 12 0 0 0" in page
    assert "9 days before the loss, in the middle case of 12" in page
    assert "Firm" not in page
    with cast.changing() as c:
        c.organisation.works_agreement = False
    assert (
        "being worked out" in sign_in("carol").get("/evidence").text
    )  # figures of the agreement are not shown for others
    clock.forward(days=1)
    assert "Firm 11" in lose(["Firm 0"])


def test_dots_stay_within_the_strip():
    for leads in ([1, 365], [30] * 500, list(range(1, 366))):
        strip = draw_leads(leads, 30)
        assert len(strip.dots) == len(leads)
        assert all(0 < x < 400 and 0 < y < strip.height <= 200 for x, y in strip.dots)
    (near, _), (far, _) = draw_leads([1, 365], 1).dots
    assert far < near  # the longest ago at the left
    assert draw_leads([], 0).dots == []


@SQLITE
def test_page_speaks_the_readers_language(cast, sign_in):
    with cast.changing() as c:
        evidence.want_evidence(c)
    work_out(cast)
    carol = sign_in("carol")
    said = {"de": "Haben wir recht?", "fr": "Avons-nous raison ?", "es": "¿Acertamos?", "en": "Are we right?"}
    for tag, title in said.items():
        with cast.changing() as c:
            c.session.get_one(User, (c.organisation_id, cast.carol.id)).language = tag
        page = words(carol.get("/evidence").text).replace("\u00a0", " ").replace("\u202f", " ")
        assert title in page, tag
        assert (str(VERDICT_WORDS[ClaimVerdict.TOO_EARLY]) in page) is (tag == "en"), tag
