"""The owner's pages to erase a person, and to take out what is on file of one."""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, Response, render_template, request, send_file

from feedback.actions.erasure import erase_contact, erase_person
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.store import person_file
from feedback.store.contacts import contacts_meant
from feedback.store.erasure import ErasableView, certificate, erasable_contact, erasable_person
from feedback.store.organisations import organisation
from feedback.web.context import changing, current_user, db, now, owner_required, read_session, today
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required
from feedback.web.register import register

pages = Blueprint("erasing", __name__)

COUNT_WORDS = {
    "comments": "Comments deleted",
    "notes": "Notes about alerts deleted",
    "mentions": "Texts by others in which the name was replaced",
    "promises": "Promises emptied",
    "outcomes": "Outcomes that count no longer",
    "topics": "Meeting topics deleted",
    "mails": "Waiting mails stopped",
    "posts": "Waiting messages to chat channels stopped",
    "calendar_entries": "Calendar entries deleted",
    "sessions": "Sign-ins deleted",
    "links": "Links deleted",
    "tokens": "Tokens of other programs deleted",
    "audit_entries": "Entries of the audit log without a name now",
    "import_files": "Waiting import files deleted",
    "kept_meetings": "Meetings kept, without a name",
    "kept_invitations": "Invitations kept, with their ratings and guesses, without a name",
}


@pages.get("/contacts/<uuid:contact_id>/erase")
@owner_required
def contact(contact_id: UUID) -> Response:
    """Ask whether to erase a client's contact; show the certificate where that is done."""
    return _page(_contact(contact_id))


@pages.post("/contacts/<uuid:contact_id>/erase")
@owner_required
@proof_required
def contact_erased(contact_id: UUID) -> Response:
    return _erase(_contact(contact_id), erase_contact)


@pages.get("/people/<uuid:user_id>/erase")
@owner_required
def person(user_id: UUID) -> Response:
    """Ask whether to erase somebody who left; show the certificate where that is done."""
    return _page(_person(user_id))


@pages.post("/people/<uuid:user_id>/erase")
@owner_required
@proof_required
def person_erased(user_id: UUID) -> Response:
    return _erase(_person(user_id), erase_person)


@pages.post("/contacts/<uuid:contact_id>/file")
@owner_required
@proof_required
def contacts_file(contact_id: UUID) -> Response:
    """Send what is on file of a client's contact, with a line in the audit log."""
    about_id = _meant(contact_id)
    found = person_file.contacts_file(read_session(), current_user(), about_id, now())
    return _file(found, AuditKind.CONTACTS_FILE, about_id)


@pages.post("/people/<uuid:user_id>/file")
@owner_required
@proof_required
def persons_file(user_id: UUID) -> Response:
    """Send what is on file of somebody who signs in or did, with a line in the audit log."""
    found = person_file.persons_file(read_session(), current_user().organisation_id, user_id)
    return _file(found, AuditKind.PERSONS_FILE, user_id)


def _file(found: dict[str, Any], kind: AuditKind, about_id: UUID) -> Response:
    who = current_user()
    whole = {"organisation": who.organisation, "made_at": now(), **found}
    with changing() as c:
        c.audit(who.id, kind, about_id)
    written = {
        "on-file.html": render_template("privacy/on_file.html", found=found, who=who, now=now()),
        "on-file.json": json.dumps(whole, default=str, indent=2, ensure_ascii=False),
    }
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in written.items():
            archive.writestr(name, text.encode())
    file.seek(0)
    return send_file(
        file, mimetype="application/zip", as_attachment=True, download_name=f"on-file-{today()}.zip"
    )


def _contact(contact_id: UUID) -> ErasableView:
    return erasable_contact(read_session(), current_user().organisation_id, _meant(contact_id))


def _meant(contact_id: UUID) -> UUID:
    """Return the contact; of one that was joined with another, that other: it is the same person."""
    return contacts_meant(read_session(), current_user().organisation_id, [contact_id])[contact_id]


def _person(user_id: UUID) -> ErasableView:
    return erasable_person(read_session(), current_user().organisation_id, user_id)


def _erase(who: ErasableView, erase: Callable[[Change, UUID, UUID], object]) -> Response:
    if request.form.get("sure") != "1" and who.erased_at is None:
        return _page(who, {"sure": "Tick this first: it cannot be undone."}, 422)
    try:
        with changing() as c:
            erase(c, current_user().id, who.id)
    except Invalid as error:
        return _page(who, error.reasons, 422)
    db().forget_erased()
    return redirect_to(request.path)


def _page(who: ErasableView, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    if who.erased_at is not None:
        told = certificate(read_session(), current_user().organisation_id, who.id)
        return render("privacy/erased.html", who=who, told=told, words=COUNT_WORDS)
    return render("privacy/erase.html", status=status, who=who, reasons=reasons or {})


@pages.get("/privacy/register")
@owner_required
def show_register() -> Response:
    """Show what is kept, why, and for how long."""
    return render(
        "privacy/register.html",
        register=register(organisation(read_session(), current_user().organisation_id)),
    )
