"""An invitation with both sides' answers, as far as the reader may see them. Every reader gets what core.access decides,
and no more."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from feedback.core.access import (
    AnswerAccess,
    HiddenBecause,
    Reader,
    Visibility,
    answer_access,
    answer_status,
    sees_guess,
    sees_progress,
)
from feedback.core.answer_key import SHORT_LIVED, KeyKind
from feedback.core.asking import Way
from feedback.core.dimensions import DIMENSIONS, LOW, NO_RATINGS, Ratings, count_rated
from feedback.core.extras import Extra
from feedback.core.settling import AnswerState
from feedback.core.tokens import code_of, spell_token
from feedback.core.trust import Signal
from feedback.models.encrypted import EncryptedText, NoToken, is_stand_in
from feedback.models.feedback import Counts
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class SideAnswers:
    """One side's answers, or nothing where they may not be seen. For the rep: the mirror, sealed or not
    yet."""

    ratings: Ratings = NO_RATINGS  # 1..5 each, or None
    comment: str | None = None
    visibility: Visibility = Visibility.REP
    nps: int | None = None
    worth_it: str | None = None
    stage: str | None = None
    counts: Counts | None = None
    sequence: int = 0
    updated_at: datetime | None = None
    done_at: datetime | None = None
    settled_at: datetime | None = None
    extras_at: datetime | None = None
    told_at: datetime | None = None
    shown_at: datetime | None = None
    put_away_at: datetime | None = None
    sealed_at: datetime | None = None
    seen_at: datetime | None = None
    erased_at: datetime | None = None
    disputed_at: datetime | None = None
    decided_at: datetime | None = None
    extra: Extra | None = None
    signals: tuple[Signal, ...] = ()
    language: str | None = None

    @property
    def hidden_from_rep(self) -> bool:
        """Whether the client asked that only managers see it."""
        return self.visibility == Visibility.MANAGER


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the client is: all that is visible to somebody who may not see the answer."""

    state: AnswerState = AnswerState.OPEN
    taps: int = 0  # 0..6
    done: bool = False
    put_away: bool = False  # the next to tap begins anew


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation, with what the reader may see of both sides' answers."""

    organisation_id: UUID
    organisation: str
    timezone: str
    organisation_language: str
    look: str  # the version of the organisation's colour, logo and words
    works_agreement: bool  # managers see no rating of the client
    id: UUID
    encrypted_token: EncryptedText | None  # None where stored_token is the token itself
    stored_token: str
    meeting_id: UUID
    held_at: datetime
    topic: str | None
    closes_at: datetime
    opened_at: datetime | None
    rep_id: UUID
    rep: str
    contact_id: UUID
    contact: str
    contact_role: str | None
    contact_email: str | None
    contact_language: str | None
    account: str
    client: SideAnswers  # only what the reader may see
    mirror: SideAnswers  # likewise
    progress: Progress
    access: AnswerAccess  # whether the reader may see the answer, and why not
    # the kind of key by which the asker proves to be the client; None without one that fits
    key: KeyKind | None = None
    key_ended: bool = False
    # a rep typed in the contact's e-mail address, and has not sealed a guess
    to_a_typed_address: bool = False
    # the names of who manages the rep's team; for the client alone
    managers: tuple[str, ...] = ()
    way: Way = Way.CODE
    guest: bool = False  # somebody in a room whom the rep had not chosen
    progress_hidden: bool = (
        False  # the reader may not know yet how far the client is: progress and opened_at are empty
    )
    we_did: str | None = None  # what a manager tells the client on this page; for the client alone
    # the dimensions rated low, for a reader who may not see the ratings
    low: tuple[str, ...] = ()
    declined_at: datetime | None = (
        None  # when the rep noted that the client does not want to answer; not for clients
    )

    @property
    def token(self) -> str:
        """The token. Raises UnreadableSecret when it was encrypted with a key that is missing, and NoToken."""
        if is_stand_in(self.stored_token):
            raise NoToken
        return self.encrypted_token.text if self.encrypted_token else self.stored_token

    @property
    def organisation_code(self) -> str:
        """The public code of the organisation."""
        return code_of(self.token)

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)

    @property
    def contact_first(self) -> str:
        """The contact's first name."""
        return first_name(self.contact)

    @property
    def spelled(self) -> str:
        """Return the token as people read and type it."""
        return spell_token(self.token)

    @property
    def sealed(self) -> bool:
        """Whether the mirror is final. It is the rep's own state, visible to every reader of our side."""
        return self.mirror.sealed_at is not None

    @property
    def begun(self) -> bool:
        """Whether somebody has tapped, even if the answer was erased since."""
        free = self.progress.state is AnswerState.TAPPING and self.progress.put_away
        return (
            self.progress.state is not AnswerState.OPEN and not free
        ) or self.access.hidden_because is HiddenBecause.ERASED

    @property
    def in_a_room(self) -> bool:
        """Whether the client shares one code with others, of whom nobody shall see who has answered."""
        return self.way is Way.GROUP

    @property
    def looks_unbegun(self) -> bool:
        """Whether the token alone opens the empty rows: nobody has begun, or nobody shall see that somebody has."""
        return self.in_a_room or not self.begun

    @property
    def touched(self) -> bool:
        """Whether the page was opened, or anything tapped: from then on it cannot be taken back."""
        return self.opened_at is not None or self.begun or self.progress.taps > 0

    def closed(self, now: datetime) -> bool:
        """Tell whether the page takes no more input."""
        return now >= self.closes_at

    @property
    def both_in(self) -> bool:
        """Whether the two sides can be compared: the mirror is sealed, and the answer has settled and was not
        erased."""
        return (
            self.sealed
            and self.progress.state is AnswerState.SETTLED
            and self.access.hidden_because is not HiddenBecause.ERASED
        )


def invitation_as_seen(
    about: dict[str, Any],
    client: SideAnswers,
    mirror: SideAnswers,
    settles_at: datetime | None,
    reader: Reader,
    now: datetime,
    key: KeyKind | None = None,
    *,
    key_ended: bool = False,
    typed_at: datetime | None = None,
    managers: tuple[str, ...] = (),
    we_did: str | None = None,
) -> InvitationView:
    """Make the view of an invitation. about: the fields of its name that no rule decides. client, mirror: both sides' whole
    answers, of which the view holds what `reader` may see. key: by which the asker proves to be the client. typed_at: when
    a rep typed in the contact's e-mail address."""
    answer = answer_status(
        now, settles_at=settles_at, settled_at=client.settled_at, visibility=client.visibility,
        sealed_at=mirror.sealed_at, closes_at=about["closes_at"], erased_at=client.erased_at,
    )  # fmt: skip
    access = answer_access(reader, answer)
    done = answer.state is AnswerState.SETTLED or client.done_at is not None
    progress = Progress(answer.state, count_rated(client.ratings), done, client.put_away_at is not None)
    shown = sees_progress(reader, answer, in_a_room=about["way"] == Way.GROUP)
    return InvitationView(
        **(about if shown else about | {"opened_at": None}),
        client=_client_for(reader, client, access, None if key_ended else key),
        mirror=_mirror_for(reader, mirror, answer.sealed),
        progress=progress if shown else Progress(),
        progress_hidden=not shown,
        access=access,
        low=_rated_low(client.ratings) if access.in_words else (),
        key=key,
        key_ended=key_ended,
        to_a_typed_address=typed_at is not None and not answer.sealed,
        managers=managers,
        we_did=we_did,
    )


def _client_for(reader: Reader, said: SideAnswers, access: AnswerAccess, key: KeyKind | None) -> SideAnswers:
    """Return what `reader` may see of the client's side. The signals of an answer that is erased, or has not
    settled yet, are for managers; the bare token yields nothing, and the key of a lent phone only what the
    page needs to go on."""
    if reader is Reader.CLIENT and key in SHORT_LIVED:
        return SideAnswers(visibility=said.visibility, sequence=said.sequence, updated_at=said.updated_at, done_at=said.done_at,
                    settled_at=said.settled_at, extras_at=said.extras_at, extra=said.extra)  # fmt: skip
    if reader is Reader.CLIENT:
        return said if key else SideAnswers()
    if access.whole or reader is Reader.RULES:
        return said
    if reader not in (Reader.MANAGER, Reader.TEAMS):
        return SideAnswers()
    known = SideAnswers(counts=said.counts, updated_at=said.updated_at, settled_at=said.settled_at, erased_at=said.erased_at,
                disputed_at=said.disputed_at, decided_at=said.decided_at, signals=said.signals)  # fmt: skip
    return replace(known, comment=said.comment, visibility=said.visibility) if access.in_words else known


def _rated_low(ratings: Ratings) -> tuple[str, ...]:
    """Return which dimensions were rated low: what is told of an answer where its figures are not."""
    return tuple(
        name for name, rating in zip(DIMENSIONS, ratings, strict=True) if rating is not None and rating <= LOW
    )


def _mirror_for(reader: Reader, guess: SideAnswers, sealed: bool) -> SideAnswers:
    """Return what `reader` may see of the mirror (core.access decides). That it is sealed is told all but clients."""
    if sees_guess(reader, sealed=sealed):
        return guess
    return SideAnswers() if reader is Reader.CLIENT else SideAnswers(sealed_at=guess.sealed_at)
