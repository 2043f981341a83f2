"""What actions are called with by name: words, numbers and hashes that they know, beside those that they refuse."""

from typing import Any

from feedback.actions.settings import RANGES, SWITCHES
from feedback.core.access import Role, Visibility
from feedback.core.alerts.reasons import Outcome
from feedback.core.asking import Way
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.stages import STAGES

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$"  # of a password that takes no time
PASSWORD = "a kettle on the moon"
WORDS: dict[str, tuple[str, ...]] = {
    "email": ("dana@x.example", "Erin@y.example", "dana@x.example", " erin@y.example", "no address", ""),
    "password": (PASSWORD, PASSWORD, "another kettle on the moon", "short"),
    "old": (PASSWORD, "another kettle on the moon"),
    "new": ("another kettle on the moon", PASSWORD, "short"),
    "password_hash": (
        f"{HASH}9uqVw1q9xcxaTm47oZv0iw",
        f"{HASH}Q6Uy6riOz85h8vXdTqD9JQ",
    ),
    "role": (*Role, *Role, "captain", ""),
    "side": ("rep", "client", "client", "nobody"),
    "verdict": ("kept", "not_kept", "not_yet", "perhaps"),
    "kind": ("google", "microsoft", "other", "other"),
    "domains": ("x.example", "x.example, @y.example", "x.example y.example", "no domain", ""),
    "issuer": ("https://sso.x.example", "https://sso.y.example"),
    "tenant": ("11111111-2222-3333-4444-555555555555", "x.example"),
    "colour": ("#0A7F5C", "#ffe", "", "green"),
    "accent": ("", "#0a7f5c"),
    "base_url": ("https://us.example",),
    "code": ("47CD", "123456", "47CDFGHJKMNPQRTVWXY346"),
    "text": ("123456", "000000", "47CD-FGHJ-KMNP", "no code"),
    "language": ("en", "de", "pt-BR", "fr", "xx"),
    "timezone": ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "UTC", "Europe/Nowhere"),
    "visibility": (*Visibility,),
    "token": ("47CDFGHJKMNPQRTVWXY346", "47CDFGHJKMNPQRTVWXY347"),
    "scopes": ("read", "write", "admin"),
    "rp_id": ("us.example",),
    "origin": ("https://us.example",),
    "known": ("c29tZQ", "b3RoZXI"),
    "outcome": (*Outcome, "no outcome"),
    "way": (*Way, "no way"),
    "worth_it": ("yes", "no"),
    "stage": (*STAGES,),
    "secret": ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "a secret", ""),
}
KEYS: dict[str, tuple[str, ...]] = {
    "ratings": DIMENSIONS,
    "extras": ("comment", "visibility", "nps", "worth_it", "stage"),
    "given": (*RANGES, *SWITCHES, *SWITCHES, "name", "language", "currency", "workdays", "days_off"),
    "seen": (*RANGES, *SWITCHES),
    "names": (*RANGES, *SWITCHES, "name", "language"),
    "words": DIMENSIONS,
    "standard": DIMENSIONS,
}
RATED = range(1, 6)
NUMBERS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(DIMENSIONS, tuple(RATED)),
    "half_life_days": (29, 30, 90, 180, 730, 731),
    "review_days": (0, 1, 30, 90, 3650, 3651),
    "nps": (0, 6, 9, 10),
    "number": (0, 1, 1, 2, 3),
    "sequence": (0, 1, 2, 1_800_000_000_000),
    "alert_due_days": (0, 1, 5),
    "invitation_days": (1, 14, 30),
}
_ONE, _TWO = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
_NOTHING: dict[str, Any] = {
    "contacts": [], "filled": {}, "invitations": [], "promises": [], "outcomes": [], "joined": [], "relationships": [],
}  # fmt: skip
_JOINED = {
    "id": _TWO,
    "at": "2026-11-10T09:00:00+00:00",
    "into": _ONE,
    "ended": None,
    "handed_over": None,
    "handed": _ONE,
}
DOCUMENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "moved": (
        _NOTHING,
        {**_NOTHING, "contacts": [[_ONE, "dana"], [_TWO, "erin"]], "filled": {"value": 3.0}},
        {**_NOTHING, "invitations": [_ONE], "promises": [_TWO], "outcomes": [_ONE], "filled": {"email": "a"}},
        {**_NOTHING, "relationships": [_ONE], "joined": [_JOINED]},
    ),
    "words": ({}, {"integrity": "Honest"}, {"integrity": "Honest", "savvy": "Clever"}),
}
