"""Messages as Slack and Teams take them: their limits, and names that are no commands."""

import json

import pytest
from support.chat_services import LONGEST_TEAMS, WORST_NAMES, faults, texts

from feedback.chat.card import Card, CardPart, ChatLink, called
from feedback.chat.slack import escaped, slack_message
from feedback.chat.teams import as_sent, teams_message

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_PARTS = 10

WRITTEN = {"slack": slack_message, "teams": teams_message}
LINK = ChatLink("Open the alert", "https://doughnuts.example/alerts/1?a=1&b=2")


@pytest.fixture(autouse=True)
def _words(app):
    """Words are looked up in an app's world."""
    with app.app_context():
        yield


pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def card(count: int, name: str, lines: int = 5) -> Card:
    parts = tuple(
        CardPart(
            f"Low rating: {called(name)}", tuple(f"{number}: {called(name)}" for number in range(lines)), LINK
        )
        for _ in range(count)
    )
    return Card(f"{count} urgent alerts", parts, LINK)


@pytest.mark.parametrize("service", WRITTEN)
def test_every_name_and_number_is_taken(service):
    for name in WORST_NAMES:
        for count in (1, 3, 12):
            message = WRITTEN[service](card(count, name))
            assert faults(service, message) == []
            assert len(as_sent(message)) <= LONGEST_TEAMS or service == "slack"
            assert "urgent alert" in texts(message)
            told = texts(message).count("Low rating:")
            assert 1 <= told <= MOST_PARTS
            assert (f"and {count - told} more." in texts(message)) is (told < count)


@pytest.mark.parametrize("service", WRITTEN)
def test_what_was_left_out_is_counted(service):
    message = WRITTEN[service](card(14, "Dana"))
    assert "and 4 more." in texts(message)
    fallback = message.get("text") or message["attachments"][0]["content"]["fallbackText"]
    assert "and 4 more." in fallback


def test_slack_makes_no_command_of_a_name():
    for name in WORST_NAMES:
        written = json.dumps(slack_message(card(1, name)), ensure_ascii=False)
        assert not any(f"<{sign}" in written for sign in ("!", "@", "#"))
        links = texts(slack_message(card(1, name))).split("<")[1:]
        assert {link.split("|")[0] for link in links} == {"https://doughnuts.example/alerts/1?a=1&amp;b=2"}
    assert escaped("A & B <c>") == "A &amp; B &lt;c&gt;"
    assert escaped("12:30, at *noon*") == "12:30, at \u2060*\u2060noon\u2060*\u2060"
    assert ":smile:" not in escaped(":smile:")


def test_slack_text_that_is_too_long_keeps_its_link():
    message = slack_message(card(1, "&" * 400, lines=30))
    assert faults("slack", message) == []
    assert "|Open the alert>" in message["blocks"][2]["text"]["text"]


def test_teams_reads_no_markdown_in_a_name():
    """A text run has none, and a text block holds no name."""
    for name in WORST_NAMES:
        body = teams_message(card(1, name))["attachments"][0]["content"]["body"]
        blocks = [each for each in body if each["type"] == "TextBlock"]
        assert [each["text"] for each in blocks] == ["1 urgent alerts"]
        runs = [each["inlines"][0]["text"] for each in body if each["type"] == "RichTextBlock"]
        assert f"Low rating: {called(name)}" in runs


def test_fallback_says_all_that_the_card_says():
    for service, write in WRITTEN.items():
        message = write(card(2, "Dana"))
        fallback = message.get("text") or message["attachments"][0]["content"]["fallbackText"]
        assert fallback.count("Low rating: Dana") == 2, service
        assert fallback.count("4: Dana") == 2
        assert fallback.count("https://doughnuts.example/alerts/1") == 3


HARM = {
    "slack": [
        lambda whole, blocks: whole.pop("blocks"),
        lambda whole, blocks: blocks.clear(),
        lambda whole, blocks: blocks.extend(blocks * 20),
        lambda whole, blocks: blocks[0].update(colour="red"),
        lambda whole, blocks: blocks[0].update(type="headline"),
        lambda whole, blocks: blocks[0].pop("text"),
        lambda whole, blocks: blocks[0].update(block_id="x" * 256),
        lambda whole, blocks: blocks[0]["text"].update(text="x" * 3001),
        lambda whole, blocks: blocks[0]["text"].update(colour="red"),
    ],
    "teams": [
        lambda whole, body: whole.pop("type"),
        lambda whole, body: body.clear(),
        lambda whole, body: body[0].update(colour="red"),
        lambda whole, body: body[0].update(size="huge"),
        lambda whole, body: body[0].update(type="Headline"),
        lambda whole, body: body[0].update(text=""),
        lambda whole, body: body[1]["inlines"][0].update(wrap=True),
        lambda whole, body: body[1].pop("inlines"),
        lambda whole, body: body.append({"type": "Image"}),
        lambda whole, body: body.append(
            {"type": "ActionSet", "actions": [{"type": "Action.OpenUrl", "title": "x"}]}
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize("service", WRITTEN)
def test_what_is_published_refuses_what_is_wrong(service):
    """Each of these is refused, so that the tests above can fail."""
    good = as_sent(WRITTEN[service](card(1, "Dana")))
    assert faults(service, json.loads(good)) == []
    for number, harm in enumerate(HARM[service]):
        whole = json.loads(good)
        harm(whole, whole["blocks"] if service == "slack" else whole["attachments"][0]["content"]["body"])
        assert faults(service, whole), number
