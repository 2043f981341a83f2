"""The first days of a house on the other side of the world: no week is over, and nobody signs in but by its provider."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feedback.actions import providers
from feedback.actions.oidc import RelyingParty
from feedback.actions.settings import change_settings
from golden.world import BASE, World

AUCKLAND = ZoneInfo("Pacific/Auckland")
BEGAN = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)  # Tuesday morning there, and still Monday elsewhere
ENDS = datetime(2026, 11, 25, 11, 10, tzinfo=UTC)  # ten past midnight there: Thursday, in the same week


def first_days(us: World) -> None:
    """A manager, a rep, a meeting answered and one that is not."""
    cast, olive = us.cast, us.cast.olive
    cast.add("nell", "rep", "Harbour", named="Nell Tamati")
    cast.add("moana", "manager", "Harbour", named="Moana Reid")
    wanted = {
        "language": "de",
        "currency": "NZD",
        "reps_see_own": False,
        "workdays": "12345",
        "holidays": "NZ-AUK",
    }
    us.do(change_settings, olive.id, wanted)
    us.until("11-24 10:30")
    us.meet(
        "kiri", "nell", "Kiri Walker", account="Tui & Söhne", email="kiri@tui.example", topic="Erstes Treffen"
    )
    us.guess("kiri", "454545")
    us.say("kiri", "544535", comment="Passt schon", stage="problem")
    us.until("11-25 23:50")
    us.meet("hemi", "nell", "Hemi Cole", account="Tui & Söhne")
    us.say("hemi", "2.....", done=False)  # in the last minutes of Wednesday
    us.work()
    us.keyed.append(cast.answer_address(us.codes["hemi"]))


def only_by_the_provider(us: World) -> None:
    """From now on nobody signs in another way but Olive, should it be down."""
    client = RelyingParty(
        "https://accounts.google.com", "feedback", "a secret", f"{BASE}/sign-in/callback", False
    )
    given = providers.ProviderInput(
        "google",
        "",
        client.issuer,
        "",
        client.client_id,
        client.secret,
        "example.com",
        "",
        True,
        str(us.cast.olive.id),
    )
    us.do(providers.set_provider, us.cast.olive.id, given, client)
