"""Ways of signing in beside a password."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.access import Role
from feedback.models.columns import Dated, one_of, within, word, words
from feedback.models.encrypted import Encrypted, Purpose


class SignInLink(Dated, table=True):
    """A mailed link that signs somebody in, once, in the browser that asked for it. Its address is signed, and stored
    nowhere. Rows are deleted by the daily job."""

    __tablename__ = "sign_in_links"
    __table_args__ = (
        within("user_id", "users"),
        Index("ix_sign_in_link_user", "organisation_id", "user_id"),
    )

    user_id: UUID
    browser_hash: str = Field(max_length=64)  # SHA-256 of the secret in the browser's cookie
    used_at: datetime | None = None


class OneTimeCodes(Dated, table=True):
    """The secret from which a person's phone makes one-time codes: their second factor, once they have shown one."""

    __tablename__ = "one_time_codes"
    __table_args__ = (
        within("user_id", "users"),
        UniqueConstraint("organisation_id", "user_id", name="uq_one_time_codes"),
    )

    user_id: UUID
    secret: Any = Field(sa_type=Encrypted(Purpose.ONE_TIME_CODES, 255))
    confirmed_at: datetime | None = None  # None while it is being set up
    last_step: int | None = None  # of the last code that was used: none works twice
    trusts_since: datetime  # a device that was remembered before is asked again


class RecoveryCode(Dated, table=True):
    """One of ten codes for whoever has no phone at hand."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        within("user_id", "users"),
        UniqueConstraint("organisation_id", "user_id", "hash", name="uq_recovery_code"),
    )

    user_id: UUID
    hash: str = Field(max_length=40)  # keyed (models/encrypted.py)
    used_at: datetime | None = None


class Passkey(Dated, table=True):
    """A key pair that a person's device or password manager holds; of it we have the public key."""

    __tablename__ = "passkeys"
    __table_args__ = (
        within("user_id", "users"),
        UniqueConstraint("organisation_id", "credential_id", name="uq_passkey"),
        Index("ix_passkey_user", "organisation_id", "user_id"),
    )

    user_id: UUID
    name: str = Field(max_length=100)  # as its person calls it
    credential_id: str = Field(max_length=1400)  # base64url, as below
    public_key: str = Field(max_length=2000)
    sign_count: int = Field(
        default=0, sa_type=BigInteger
    )  # of the last use; 0 where the device does not count
    used_at: datetime | None = None
    cloned_at: datetime | None = None  # when the counter went backwards: from then on it signs nobody in


class IdentityProvider(Dated, table=True):
    """The organisation's own OpenID Connect provider, by which its people sign in."""

    __tablename__ = "identity_providers"
    __table_args__ = (
        UniqueConstraint("organisation_id", name="uq_identity_provider"),
        within("keeper_id", "users"),
        one_of("role", (Role.REP, Role.MANAGER)),
    )

    label: str = Field(max_length=60)  # on the button: Google, Microsoft, or the company's name for it
    issuer: str = Field(max_length=500)
    client_id: str = Field(max_length=300)
    secret: Any = Field(sa_type=Encrypted(Purpose.PROVIDER, 1000))
    domains: tuple[str, ...] = words(1000, str, ())  # of e-mail addresses of the organisation's people
    role: Role | None = word(
        Role, 16, default=None
    )  # of whoever comes in by it for the first time; None: nobody may
    only: bool = False  # nobody signs in another way, but for the keeper
    keeper_id: UUID | None = None  # the owner whose password keeps working
