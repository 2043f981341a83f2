"""Organisations and the people who sign in."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import ARGON2_VERSION, hash_secret
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.core.audit import AuditKind
from feedback.core.calendar.weeks import week_of
from feedback.core.emails import small_letters
from feedback.core.passwords import password_problem
from feedback.core.tokens import new_code
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database, WritingSession
from feedback.db.locks import found_or_new
from feedback.models import Organisation, SignUp, Team, TeamManager, User
from feedback.store.credentials import Credentials, oldest_hash
from feedback.store.organisations import code_is_taken
from feedback.wording.i18n import app_languages, app_text

# 19 MiB, two passes, one lane: what OWASP's cheat sheet asks for, 32 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MOST_SALTS = 4  # of one address: people added at the same moment may get one each


def hash_password(password: str, like: str | None = None, own: tuple[str, ...] = ()) -> str:
    """Return the hash of a password. like: a hash that belongs to the same e-mail address elsewhere; its salt is used
    again, so that signing in calculates one hash however many organisations have the address. own: what others know of
    the person. Raises Invalid when the password is refused."""
    reason = password_problem(password, own)
    if reason:
        raise Invalid(password=app_text(reason))
    return _HASHER.hash(password, salt=_salt(like) if like else None)


def _dummy_hash() -> str:
    """Return what looks like the hash of a password, and is of none."""
    salt, found = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    )
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${found}"


_DUMMY_HASH = _dummy_hash()  # compared with where nobody has the address


def verify_password(candidates: Sequence[Credentials], password: str) -> list[Credentials]:
    """Return those candidates whose password this is. One hash is calculated, for an unknown address as for one that
    many organisations have, so that the time reveals nothing and nobody can make it long; MOST_SALTS at most where an
    address got several salts."""
    by_age = sorted(candidates, key=lambda each: each.organisation_id)
    known = [c.password_hash for c in by_age if c.password_hash] or [_DUMMY_HASH]
    salted = list({found.rpartition("$")[0]: found for found in known}.values())[:MOST_SALTS]
    hashes = [_hash_like(found, password) for found in salted]
    return [c for c in candidates if any(compare_digest(c.password_hash or "", each) for each in hashes)]


def _hash_like(password_hash: str, password: str) -> str:
    """Return the hash of a password with the salt and the parameters of another hash."""
    used = extract_parameters(password_hash)
    costs = (used.time_cost, used.memory_cost, used.parallelism, used.hash_len, used.type, used.version)
    return hash_secret(password.encode(), _salt(password_hash), *costs).decode()


def _salt(password_hash: str) -> bytes:
    text = password_hash.split("$")[4]
    return b64decode(text + "=" * (-len(text) % 4))


def normal_email(text: str) -> str:
    """Return an address as it is stored and compared: in lower case. Raises Invalid."""
    from email_validator import EmailNotValidError, validate_email  # its patterns take a while to compile

    try:
        return small_letters(validate_email(text.strip(), check_deliverability=False).normalized)
    except EmailNotValidError as error:
        raise Invalid(email=app_text("This is not an e-mail address: %(error)s", error=error)) from error


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation, and the owner it begins with."""

    organisation: str
    name: str  # of the owner
    email: str
    password: str
    timezone: str = "UTC"
    language: str = "en"
    demo: bool = False


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who is to sign in."""

    name: str
    email: str
    role: str
    password: str
    teams: Sequence[str] = ()  # made where they are missing


def set_up(db: Database, new: NewOrganisation, now: datetime) -> tuple[UUID, UUID]:
    """Make an organisation and its owner; return (organisation_id, user_id). Raises Invalid."""
    owner = _owner(db, new)
    with db.writing() as session:
        return _make(session, new, owner, now)


def set_up_confirmed(
    db: Database, new: NewOrganisation, sign_up_id: UUID, now: datetime
) -> tuple[UUID, UUID] | None:
    """Make the organisation that a sign-up asked for, which is used up with it; None when it was before, or is too
    old. Raises Invalid."""
    owner = _owner(db, new)
    with db.writing() as session:
        mine = (col(SignUp.id) == sign_up_id, col(SignUp.expires_at) > now)
        used: Any = session.execute(delete(SignUp).where(*mine))
        return _make(session, new, owner, now) if used.rowcount else None


def check_organisation(new: NewOrganisation) -> None:
    """Raise Invalid when an organisation cannot be called so, or has no such time zone."""
    _required(organisation=new.organisation, name=new.name)
    if new.timezone not in available_timezones():
        raise Invalid(timezone=f"{new.timezone!r} is no time zone; write it like Europe/Berlin")


def _owner(db: Database, new: NewOrganisation) -> dict[str, Any]:
    """Return the columns of the owner to be. Outside of any transaction, for a password takes long. Raises Invalid."""
    check_organisation(new)
    with db.reading() as session:
        return _user(session, new.name, new.email, Role.OWNER, new.password, new.organisation)


def _make(
    session: WritingSession, new: NewOrganisation, owner: dict[str, Any], now: datetime
) -> tuple[UUID, UUID]:
    row = Organisation(
        code=_free_code(session),
        name=new.organisation.strip(),
        timezone=new.timezone,
        language=new.language,
        demo=new.demo,
        start_away=new.demo,
        created_at=now,
        next_freeze=week_of(now, ZoneInfo(new.timezone)).monday,
    )
    session.add(row)
    session.flush()
    owner_row = User(organisation_id=row.id, created_at=now, **owner)
    session.add(owner_row)
    session.flush()
    c = Change(session, row.id, now)
    c.audit(owner_row.id, AuditKind.ORGANISATION_MADE, row.id, name=row.name)
    return row.id, owner_row.id


def add_user(c: Change, new: NewUser, by: UUID | None = None) -> UUID:
    """Add a person who can sign in; return the id. A rep is in at most one team, a manager may look after
    several. by: who adds them; None on the command line. Raises Invalid."""
    _required(name=new.name)
    if new.role not in tuple(Role):
        raise Invalid(role=f"A role is {', '.join(Role)}; not {new.role!r}")
    if new.role == Role.REP and len(new.teams) > 1:
        raise Invalid(team="A rep is in one team")
    user = User(
        organisation_id=c.organisation_id,
        created_at=c.now,
        **_user(c.session, new.name, new.email, Role(new.role), new.password, c.organisation.name),
    )
    team_ids = [_team(c, team) for team in new.teams if team.strip()]
    user.team_id = team_ids[0] if team_ids and new.role == Role.REP else None
    c.session.add(user)
    try:
        c.session.flush()
    except IntegrityError as error:
        raise Invalid(email=f"{user.email} is already somebody here") from error
    if new.role == Role.MANAGER:
        c.session.add_all(
            TeamManager(organisation_id=c.organisation_id, team_id=team_id, user_id=user.id)
            for team_id in team_ids
        )
    after = {"role": user.role.value, "teams": [team.strip() for team in new.teams if team.strip()]}
    c.audit(by, AuditKind.PERSON_ADDED, user.id, name=user.name, after=after)
    return user.id


def _user(
    session: Session, name: str, email: str, role: Role, password: str, organisation: str
) -> dict[str, Any]:
    """Return the columns of a new person. Raises Invalid."""
    address = normal_email(email)
    return {
        "name": name.strip(),
        "email": address,
        "role": role,
        "password_hash": hash_password(
            password, oldest_hash(session, address), (name, address, organisation)
        ),
    }


def _team(c: Change, name: str) -> UUID:
    key = {"organisation_id": c.organisation_id, "name": name.strip()}
    return found_or_new(c.session, Team, key, {"created_at": c.now}).id


def _free_code(session: Session) -> str:
    while code_is_taken(session, code := new_code()):
        pass
    return code


def choose_language(c: Change, user_id: UUID, tag: str | None) -> None:
    """Choose the language of somebody's pages and mails; None leaves it to the browser and the organisation. Raises
    Invalid for one that these pages do not have."""
    if tag is not None and tag not in app_languages():
        raise Invalid(language=app_text("Choose one of these languages."))
    found = c.session.get_one(User, (c.organisation_id, user_id))
    found.language = tag


def begin_with_today(c: Change, user_id: UUID, wanted: bool) -> None:
    """Choose whether a manager begins with the page of today, or with the leaderboard."""
    c.session.get_one(User, (c.organisation_id, user_id)).begins_with_today = wanted


def _required(**values: str) -> None:
    missing = {field: "This is needed." for field, value in values.items() if not value.strip()}
    long = {field: "At most 200 characters." for field, value in values.items() if len(value.strip()) > 200}
    if missing or long:
        raise Invalid(**missing, **long)
