"""The people of the tests, what they do, and a clock that a test sets."""

import functools
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from uuid import UUID

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from feedback.actions import answer_keys, answers, meetings, mirrors, people
from feedback.actions.answer_keys import TRUSTED_SENDER, Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change, tap
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.people import NewOrganisation, NewUser
from feedback.core.access import Reader
from feedback.core.answer_key import new_key
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.jobs.settling import settle_due
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_id, invitations_of_meeting

PASSWORD = "a short sentence"
# A Wednesday noon in Berlin, in ISO week 47.
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)

# The real hash, calculated and compared once for all tests.
people.hash_password = functools.cache(people.hash_password)
people._hash_like = functools.cache(people._hash_like)
people.available_timezones = functools.cache(people.available_timezones)  # the real list, read once


@dataclass
class Clock:
    """A clock that moves only when a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> datetime:
        """Move the clock, by the arguments of timedelta; return the new time."""
        self.now += timedelta(**delta)
        return self.now


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    organisation_id: UUID
    id: UUID
    name: str
    email: str


@dataclass
class Cast:
    """Alice (rep, North), Bob (rep, South), Carol (Alice's manager), Olive (owner), Mallory (another
    organisation's owner), and Dana, the client, who has no account."""

    db: Database
    clock: Clock
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def add(
        self,
        name: str,
        role: str,
        *teams: str,
        organisation_id: UUID | None = None,
        named: str | None = None,
    ) -> Person:
        """Add a person to these teams. named: the person's name, where that is not `name`."""
        where = organisation_id or self.people["olive"].organisation_id
        called = named or name.title()
        email = f"{name}@example.com"
        with change(self.db, where, self.clock()) as c:
            user_id = people.add_user(
                c, NewUser(name=called, email=email, role=role, teams=teams, password=PASSWORD)
            )
        self.people[name] = Person(where, user_id, called, email)
        return self.people[name]

    def add_organisation(self, organisation: str, owner: str, timezone: str = "Europe/Berlin") -> Person:
        """Add an organisation with its owner."""
        where, user_id = people.set_up(
            self.db,
            NewOrganisation(
                organisation=organisation,
                name=owner.title(),
                email=f"{owner}@example.com",
                password=PASSWORD,
                timezone=timezone,
            ),
            self.clock(),
        )
        self.people[owner] = Person(where, user_id, owner.title(), f"{owner}@example.com")
        return self.people[owner]

    def meeting(
        self,
        rep: str = "alice",
        contact: str = "Dana Whitfield",
        account: str = "Northwind",
        email: str | None = None,
    ) -> InvitationView:
        """Start a meeting held now with one contact; return its invitation."""
        who = self.people[rep]
        with change(self.db, who.organisation_id, self.clock()) as c:
            meeting_id = meetings.start_meeting(
                c, who.id, NewMeeting(new_contact=NewContact(contact, account, email))
            )
        with self.db.reading() as session:
            return invitations_of_meeting(
                session, who.organisation_id, meeting_id, Reader.RULES, self.clock()
            )[0]

    def reload(self, invitation: InvitationView, reader: Reader = Reader.RULES) -> InvitationView:
        """Return the invitation as it is now, as `reader` may see it."""
        with self.db.reading() as session:
            found = invitation_by_id(session, invitation.organisation_id, invitation.id, reader, self.clock())
        assert found is not None
        return found

    def answer_address(self, invitation: InvitationView) -> str:
        """Return the path of the client's page with an answer key, as a receipt has it."""
        key = new_key()
        with change(self.db, invitation.organisation_id, self.clock()) as c:
            answer_keys.add_mail_key(c, invitation.id, key)
        return f"/f/{invitation.token}/{key}"

    def changing(self, organisation_id: UUID | None = None) -> AbstractContextManager[Change]:
        """Open a change on Olive's organisation, or another, now."""
        return change(self.db, organisation_id or self.people["olive"].organisation_id, self.clock())

    def submit(
        self, invitation: InvitationView, submission: Submission, sender: Sender = TRUSTED_SENDER
    ) -> None:
        """Save what the client's page sends; a tap is saved as one."""
        where = (self.db, invitation.organisation_id, self.clock())
        with tap(*where) as c:
            saved = answers.save_tap(c, invitation.id, submission, sender)
        if not saved:
            with change(*where) as c:
                answers.save_answer(c, invitation.id, submission, sender)

    def settle(self) -> None:
        """Run the worker's job for answers that have settled."""
        settle_due(self.db, self.clock(), None)

    def answer(self, invitation: InvitationView, *ratings: int, done: bool = True, **extras: object) -> None:
        """Send the client's taps, and when done the second page, too; one rating for all six, or six."""
        six = ratings if len(ratings) == len(DIMENSIONS) else ratings * len(DIMENSIONS)
        state = Submission(
            ratings=dict(zip(DIMENSIONS, six, strict=True)), extras=extras, done=done, extras_sent=done
        )
        self.submit(invitation, state)

    def seal(self, invitation: InvitationView, *ratings: int, stage: str | None = None) -> None:
        """Save and seal the rep's guess; one rating for all six, or six."""
        six = ratings if len(ratings) == len(DIMENSIONS) else ratings * len(DIMENSIONS)
        with change(self.db, invitation.organisation_id, self.clock()) as c:
            mirrors.save_mirror(
                c, invitation.id, ratings=dict(zip(DIMENSIONS, six, strict=True)), stage=stage, seal=True
            )


class Browser:
    """A visitor, signed in or not, without script: follows no redirects, and sends the form's token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.base = "http://localhost"
        self._token: str | None = None
        self.api_token: str | None = None  # sent to the API alone; tests/support/tokens.py

    def get(self, path: str, **options: object):
        """Request a page."""
        return self.client.get(path, **self._with_token(path, options))

    def head(self, path: str):
        """Request the headers of a page."""
        return self.client.head(path, **self._with_token(path, {}))

    def _with_token(self, path: str, options: dict[str, object]) -> dict[str, object]:
        if self.api_token is None or not path.startswith("/api/v1/"):
            return options
        return {"headers": {"Authorization": f"Bearer {self.api_token}"}, **options}

    def _new_token(self) -> str:
        """Return the token that any form of the session has, without a page made for it: a third of a test's time.
        tests/web/test_forms_carry_their_token.py looks at the forms."""
        with self.client.session_transaction(base_url=self.base) as session:
            secret = session.setdefault("csrf_token", token_hex())
        return URLSafeTimedSerializer(self.client.application.secret_key, salt="wtf-csrf-token").dumps(secret)

    def post(self, path: str, data: dict[str, object] | None = None, **options: object):
        """Send a form, with the token of the form."""
        self._token = self._token or self._new_token()
        return self.client.post(path, data={"csrf_token": self._token, **(data or {})}, **options)
