"""Which groups have figures where a figure must come from so many people at least."""

from collections.abc import Mapping


def groups_of_at_least(sizes: Mapping[str, int], least: int) -> list[tuple[str, ...]]:
    """Return the groups of teams whose figures may be shown, by name: a team by itself where it is large enough, and the
    others together. Each team with anybody in it is in exactly one group, so that no two figures of groups, nor the
    figure of all, differ by fewer than `least` people. [] where all together are too few.

    sizes: how many people each team's figures come from.
    """
    if least <= 1:
        return [(name,) for name in sorted(sizes)]
    large = sorted((size, name) for name, size in sizes.items() if size >= least)
    small = sorted(name for name, size in sizes.items() if 0 < size < least)
    together = sum(sizes[name] for name in small)
    if small and together < least:
        if not large:
            return []
        small.append(large.pop(0)[1])
    found = [(name,) for _, name in large]
    return sorted([*found, tuple(sorted(small))] if small else found)
