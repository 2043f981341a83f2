"""Where a client stands on the way to a decision, as either side sees it."""

STAGES = ("curious", "problem", "change", "comparing", "adopting", "growing")
AHEAD = 2


def steps_ahead(rep: str | None, client: str | None) -> int | None:
    """The rep's stage minus the client's, in steps -5..5; None unless both are known. ValueError for a
    word that is no stage. From +2 on the rep runs ahead of the buyer."""
    if rep is None or client is None:
        return None
    return STAGES.index(rep) - STAGES.index(client)


def runs_ahead(rep: str | None, client: str | None) -> bool:
    """The rep sees the client two or more stages further than the client does (design, stage mismatch)."""
    steps = steps_ahead(rep, client)
    return steps is not None and steps >= AHEAD
