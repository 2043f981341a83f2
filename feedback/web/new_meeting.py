"""Starting a meeting: the form that asks whom the rep met."""

from secrets import token_urlsafe
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions import asking, meetings
from feedback.actions.meetings import MOST_CONTACTS, NewContact, NewMeeting
from feedback.calendar import entries
from feedback.core.access import NotFound
from feedback.core.asking import MOST_IN_A_ROOM, Way
from feedback.core.emails import small_letters
from feedback.core.finding import folded
from feedback.db.change import Invalid
from feedback.pages.calendar import EntryView, entry_for
from feedback.pages.meetings import meeting_by_form_key
from feedback.store import contacts
from feedback.store.clients import Client, namesakes
from feedback.store.contacts import ContactView, told_apart
from feedback.web.context import changing, current_user, mails_from, read_session, rep_required
from feedback.web.fingerprint import fingerprint_of
from feedback.web.forms import MeetingForm
from feedback.web.htmx import redirect_to, render

pages = Blueprint("new_meeting", __name__)


@pages.get("/meetings/new")
@rep_required
def new() -> Response:
    """Show the form with the contacts found by ?q=, or without it the recent ones."""
    words, entry, who = (
        request.args.get("q", "").strip()[:200],
        _calendar_entry(request.args.get("entry")),
        current_user(),
    )
    if entry and entry.meeting_id:
        return redirect_to(url_for("meetings.show", meeting_id=entry.meeting_id))
    found = (
        contacts.search_contacts(read_session(), who.organisation_id, words)
        if words
        else contacts.recent_contacts(read_session(), who.organisation_id, who.id)
    )
    data = {"form_key": token_urlsafe(16), "topic": entry.title if entry else ""}
    if not found:  # the search text becomes part of a new contact only when it found nobody
        data[field_for_search(words)] = words
    form = MeetingForm(formdata=None, data=data)
    return render(
        "meetings/new.html",
        "meetings/_contacts.html",
        form=form,
        contacts=found,
        words=words,
        reasons={},
        entry=entry,
        others=[],
        ticked=[],
    )


@pages.post("/meetings/new")
@rep_required
def create() -> Response:
    form, who, entry = MeetingForm(), current_user(), _calendar_entry(request.form.get("entry"))
    reasons: dict[str, str] = {}
    others: list[Client] = []
    if form.validate() and not (others := _namesakes(form)):
        try:
            return redirect_to(url_for("meetings.show", meeting_id=_start_meeting(form, entry)))
        except Invalid as error:
            reasons = error.reasons
    recent = contacts.recent_contacts(read_session(), who.organisation_id, who.id)
    return render(
        "meetings/new.html",
        status=422,
        form=form,
        contacts=told_apart([*recent, *_ticked(recent)]),
        ticked=_chosen_text(),
        words="",
        reasons=reasons,
        entry=entry,
        others=others,
    )


def _namesakes(form: MeetingForm) -> list[Client]:
    """Return who may be meant by the name that was typed, or its address; nobody once the rep has said whether it is one
    of them, and where name, company and address are those of one, or one at this company was ticked."""
    name, who, key = form.contact_name.data or "", current_user(), form.form_key.data
    if not name or request.form.get("same"):
        return []
    if key and meeting_by_form_key(read_session(), who.organisation_id, who.id, key):
        return []
    email = small_letters(form.contact_email.data or "") or None
    found = namesakes(read_session(), who.organisation_id, name, email)
    typed = (folded(name), folded(form.account_name.data or ""), email)
    sure = email and any((folded(each.name), folded(each.account), each.email) == typed for each in found)
    ticked = any(str(each.id) in _chosen_text() and folded(each.account) == typed[1] for each in found)
    return [] if sure or ticked else found


def _ticked(shown: list[ContactView]) -> list[ContactView]:
    """Return the contacts that were ticked and are not among these, so that none is lost."""
    known = {str(each.id) for each in shown}
    ids = [UUID(text) for text in _chosen_text() if text not in known and _is_id(text)]
    return contacts.contacts_by_id(read_session(), current_user().organisation_id, ids)


def _chosen_text() -> list[str]:
    return request.form.getlist("contact_id")


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _start_meeting(form: MeetingForm, entry: EntryView | None) -> UUID:
    """Start the meeting of the form; return its id. One that is made from a calendar entry closes the entry."""
    new, same, way = _new_contact(form), request.form.get("same") or "no", request.form.get("way")
    ids = _chosen_contact_ids()
    if new and same != "no":  # one who is here already
        ids, new = [*ids, _contact_id(same)], None
    said = NewMeeting(
        contact_ids=ids,
        new_contact=new,
        topic=form.topic.data,
        form_key=form.form_key.data or None,
        most=MOST_IN_A_ROOM if way == Way.GROUP else MOST_CONTACTS,
    )
    who = current_user()
    fingerprint = fingerprint_of(who.organisation_id)
    with changing() as c:
        meeting_id = (
            entries.start_from_entry(c, who.id, entry, said, fingerprint)
            if entry
            else meetings.show_code(c, who.id, said, fingerprint)
        )
        asking.ask_all(c, meeting_id, way, mails_from())
        return meeting_id


def field_for_search(words: str) -> str:
    """Return the name of the form field for a new contact that a search text belongs into."""
    return "contact_email" if "@" in words else "contact_name"


def _calendar_entry(wanted: str | None) -> EntryView | None:
    """Return the rep's own calendar entry that the form was opened from, if any. Raises NotFound for anybody
    else's."""
    if not wanted:
        return None
    try:
        return entry_for(read_session(), current_user(), UUID(wanted))
    except ValueError:
        raise NotFound("calendar entry") from None


def _chosen_contact_ids() -> list[UUID]:
    return [_contact_id(value) for value in _chosen_text() if value]


def _contact_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise meetings.unknown() from None


def _new_contact(form: MeetingForm) -> NewContact | None:
    if not (form.contact_name.data or form.account_name.data):
        return None
    return NewContact(
        form.contact_name.data or "",
        form.account_name.data or "",
        form.contact_email.data,
        another=request.form.get("same") == "no",
    )
