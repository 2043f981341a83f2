"""The form field that names a rep: chosen from a list, or typed where there are many."""

from collections.abc import Sequence

from feedback.core.emails import small_letters
from feedback.core.finding import folded
from feedback.db.change import Invalid
from feedback.store.people import Rep, reps
from feedback.web.context import current_user, read_session
from feedback.wording.i18n import app_text, lazy_app_text

MOST_TO_CHOOSE = 100  # reps in a list
NO_REP = lazy_app_text("None of your reps has this name or address.")


REP_NEEDED = lazy_app_text("Who is to meet them? You see the clients of your own reps.")


def rep_typed(text: str) -> Rep | None:
    """Return the rep of this address or name whom the person may see; None for blank, which only an owner may leave: a
    manager would not see the contact any more. Raises Invalid."""
    typed, key = small_letters(text), folded(text)
    if not typed:
        if not current_user().is_owner:
            raise Invalid(rep=REP_NEEDED)
        return None
    mine = reps(read_session(), current_user())
    found = [rep for rep in mine if rep.email == typed] or [rep for rep in mine if folded(rep.name) == key]
    if len(found) > 1:
        several = ", ".join(rep.email for rep in found)
        raise Invalid(rep=app_text("Several have this name. Type the address: %(several)s", several=several))
    if not found:
        raise Invalid(rep=NO_REP)
    return found[0]


def reps_to_choose() -> Sequence[Rep]:
    """Return the reps of a list to choose from; none where there are too many for one."""
    mine = reps(read_session(), current_user())
    return mine if len(mine) <= MOST_TO_CHOOSE else ()
