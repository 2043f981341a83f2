"""Two contacts, or accounts, that are one: joined with all that belongs to them, and parted again to the letter."""

import io
from datetime import date, timedelta

import pytest
from sqlmodel import col, select
from support.dump import dump

from feedback.actions import practices, promises
from feedback.actions.alerts import handle
from feedback.actions.clients import ContactEdit, edit_contact
from feedback.actions.erasure import erase_contact
from feedback.actions.handed_over import hand_over
from feedback.actions.meetings import NewMeeting, start_meeting
from feedback.actions.merging import merge_accounts, merge_contacts, undo_merge
from feedback.actions.promises import NewPromise
from feedback.actions.taken_back import take_back
from feedback.core.merging import A_COLLEAGUES, ANOTHER_TEAMS, BOTH_ANSWERED
from feedback.db.change import Invalid
from feedback.imports.doubts import IdentityDoubt
from feedback.imports.report import Instructions
from feedback.imports.run import ImportKind, import_file
from feedback.models import Account, Alert, Contact, Invitation, Relationship
from feedback.store.contacts import contacts_by_email, search_contacts
from feedback.store.people import viewer_of
from feedback.store.replay import differences

FOLLOWS = {"audit", "merges", "data_versions", "counters"}  # a trace of merging and undoing, and nothing else


@pytest.fixture
def who(cast, db):
    """who("alice") is the viewer of that name."""

    def find(name):
        with db.reading() as session:
            return viewer_of(session, cast.people[name].organisation_id, cast.people[name].id)

    return find


@pytest.fixture
def merge(cast, who):
    """merge(keep, gone, by="olive") joins the contacts of two invitations; gives the id of the merge."""

    def join(keep, gone, by="olive"):
        with cast.changing() as c:
            return merge_contacts(c, who(by), keep.contact_id, gone.contact_id)

    return join


@pytest.fixture
def undo(cast, who):
    def part(merge_id, by="olive"):
        with cast.changing() as c:
            undo_merge(c, who(by), merge_id)

    return part


@pytest.fixture
def twice(cast, clock):
    """One person under two names, whom both reps met: everything that can belong to a contact, under both names."""
    met = {}
    for name, email in (("Anna Schmidt", "anna@glass.example"), ("A. Schmidt", "a.schmidt@glass.example")):
        for rep in ("alice", "bob"):
            for said, guessed in ((1, 5), (4, 4)):
                one = met[rep, name] = cast.meeting(rep, name, "Granville Glass", email)
                cast.seal(one, guessed)
                cast.answer(one, said, comment="fine")
                clock.forward(hours=30)
    last = cast.meeting("alice", "A. Schmidt", "Granville Glass")
    with cast.changing() as c:
        for one in (met["alice", "Anna Schmidt"], last):
            promises.note_promise(
                c, one.meeting_id, one.contact_id, NewPromise("rep", "Send it", date(2026, 12, 1))
            )
        for each in c.session.exec(select(Relationship).order_by(col(Relationship.id))).all():
            practices.choose_practice(c, each.id, dimension="savvy", number=1)
            if each.rep_id == cast.bob.id:
                hand_over(c, cast.olive.id, cast.bob.id, cast.alice.id, [each.id])
        gone = c.session.get_one(Contact, (c.organisation_id, last.contact_id))
        gone.role, gone.language = "COO", "de"
    clock.forward(days=4)
    with cast.changing():
        pass  # freezes the weeks that are over
    return met["alice", "Anna Schmidt"], last


def _rows(db, *but):
    return {name: rows for name, rows in dump(db).items() if name not in (*FOLLOWS, *but)}


def _relationships(db, contact_id):
    with db.reading() as session:
        return session.exec(
            select(Relationship)
            .where(col(Relationship.contact_id) == contact_id)
            .order_by(col(Relationship.rep_id))
        ).all()


def _replay(cast):
    with cast.db.reading() as session:
        return list(differences(session, cast.olive.organisation_id))


def test_two_histories_become_one(cast, db, twice, merge):
    keep, gone = twice
    fixed = {name: dump(db)[name] for name in ("feedback", "weeks", "standings", "meetings", "activity")}
    assert fixed["weeks"]
    before = _relationships(db, keep.contact_id) + _relationships(db, gone.contact_id)
    merge(keep, gone)
    after = _relationships(db, keep.contact_id)
    assert _relationships(db, gone.contact_id) == []
    assert {each.rep_id for each in after} == {cast.alice.id, cast.bob.id}
    assert [each.answers for each in after] == [4, 4]
    assert sum(each.answers for each in before) == 8
    assert {name: dump(db)[name] for name in fixed} == fixed  # no answer, no past week and no meeting moves
    assert _replay(cast) == []
    with db.reading() as session:
        assert (
            len(session.exec(select(Invitation).where(col(Invitation.contact_id) == gone.contact_id)).all())
            == 0
        )
        opened = session.exec(select(Alert).where(col(Alert.closed_at).is_(None))).all()
        assert {alert.relationship_id for alert in opened} == {each.id for each in after}
        kept = session.exec(select(Contact).where(col(Contact.id) == keep.contact_id)).one()
        assert (kept.role, kept.language, kept.email) == ("COO", "de", "anna@glass.example")


def test_undone_within_a_day_to_the_letter(cast, clock, db, twice, merge, undo):
    keep, gone = twice
    before = _rows(db)
    merge_id = merge(keep, gone)
    assert _rows(db) != before
    clock.forward(hours=23)
    undo(merge_id)
    assert _rows(db) == before
    assert _replay(cast) == []
    undo(merge_id)  # a double click
    assert _rows(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("erased", [0, 1])
def test_nobody_is_joined_with_who_was_erased(cast, db, merge, erased):
    both = cast.meeting("alice", "Kim Wong", "Quarry"), cast.meeting("alice", "K. Wong", "Quarry")
    with cast.changing() as c:
        erase_contact(c, cast.olive.id, both[erased].contact_id)
    before = _rows(db)
    with pytest.raises(Invalid, match="not there any more"):
        merge(*both)
    assert _rows(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_too_late_to_undo_after_a_day(clock, db, twice, merge, undo):
    merge_id = merge(*twice)
    clock.forward(days=1)
    before = _rows(db)
    with pytest.raises(Invalid, match="More than a day has passed"):
        undo(merge_id)
    assert _rows(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_what_came_since_stays_where_it_was_put(cast, clock, db, twice, merge, undo):
    """A new meeting stays with whom it was with; an answer to an old code goes back with its code."""
    keep, gone = twice
    merge_id = merge(keep, gone)
    clock.forward(hours=2)
    new = cast.meeting("alice", "A. Schmidt", "granville  GLASS")
    assert new.contact_id == keep.contact_id  # the second name finds who is meant
    cast.answer(new, 5)
    cast.answer(gone, 2)
    undo(merge_id)
    assert cast.reload(new).contact_id == keep.contact_id
    assert cast.reload(gone).contact_id == gone.contact_id
    assert [r.answers for r in _relationships(db, keep.contact_id) if r.rep_id == cast.alice.id] == [3]
    assert [r.answers for r in _relationships(db, gone.contact_id) if r.rep_id == cast.alice.id] == [3]
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_codes_taken_back_between_leave_nothing(cast, db, merge, undo):
    one, two = cast.meeting("alice", "Eli"), cast.meeting("alice", "Elias")
    bobs = cast.meeting("bob", "Elias")
    merge_id = merge(one, two)
    with cast.changing() as c:
        for rep, met in ((cast.alice, one), (cast.alice, two), (cast.bob, bobs)):
            take_back(c, rep.id, met.id)
    assert _relationships(db, one.contact_id) == []
    undo(merge_id)
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_both_addresses_find_who_is_meant(cast, db, twice, merge):
    keep, gone = twice
    merge(keep, gone)
    with db.reading() as session:
        found = contacts_by_email(
            session, cast.olive.organisation_id, ["a.schmidt@glass.example", "anna@glass.example"]
        )
        assert {each.id for each in found.values()} == {keep.contact_id}
        assert len(found) == 2
        for words in ("a.schmidt", "Anna granville", "schmidt@glass"):
            assert [c.id for c in search_contacts(session, cast.olive.organisation_id, words)] == [
                keep.contact_id
            ]
    before = len(dump(db)["contacts"])
    clients = "account,contact,contact_email\nGranville Glass,A. Schmidt,a.schmidt@glass.example\nGranville Glass,Anna Schmidt,anna@glass.example\nGranville Glass,A. Schmidt,anna@glass.example\n"
    history = (
        "rep_email,account,contact,contact_email,held_at,client_savvy\n"
        "alice@example.com,Granville Glass,A. Schmidt,,2026-01-02,4\n"
        "alice@example.com,Granville Glass,Schmidt,a.schmidt@glass.example,2026-01-03,4\n"
        "alice@example.com,Granville Glass,A. Schmidt,anna@glass.example,2026-01-04,4\n"
    )
    for kind, text in ((ImportKind.ACCOUNTS, clients), (ImportKind.HISTORY, history)):
        import_file(db, cast.olive.organisation_id, kind, io.BytesIO(text.encode()), now=cast.clock())
    assert len(dump(db)["contacts"]) == before
    assert [r.answers for r in _relationships(db, keep.contact_id) if r.rep_id == cast.alice.id] == [7]
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_address_that_is_taken_over_stays_one_that_somebody_typed(cast, clock, db, merge):
    keep = cast.meeting("alice", "Anna Schmidt", "Granville Glass")
    gone = cast.meeting("alice", "A. Schmidt", "Granville Glass", "a@glass.example")
    with cast.changing() as c:
        c.session.get_one(Contact, (c.organisation_id, gone.contact_id)).email_typed_at = clock()
    merge(keep, gone)
    with db.reading() as session:
        kept = session.get_one(Contact, (cast.olive.organisation_id, keep.contact_id))
    assert (kept.email, kept.email_typed_at) == ("a@glass.example", clock())


def test_imports_know_two_of_one_name_joined(cast, db):
    people = [("Eva", f"{each}@glass.example") for each in "ab"]
    clients = "account,contact,contact_email\n" + "".join(f"Glass,{name},{email}\n" for name, email in people)
    history = "rep_email,account,contact,contact_email,held_at,client_savvy\n"
    history += "".join(
        f"alice@example.com,Glass,{name},{email},2026-01-0{day},4\n"
        for day, (name, email) in enumerate(people, 1)
    )
    files = (ImportKind.ACCOUNTS, clients), (ImportKind.HISTORY, history)

    def bring(kind, text, **said):
        choices = dict.fromkeys(IdentityDoubt, "new") if said else {}
        how = Instructions(choices=choices)
        import_file(
            db, cast.olive.organisation_id, kind, io.BytesIO(text.encode()), now=cast.clock(), how=how
        )

    bring(*files[0], new=True)
    bring(*files[1])
    with db.reading() as session:
        one, other = session.exec(select(Contact).order_by(col(Contact.email))).all()
    with cast.changing() as c:
        merge_contacts(c, viewer_of(c.session, c.organisation_id, cast.olive.id), one.id, other.id)
    before = {
        name: rows for name, rows in dump(db).items() if name in ("contacts", "meetings", "invitations")
    }
    for each in files:
        bring(*each)
    assert {name: dump(db)[name] for name in before} == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_who_may_join_two_contacts(cast, db, merge):
    """A rep may where no score can move: a client who is unhappy cannot be hidden in the history of a happy one."""
    happy, unhappy = cast.meeting("alice", "Hanna"), cast.meeting("alice", "Ursula")
    fresh, bobs = cast.meeting("alice", "Hannah"), cast.meeting("bob", "Hanna", "Elsewhere")
    together = cast.meeting("alice", "Hanni")
    cast.answer(happy, 5)
    cast.answer(unhappy, 1)
    with cast.changing() as c:
        new = NewMeeting(contact_ids=[happy.contact_id, together.contact_id])
        start_meeting(c, cast.alice.id, new)
    before = _rows(db)
    for by, keep, gone, why in (
        ("alice", happy, unhappy, BOTH_ANSWERED),
        ("alice", unhappy, happy, BOTH_ANSWERED),
        ("alice", happy, bobs, A_COLLEAGUES),
        ("carol", happy, bobs, ANOTHER_TEAMS),
        ("olive", happy, together, "they are two people"),
        ("olive", happy, happy, "one already"),
    ):
        with pytest.raises(Invalid, match=why.replace("(", r"\(")):
            merge(keep, gone, by)
        assert _rows(db) == before
    scores = dump(db)["rep_sums"]
    merge(happy, fresh, "alice")
    assert dump(db)["rep_sums"] == scores
    merge(happy, unhappy, "carol")  # a manager of the team
    merge(bobs, happy, "olive")
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_merges_are_undone_in_their_order(cast, db, merge, undo):
    one, two, three = (cast.meeting("alice", name) for name in ("Eli", "Elias", "Elijah"))
    before = _rows(db)
    first, second = merge(two, one), merge(three, two)
    assert cast.meeting("alice", "Eli").contact_id == three.contact_id
    with pytest.raises(Invalid, match="Undo that first"):
        undo(first)
    assert _rows(db)["contacts"] != before["contacts"]
    undo(second)
    undo(first)
    assert _rows(db)["contacts"] == before["contacts"]
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_open_alerts_become_one_and_two_again(cast, db, merge, undo):
    """What a manager did with the one that stayed is not undone."""
    one, two = cast.meeting("alice", "Eli"), cast.meeting("alice", "Elias")
    for met, said in ((one, 2), (two, 1)):
        cast.seal(met, 5)
        cast.answer(met, said)
    opened = select(Alert).where(col(Alert.closed_at).is_(None)).order_by(col(Alert.id))
    with db.writing() as session:
        session.exec(opened).first().due_at += timedelta(days=1)
    with db.reading() as session:
        both = session.exec(opened).all()
    merge_id = merge(one, two)
    with db.reading() as session:
        (left,) = session.exec(opened).all()
    assert left.id == both[0].id
    assert (left.severity, left.due_at) == ("urgent", both[1].due_at)  # of both the graver, and the earlier
    with cast.changing() as c:
        handle.take_alert(c, left.id, cast.carol.id)
        handle.close_alert(c, left.id, cast.carol.id, outcome="recovered", words="Called")
    undo(merge_id)
    with db.reading() as session:
        (left,) = session.exec(opened).all()
    assert left.id == both[1].id
    assert _replay(cast) == []


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_accounts_are_joined_and_parted(cast, db, who):
    one, two = cast.meeting("alice", "Eli", "Glass Ltd"), cast.meeting("alice", "Zoë", "Glass Limited")
    with cast.changing() as c:
        ids = {row.name: row.id for row in c.session.exec(select(Account)).all()}
        c.session.get_one(Account, (c.organisation_id, ids["Glass Limited"])).value = 900.0
    before = _rows(db)
    with cast.changing() as c:
        merge_id = merge_accounts(c, who("carol"), ids["Glass Ltd"], ids["Glass Limited"])
    with db.reading() as session:
        kept = session.exec(select(Account).where(col(Account.id) == ids["Glass Ltd"])).one()
        assert kept.value == 900.0
        found = search_contacts(session, cast.olive.organisation_id, "zoe glass ltd")
        assert [(each.name, each.account) for each in found] == [("Zoë", "Glass Ltd")]
    assert cast.meeting("alice", "Zoë", "glass limited").contact_id == two.contact_id
    assert _replay(cast) == []
    with cast.changing() as c:
        undo_merge(c, who("carol"), merge_id)
    after = _rows(db)
    for table in ("accounts", "contacts"):
        assert after[table] == before[table]
    assert one.contact_id != two.contact_id


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_accounts_with_one_name_twice_stay_apart(cast, db, who):
    for account in ("Glass Ltd", "Glass Limited"):
        cast.meeting("alice", "Eli", account)
    with cast.changing() as c:
        ids = [row.id for row in c.session.exec(select(Account).order_by(col(Account.id))).all()]
    before = _rows(db)
    with pytest.raises(Invalid, match="Some people are at both"), cast.changing() as c:
        merge_accounts(c, who("carol"), *ids)
    assert _rows(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_unsealed_pair_stays_unsealed(cast, db, sign_in, merge):
    """Joining shows a rep nothing of an answer before the guess is sealed."""
    fresh, told = cast.meeting("alice", "Eli"), cast.meeting("alice", "Elias")
    alice = sign_in("alice")
    pages = []
    for said in (1, 5):
        one = cast.meeting("alice", "Fay") if said == 1 else cast.meeting("alice", "Gus")
        cast.answer(one, said)
        merge(one, cast.meeting("alice", "Fayette" if said == 1 else "Gustav"), "alice")
        (relationship,) = _relationships(db, one.contact_id)
        text = alice.get(f"/relationships/{relationship.id}").text + alice.get("/meetings").text
        pages.append([word in text for word in ("Poor", "Fantastic", "Antagonistic", "Trusted Advisor")])
    assert pages == [[False] * 4] * 2
    assert fresh.contact_id != told.contact_id


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_two_of_one_name_stay_two(cast, db):
    eli = cast.meeting("alice", "Eli", "Northwind", "eli@north.example")
    other = cast.meeting("alice", "Elias", "Northwind", "elias@north.example")
    with cast.changing() as c:
        edit_contact(
            c,
            cast.alice.id,
            other.contact_id,
            ContactEdit("Eli", "Northwind", "elias@north.example"),
            rep=True,
        )
    assert cast.meeting("alice", "eli", "northwind").contact_id == eli.contact_id
    with db.reading() as session:
        found = search_contacts(session, cast.olive.organisation_id, "eli north")
    assert {each.apart for each in found} == {"eli@north.example", "elias@north.example"}
