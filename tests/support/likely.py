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
_NAMES = "rep_email,account,contact,contact_email,held_at,client_integrity,client_savvy,rep_integrity,nps,comment,stage"
FILES = (  # that are imported
    "name,email,role,team\nDana Whitfield,dana@x.example,rep,a\nErin,erin@y.example,manager,a; b\nUrs,urs@x.example,owner,\n",
    "name;email;role;team\nDana;dana@x.example;rep;a\nDana;dana@x.example;rep;b\nErin;no address;captain;\n",
    "account,contact,contact_email,value,review_days\na,Dana Whitfield,dana@x.example,12000,90\na,Erin,,,\nb,Dana,erin@y.example,-1,0\n",
    "account,contact,contact_email,contact_language\nNorthwind,a,dana@x.example,de\nNorthwind,a,erin@y.example,xx\nTotal,,,\n",
    "Client,Contact name,E-mail\na,b,erin@y.example\n",
    "account,contact_email,date,outcome,value_before,value_after,reason\na,dana@x.example,2026-11-01,renewed,100,120,\n"
    "b,,2026-10-01,lost,10,,price\na,,2027-01-01,grown,1,2,\n",
    f"{_NAMES}\ndana@x.example,a,Dana,dana@x.example,2026-11-02 09:00,4,5,3,9,fine,\n"
    "erin@y.example,b,a,,2026-11-03 10:00,,,2,,,\ndana@x.example,a,Dana,dana@x.example,2026-11-02 09:00,4,5,3,9,fine,\n",
    f"{_NAMES}\ndana@x.example,a,b,erin@y.example,2026-10-05 16:30,1,2,5,0,late,\nnobody,a,a,,2030-01-01,6,,,11,,\n",
    "no header\n",
    "",
)
CELLS: dict[str, tuple[str, ...]] = {  # of such files
    "name": ("Dana Whitfield", "Erin", ""),
    "email": ("dana@x.example", "Erin@y.example", "no address"),
    "role": ("rep", "manager", "owner", "captain"),
    "team": ("a", "", "a; b"),
    "account": ("a", "Northwind", ""),
    "contact": ("Dana Whitfield", "Erin", ""),
    "contact_email": ("dana@x.example", "", "no address"),
    "contact_language": ("de", "", "xx"),
    "rep_email": ("dana@x.example", "Erin@y.example", ""),
    "held_at": ("2026-11-02 09:00", "2026-11-02", "2030-01-01", "later"),
    "date": ("2026-11-18", "2026-11-19", "2026-02-30", "1.5.2026"),
    "outcome": ("renewed", "grew", "shrank", "lost", "left"),
    "value": ("1200.50", "", "-1"),
    "value_before": ("100", "", "x"),
    "value_after": ("0", "120", ""),
    "review_days": ("0", "1", "90", "3650", "3651", ""),
    "comment": ("fine", ""),
    "reason": ("price", ""),
    "stage": (*STAGES, ""),
    "rep_stage": (*STAGES, "x", ""),
    "nps": ("0", "10", "11", ""),
}
