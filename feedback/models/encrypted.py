"""Secrets at rest: encrypted, or hashed with a key, by keys that are not in the database (decision 0024).

A Database gives its SecretBox to its dialect, where the columns' types find it.
"""

import base64
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, String, TypeDecorator

MARK_LENGTH = 5  # letters before a hash, which tell by which key it was made
HASH_BYTES = 18  # 144 bits, 24 letters
_FERNET_BEGINS = "gAAAA"  # version 128, and a time that is no more than 32 bits long
_STANDS_IN = "-"  # begins what stands in place of a hash where there is no token


class Purpose(StrEnum):
    """What is encrypted: each purpose has a key of its own."""

    INVITATION = "invitation token"
    WEBHOOK = "webhook secret"
    CALENDAR = "calendar address"
    REPLAY = "answer of the API"
    PROVIDER = "provider secret"
    ONE_TIME_CODES = "one-time codes"
    CHAT = "chat address"


class UnreadableSecret(Exception):
    """Raised when a secret was encrypted with a key that this server does not have."""


class NoToken(Exception):
    """Raised when the token of an invitation is asked for that has none."""


class SecretBox:
    """Encrypts and hashes with the first of `keys`, reads what any of them wrote. Without keys it writes nothing, and
    reads only what the version before left in plain."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        # A small letter first: no token has one.
        self._hashing = [
            (f"h{_derived(key, 'token mark').hex()}"[:MARK_LENGTH], _derived(key, "token hash"))
            for key in keys
        ]
        self._fernets = {purpose: [_fernet(key, purpose) for key in keys] for purpose in Purpose}

    @property
    def marks(self) -> tuple[str, ...]:
        """Return what hashes begin with, by the key that they were made with."""
        return tuple(mark for mark, _ in self._hashing)

    def hash_token(self, token: str) -> str:
        """Return what a token is found by, 29 letters: HMAC-SHA256 with a key, cut to 144 bits."""
        return self._hashes(token, 1)[0]

    def ways_to_find(self, token: str) -> tuple[str, ...]:
        """Return all that may stand in the table for a token: its hash by each key, and itself, as the version before
        wrote it. No hash is as long as a token, so that none can be used as one."""
        return (*self._hashes(token, len(self._hashing)), token)

    def encrypt(self, purpose: Purpose, text: str) -> str:
        """Return `text` encrypted with the first key."""
        return self._fernets[purpose][0].encrypt(text.encode()).decode()

    def decrypt(self, purpose: Purpose, stored: str) -> str:
        """Return what was encrypted with one of the keys, or left in plain by the version before. Raises
        UnreadableSecret."""
        if not stored.startswith(_FERNET_BEGINS):
            return stored
        return _opened(self._fernets[purpose], stored)

    def is_current(self, purpose: Purpose, stored: str) -> bool:
        """Tell whether `stored` is encrypted, and with the first key."""
        try:
            _opened(self._fernets[purpose][:1], stored)
        except UnreadableSecret:
            return False
        return True

    def _hashes(self, token: str, number: int) -> list[str]:
        return [
            mark + _letters(hmac.digest(key, token.encode(), "sha256")[:HASH_BYTES])
            for mark, key in self._hashing[:number]
        ]


NO_SECRETS = SecretBox()


def box_of(dialect: Dialect) -> SecretBox:
    """Return the box of the Database that the dialect belongs to."""
    found: SecretBox = getattr(dialect, "secrets", NO_SECRETS)
    return found


def is_stand_in(stored: str) -> bool:
    """Tell whether an invitation has no token."""
    return stored.startswith(_STANDS_IN)


def stand_in(letters: str) -> str:
    """Return what stands in place of a token's hash for an invitation that nobody can open: it needs only to be like no
    other. letters: random ones."""
    return _STANDS_IN + letters


@dataclass(frozen=True, slots=True)
class EncryptedText:
    """A text as it is stored. Reading it costs 20 microseconds, and most who load it do not need to."""

    stored: str
    purpose: Purpose
    box: SecretBox = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """Return the text. Raises UnreadableSecret."""
        return self.box.decrypt(self.purpose, self.stored)


class Encrypted(TypeDecorator[Any]):
    """A column of an encrypted text: a str goes in, a EncryptedText comes out."""

    impl = String
    cache_ok = True

    def __init__(self, purpose: Purpose, length: int) -> None:
        super().__init__(length)
        self.purpose = purpose

    def process_bind_param(self, value: str | EncryptedText | None, dialect: Dialect) -> str | None:
        if isinstance(value, EncryptedText):
            return value.stored
        return None if value is None else box_of(dialect).encrypt(self.purpose, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> EncryptedText | None:
        return None if value is None else EncryptedText(value, self.purpose, box_of(dialect))


class EncryptedWords(TypeDecorator[tuple[str, ...]]):
    """A column of encrypted words, as a tuple; an empty one where the key is missing."""

    impl = String
    cache_ok = True

    def __init__(self, purpose: Purpose, length: int) -> None:
        super().__init__(length)
        self.purpose = purpose

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else box_of(dialect).encrypt(self.purpose, " ".join(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        try:
            return None if value is None else tuple(box_of(dialect).decrypt(self.purpose, value).split())
        except UnreadableSecret:
            return ()


def _derived(key: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"feedback: {purpose}".encode()).derive(key.encode())


def _fernet(key: str, purpose: Purpose) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, purpose)))


def _opened(fernets: Sequence[Fernet], stored: str) -> str:
    try:
        return MultiFernet(fernets).decrypt(stored).decode()
    except (InvalidToken, ValueError) as error:  # ValueError: of no key at all
        raise UnreadableSecret from error


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
