"""The question by which we know that we reach ourselves, and not another server: /healthz?check=…

Both ways are signed with the secret key. Whoever does not have it learns nothing but "ok", and cannot answer for us.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What a server says of itself, and how it saw the question."""

    nonce: str
    version: str
    base_url: str | None  # FEEDBACK_BASE_URL, as it serves
    scheme: str
    host: str
    proxies: int  # addresses in X-Forwarded-For: one a proxy
    trusted_proxies: int  # FEEDBACK_TRUSTED_PROXIES, as it serves


def new_question(key: str) -> tuple[str, str]:
    """Return a random value, and the question that carries it."""
    nonce = secrets.token_hex(16)
    return nonce, _signed(key, "question", nonce)


def asked_by_us(key: str, question: str) -> str | None:
    """Return the value in a question of ours; None for anything else."""
    return _verified(key, "question", question)


def answer_to_us(key: str, answer: HealthAnswer) -> str:
    """Return the answer in one line."""
    return _signed(key, "answer", json.dumps(asdict(answer)))


def answered_by_us(key: str, nonce: str, line: str) -> HealthAnswer | None:
    """Return what a server answered that has our key, to exactly this question; None for anything else."""
    text = _verified(key, "answer", line)
    if text is None:
        return None
    said = json.loads(text)
    known = {
        field.name: said.get(field.name) for field in fields(HealthAnswer)
    }  # another version may say more
    return HealthAnswer(**known) if known["nonce"] == nonce else None


def _signed(key: str, purpose: str, text: str) -> str:
    mark = hmac.new(key.encode(), f"health {purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
    return f"{mark}.{text}"


def _verified(key: str, purpose: str, line: str) -> str | None:
    text = line.strip().partition(".")[2]
    return (
        text
        if text and hmac.compare_digest(_signed(key, purpose, text).encode(), line.strip().encode())
        else None
    )
