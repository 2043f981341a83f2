"""Names within sentences of the client's pages: kept whole, set apart from the direction of the text around them, and
listed as the language lists them."""

from collections.abc import Iterable

from babel.lists import format_list
from markupsafe import Markup, escape

from feedback.store.invitations import InvitationView
from feedback.store.people import first_name
from feedback.wording.i18n import locale, translate


def isolate(name: str) -> Markup:
    """Return a name, or a date, whose direction neither takes nor gives anything to the text around it."""
    return Markup("<bdi>{}</bdi>").format(name)


def listed(names: Iterable[str]) -> Markup:
    """Return names as this request's language lists them: Alice, Bob and Carol."""
    return Markup(format_list([str(escape(name)) for name in names], locale=locale()))  # noqa: S704 (escaped)


def managers_of(invitation: InvitationView) -> Markup:
    """Return the managers of the rep's team by their first names, or the organisation's where the team has none."""
    if not invitation.managers:
        words = Markup(translate("managers at %(organisation)s"))  # noqa: S704 (our own words)
        return words % {"organisation": isolate(invitation.organisation)}
    words = Markup(translate("%(name)s (manager)"))  # noqa: S704 (our own words)
    return listed(words % {"name": isolate(first_name(name))} for name in invitation.managers)


def readers_of(invitation: InvitationView) -> Markup:
    """Return who sees the client's answer: the rep, unless the client said otherwise, and managers_of."""
    managers = managers_of(invitation)
    if invitation.client.hidden_from_rep:
        return managers
    return listed((isolate(invitation.rep_first), managers))
