"""Running records by date, with the order of versions of one day said.

The published order within a day is NumPy's generic, unstable quicksort (median of three, insertion
up to 16 elements). The machine's vectorised sort gives another order, so the sort is here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Ties = Literal["published", "best_first", "together"]

_INSERTION = 16  # stretches up to this long are sorted by insertion


def generic_quicksort(values: Array) -> Integers:
    """Return the permutation by which NumPy's generic quicksort sorts `values`."""
    order = list(range(len(values)))
    v = values.tolist()
    stack: list[tuple[int, int]] = []
    low, high = 0, len(order) - 1
    while True:
        while high - low > _INSERTION:
            middle = _partition(order, v, low, high)
            if middle - low < high - middle:
                stack.append((middle + 1, high))
                high = middle - 1
            else:
                stack.append((low, middle - 1))
                low = middle + 1
        for i in range(low + 1, high + 1):
            moved = order[i]
            j = i
            while j > low and v[moved] < v[order[j - 1]]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = moved
        if not stack:
            return np.array(order, dtype=np.int64)
        low, high = stack.pop()


def _partition(order: list[int], v: list[float], low: int, high: int) -> int:
    """Partition around the median of three and return where the pivot lies."""
    middle = low + ((high - low) >> 1)
    for a, b in ((middle, low), (high, middle), (middle, low)):
        if v[order[a]] < v[order[b]]:
            order[a], order[b] = order[b], order[a]
    pivot = v[order[middle]]
    i, j = low, high - 1
    order[middle], order[j] = order[j], order[middle]
    while True:
        i += 1
        while v[order[i]] < pivot:
            i += 1
        j -= 1
        while pivot < v[order[j]]:
            j -= 1
        if i >= j:
            break
        order[i], order[j] = order[j], order[i]
    order[i], order[high - 1] = order[high - 1], order[i]
    return i


def by_day(day: Integers, better: Array, capability: Array, ties: Ties) -> Integers:
    """Return the order in which versions are visited.

    Parameters
    ----------
    day : array
        Day of release.
    better : array
        The quantity whose records are sought, larger is better.
    capability : array
        Of which the published order starts, falling.
    ties : {"published", "best_first", "together"}
        Order within a day: as published, the most capable first, or that of which only the best by
        `better` can be a record (ours).
    """
    if ties == "published":
        start = np.argsort(-capability, kind="stable")
        return start[generic_quicksort(day[start].astype(np.float64))]
    first = capability if ties == "best_first" else better
    return np.lexsort((-first, day))


def records(better: Array, order: Integers, day: Integers | None = None) -> Integers:
    """Return the versions no earlier of which is better, in `order`.

    With `day`, a version that another of the same day equals or beats is no record.
    """
    best = -np.inf
    found: list[int] = []
    for i in order.tolist():
        if better[i] >= best:
            repeated = day is not None and found and day[found[-1]] == day[i]
            best = float(better[i])
            if not repeated:
                found.append(i)
    return np.array(found, dtype=np.int64)
