"""Under a works agreement: whole teams for managers, oneself for reps, a rank for nobody, behind every door."""

import re

import pytest
from sqlmodel import select, update
from support.chat_services import chat_channel
from support.dump import moment
from support.pages import words
from support.tokens import carry

from feedback.actions.mirrors import save_mirror
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.models import Account, Alert, Audit, FrozenWeek, Organisation, Relationship
from feedback.models.webhook import Event
from feedback.pages.webhook_payload import payload
from feedback.webhooks import subscriptions
from web.test_who_sees_what import _bare, _ids

# What people are promised, by its own number: one that moves in the code is to be noticed.
LEAST_GROUP = 5

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)

NORTH = ("alice", "nora", "nils", "nina", "noah", "nell")
# Addresses that know of no rep, or are no manager's.
OF_NOBODY = (
    "/(f|F)/|/(service-worker|metrics|audit|try|demo|sign|join|new-pass|stop|logos|accents)|/settings/<"
)
SECTIONS = ("organisation", "meetings", "days", "reps", "agreement", "kept")


@pytest.fixture
def agreed(cast):
    """The works agreement applies."""
    _switch(cast)


def _switch(cast, on: bool = True) -> None:
    with cast.changing() as c:
        c.session.execute(
            update(Organisation)
            .where(Organisation.id == cast.olive.organisation_id)
            .values(works_agreement=on)
        )


@pytest.fixture
def north(cast, clock):
    """Six reps of North, each with a client heard in a week that is over; Bob of South has one."""
    for name in NORTH[1:]:
        cast.add(name, "rep", "North", named=f"{name.title()} Northrep")
    for n, name in enumerate((*NORTH, "bob")):
        met = cast.meeting(name, f"Client{n}x0", f"Firm{n}x0")
        cast.seal(met, 5)
        cast.answer(met, 2 if n < 2 else 4, comment="We wait too long")
    clock.forward(days=7)
    run_daily(cast.db, cast.olive.organisation_id, clock())
    cast.answer(cast.meeting("alice", "Client0x0", "Firm0x0"), 3)
    return cast


def _paths(app, ids) -> dict[str, str]:
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    shown = [rule for rule in rules if not re.match(OF_NOBODY, rule)]
    paths = {rule: re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(ids[part[1]]), rule) for rule in shown}
    return paths | {f"/settings/{name}": f"/settings/{name}" for name in SECTIONS}


def test_managers_learn_no_rating_and_no_guess(cast, invitation, sign_in, agreed, tmp_path):
    """Two worlds that differ in what Dana tapped and what Alice guessed, and in nothing that words tell."""
    with cast.changing() as c:
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        channel = chat_channel(c, cast.olive.id)
    browsers = {name: sign_in(name) for name in ("carol", "olive")}
    carry(cast, browsers)
    tried = _try_half_life(browsers["olive"])
    before, seen = moment(cast.db, cast.clock), []
    for rating, guess in ((1, 2), (2, 5)):
        before.restore()
        cast.answer(invitation, rating, comment="We wait", nps=5 * rating, stage="curious")
        with cast.changing() as c:
            ratings = dict.fromkeys(DIMENSIONS, guess)
            save_mirror(
                c, invitation.id, ratings=ratings, stage="growing" if guess == 5 else "curious", seal=True
            )
        run_scoring_changes(cast.db, cast.clock, tmp_path)
        ids = _ids(cast, invitation, hook, channel) | {"change_id": tried, "tag": "de", "team_id": tried}
        rules = _paths(browsers["olive"].client.application, ids)
        seen.append({
            (name, rule): _bare(browser.get(path)) for name, browser in browsers.items() for rule, path in rules.items()
        })  # fmt: skip
    one, two = (
        {key: page[::2] for key, page in pages.items()} for pages in seen
    )  # tags tell that something changed
    differ = [key for key in one if one[key] != two[key]]
    assert differ == []
    alerts = one["carol", "/alerts"][1].decode()
    assert "Rated low" in alerts
    assert "Alice" in alerts
    assert "once clients of at least 5 reps" in words(browsers["olive"].get(f"/settings/scores/{tried}").text)


def _try_half_life(olive) -> str:
    """Let an owner ask what another half-life would change; return the id of the change."""
    form = {"half_life_days": "30", "review_days": "90", "timezone": "Europe/Berlin"}
    return olive.post("/settings/scores", form).location.rpartition("/")[2]


def test_no_name_beside_a_figure(north, app, sign_in, agreed, tmp_path):
    """At every address, as manager and as owner: what has a rep's name in it has no number but days and times."""
    reps = [north.people[name] for name in (*NORTH, "bob")]
    with north.db.reading() as session:
        mine = session.exec(select(Relationship).where(Relationship.rep_id == north.alice.id)).first()
        alert = session.exec(select(Alert.id)).first()
    ids = {"relationship_id": mine.id, "rep_id": north.alice.id, "user_id": north.alice.id, "alert_id": alert,
           "account_id": mine.id, "outcome_id": mine.id, "entry_id": mine.id, "calendar_id": mine.id, "promise_id": mine.id, "team_id": mine.id, "code": "x", "contact_id": mine.contact_id, "week_name": "2026-W47", "meeting_id": mine.id,
           "invitation_id": mine.id, "webhook_id": mine.id, "channel_id": mine.id, "job_id": mine.id, "kind": "people", "session_id": mine.id,
           "token": "x", "key": "x", "ticket": "x", "tag": "de", "change_id": _try_half_life(sign_in("olive"))}  # fmt: skip
    run_scoring_changes(north.db, north.clock, tmp_path)
    would = words(sign_in("olive").get(f"/settings/scores/{ids['change_id']}").text)
    assert ("relationships change" in would, "first ten" in would) == (True, False)
    seen = 0
    for who in ("carol", "olive"):
        browser = sign_in(who)
        for path in _paths(app, ids).values():
            page = browser.get(path).text
            between = (
                r"\n\n|\n- " if path == "/digest" else r"<(?:li|tr|p|h\d|dt|dd|div|section|article|option)\b"
            )
            for block in re.split(between, page):
                text = words("<x" + block)
                if any(rep.name in text for rep in reps):
                    seen += 1
                    assert not re.search(r"\d", _without_days(text)), (who, path, text)
    assert seen > 20


def _without_days(text: str) -> str:
    return re.sub(r"\d{1,2} (?:Nov|Dec)\w*(?: \d{4})?|\d{1,2}:\d{2}|Client\dx\d|Firm\dx\d|\S+@\S+", "", text)


def test_team_of_five_has_figures_and_one_of_one_has_none(north, sign_in, agreed):
    carol, olive = (words(sign_in(name).get("/leaderboard").text) for name in ("carol", "olive"))
    assert "North 6 reps" in carol
    assert "South" not in carol
    assert "North, South 7 reps" in olive, "a rest of one would be Bob's figure"
    past = words(sign_in("carol").get("/leaderboard/2026-W47").text)
    assert "North 6 reps" in past
    text = sign_in("carol").get("/leaderboard.csv").text
    assert text.count("\n") == 2
    assert ",North," in text
    assert "example.com" not in text


@pytest.mark.usefixtures("agreed")
def test_too_small_organisation_has_no_figures(cast, sign_in):
    for number in range(LEAST_GROUP + 1):  # clients of one rep: many, and one person's all the same
        cast.answer(cast.meeting("alice", f"Client{number}", f"Firm{number}"), 4)
    for path in ("/leaderboard", "/relationships"):
        assert f"at least {LEAST_GROUP} reps" in words(sign_in("olive").get(path).text)


def test_doors_to_one_person_are_closed(north, sign_in, agreed):
    with north.db.reading() as session:
        mine = session.exec(select(Relationship).where(Relationship.rep_id == north.alice.id)).first()
    for who in ("carol", "olive"):
        browser = sign_in(who)
        for path in (
            f"/reps/{north.alice.id}",
            f"/relationships/{mine.id}",
            f"/relationships/{mine.id}/practice",
            "/coaching",
        ):
            reply = browser.get(path)
            assert (reply.status_code, "works agreement" in reply.text) == (403, True), path
    assert sign_in("olive").post("/export").status_code == 403
    assert "feedback export" in sign_in("olive").get("/export").text


@pytest.mark.parametrize("who", ["carol", "olive"])
def test_clients_data_can_be_changed_all_the_same(north, sign_in, agreed, who):
    """Name, value and address are no figure about a rep; nor is that two are one, or that one is archived."""
    with north.db.reading() as session:
        firms = {row.name: row.id for row in session.exec(select(Account)).all()}
    browser, page = sign_in(who), f"/accounts/{firms['Firm0x0']}"
    sent = {"name": "Fïrm", "value": "1200", "renews_on": "2027-03-01", "review_days": "30"}
    assert browser.post(f"{page}/edit", sent).status_code == 303
    shown = words(browser.get(page).text)
    assert ("every 30 days" in shown, "renews on" in shown, "1,200" in shown) == (True, True, True)
    contact = re.search(r'href="(/contacts/[^"]+)"', browser.get(page).text)[1]
    assert "/relationships/" not in browser.get(contact).text
    new = {"name": "Zoë", "account": "Fïrm", "email": "z@x.example", "role": "", "language": ""}
    assert browser.post(contact, new).status_code == 303
    other = firms["Firm1x0"]
    assert str(other) in browser.get(f"{page}/merge?q=firm1").text
    assert "1 contact" in words(browser.get(f"{page}/merge?other={other}").text)
    assert browser.post(f"{page}/merge", {"other": other}).status_code == 303
    assert browser.get(f"/accounts/{other}").location == page
    assert "Firm1x0" not in browser.get("/accounts").text
    browser.post(f"{page}/archive", {"what": "archive"})
    assert ("Fïrm" in browser.get("/accounts").text, "Fïrm" in browser.get("/accounts?archived=1").text) == (
        False,
        True,
    )
    assert browser.get(f"/accounts/{firms['Firm6x0']}/edit").status_code == (404 if who == "carol" else 200)


def test_rep_keeps_own_figures_without_rank(north, sign_in, agreed):
    with north.changing() as c:
        c.session.execute(update(Organisation).values(reps_see_all=True))
    alice = sign_in("alice")
    board = words(alice.get("/leaderboard").text)
    assert "Nobody is ranked here" in board
    assert "Alice" in board
    assert "Northrep" not in board
    assert "2026-W48,,,Alice," in alice.get("/leaderboard.csv").text
    assert alice.get(f"/reps/{north.alice.id}").status_code == 200


def test_reps_are_told_once_when_it_changes(cast, db, sign_in):
    olive, alice = sign_in("olive"), sign_in("alice")
    assert "works agreement" not in alice.get("/meetings").text
    assert olive.post("/settings/agreement", {"works_agreement": "1"}).status_code == 303
    assert "A works agreement applies now" in alice.get("/meetings").text
    assert alice.post("/privacy/processing/read").location == "/"
    assert "works agreement" not in alice.get("/meetings").text
    olive.post("/settings/agreement", {})
    assert "no longer applies" in alice.get("/meetings").text
    with db.reading() as session:
        told = session.exec(select(Audit).where(Audit.what == "settings.changed").order_by(Audit.id)).all()
    changes = [(row.before["works_agreement"], row.after["works_agreement"]) for row in told]
    assert changes == [(False, True), (True, False)]


def test_webhooks_carry_no_figure_of_a_person(north, agreed):
    ours = north.olive.organisation_id
    with north.db.reading() as session:
        alert = session.exec(select(Alert)).first()
        week = session.exec(select(FrozenWeek)).first()
        sent = [
            payload(session, ours, event, about, north.clock(), north.clock())["data"]
            for event, about in (
                (Event.ALERT_OPENED, alert.id),
                (Event.STANDINGS_FROZEN, week.id),
            )
        ]
    assert sent[0]["alert_id"] == str(alert.id)
    assert sent[0]["rep"] is None
    assert "blind_spot" not in str(sent)
    assert sent[1]["standings"] == []


def test_clients_are_told_what_managers_see(cast, db, stranger):
    """Before they tap, after Done, and on the privacy page; also where the page was prepared before it applied."""
    met, plain = cast.meeting(), cast.meeting("alice", "Eli", "Firm")
    page = f"/f/{plain.token}"
    assert "Who sees your answers: Carol (manager)" in words(stranger.get(page).text)
    _switch(cast)
    parts = "Who sees your words and low ratings: Carol (manager)"
    assert f"{parts} Alice sees this too" in words(stranger.get(page).text)
    for seen, visibility in (("Who sees your answers: Alice Who", "rep"), ("Change it", "manager")):
        cast.answer(met, 4, visibility=visibility)
        text = words(stranger.get(cast.answer_address(met) + "/receipt").text)
        assert (parts in text, seen in text, text.count("Who sees")) == (
            True,
            True,
            1 + (visibility == "rep"),
        )
    privacy = "managers see only what you write, what you rate low"
    assert privacy in words(stranger.get(f"/privacy?of={plain.organisation_code}").text)
    assert privacy not in words(stranger.get("/privacy").text)


def test_weekly_mail_has_whole_teams(north, sign_in, agreed):
    letter = words(sign_in("carol").get("/digest").text)
    assert "North: loyalty" in letter
    assert "at least 5 reps" in letter
    assert "WHO MOVED" not in letter


def test_processing_is_described_to_everybody(north, sign_in):
    before = words(sign_in("alice").get("/privacy/processing").text)
    _switch(north)
    for who in ("alice", "carol", "olive"):
        page = words(sign_in(who).get("/privacy/processing").text)
        assert "Reps are not ranked" in page
        assert "at least 5 reps" in page
        assert "Ratings and sealed guesses" in page
    assert "the rank of each rep" in before


def test_stranger_signs_in_first(stranger):
    assert stranger.get("/privacy/processing").location.startswith("/sign-in")
    assert stranger.get("/privacy/processing/read").status_code == 405


def test_changed_setting_makes_lists_anew(north, sign_in):
    carol = sign_in("carol")
    tag = carol.get("/accounts").headers["ETag"]
    _switch(north)
    assert "works agreement" in carol.get("/accounts", headers={"If-None-Match": tag}).text


def test_weeks_of_teams_begin_with_the_first(north, sign_in, agreed):
    carol = sign_in("carol")
    weeks = ("2026-W46", "2026-W47", "2026-W48")
    assert [carol.get(f"/leaderboard/{week}").status_code for week in weeks] == [404, 200, 200]
