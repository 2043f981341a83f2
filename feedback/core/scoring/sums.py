"""What a rep's standing is worked out of: sums over the rep's relationships, of which one row for each rep is
stored."""

from collections.abc import Iterable
from itertools import repeat
from math import fsum, isclose

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Means
from feedback.core.records import record
from feedback.core.scoring.relationships import Numbers
from feedback.core.scoring.reps import Voice, VoiceSums, add_voices, mean_of_sums, sum_voices

Six = tuple[float, ...]  # sums, such as one for each of DIMENSIONS
NOTHING: Six = (0.0,) * len(DIMENSIONS)
ACCURACY = 1e-9  # relative, to which a database's sum is the exact one


@record
class SideSums:
    """The means of one side of a rep's relationships, added up by dimension."""

    means: Six = NOTHING  # sum vote * mean, over the relationships where the dimension was rated
    votes: Six = NOTHING  # sum vote over the same


UNHEARD, UNRATED = VoiceSums(), SideSums()


@record
class RepSums:
    """The sums over a rep's relationships (relationships.Numbers). A relationship without a counted answer has no
    vote, and so adds nothing but a gap that it could have."""

    voices: VoiceSums = UNHEARD
    client: SideSums = UNRATED  # what clients said
    mirror: SideSums = UNRATED  # what the rep guessed
    both_votes: float = 0.0  # sum vote over the relationships where both sides rated a dimension
    distance: float = 0.0  # sum vote * distance over the same
    bias: float = 0.0  # sum vote * bias over the same
    could_have_gaps: int = 0  # relationships that could have a real gap
    real_gaps: int = 0  # relationships that have one


def sum_numbers(relationships: Iterable[Numbers]) -> RepSums:
    """Add up the numbers of a rep's relationships, exactly, in whatever order."""
    every = list(relationships)
    compared = [(n.vote, n.distance, n.bias) for n in every]
    gaps = [n.real_gap for n in every if n.real_gap is not None]
    return RepSums(
        voices=sum_voices(Voice(n.vote, n.loyalty) for n in every if n.loyalty is not None),
        client=_sum_side((n.vote, n.client) for n in every),
        mirror=_sum_side((n.vote, n.mirror) for n in every),
        both_votes=fsum(vote for vote, distance, _ in compared if distance is not None),
        distance=fsum(vote * distance for vote, distance, _ in compared if distance is not None),
        bias=fsum(vote * bias for vote, _, bias in compared if bias is not None),
        could_have_gaps=len(gaps),
        real_gaps=sum(gaps),
    )


def add_sums(one: RepSums, other: RepSums) -> RepSums:
    """Add the sums over different relationships."""
    return RepSums(
        voices=add_voices(one.voices, other.voices),
        client=add_sides((one.client, other.client)),
        mirror=add_sides((one.mirror, other.mirror)),
        both_votes=one.both_votes + other.both_votes,
        distance=one.distance + other.distance,
        bias=one.bias + other.bias,
        could_have_gaps=one.could_have_gaps + other.could_have_gaps,
        real_gaps=one.real_gaps + other.real_gaps,
    )


def side_of_at_least(sides: Iterable[SideSums], least: int) -> SideSums:
    """Add up what the clients of several reps said, without the dimensions that were rated for fewer than `least` of
    them."""
    every = list(sides)
    whole = add_sides(every)
    if least <= 1:
        return whole
    shown = [sum(each.votes[d] > 0 for each in every) >= least for d in range(len(DIMENSIONS))]
    return SideSums(
        tuple(mean if known else 0.0 for mean, known in zip(whole.means, shown, strict=True)),
        tuple(vote if known else 0.0 for vote, known in zip(whole.votes, shown, strict=True)),
    )


def add_sides(sides: Iterable[SideSums]) -> SideSums:
    """Add one side's sums over different relationships."""
    every = [UNRATED, *sides]
    return SideSums(
        tuple(map(sum, zip(*(side.means for side in every), strict=True))),
        tuple(map(sum, zip(*(side.votes for side in every), strict=True))),
    )


def unlike(one: RepSums, other: RepSums) -> list[str]:
    """Return the names of the parts that differ by more than the order of adding can explain."""
    scale = max(one.voices.vote, other.voices.vote)
    ours, theirs = _totals(one), _totals(other)
    found = [name for name, totals in ours.items() if not _alike(totals, theirs[name], scale)]
    return found if _counts(one) == _counts(other) else [*found, "counts"]


def side_means(side: SideSums) -> Means:
    """Return the vote-weighted means by dimension, 1..5; None where nothing was rated."""
    return tuple(map(mean_of_sums, side.means, side.votes, repeat(LOWEST), repeat(HIGHEST)))


def _counts(sums: RepSums) -> tuple[int, ...]:
    return sums.voices.heard, sums.could_have_gaps, sums.real_gaps


def _totals(sums: RepSums) -> dict[str, Six]:
    voices = sums.voices
    return {
        "voices": (voices.vote, voices.loyalty, voices.squares),
        "client": (*sums.client.means, *sums.client.votes),
        "mirror": (*sums.mirror.means, *sums.mirror.votes),
        "gaps": (sums.both_votes, sums.distance, sums.bias),
    }


def _alike(one: Six, other: Six, scale: float) -> bool:
    """scale: the votes that were added; the sum of biases may be far smaller than what it was added of."""
    return all(
        isclose(a, b, rel_tol=ACCURACY, abs_tol=ACCURACY * scale) for a, b in zip(one, other, strict=True)
    )


def _sum_side(rows: Iterable[tuple[float, Means]]) -> SideSums:
    every = list(rows)
    rated = [
        [(vote, value) for vote, means in every if (value := means[d]) is not None]
        for d in range(len(DIMENSIONS))
    ]
    return SideSums(
        tuple(fsum(vote * value for vote, value in pairs) for pairs in rated),
        tuple(fsum(vote for vote, _ in pairs) for pairs in rated),
    )
