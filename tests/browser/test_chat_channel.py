"""An owner connects a channel of Slack, in a real Chromium: added, tested, told of an alert, moved, removed."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from support.cast import Cast, Clock
from support.chat_services import ChatReceiver

from feedback.sending.chat import deliver_chat

LAPTOP = {"viewport": {"width": 1280, "height": 800}, "has_touch": False, "is_mobile": False}


@pytest.fixture
def post(app: Flask, clock: Clock, address: str) -> Callable[[], int]:
    """post() is the worker's round, half a minute later; the server writes into its own network, too."""
    context = app.extensions["feedback"]
    settings = replace(context.settings, base_url=address, private_webhooks=True)
    app.extensions["feedback"] = replace(context, settings=settings)

    def later() -> int:
        clock.forward(seconds=30)
        return deliver_chat(app)

    return later


def test_owner_connects_a_channel_and_is_told_there(
    cast: Cast, entered: Callable[..., Page], post: Callable[[], int]
) -> None:
    with ChatReceiver("slack") as slack, ChatReceiver("slack") as moved:
        page = entered("olive", **LAPTOP)
        page.get_by_role("link", name="Settings").first.click()
        page.get_by_role("link", name="Chat").click()
        page.get_by_label("Slack", exact=True).check()
        page.get_by_label(re.compile(r"^\s*Name")).fill("#managers")
        page.get_by_label("Its address").fill(slack.url)
        page.get_by_label("Urgent alerts, who takes them, and how they end").check()
        add = page.get_by_role("button", name="Add it")
        add.click()
        # Alerts are for managers alone: the owner has to say that nobody else reads the channel.
        expect(page.get_by_role("alert")).to_contain_text("Confirm that only managers read this channel")
        page.get_by_label("Only managers and owners read this channel").check()
        add.click()
        expect(page.get_by_role("heading", name="#managers")).to_be_visible()
        expect(page.locator(".address")).not_to_contain_text("T000")

        page.get_by_role("button", name="Send a test").click()
        messages = page.locator("#messages")
        expect(messages).to_contain_text("on its way")
        assert post() == 1
        expect(messages).to_contain_text("answered 200")  # the page looks again by itself
        assert "“#managers”" in slack.told[0]

        cast.answer(cast.meeting(), 1)
        assert post() == 1
        assert "Low rating: Dana Whitfield, Northwind" in slack.told[1]
        page.reload()
        expect(messages).to_contain_text("Urgent alert")

        page.get_by_text("Another address", exact=True).click()
        page.get_by_label("Its address").fill(moved.url)
        page.get_by_label("Only managers and owners read the channel there, too").check()
        page.get_by_role("button", name="Change the address").click()
        expect(page.get_by_role("heading", name="#managers")).to_be_visible()
        cast.answer(cast.meeting(contact="Eli Marsh"), 1)
        assert post() == 1
        assert "Eli Marsh" in moved.told[0]

        page.get_by_text("Remove it", exact=True).click()
        page.get_by_role("button", name="Remove this channel").click()
        expect(page.get_by_role("heading", name="Add a channel")).to_be_visible()
        expect(page.get_by_text("#managers")).to_have_count(0)
        cast.answer(cast.meeting(contact="Kim Lee"), 1)
        assert post() == 0
        assert (len(slack.told), len(moved.told)) == (2, 1)
