"""Second factors: one-time codes of a phone, and recovery codes for when it is lost."""

from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.actions.person_mails import mail_person
from feedback.core.audit import AuditKind
from feedback.core.one_time_codes import (
    CODE_LETTERS,
    CODES,
    LOOKED_AT,
    SETS_UP_FOR,
    one_time_code,
    step_at,
    steps_to_try,
)
from feedback.core.tokens import new_random, normalise_code
from feedback.db.change import Change, Invalid
from feedback.models import Mail, OneTimeCodes, Passkey, RecoveryCode, User
from feedback.models.encrypted import UnreadableSecret, box_of
from feedback.store.second_factor import locked_one_time_codes, second_factor
from feedback.wording.i18n import app_text, lazy_app_text

NO_CODE = lazy_app_text("A code has six digits.")
WRONG_CODE = lazy_app_text(
    "This code is not right, or was used. Wait for the next one. If it happens again, let the phone set its clock by "
    "itself: a clock that is off makes wrong codes."
)


def begin_codes(c: Change, user_id: UUID) -> None:
    """Make a secret for a person's phone, which holds once a code of it was shown; an unfinished one of lately stays.
    Raises Invalid where there is one that holds."""
    found = locked_one_time_codes(c.session, c.organisation_id, user_id)
    if found and found.confirmed_at:
        raise Invalid(code=app_text("There are codes already. Remove them first."))
    if found and c.now - found.created_at < SETS_UP_FOR:
        return
    _forget_codes(c, user_id)
    import pyotp

    c.session.add(
        OneTimeCodes(
            organisation_id=c.organisation_id,
            created_at=c.now,
            user_id=user_id,
            secret=pyotp.random_base32(),
            trusts_since=c.now,
        )
    )


def confirm_codes(c: Change, user_id: UUID, text: str, base_url: str | None = None) -> list[str]:
    """Let a person's codes hold from now on, as they have shown one; return the recovery codes, which are stored
    nowhere. base_url: ours, where the person is to be told by mail. Raises Invalid, which says what to do about a clock
    that is off."""
    found = locked_one_time_codes(c.session, c.organisation_id, user_id)
    if found is None or found.confirmed_at:
        raise Invalid(code=app_text("This was finished or given up elsewhere. Look at your page again."))
    code = one_time_code(text)
    if code is None:
        raise Invalid(code=NO_CODE)
    step = _step_of(found, code, c.now, LOOKED_AT)
    if step is None:
        raise Invalid(code=WRONG_CODE)
    off = step - step_at(c.now)
    if step not in steps_to_try(c.now):
        raise Invalid(code=_clock_is_off(off))
    found.confirmed_at, found.last_step, found.trusts_since = c.now, step, c.now
    _tell(c, user_id, AuditKind.FACTOR_ADDED, user_id, base_url)
    return new_recovery_codes(c, user_id, told=False)


def new_recovery_codes(c: Change, user_id: UUID, *, told: bool = True) -> list[str]:
    """Make ten recovery codes in place of those before; return them, written to be read."""
    _forget(c, RecoveryCode, user_id)
    codes, box = [new_random(CODE_LETTERS) for _ in range(CODES)], box_of(c.session.connection().dialect)
    c.session.add_all(
        RecoveryCode(
            organisation_id=c.organisation_id, created_at=c.now, user_id=user_id, hash=box.hash_token(code)
        )
        for code in codes
    )
    if told:
        c.audit(user_id, AuditKind.RECOVERY_CODES, user_id)
    return ["-".join(code[at : at + 4] for at in range(0, CODE_LETTERS, 4)) for code in codes]


def use_code(c: Change, user_id: UUID, text: str) -> bool:
    """Tell whether this is a person's one-time code of now, or one of their recovery codes; it works no second time."""
    code = one_time_code(text)
    return _use_one_time(c, user_id, code) if code else _use_recovery(c, user_id, text)


def end_second_factor(
    c: Change, by: UUID | None, user_id: UUID, base_url: str | None = None, *, passkeys: bool = False
) -> bool:
    """Remove a person's codes and recovery codes; False where there were none. by: who does it; None on the command
    line. passkeys: these, too, as for somebody who lost the phone with all that was on it."""
    found = second_factor(c.session, c.organisation_id, user_id)
    if found.id is None and not (passkeys and found.passkeys):
        return False
    _forget_codes(c, user_id)
    if passkeys:
        _forget(c, Passkey, user_id)
    _tell(c, by, AuditKind.FACTOR_ENDED, user_id, base_url)
    return True


def _use_one_time(c: Change, user_id: UUID, code: str) -> bool:
    found = locked_one_time_codes(c.session, c.organisation_id, user_id)
    if found is None or not found.confirmed_at:
        return False
    step = _step_of(found, code, c.now)
    if step is None or (found.last_step is not None and step <= found.last_step):
        return False
    found.last_step = step
    return True


def _use_recovery(c: Change, user_id: UUID, text: str) -> bool:
    code = normalise_code(text, CODE_LETTERS)
    if code is None:
        return False
    ways = box_of(c.session.connection().dialect).ways_to_find(code)
    used = (
        update(RecoveryCode)
        .where(
            col(RecoveryCode.organisation_id) == c.organisation_id,
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.hash).in_(ways),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=c.now)
        .returning(col(RecoveryCode.id))
    )
    if c.session.execute(used).first() is None:
        return False
    c.audit(user_id, AuditKind.RECOVERY_USED, user_id)
    return True


def _step_of(row: OneTimeCodes, code: str, now: datetime, drift: int = 1) -> int | None:
    """Return the time step whose code this is, the nearest first; None for none, and where our key is missing."""
    import pyotp

    try:
        codes = pyotp.TOTP(row.secret.text)
    except UnreadableSecret:
        return None
    fits = (step for step in steps_to_try(now, drift) if compare_digest(codes.generate_otp(step), code))
    return next(fits, None)


def _clock_is_off(steps: int) -> str:
    minutes = max(1, round(abs(steps) / 2))
    if steps > 0:
        return app_text(
            "The phone's clock is about %(minutes)s min ahead. Let it set date and time by itself, and type the next code.",
            minutes=minutes,
        )
    return app_text(
        "The phone's clock is about %(minutes)s min behind. Let it set date and time by itself, and type the next code.",
        minutes=minutes,
    )


def _forget_codes(c: Change, user_id: UUID) -> None:
    for table in (OneTimeCodes, RecoveryCode):
        _forget(c, table, user_id)
    c.session.flush()


def _forget(c: Change, table: type[OneTimeCodes | RecoveryCode | Passkey], user_id: UUID) -> None:
    here = col(table.organisation_id) == c.organisation_id, col(table.user_id) == user_id
    c.session.execute(delete(table).where(*here))


def _tell(c: Change, by: UUID | None, kind: AuditKind, user_id: UUID, base_url: str | None) -> None:
    user = c.session.get_one(User, (c.organisation_id, user_id))
    c.audit(by, kind, user_id, name=user.name)
    if base_url:
        mail_person(c, user_id, user.email, Mail.FACTOR_CHANGED, base_url)
