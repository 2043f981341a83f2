"""A house that is the other way round from the first: west of UTC, in another language and currency, with limits and words of
its own; who works there, what they brought along, and how they sign in."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pyotp
from sqlmodel import col
from support.cast import PASSWORD

from feedback.actions import (
    api_tokens,
    passwords,
    providers,
    second_factor,
    sessions,
    sign_in_settings,
    staff,
    user_links,
)
from feedback.actions.look import change_colour, change_words
from feedback.actions.oidc import RelyingParty
from feedback.actions.people import begin_with_today, choose_language
from feedback.actions.settings import change_settings
from feedback.actions.sign_in_links import ask_for_sign_in_link
from feedback.chat.channels import Gets, NewChannel, add_channel
from feedback.core.access import Role
from feedback.core.api_tokens import Scope, TokenKind
from feedback.imports.run import ImportKind
from feedback.models import OneTimeCodes, Webhook
from feedback.models.webhook import Event
from feedback.store.people import all_teams
from feedback.store.webhooks import mark_of
from feedback.webhooks import subscriptions
from feedback.wording.own_words import standard_words
from golden.files import imported, random_rows
from golden.world import BASE, World

NEW_YORK = ZoneInfo("America/New_York")
BEGAN = datetime(2026, 9, 28, 13, 7, tzinfo=UTC)  # a Monday morning
ENDS = datetime(
    2026, 11, 9, 4, 40, tzinfo=UTC
)  # Monday there, and still the evening of Sunday here: week 45 is not over
PAIRS = [
    ("ruth", "Quill", "Yael Barlev"), ("ruth", "Quill", "Amos Oren"), ("ruth", "Rampart", "Beth Lowe"),
    ("ruth", "Rampart", "Cyrus Amini"), ("ruth", "Sable", "Dov Katz"),
    ("sam", "Sable", "Emre Kaya"), ("sam", "Tundra", "Fay Wong"), ("sam", "Tundra", "Gus Lind"),
    ("tess", "Umber", "Hugo Paz"), ("tess", "Umber", "Iris Tan"), ("uri", "Vesper", "Jude Ross"),
    ("uri", "Vesper", "Kim Dahl"), ("vera", "Wharf", "Lou Vance"), ("vera", "Wharf", "Mara Stone"),
    ("lars", "Xenon", "Nils Berg"), ("lars", "Xenon", "Oona Reid"), ("ines", "Yarrow", "Pat Mills"),
]  # fmt: skip
OUTCOMES = """account,contact_email,date,outcome,value_before,value_after,reason
Quill,,2026-09-01,grew,10249.95,11499.5,
Rampart,beth@rampart.example,2026-09-10,lost,799.49,0,Price
Sable,,2026-08-20,shrank,1000000.5,999999.49,
Tundra,,2026-09-22,renewed,0.4,0.4,
Xenon,,2026-09-23,lost,64000.75,0,Lars left
"""


def begin(us: World) -> None:
    """The house, its people, and what was said before."""
    cast, olive = us.cast, us.cast.olive
    for name, role, teams, named in (
        ("maya", "manager", ("Coast",), "Maya Ferreira"), ("milo", "manager", (), "Milo Novak"),
        ("ruth", "rep", ("Coast",), "Ruth Ben-Ami"), ("sam", "rep", ("Coast",), "Sam Okoro"), ("tess", "rep", ("Coast",), "Tess Lind"),
        ("uri", "rep", ("Coast",), "Uri Katz"), ("vera", "rep", ("Coast",), "Vera Sousa"), ("lars", "rep", ("Coast",), "Lars Holm"),
        ("ines", "rep", ("Inland",), "Inês d'Ávila"), ("noah", "rep", ("Inland",), "Noah Price"), ("otis", "owner", (), "Otis Grant"),
    ):  # fmt: skip
        cast.add(name, role, *teams, named=named)
    us.do(staff.add_team, olive.id, "Harbour")  # nobody is in it
    for name, tag in (("ruth", "de"), ("maya", "es"), ("noah", "fr")):
        us.do(choose_language, cast.people[name].id, tag)
    us.do(begin_with_today, cast.maya.id, True)
    us.do(
        change_settings,
        olive.id,
        {
            "name": "Halyard & Co", "language": "ar", "currency": "usd", "invitation_days": 5, "alert_due_days": 1,
            "workdays": "12347", "holidays": "US-NY", "days_off": "2026-10-07, 2026-10-21 2026-11-09", "least_asked": 0,
            "reps_see_own": True, "reps_see_all": True,
        },
    )  # fmt: skip
    us.do(change_colour, olive.id, "#0b5fa5")
    for tag, own in (
        (
            "en",
            {"integrity": "Does what was said", "savvy": "Knows ropes & rigging", "rating_5": "Shipshape"},
        ),
        ("ar", {"integrity": "يفي بما قاله"}),
    ):
        us.do(change_words, olive.id, tag, own, standard_words(tag), {})
    accounts = "account,contact,contact_email,contact_role,language,value,review_days\n" + "".join(
        f"{account},{contact},{contact.split()[0].lower()}@{account.lower()}.example,{('', 'Buyer')[n % 2]},"
        f"{('he', 'fa', 'ar', 'ja', '')[n % 5]},{(1249.5, 99.49, 0.4, 1000000.51, '')[n % 5]},{('', 14, 7, 400)[n % 4]}\n"
        for n, (_, account, contact) in enumerate({p[1]: p for p in PAIRS}.values())
    )
    imported(us, ImportKind.ACCOUNTS, accounts)
    imported(us, ImportKind.HISTORY, random_rows(5, 18, PAIRS, BEGAN))
    imported(us, ImportKind.OUTCOMES, OUTCOMES)
    _tell_others(us)


def _tell_others(us: World) -> None:
    """Webhooks and channels, of which some fail and some are paused."""
    olive = us.cast.olive
    with us.db.reading() as session:
        teams = {name: team_id for team_id, name in all_teams(session, olive.organisation_id)}
    hooks = (
        ("hook", "https://crm.example:8443/in?k=2", [Event.ALERT_OPENED, Event.STANDINGS_FROZEN]),
        ("failing", "https://failing.example/", list(Event)),
    )
    for name, url, events in hooks:
        us.extra[name] = str(us.do(subscriptions.add_webhook, olive.id, url, events))
    secrets = us.row(Webhook, col(Webhook.id) == UUID(us.extra["hook"])).secrets
    us.do(subscriptions.rotate_secret, UUID(us.extra["hook"]), olive.id, mark=mark_of(secrets))
    for name, service, host, gets in (
        ("#coast", "slack", "slack.example/y1", Gets(teams["Coast"], ("alerts", "week"), True)),
        ("#house", "teams", "teams.example/y2", Gets(None, ("week",), False)),
        ("#refused", "slack", "slack-refuses.example/y3", Gets(None, ("alerts",), True)),
    ):
        wanted = NewChannel(service, name, f"https://{host}", gets)
        us.extra[name] = str(us.do(add_channel, olive.id, wanted, private=False))


def ways_in(us: World) -> None:
    """A provider beside passwords, second factors, links, a new password, another device; who left; programs."""
    cast, olive = us.cast, us.cast.olive
    client = RelyingParty(
        "https://login.halyard.example", "feedback", "a secret", f"{BASE}/sign-in/callback", False
    )
    given = providers.ProviderInput(
        "other", "Halyard's own", client.issuer, "", client.client_id, client.secret, "halyard.example example.com",
        "manager", False, str(olive.id),
    )  # fmt: skip
    us.do(providers.set_provider, olive.id, given, client)
    for name in ("olive", "maya", "milo"):
        _show_a_code(us, name)
    us.do(sign_in_settings.require_second_factor, olive.id, (Role.MANAGER, Role.OWNER))
    us.do(second_factor.end_second_factor, olive.id, cast.milo.id, BASE)
    _show_a_code(us, "milo")
    us.do(sessions.begin_session, cast.sam.id, "Firefox on Linux", "net1")
    us.do(sessions.tell_new_device, cast.sam.id, cast.sam.email, BASE)
    passwords.ask_for_link(us.db, cast.tess.email, "", BASE, us.clock())
    ask_for_sign_in_link(us.db, cast.vera.email, "", "a browser", BASE, us.clock())
    us.do(passwords.change_own_password, cast.uri.id, PASSWORD, "another short sentence", BASE)
    joins = staff.PersonInput("Wanda Ito", "wanda@example.com", "rep", ())
    wanda = us.do(staff.invite_person, olive.id, joins)
    us.do(user_links.new_link, olive.id, wanda, BASE)
    us.do(user_links.new_link, olive.id, cast.vera.id)
    us.do(staff.end_person, olive.id, cast.otis.id)


def _show_a_code(us: World, name: str) -> None:
    """Let somebody set up codes on a phone, whose secret signs them in later."""
    who = us.cast.people[name].id
    us.do(second_factor.begin_codes, who)
    secret = us.row(OneTimeCodes, col(OneTimeCodes.user_id) == who).secret.text
    us.extra[f"codes of {name}"] = secret
    us.do(second_factor.confirm_codes, who, pyotp.TOTP(secret).at(us.clock()), BASE)


def programs(us: World) -> None:
    """A token of each scope; one that has expired, and one that was ended."""
    for called, name, kind, scopes, days in (
        ("ruth", "ruth", TokenKind.OWN, (Scope.READ,), 90), ("maya", "maya", TokenKind.OWN, (Scope.READ,), 90),
        ("asks", "ruth", TokenKind.OWN, (Scope.ASK,), 30), ("writes", "olive", TokenKind.OWN, (Scope.WRITE,), 365),
        ("olive", "olive", TokenKind.OWN, (Scope.ADMIN, Scope.READ), 7), ("crm", "olive", TokenKind.ORGANISATION, (Scope.READ, Scope.WRITE), 90),
    ):  # fmt: skip
        new = api_tokens.NewToken(f"{called}, a program", scopes, days, kind)
        us.tokens[called] = us.do(api_tokens.make_token, us.viewer(name), new)
