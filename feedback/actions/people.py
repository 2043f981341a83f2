"""Organisations and the people who sign in."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.calendar.weeks import week_of
from feedback.core.passwords import password_problem
from feedback.core.tokens import new_code
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.models import Organisation, Team, TeamManager, User
from feedback.store.people import Credentials

# 19 MiB, two passes, one lane: what OWASP's cheat sheet asks for, 32 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """Raises Invalid when the password will not do."""
    reason = password_problem(password)
    if reason:
        raise Invalid(password=reason)
    return _HASHER.hash(password)


def verify_password(candidates: Sequence[Credentials], password: str) -> list[Credentials]:
    """Those whose password this is. Takes as long when nobody has the address, so that time tells nothing."""
    if not candidates:
        _matches(_NOBODY, password)
        return []
    return [c for c in candidates if _matches(c.password_hash or _NOBODY, password)]


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def normal_email(text: str) -> str:
    """An address as it is stored and compared: in lower case. Raises Invalid."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.casefold()
    except EmailNotValidError as error:
        raise Invalid(email=f"This is not an e-mail address: {error}") from error


def set_up(
    db: Database,
    *,
    organisation: str,
    name: str,
    email: str,
    password: str,
    timezone: str = "UTC",
    language: str = "en",
    demo: bool = False,
    now: datetime,
) -> tuple[UUID, UUID]:
    """A new organisation and its owner; returns (organisation_id, user_id). Raises Invalid."""
    _required(organisation=organisation, name=name)
    if timezone not in available_timezones():
        raise Invalid(timezone=f"{timezone!r} is no time zone; write it like Europe/Berlin")
    address, password_hash = normal_email(email), hash_password(password)
    with db.writing() as session:
        row = Organisation(
            code=_free_code(session),
            name=organisation.strip(),
            timezone=timezone,
            language=language,
            demo=demo,
            created_at=now,
            next_freeze=week_of(now, ZoneInfo(timezone)).monday,
        )
        session.add(row)
        session.flush()
        owner = User(
            organisation_id=row.id,
            name=name.strip(),
            email=address,
            role=Role.OWNER,
            password_hash=password_hash,
            session_key=secrets.token_urlsafe(16),
            created_at=now,
        )
        session.add(owner)
        session.flush()
        return row.id, owner.id


def add_user(
    db: Database,
    organisation_id: UUID,
    *,
    name: str,
    email: str,
    role: str,
    teams: Sequence[str] = (),
    password: str,
    now: datetime,
) -> UUID:
    """A person who can sign in; teams are made where they are missing. A rep is in at most one team, a
    manager may look after several. Raises Invalid."""
    _required(name=name)
    if role not in tuple(Role):
        raise Invalid(role=f"A role is {', '.join(Role)}; not {role!r}")
    if role == Role.REP and len(teams) > 1:
        raise Invalid(team="A rep is in one team")
    address, password_hash = normal_email(email), hash_password(password)
    try:
        with change(db, organisation_id, now) as c:
            team_ids = [_team(c.session, organisation_id, team, now) for team in teams if team.strip()]
            user = User(
                organisation_id=organisation_id,
                name=name.strip(),
                email=address,
                role=Role(role),
                team_id=team_ids[0] if team_ids and role == Role.REP else None,
                password_hash=password_hash,
                session_key=secrets.token_urlsafe(16),
                created_at=now,
            )
            c.session.add(user)
            c.session.flush()
            if role == Role.MANAGER:
                c.session.add_all(
                    TeamManager(organisation_id=organisation_id, team_id=team_id, user_id=user.id)
                    for team_id in team_ids
                )
            return user.id
    except IntegrityError as error:
        raise Invalid(email=f"{address} is already somebody here") from error


def end_sessions(db: Database, organisation_id: UUID, user_id: UUID, now: datetime) -> None:
    """Signs a person out everywhere, this browser included."""
    with change(db, organisation_id, now) as c:
        user = c.session.get_one(User, (organisation_id, user_id))
        user.session_key = secrets.token_urlsafe(16)


def change_password(db: Database, organisation_id: UUID, user_id: UUID, password: str, now: datetime) -> str:
    """A new password ends every session; returns the key of the one to go on with. Raises Invalid."""
    password_hash = hash_password(password)
    with change(db, organisation_id, now) as c:
        user = c.session.get_one(User, (organisation_id, user_id))
        user.password_hash = password_hash
        user.session_key = secrets.token_urlsafe(16)
        return user.session_key


def _team(session: Session, organisation_id: UUID, name: str, now: datetime) -> UUID:
    found = session.exec(
        select(Team).where(col(Team.organisation_id) == organisation_id, col(Team.name) == name.strip())
    ).first()
    if found is None:
        found = Team(organisation_id=organisation_id, name=name.strip(), created_at=now)
        session.add(found)
        session.flush()
    return found.id


def _free_code(session: Session) -> str:
    while True:
        code = new_code()
        if not session.exec(select(Organisation).where(col(Organisation.code) == code)).first():
            return code


def _required(**values: str) -> None:
    missing = {field: "This is needed." for field, value in values.items() if not value.strip()}
    long = {field: "At most 200 characters." for field, value in values.items() if len(value.strip()) > 200}
    if missing or long:
        raise Invalid(**missing, **long)
