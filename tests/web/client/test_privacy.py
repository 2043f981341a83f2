"""/privacy: what is kept, who sees it, for how long."""

import re
from datetime import timedelta

import pytest
from sqlmodel import SQLModel, col, update
from support.pages import words

from feedback.models import Organisation

# What people are promised, by its own number: one that moves in the code is to be noticed.
MARKS_KEPT = timedelta(days=30)
VOICES_TO_COUNT_MANAGER_ONLY = 3.0

# What the page says of each thing that is kept of a client or an answer.
SAID = {
    "feedback": {
        "integrity competency recognition proactivity savvy chemistry": "Your six taps",
        "comment": "your words",
        "nps worth_it stage extra": "what you answer to one more question",
        "language": "your language",
        "done_at complete_at settles_at settled_at extras_at put_away_at updated_at created_at sequence erased_at disputed_at": "when you did it",
        "visibility shown_at": "If you take away the tick above “Done”",
        "told_at": "pass it on to its own systems",
        "device_hash network_hash browser_hash handed_over": "kept as scrambled values",
        "signals scripted": "what was noticed about how it came in",
        "counts decided_at": "one person answers for many",
    },
    "answer_keys": {"hash kind ended_at": "we keep only a scrambled copy of it"},
    "invitations": {
        "token encrypted_token": "The code is yours alone",
        "opened_at": "when the page was first opened",
        "declined_at": "that you would rather not answer",
        "way guest": "How you were asked",
    },
    "contacts": {
        "name account_id role erased_at search archived_at merged_at": "your name, company",
        "email email_typed_at": "e-mail address as far as",
        "language": "your language",
        "asked_by_mail_at": "when last by e-mail",
    },
}
OUR_OWN = set(
    "organisation_id id invitation_id side sealed_at seen_at meeting_id contact_id closes_at created_at name_key given_to_id".split()
)


def test_privacy_page_is_public(stranger):
    reply = stranger.get("/privacy")
    assert reply.status_code == 200
    assert "It is not anonymous" in reply.text
    assert "Set-Cookie" not in reply.headers


def test_post_to_privacy_is_405(stranger, cast):
    assert stranger.post("/privacy").status_code == 405


@pytest.mark.parametrize("table", SAID)
def test_privacy_page_names_every_stored_column(stranger, table):
    text, said = words(stranger.get("/privacy").text), SAID[table]
    columns = {column.name for column in SQLModel.metadata.tables[table].columns}
    assert columns - OUR_OWN <= {name for names in said for name in names.split()}
    assert [sentence for sentence in said.values() if sentence not in text] == []


def test_privacy_page_figures_match_the_code(stranger):
    text = words(stranger.get("/privacy").text)
    assert f"After {MARKS_KEPT.days} days they are deleted." in text
    assert (VOICES_TO_COUNT_MANAGER_ONLY, "a mean of three clients or more" in text) == (3.0, True)


def test_privacy_page_names_other_recipients(stranger):
    text = words(stranger.get("/privacy").text)
    assert (
        "Managers may hear of it by e-mail, and the organisation may pass it on to its own systems." in text
    )
    assert "What had already been passed on or sent by e-mail cannot be called back." in text


def test_privacy_page_loads_nothing_external(stranger):
    page = stranger.get("/privacy").text
    assert "What had already been passed on or sent by e-mail cannot be called back." in page
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)


def test_privacy_page_says_how_long_the_organisation_keeps(cast, db, invitation, stranger):
    unknown = "The organisation may delete your words and your name earlier."
    assert unknown in words(stranger.get("/privacy").text)
    assert unknown in words(stranger.get("/privacy?of=XXXX").text)
    told = stranger.get(cast.answer_address(invitation) + "/receipt").text
    link = re.search(r'href="(/privacy[^"]*)"', told)[1].replace("&amp;", "&")
    text = words(stranger.get(link).text)
    assert "Your answer stays until you erase it." in text
    assert unknown not in text
    assert "kept for" not in text
    with db.writing() as session:
        mine = col(Organisation.id) == cast.alice.organisation_id
        session.execute(update(Organisation).where(mine).values(keep_comments_months=12, keep_names_months=1))
    text = words(stranger.get(link).text)
    assert "What you write is kept for 12 months." in text
    assert "Your name is kept after the last meeting for 1 month." in text
    assert "12 Monate" in stranger.get(f"{link}&lang=de").text


def test_nonsense_in_an_address_is_no_code(cast, stranger):
    assert stranger.get("/privacy?of=no-such").status_code == 200
    assert stranger.get("/logos/%00%ff/%00%ff").status_code == 404
