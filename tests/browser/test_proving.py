"""Showing again who one is, in a real Chromium: at the company's provider in a second window, and by a passkey."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from browser.test_signing_in import by_password, device
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import update

from feedback.actions.oidc import RelyingParty
from feedback.actions.providers import ProviderInput, set_provider
from feedback.models import UserSession


def is_long_ago(db) -> None:
    """Let everybody have shown who they are long ago."""
    with db.writing() as session:
        never = update(UserSession).values(proved_at=None)
        session.execute(never.execution_options(across_organisations=True))


def wants_a_token(page: Page, here: str) -> None:
    page.goto(f"{here}/me/tokens")
    page.get_by_label("What is it for").fill("Our CRM")
    page.get_by_role("button", name=re.compile("^Make")).first.click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()


@pytest.mark.filterwarnings("ignore")
def test_provider_proves_in_a_second_window(app: Flask, cast, clock, db, here, phone):
    from oidc_provider_mock import User, run_server_in_thread

    clock.now = datetime.now(UTC)
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, private_webhooks=True))
    people = [
        User(sub=sub, claims={"email": f"{sub}@example.com", "email_verified": True, "name": sub.title()})
        for sub in ("sam", "vic")
    ]
    with run_server_in_thread(user_claims=people) as server:
        issuer = f"http://localhost:{server.server_port}"
        given = ProviderInput(
            "other", "Example ID", issuer, "", "us", "a secret", "example.com", "rep", False, ""
        )
        with cast.changing() as c:
            set_provider(c, cast.olive.id, given, RelyingParty(issuer, "us", "a secret", here, True))
        page = phone().new_page()
        page.goto(f"{here}/sign-in?next=/me")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("button", name="sam").click()
        expect(page.get_by_role("heading", name="Sam")).to_be_visible()
        is_long_ago(db)
        wants_a_token(page, here)
        for sub, heading in (("vic", "That did not show that it is you"), ("sam", "It is you")):
            with page.context.expect_page() as opened:
                page.get_by_role("link", name="Sign in with Example ID").click()
            opened.value.get_by_role("button", name=sub).click()
            expect(opened.value.get_by_role("heading", name=heading)).to_be_visible()
            opened.value.close()
        page.get_by_role("button", name="I have, go on").click()
        expect(page.get_by_text(re.compile("bd_[0-9A-Z]{4}_"))).to_be_visible()


def test_passkey_proves(cast, db, here, phone):
    page = phone().new_page()
    device(page)
    by_password(page, here)
    page.goto(f"{here}/me/passkeys")
    page.get_by_label("Name of the new one").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Remove My phone")).to_be_visible()
    is_long_ago(db)
    wants_a_token(page, here)
    page.get_by_role("button", name="Show a passkey").click()
    expect(page.get_by_text(re.compile("bd_[0-9A-Z]{4}_"))).to_be_visible()
