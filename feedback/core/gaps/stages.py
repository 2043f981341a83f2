"""The stages of a client's decision, and how far the rep's view of it is ahead of the client's."""

STAGES = ("curious", "problem", "change", "comparing", "adopting", "growing")
AHEAD = 2  # stages


def steps_ahead(rep: str | None, client: str | None) -> int | None:
    """Return the rep's stage minus the client's, in steps -5..5; None unless both are known. From +2 on the
    rep runs ahead of the client. Raises ValueError for a word that is no stage."""
    if rep is None or client is None:
        return None
    return STAGES.index(rep) - STAGES.index(client)


def runs_ahead(rep: str | None, client: str | None) -> bool:
    """Tell whether the rep sees the client two or more stages further than the client does (design, stage
    mismatch)."""
    steps = steps_ahead(rep, client)
    return steps is not None and steps >= AHEAD
