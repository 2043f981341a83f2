"""The text of a mail, made from what is stored when it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, render_template
from sqlmodel import Session

from feedback.context import app_context
from feedback.core.access import Reader
from feedback.core.calendar.weeks import Week, week_of
from feedback.core.links import link_token
from feedback.core.password_links import BY_MAIL_FOR, PasswordLink, mark_of
from feedback.core.sign_in_links import LINK_FOR
from feedback.models import LinkKind, Mail, SignUp
from feedback.models.encrypted import UnreadableSecret
from feedback.pages import alerts
from feedback.pages.alerts import AlertView
from feedback.pages.own_week import own_week
from feedback.pages.weekly_mail import weekly_mail
from feedback.sending.asking import asking_letter
from feedback.sending.letter import Letter, NothingToSend
from feedback.sending.we_did import we_did_letter
from feedback.store import people
from feedback.store.asking import ASKING
from feedback.store.chat import paused_at
from feedback.store.credentials import Credentials, credentials
from feedback.store.invitations import invitation_by_id
from feedback.store.mail_queue import DueMail
from feedback.store.relationships import RelationshipView, relationship_for
from feedback.store.sessions import device_since
from feedback.store.sign_in_links import link_asked_at
from feedback.store.user_links import newest_link
from feedback.web.mail_links import signed_link
from feedback.web.passwords import signed
from feedback.wording.filters import practice_words
from feedback.wording.i18n import app_text, translate, use_app_language, use_language
from feedback.wording.labels import ALERT_LABELS, SERVICE_NAMES

NAMED = 4  # contacts in the subject of a mail about many alerts


@dataclass(frozen=True, slots=True)
class AlertInMail:
    """An alert as its mail shows it."""

    alert: AlertView
    # None, and no advice, where figures by person are not the reader's to see
    relationship: RelationshipView | None
    dimension: str = ""  # that the suggested practice is for
    advice: str = ""  # the text of the suggested practice


def letter(
    session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime, key: str | None = None
) -> Letter:
    """Return one letter for the mails in `mails`; several are only allowed when all are alert mails to one
    person.

    Needs an app context, for the templates. key: the answer key that a receipt carries. Raises NothingToSend.
    """
    if mails[0].kind == Mail.RECEIPT:
        return _receipt(session, mails[0], key, now)
    if mails[0].kind in ASKING:
        return asking_letter(session, mails[0], now)
    if mails[0].kind == Mail.WE_DID:
        return we_did_letter(session, mails[0], now)
    write: Callable[[Session, Sequence[DueMail], str | None, datetime], Letter] = {
        Mail.ALERT: _alerts,
        Mail.WEEKLY: _weekly,
        Mail.OWN_WEEKLY: _own_weekly,
        Mail.LINK: _link,
        Mail.PASSWORD_LINK: _password_link,
        Mail.PASSWORD_CHANGED: _password_changed,
        Mail.NEW_DEVICE: _new_device,
        Mail.SIGN_IN_LINK: _sign_in_link,
        Mail.FACTOR_CHANGED: _factor_changed,
        Mail.CHAT_PAUSED: _chat_paused,
    }[Mail(mails[0].kind)]
    return write(session, mails, base_url, now)


def _receipt(session: Session, mail: DueMail, key: str | None, now: datetime) -> Letter:
    """Write a receipt, in the language of the client it goes to."""
    found = (
        invitation_by_id(session, mail.organisation_id, mail.invitation_id, Reader.RULES, now)
        if mail.invitation_id
        else None
    )
    if found is None or key is None:
        raise NothingToSend("what the mail is about is gone")
    invitation = found
    g.timezone = invitation.timezone
    use_language(invitation.client.language, invitation.contact_language, invitation.organisation_language)
    try:
        address = f"{mail.base_url}/f/{invitation.token}/{key}/receipt"
    except UnreadableSecret:
        raise NothingToSend("the code cannot be read with this server's key") from None
    text = render_template("mail/receipt.txt", invitation=invitation, address=address)
    return Letter(f"{translate('What you said')} · {invitation.rep}", text)


def _alerts(session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime) -> Letter:
    """Write a mail about those of the alerts that are still open and still concern this person."""
    who = _recipient(session, mails[0])
    found = alerts.alerts_by_id(session, who, {mail.alert_id for mail in mails if mail.alert_id}, now)
    by_person = who.figures.by_person
    open_alerts = [
        _alert_in_mail(session, who, alert, now)
        for alert in found
        if alert.closed_at is None and (alert.urgent or by_person)
    ]
    if not open_alerts:
        raise NothingToSend("closed, or somebody else's, before the mail went out")
    first = open_alerts[0].alert
    subject = app_text(
        "%(reasons)s: %(contact)s, with %(rep)s",
        reasons=", ".join(str(ALERT_LABELS[kind].short) for kind in first.kinds),
        contact=first.contact,
        rep=first.rep,
    )
    if len(open_alerts) > 1:
        subject = _about_many(
            list(dict.fromkeys(each.alert.contact for each in open_alerts)), len(open_alerts)
        )
    values = {"told": open_alerts, "base_url": base_url, "who": who}
    return Letter(
        subject, render_template("mail/alerts.txt", **values), render_template("mail/alerts.html", **values)
    )


def _about_many(contacts: list[str], count: int) -> str:
    named, more = ", ".join(contacts[:NAMED]), len(contacts) - NAMED
    if more > 0:
        return app_text("%(count)s alerts: %(names)s and %(more)s more", count=count, names=named, more=more)
    return app_text("%(count)s alerts: %(names)s", count=count, names=named)


def _alert_in_mail(session: Session, who: people.Viewer, alert: AlertView, now: datetime) -> AlertInMail:
    if not who.figures.by_person:
        return AlertInMail(alert, None)
    relationship = relationship_for(session, who, alert.relationship_id, now)
    dimension = alerts.to_practise_after(alert, relationship.numbers)
    return AlertInMail(alert, relationship, dimension, practice_words(dimension, 1, alert.contact_first))


def _weekly(session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime) -> Letter:
    who = _recipient(session, mails[0])
    found = weekly_mail(session, who, _last_week(mails[0], who, now), now)
    if found is None or found.summary is None:
        raise NothingToSend("there are no reps to tell of")
    week = found.week.number
    subject = (
        app_text("Week %(number)s: who brings more than doughnuts", number=week)
        if found.board
        else app_text("Week %(number)s: your teams' figures", number=week)
    )
    values = {"weekly": found, "who": who, "base_url": base_url}
    return Letter(
        subject, render_template("mail/weekly.txt", **values), render_template("mail/weekly.html", **values)
    )


def _own_weekly(session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime) -> Letter:
    who = _recipient(session, mails[0])
    week = _last_week(mails[0], who, now)
    found = own_week(session, who, week, now)
    values = {"found": found, "who": who, "week": week, "base_url": base_url}
    return Letter(
        app_text("Your week %(number)s", number=week.number),
        render_template("mail/own_weekly.txt", **values),
        render_template("mail/own_weekly.html", **values),
    )


def _link(session: Session, mails: Sequence[DueMail], _base_url: str | None, now: datetime) -> Letter:
    """Write the mail with which somebody joins, or chooses a new password. The address is in no other place."""
    who = _recipient(session, mails[0])
    link = newest_link(session, who.organisation_id, who.id)
    if link is None or not link.good(now):
        raise NothingToSend("the link was used or withdrawn before the mail went out")
    token = link_token(app_context().settings.secret_key, link.organisation_id, link.id)
    address = f"{mails[0].base_url}/join/{token}"
    text = render_template("mail/link.txt", link=link, address=address)
    joins = link.kind == LinkKind.JOIN
    subject = (
        app_text("Join %(organisation)s", organisation=link.organisation)
        if joins
        else app_text("A new password for Beyond Doughnuts")
    )
    return Letter(subject, text)


def _password_link(session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime) -> Letter:
    """Write a link for each organisation that has the address. They are made now, and stored nowhere."""
    who, settings = _recipient(session, mails[0]), app_context().settings
    links = [
        (each.organisation, f"{base_url}/new-password/{signed(settings, _link_of(each, now))}")
        for each in credentials(session, who.email)
        if each.password_hash
    ]
    text = render_template("mail/password_link.txt", who=who, links=links, minutes=BY_MAIL_FOR.seconds // 60)
    return Letter(app_text("A new password"), text)


def _link_of(each: Credentials, now: datetime) -> PasswordLink:
    return PasswordLink(each.organisation_id, each.user_id, now + BY_MAIL_FOR, mark_of(each.password_hash))


def _password_changed(
    session: Session, mails: Sequence[DueMail], base_url: str | None, _now: datetime
) -> Letter:
    who = _recipient(session, mails[0])
    text = render_template("mail/password_changed.txt", who=who, at=mails[0].created_at, base_url=base_url)
    return Letter(app_text("Your password was changed"), text)


def _sign_in_link(session: Session, mails: Sequence[DueMail], base_url: str | None, now: datetime) -> Letter:
    """Write the link by which somebody signs in. It is made now, and stored nowhere."""
    who = _recipient(session, mails[0])
    link = link_asked_at(session, who.organisation_id, who.id, mails[0].created_at)
    if link is None or not link.good(now):
        raise NothingToSend("the link was used or over before the mail went out")
    token = signed_link(app_context().settings, link.organisation_id, link.id)
    address = f"{base_url}/sign-in/link/{token}"
    text = render_template("mail/sign_in_link.txt", who=who, address=address, minutes=LINK_FOR.seconds // 60)
    return Letter(app_text("Your link to sign in"), text)


def _new_device(session: Session, mails: Sequence[DueMail], base_url: str | None, _now: datetime) -> Letter:
    """Tell somebody of a device that was not known. It may be signed out again by now: that is said all the same."""
    who, at = _recipient(session, mails[0]), mails[0].created_at
    device = device_since(session, who.organisation_id, who.id, at)
    text = render_template("mail/new_device.txt", who=who, at=at, device=device, base_url=base_url)
    return Letter(app_text("A new device signed in as you"), text)


def _factor_changed(
    session: Session, mails: Sequence[DueMail], base_url: str | None, _now: datetime
) -> Letter:
    who = _recipient(session, mails[0])
    text = render_template("mail/factor_changed.txt", who=who, at=mails[0].created_at, base_url=base_url)
    return Letter(app_text("How you sign in was changed"), text)


def _chat_paused(session: Session, mails: Sequence[DueMail], base_url: str | None, _now: datetime) -> Letter:
    who = _recipient(session, mails[0])
    paused = paused_at(session, who.organisation_id, mails[0].created_at)
    if not paused:
        raise NothingToSend("the channel goes on, or was removed")
    text = render_template(
        "mail/chat_paused.txt", who=who, channels=paused, service_names=SERVICE_NAMES, base_url=base_url
    )
    return Letter(app_text("A chat channel is paused"), text)


def sign_up_letter(asked: SignUp, address: str) -> Letter:
    """Return the letter with the link that confirms a sign-up."""
    return Letter(
        f"{asked.organisation} at Beyond Doughnuts",
        render_template("mail/sign_up.txt", asked=asked, address=address),
    )


def _last_week(mail: DueMail, who: people.Viewer, now: datetime) -> Week:
    """Return the week that a weekly mail is about. Raises NothingToSend when another week has ended since."""
    week = week_of(now, ZoneInfo(who.timezone)).plus(-1)
    if mail.monday != week.monday:
        raise NothingToSend("another week is over by now")
    return week


def _recipient(session: Session, mail: DueMail) -> people.Viewer:
    """Return the user a mail goes to, and set time zone and language for it. Raises NothingToSend."""
    who = people.viewer_of(session, mail.organisation_id, mail.user_id) if mail.user_id else None
    if who is None:
        raise NothingToSend("the person it was for has left")
    g.timezone = who.timezone
    use_app_language(who.language, who.organisation_language)
    return who
