"""The words of the page of evidence: what was found elsewhere, and how it is worked out here."""

from dataclasses import dataclass

from feedback.core.evidence.claims import Claim, ClaimVerdict
from feedback.core.evidence.drivers import DriverSilence, DriverTarget
from feedback.core.evidence.health import HealthAdvice
from feedback.wording.i18n import lazy_app_text

_app = lazy_app_text  # translated when it is shown


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """What a claim says, and what is held against it."""

    title: str
    source: str
    needs: str  # before anything is said
    alike: str  # why nothing can be told where all are alike
    how: str


_NEVER = _app("All are alike.")

CLAIM_WORDS = {
    Claim.GAPS: ClaimWords(
        title=_app("Most relationships have a gap"),
        source=_app(
            "In a study of 6,000 relationships, 86 %% of sales teams misread how satisfied their clients were."
        ),
        needs=_app("It takes 20 relationships with two meetings each that both sides rated."),
        alike=_NEVER,
        how=_app(
            "Counted are relationships with at least two meetings that both sides rated. A gap is real where client and rep "
            "disagree in any dimension: on different sides of 4 (Good) by 0.75 or more, or by 1.5 or more anywhere. It "
            "holds here where the whole range is above half, and does not where the whole range is below."
        ),
    ),
    Claim.BEST_UNDERESTIMATE: ClaimWords(
        title=_app("The best guess too low, the weakest too high"),
        source=_app(
            "The best sellers were found to underestimate themselves by more than 35 %%; transactional ones overestimate."
        ),
        needs=_app(
            "It takes six reps with clients at two accounts each, and ten relationships in the best and in the weakest third."
        ),
        alike=_app("Nobody stands out: who is best by half of the accounts is not best by the other half."),
        how=_app(
            "Reps are put in order by what half of their accounts say; how far their guesses are off is measured on the other "
            "half, and the other way round. Else a client who happened to tap high would make a rep better and the guess too "
            "low at once. It holds here where the best third guess clearly more than a quarter of a rating too low and the "
            "weakest third more than a quarter too high; it does not where one of the two is clearly less."
        ),
    ),
    Claim.SATISFIED_AND_LOST: ClaimWords(
        title=_app("Most lost clients had said they were satisfied"),
        source=_app("Of the clients that one firm lost, 72 %% had said “satisfied” or “very satisfied”."),
        needs=_app("It takes ten lost clients who had answered in the year before."),
        alike=_NEVER,
        how=_app(
            "Counted are lost clients who had answered in the 365 days before, each by the last answer. Satisfied is a mean of "
            "at least 3, Fine. It holds here where the whole range is above half, and does not where the whole range is below."
        ),
    ),
    Claim.LOYAL_BRING_MORE: ClaimWords(
        title=_app("Loyal clients bring three times the business"),
        source=_app("Loyal clients were found to bring three times the business of others."),
        needs=_app("It takes ten loyal and ten other accounts with a value."),
        alike=_NEVER,
        how=_app(
            "Loyal accounts have a loyalty of at least 75. A typical value is the geometric mean, so that one giant does not "
            "decide; archived accounts, and those without a value, are left out. It holds here where the whole range is above "
            "twice, and does not where the whole range is below. What goes together need not be cause and effect."
        ),
    ),
    Claim.PERSON_NOT_PRODUCT: ClaimWords(
        title=_app("Loyalty goes with the person, not with the product"),
        source=_app("53 %% of loyalty was found to come from the sales experience."),
        needs=_app("It takes six reps, and 20 pairs of people who work at one account."),
        alike=_app("Clients differ neither by rep nor by account."),
        how=_app(
            "Pairs of clients are compared: how much less two clients of one rep differ than two who have nothing in common, and "
            "how much less two people at one account differ. The rep’s part of both together is the figure. It holds here where "
            "the whole range is above half, and does not where the whole range is below."
        ),
    ),
    Claim.FINE_BEFORE_LOSS: ClaimWords(
        title=_app("A lukewarm answer precedes a loss"),
        source=_app("“Fine” was what most lost clients had said: a warning, not a pass."),
        needs=_app(
            "It takes ten clients with an outcome whose last answer was lukewarm, ten whose last was better, and a loss."
        ),
        alike=_NEVER,
        how=_app(
            "Each client with an outcome counts by the last answer in the 365 days before. Lukewarm is all six rated, no 5, no 1 "
            "or 2 and a mean of at most 3.5, or a comment that says hardly more than “fine”. Whoever had rated anything 1 or 2 "
            "is left out: that was a complaint. It holds here where the whole range is above 1.5 times, and does not where the "
            "whole range is below."
        ),
    ),
}

VERDICT_WORDS = {
    ClaimVerdict.HOLDS: _app("Holds here"),
    ClaimVerdict.FAILS: _app("Does not hold here"),
    ClaimVerdict.TOO_EARLY: _app("Too early to tell"),
}

DRIVER_TARGETS = {
    DriverTarget.OUTCOME: _app("Held against who stayed and who was lost."),
    DriverTarget.RECOMMEND: _app(
        "Held against “Would you recommend us?”, until 30 outcomes of both kinds are noted."
    ),
}
DRIVER_SILENCES = {
    DriverSilence.FEW: _app(
        "Too early to tell. It takes 60 complete answers, and 30 noted outcomes of both kinds or 60 clients who said whether "
        "they would recommend you."
    ),
    DriverSilence.NO_LIBRARY: _app(
        "The server lacks the part that works this out. Whoever runs it adds it with pip install "
        "'beyond-doughnuts[evidence]' and starts the worker again. Everything else works without."
    ),
    DriverSilence.ALIKE: _app("All answers, or all outcomes, are alike: nothing goes with anything yet."),
}

ADVICE_WORDS = {
    HealthAdvice.FEW: _app("Too early: it takes 60 complete answers."),
    HealthAdvice.SOUND: _app("Sound. Nothing to do."),
    HealthAdvice.STRAIGHT: _app(
        "Most tap one rating six times. Leave clients a quiet moment, and read comments before dimensions."
    ),
    HealthAdvice.CEILING: _app(
        "Many give six fives. Ask some by mail, where nobody looks on, and ask what would have made it better."
    ),
    HealthAdvice.ROOM: _app("Clearly higher in the room. Sit in on a meeting, and ask more clients by mail."),
    HealthAdvice.LOOSE: _app(
        "The six hardly go together. Look at your own wording of the questions, and read dimensions rather than the score."
    ),
    HealthAdvice.TIGHT: _app(
        "The six say hardly more than one question would. Read the score rather than single dimensions."
    ),
}
