"""The language of the pages of people who sign in: a whole page has one, and those of owners' rooms are in English."""

from flask import request

from feedback.web.context import viewer
from feedback.wording.i18n import SOURCE, browser_app_language, use_app_language

# Blueprints whose pages are not translated, or choose the language themselves.
ENGLISH = {"api_docs", "audit", "chat", "erasing", "exports", "hand_over_clients", "imports", "people", "settings", "start",
           "status", "teams", "tokens", "webhooks"}  # fmt: skip
OTHERS = {"api", "client", "mcp", "operations", "stop"}


def choose_language() -> None:
    """Choose the language before a page is made: the person's own choice, else the browser's, else the
    organisation's."""
    if request.blueprint in ENGLISH:
        use_app_language(SOURCE)
    elif request.blueprint and request.blueprint not in OTHERS:
        use_readers_language()


def use_readers_language() -> None:
    """Use the language of whoever looks at this page. Nobody's choice is known where nobody is signed in."""
    who = viewer()
    use_app_language(
        who.language if who else None, browser_app_language(), who.organisation_language if who else None
    )
