"""A manager sees own teams only: in every page, list, figure, count and file."""

import re

import pytest
from sqlmodel import col, select
from support.tokens import Program, token_of

from feedback.actions import practices, promises
from feedback.actions.answers import dispute_answer
from feedback.actions.change import change
from feedback.actions.merging import merge_accounts
from feedback.actions.promises import NewPromise
from feedback.models import Account, Alert, Merge, Relationship
from feedback.store.people import viewer_of


@pytest.fixture
def ids(cast, db):
    """ids(name, met): the ids of somebody's meeting and of what belongs to it, as the addresses call them."""

    def of(name, met):
        with db.reading() as session:
            mine = session.exec(
                select(Relationship).where(col(Relationship.rep_id) == cast.people[name].id)
            ).one()
            alert = session.exec(select(Alert.id).where(col(Alert.relationship_id) == mine.id)).first()
            account = session.exec(select(Account.id).where(col(Account.name) == met.account)).one()
        return {
            "rep_id": cast.people[name].id, "relationship_id": mine.id, "invitation_id": met.id, "alert_id": alert,
            "account_id": account,
        }  # fmt: skip

    return of


STAGES = {"alice": "curious", "bob": "growing"}


def meet(cast, clock, rep, contact, account, *, doubtful=False):
    """A meeting with all that can come of it. All fives, so that the field stays as it is."""
    met = cast.meeting(rep, contact, account)
    where = (cast.db, met.organisation_id)
    with change(*where, clock()) as c:
        promises.note_promise(
            c, met.meeting_id, met.contact_id, NewPromise(side="rep", words=f"Call {contact}", due_on=None)
        )
    cast.seal(met, 5, stage=STAGES[rep])
    cast.answer(met, 5, comment=f"Well done, says {contact}", stage=STAGES[rep])
    if doubtful:
        with change(*where, clock()) as c:
            dispute_answer(c, met.id, with_key=True)  # an urgent alert, and an answer under doubt
    with cast.db.reading() as session:
        own = session.exec(
            select(Relationship.id).where(col(Relationship.rep_id) == cast.people[rep].id)
        ).one()
    with change(*where, clock()) as c:
        practices.choose_practice(c, own, dimension="savvy", number=1)
    return met


MANAGERS_PAGES = {
    "leaderboard",
    "reps",
    "coaching",
    "answers",
    "alerts",
    "relationships",
    "accounts",
    "today",
}


def addresses(app, ids):
    """Every address a manager may open, by rule; the client's, the rep's and the owner's are not a manager's."""
    for rule in app.url_map.iter_rules():
        own = rule.endpoint.split(".")[0] in MANAGERS_PAGES
        if own and "GET" in rule.methods:
            path = rule.rule.replace("<week_name>", "2026-W47")
            yield rule.rule, re.sub(r"<uuid:(\w+)>", lambda part: str(ids[part[1]]), path)


def bare(text):
    """Without what differs from one look to the next."""
    return re.sub(r'name="(csrf_token|form_key)" value="[^"]*"', "", text)


@pytest.mark.parametrize("account", ["Quagmire", "Northwind"])
def test_other_teams_never_change_managers_pages(app, cast, clock, ids, sign_in, account):
    """Neither what they do at accounts of their own, nor at one that both teams meet."""
    cast.add("carla", "rep", "North")  # so that Alice is not alone in the team
    mine = ids("alice", meet(cast, clock, "alice", "Dana", "Northwind", doubtful=True))
    carol = sign_in("carol")
    before = {path: bare(carol.get(path).text) for _, path in addresses(app, mine)}
    meet(cast, clock, "bob", "Zebulon", account, doubtful=True)
    after = {path: bare(carol.get(path).text) for _, path in addresses(app, mine)}
    assert len(after) >= 14
    assert [path for path in after if after[path] != before[path]] == []


def test_owner_sees_other_teams_change(app, cast, clock, ids, sign_in):
    """So that the test above cannot pass for want of anything to see."""
    mine = ids("alice", meet(cast, clock, "alice", "Dana", "Northwind", doubtful=True))
    olive = sign_in("olive")
    before = {rule: bare(olive.get(path).text) for rule, path in addresses(app, mine)}
    meet(cast, clock, "bob", "Zebulon", "Quagmire", doubtful=True)
    changed = {rule for rule, path in addresses(app, mine) if bare(olive.get(path).text) != before[rule]}
    assert changed >= {
        "/leaderboard", "/leaderboard.csv", "/alerts", "/answers", "/coaching", "/relationships", "/accounts", "/today",
    }  # fmt: skip


def test_other_teams_ids_are_404(app, cast, clock, ids, sign_in):
    theirs = ids("bob", meet(cast, clock, "bob", "Zebulon", "Quagmire", doubtful=True))
    carol, mallory = sign_in("carol"), sign_in("mallory")
    with_id = [path for rule, path in addresses(app, theirs) if "<uuid:" in rule]
    assert len(with_id) == 7
    for browser in (carol, mallory):
        assert {path: browser.get(path).status_code for path in with_id} == dict.fromkeys(with_id, 404)
    filters = [f"/relationships?{name}={theirs[f'{name}_id']}" for name in ("rep", "account")]
    assert [carol.get(path).status_code for path in filters] == [404, 404]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("by", ["page", "program"])
def test_what_others_joined_is_not_parted(app, cast, db, sign_in, by):
    """Two accounts of Bob's: neither Alice nor Carol, who know neither, may part them; Bob's manager may."""
    cast.add("dave", "manager", "South")
    for n, account in enumerate(("Contoso", "Contoso Ltd")):
        cast.meeting("bob", f"Client {n}", account)
    with db.reading() as session:
        keep, gone = session.exec(select(Account.id).order_by(col(Account.name))).all()
        olive = viewer_of(session, cast.olive.organisation_id, cast.olive.id)
    with cast.changing() as c:
        merge_id = merge_accounts(c, olive, keep, gone)

    def part(name):
        if by == "page":
            return sign_in(name).post(f"/merges/{merge_id}").status_code
        return (
            Program(app.test_client(), token_of(cast, name)).ask("DELETE", f"/merges/{merge_id}").status_code
        )

    def parted():
        with db.reading() as session:
            return session.get_one(Merge, (cast.olive.organisation_id, merge_id)).undone_at is not None

    assert {part("alice"), part("carol"), part("mallory")} <= {403, 404}
    assert not parted()
    assert part("dave") in (204, 303)
    assert parted()
