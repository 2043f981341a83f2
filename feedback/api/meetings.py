"""A rep's meetings: begun, asked about, guessed, corrected; with their codes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from feedback.actions import asking, corrections, meetings, mirrors, promises, taken_back
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.promises import NewPromise
from feedback.api.answers import Hidden, progress_of
from feedback.api.authentication import has_scope
from feedback.api.operations import REPS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Name, Out, Ratings6, Text
from feedback.api.who_is_meant import ask_who_is_meant
from feedback.charts.qr import qr_png, qr_svg
from feedback.core.access import NotFound
from feedback.core.api_tokens import Scope
from feedback.core.asking import Way
from feedback.core.gaps.stages import STAGES
from feedback.db.change import Change, Invalid
from feedback.models import Side, Verdict
from feedback.models.encrypted import NoToken
from feedback.pages.meetings import MeetingView, meeting_for, recent_invitations
from feedback.pages.promises import PromiseView, promise_for, promises_between
from feedback.store.invitation_view import InvitationView
from feedback.store.rooms import token_of_room
from feedback.web.context import current_user, mails_from, now, read_session
from feedback.web.fingerprint import fingerprint_of
from feedback.web.meetings import address, room_address


class InvitationOut(Hidden):
    """One contact's way to answer about a meeting."""

    id: UUID
    contact_id: UUID
    contact: str
    account: str
    address: str | None = Field(
        description="What the code carries. Null without the scope ask: it lets answer."
    )
    closes_at: datetime
    way: Way
    declined: bool
    guessed_stage: str | None


class MeetingOut(Out):
    """A meeting, with an invitation for each contact."""

    id: UUID
    held_at: datetime
    topic: str | None
    room: str | None = Field(
        description="What the one code for a room carries. Null where there is none, and without the scope ask."
    )
    invitations: list[InvitationOut]


class RecentMeeting(Out):
    """An invitation of the last four weeks."""

    meeting_id: UUID
    id: UUID = Field(description="Of the invitation.")
    held_at: datetime
    topic: str | None
    contact: str
    account: str
    taps: int
    done: bool
    sealed: bool


class NewContactBody(Body):
    """Somebody not met before."""

    name: Name
    account: Name
    email: Annotated[Text, Field(max_length=320)] | None = None
    another: bool = Field(False, description="Somebody else than whoever has this name or address already.")


class MeetingBody(Body):
    """A meeting that begins now: with contacts who are known, with somebody new, or both."""

    contact_ids: Annotated[list[UUID], Field(max_length=20)] = Field(default_factory=list)
    new_contact: NewContactBody | None = None
    topic: Annotated[Text, Field(max_length=200)] | None = None
    way: Annotated[Way, Field(strict=False)] = Way.CODE


class MeetingChange(Body):
    """What is to be corrected of a meeting nobody has answered about."""

    held_at: AwareDatetime


class GuessBody(Body):
    """What the client will say."""

    ratings: Ratings6
    stage: Annotated[str, Field(max_length=16)] | None = Field(
        None, description=f"One of: {', '.join(STAGES)}."
    )
    seal: bool = Field(False, description="Make it final. It needs all six.")


class InvitationChange(Body):
    """What is noted of one invitation."""

    declined: bool | None = Field(None, description="The client does not want to answer.")
    gap_seen: bool | None = Field(None, description="true: the gap card was read.")


class AskBody(Body):
    """How the client is asked."""

    way: Annotated[Way, Field(strict=False)]
    email: Annotated[Text, Field(max_length=320)] | None = Field(
        None, description="Of a contact without one."
    )


class PromiseOut(Out):
    """A promise."""

    id: UUID
    side: Side = Field(description="Who promised it.")
    words: str
    due_on: date | None
    verdict: Verdict | None
    relationship_id: UUID
    contact_id: UUID
    contact: str
    made_at: datetime


class PromiseBody(Body):
    """What was promised."""

    side: Annotated[Side, Field(strict=False)]
    words: Annotated[Text, Field(min_length=1, max_length=200)]
    due_on: date | None = None
    contact_id: UUID | None = Field(None, description="Needed where several were met.")


class VerdictBody(Body):
    """Whether the client kept a promise."""

    verdict: Annotated[Verdict, Field(strict=False)]


def invitation_out(found: InvitationView) -> InvitationOut:
    """Return an invitation as its rep sees it."""
    return InvitationOut.model_validate(
        progress_of(found)
        | {
            "id": found.id, "contact_id": found.contact_id, "contact": found.contact, "account": found.account,
            "address": _address(found), "closes_at": found.closes_at, "way": found.way,
            "declined": found.declined_at is not None, "guessed_stage": found.mirror.stage,
        }
    )  # fmt: skip


def _address(found: InvitationView) -> str | None:
    try:
        return address(found) if has_scope(Scope.ASK) else None
    except NoToken:
        return None  # it was imported


def _found(session: Session, meeting_id: UUID) -> MeetingView:
    return meeting_for(session, current_user(), meeting_id, now())


def meeting_out(session: Session, meeting_id: UUID) -> MeetingOut:
    """Return a rep's own meeting as JSON has it. Raises NotFound, MeetingTakenBack."""
    found = _found(session, meeting_id)
    return MeetingOut(
        id=found.id,
        held_at=found.held_at,
        topic=found.topic,
        room=_room(session, meeting_id) if has_scope(Scope.ASK) else None,
        invitations=[invitation_out(each) for each in found.invitations],
    )


def _invitation(session: Session, meeting_id: UUID, invitation_id: UUID) -> InvitationOut:
    return invitation_out(_found(session, meeting_id).invitation(invitation_id))


@operation("GET", "/meetings", roles=REPS)
def list_meetings(query: ListQuery) -> Listing[RecentMeeting]:
    """List the invitations of the rep's last four weeks, the latest first."""
    found = recent_invitations(read_session(), current_user(), now())
    return query.page_of(found, _recent)


def _recent(found: InvitationView) -> RecentMeeting:
    return RecentMeeting(
        meeting_id=found.meeting_id, id=found.id, held_at=found.held_at, topic=found.topic, contact=found.contact,
        account=found.account, taps=found.progress.taps, done=found.progress.done, sealed=found.sealed,
    )  # fmt: skip


@operation("POST", "/meetings", Scope.ASK, REPS, status=201)
def start_meeting(c: Change, body: MeetingBody) -> MeetingOut:
    """Begin a meeting, and get the addresses of its codes. The same people within the hour are the same meeting."""
    new = body.new_contact
    if new and not new.another:
        ask_who_is_meant(c, "new_contact", new.name, new.email, certain_at=new.account)
    said = NewMeeting(
        contact_ids=body.contact_ids,
        new_contact=NewContact(new.name, new.account, new.email, another=new.another) if new else None,
        topic=body.topic,
    )
    who = current_user()
    meeting_id = meetings.show_code(c, who.id, said, fingerprint_of(who.organisation_id))
    asking.ask_all(c, meeting_id, body.way, mails_from())
    return meeting_out(c.session, meeting_id)


@operation("GET", "/meetings/<uuid:meeting_id>", roles=REPS)
def show_meeting(meeting_id: UUID) -> MeetingOut:
    """Show a meeting, and how far each contact has come."""
    return meeting_out(read_session(), meeting_id)


@operation("PATCH", "/meetings/<uuid:meeting_id>", Scope.WRITE, REPS, current=meeting_out)
def correct_meeting(c: Change, meeting_id: UUID, body: MeetingChange) -> MeetingOut:
    """Say when a meeting was really held, while nobody has answered."""
    _found(c.session, meeting_id)
    corrections.move_meeting(c, current_user().id, meeting_id, body.held_at)
    return meeting_out(c.session, meeting_id)


def _room(session: Session, meeting_id: UUID) -> str | None:
    token = token_of_room(session, current_user().organisation_id, meeting_id)
    return room_address(token) if token else None


def _room_of(meeting_id: UUID) -> str:
    """Return the address of the one code of a meeting. Raises NotFound where it has none."""
    found = _room(read_session(), _found(read_session(), meeting_id).id)
    if found is None:
        raise NotFound("room")
    return found


@operation("GET", "/meetings/<uuid:meeting_id>/room/code.svg", Scope.ASK, REPS, media="image/svg+xml")
def show_room_svg(meeting_id: UUID) -> str:
    """Get the one QR code for everybody in a room as SVG."""
    return qr_svg(_room_of(meeting_id))


@operation("GET", "/meetings/<uuid:meeting_id>/room/code.png", Scope.ASK, REPS, media="image/png")
def show_room_png(meeting_id: UUID) -> bytes:
    """Get the one QR code for everybody in a room as PNG."""
    return qr_png(_room_of(meeting_id))


@operation("GET", "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>", roles=REPS)
def show_invitation(meeting_id: UUID, invitation_id: UUID) -> InvitationOut:
    """Show one invitation; once both sides are in, with the gaps."""
    return _invitation(read_session(), meeting_id, invitation_id)


CODE = "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/code"


@operation("GET", f"{CODE}.svg", Scope.ASK, REPS, media="image/svg+xml")
def show_svg(meeting_id: UUID, invitation_id: UUID) -> str:
    """Get the QR code of an invitation as SVG."""
    return qr_svg(address(_found(read_session(), meeting_id).invitation(invitation_id)))


@operation("GET", f"{CODE}.png", Scope.ASK, REPS, media="image/png")
def show_png(meeting_id: UUID, invitation_id: UUID) -> bytes:
    """Get the QR code of an invitation as PNG."""
    return qr_png(address(_found(read_session(), meeting_id).invitation(invitation_id)))


@operation(
    "PATCH",
    "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>",
    Scope.WRITE,
    REPS,
    current=_invitation,
)
def note_of_invitation(
    c: Change, meeting_id: UUID, invitation_id: UUID, body: InvitationChange
) -> InvitationOut:
    """Note that the client declined, or that the gap card was read."""
    found = _found(c.session, meeting_id).invitation(invitation_id)
    if body.declined is not None:
        corrections.note_declined(c, current_user().id, found.id, declined=body.declined)
    if body.gap_seen and found.both_in:
        mirrors.mark_gap_seen(c, found.id)
    return _invitation(c.session, meeting_id, invitation_id)


@operation(
    "DELETE",
    "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>",
    Scope.WRITE,
    REPS,
    status=204,
    current=_invitation,
)
def take_back(c: Change, meeting_id: UUID, invitation_id: UUID) -> None:
    """Take a code back that nobody has opened, and the meeting with its last one."""
    taken_back.take_back(c, current_user().id, _found(c.session, meeting_id).invitation(invitation_id).id)


@operation(
    "PUT",
    "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/guess",
    Scope.WRITE,
    REPS,
    current=_invitation,
)
def save_guess(c: Change, meeting_id: UUID, invitation_id: UUID, body: GuessBody) -> InvitationOut:
    """Save the guess, and seal it. Sealed it never changes."""
    if body.stage is not None and body.stage not in STAGES:
        raise Invalid(stage=f"One of: {', '.join(STAGES)}.")
    found = _found(c.session, meeting_id).invitation(invitation_id)
    whole = mirrors.save_mirror(c, found.id, ratings=body.ratings.given(), stage=body.stage, seal=body.seal)
    if not whole:
        raise Invalid(ratings="Six ratings seal it. Nothing was saved.")
    return _invitation(c.session, meeting_id, invitation_id)


@operation(
    "POST", "/meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/ask", Scope.ASK, REPS, status=200
)
def ask(c: Change, meeting_id: UUID, invitation_id: UUID, body: AskBody) -> InvitationOut:
    """Ask the client by mail, or note that the link is sent."""
    found = _found(c.session, meeting_id).invitation(invitation_id)
    if body.way is Way.MAIL:
        if body.email and not found.contact_email:
            meetings.add_address(c, found.contact_id, body.email)
        asking.ask_by_mail(c, meeting_id, found.id, mails_from())
    elif body.way is Way.LINK:
        asking.ask_by_link(c, found.id)
    return _invitation(c.session, meeting_id, invitation_id)


@operation("GET", "/meetings/<uuid:meeting_id>/promises", roles=REPS)
def list_promises(meeting_id: UUID, query: ListQuery) -> Listing[PromiseOut]:
    """List what was promised between the rep and the contacts of a meeting."""
    who, session = current_user(), read_session()
    found = [
        promise
        for each in _found(session, meeting_id).invitations
        for promise in promises_between(
            session, who.organisation_id, who.id, each.contact_id, who.reader, now()
        )
    ]
    return query.page_of(found, promise_out)


@operation("POST", "/meetings/<uuid:meeting_id>/promises", Scope.WRITE, REPS, status=201)
def note_promise(c: Change, meeting_id: UUID, body: PromiseBody) -> PromiseOut:
    """Note what either side promised."""
    met = {each.contact_id for each in _found(c.session, meeting_id).invitations}
    contact_id = body.contact_id or (next(iter(met)) if len(met) == 1 else None)
    if contact_id is None:
        raise Invalid(contact_id="Who promised it, or was promised it?")
    if contact_id not in met:
        raise NotFound("contact")
    new = NewPromise(side=body.side, words=body.words, due_on=body.due_on)
    made = promises.note_promise(c, meeting_id, contact_id, new)
    return _promise(c.session, made)


def _promise(session: Session, promise_id: UUID) -> PromiseOut:
    return promise_out(promise_for(session, current_user(), promise_id, now()))


def promise_out(found: PromiseView) -> PromiseOut:
    """Return a promise as JSON has it."""
    return PromiseOut.model_validate(found)


@operation("GET", "/promises/<uuid:promise_id>", roles=REPS)
def show_promise(promise_id: UUID) -> PromiseOut:
    """Show one promise."""
    return _promise(read_session(), promise_id)


@operation("PATCH", "/promises/<uuid:promise_id>", Scope.WRITE, REPS, current=_promise)
def judge_promise(c: Change, promise_id: UUID, body: VerdictBody) -> PromiseOut:
    """Say whether the client kept a promise. Whether the rep did is the client's to say."""
    found = promise_for(c.session, current_user(), promise_id, now())
    promises.judge_promise(c, found.id, body.verdict)
    return _promise(c.session, promise_id)
