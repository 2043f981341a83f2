"""Each way of signing in, in a real Chromium."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import select
from support.mail_server import mail_server

from feedback.models import OneTimeCodes
from feedback.sending.worker import deliver_mails


def by_password(page: Page, here: str, who: str = "alice") -> None:
    page.goto(f"{here}/sign-in")
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password").fill("a short sentence")
    page.get_by_role("button", name="Sign in", exact=True).click()


def device(page: Page) -> tuple:
    """Give a browser a device with passkeys; return the session that controls it, and its id."""
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    made = control.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                     "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    return control, made["authenticatorId"]


def test_signs_in_by_passkey_and_not_by_a_copy(cast, here, phone):
    page = phone().new_page()
    control, authenticator = device(page)
    by_password(page, here)
    page.goto(f"{here}/me/passkeys")
    page.get_by_label("Name of the new one").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Remove My phone")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    (made,) = control.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]

    def signs_in() -> None:
        page.context.clear_cookies()
        page.goto(f"{here}/sign-in?next=/me")
        page.get_by_role("button", name="Sign in with a passkey").click()

    for _ in range(2):
        signs_in()
        expect(page.get_by_role("heading", name="Alice")).to_be_visible()
    control.send(
        "WebAuthn.removeCredential", {"authenticatorId": authenticator, "credentialId": made["credentialId"]}
    )
    control.send(
        "WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": {**made, "signCount": 0}}
    )
    signs_in()
    expect(page.get_by_role("alert")).to_contain_text("its counter went backwards")


def test_passkey_that_the_device_does_not_show_is_explained(cast, here, phone):
    page = phone().new_page()
    page.goto(f"{here}/sign-in")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    reason = page.locator("form[data-passkey] [role=alert]")
    expect(reason).to_be_hidden()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(reason).to_be_visible()
    expect(reason).not_to_be_empty()


def test_code_and_recovery_code_sign_in(app, cast, clock, db, here, phone):
    page = phone().new_page()
    by_password(page, here)
    page.goto(f"{here}/me/second-factor")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="The code to scan")).to_be_visible()
    with db.reading() as session:
        codes = pyotp.TOTP(session.exec(select(OneTimeCodes)).one().secret.text)
    page.get_by_label("The six digits").fill(codes.at(clock()))
    page.get_by_role("button", name="Done").click()
    recovery = page.locator("ul.spelled li").first.inner_text()
    clock.forward(minutes=1)
    for code, remembered in ((recovery, False), (codes.at(clock()), True)):
        page.context.clear_cookies()
        by_password(page, here)
        page.get_by_role("textbox", name="Code").fill(code)
        if remembered:
            page.get_by_label("Do not ask for a code on this device").check()
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(re.compile("/meetings"))
    page.goto(f"{here}/me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    by_password(page, here)
    expect(page).to_have_url(re.compile("/meetings"))


def test_mailed_link_signs_in(app: Flask, cast, here, phone):
    with mail_server() as office:
        context = app.extensions["feedback"]
        settings = replace(
            context.settings, smtp_url=office.url, mail_from="us@feedback.example", base_url=here
        )
        app.extensions["feedback"] = replace(context, settings=settings)
        page = phone().new_page()
        page.goto(f"{here}/sign-in")
        page.get_by_role("link", name="Mail me a link").click()
        page.get_by_label("E-mail").fill("alice@example.com")
        page.get_by_role("button", name="Mail me a link").click()
        expect(page.get_by_role("status")).to_contain_text("is on its way")
        with app.app_context():
            deliver_mails(context.db, settings, context.clock)
        text = office.mails[-1].get_body(("plain",)).get_content()
        page.goto(re.search(rf"{here}/sign-in/link/[\w.\-]+", text)[0])
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(re.compile("/meetings"))


@pytest.mark.filterwarnings("ignore")
def test_company_provider_signs_in(app: Flask, cast, clock, here, phone):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread
    clock.now = datetime.now(UTC)
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, private_webhooks=True))
    new = User(sub="sam", claims={"email": "sam@example.com", "email_verified": True, "name": "Sam O’Hara"})
    with run_server_in_thread(user_claims=[new]) as server:
        owner = phone().new_page()
        by_password(owner, here, "olive")
        owner.goto(f"{here}/settings/sign-in")
        owner.get_by_label("Another", exact=True).check()
        for label, text in (
            ("Issuer", f"http://localhost:{server.server_port}"), ("Name on the button", "Example ID"),
            ("Client ID", "us"), ("Client secret", "a secret"), ("Domains of your people", "example.com"),
        ):  # fmt: skip
            owner.get_by_label(label).fill(text)
        owner.get_by_role("button", name="Set up").click()
        expect(owner.get_by_role("status")).to_have_text("Saved.")
        page = phone().new_page()
        page.goto(f"{here}/sign-in?next=/me")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("button", name="sam").click()
        expect(page.get_by_role("heading", name="Sam O’Hara")).to_be_visible()
