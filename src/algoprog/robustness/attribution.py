"""Which choice drives the answer: the spread over the multiverse, attributed to its choices.

Let Y be a result over specifications with equal weights and x_S the levels of a set S of choices.
The variance that S explains is

    v(S) = Var(E[Y | x_S]),    v(none) = 0,  v(all) = Var(Y),

computed exactly for every one of the 2^k sets from means over groups. Of a choice i

    first_order = v(i) / v(all)
    total       = 1 - v(all but i) / v(all)
    shapley     = sum over S without i of |S|! (k-1-|S|)! / k! (v(S + i) - v(S)) / v(all).

Over a complete cross these are Sobol's indices and Owen's (2014) Shapley effects: total is
first_order with all interactions of i, shapley shares every interaction equally among its choices,
and both bases of the table below are the same. Over an incomplete one (results that are not there)
choices depend on one another: Shapley effects still are non-negative and sum to 1 (Song, Nelson and
Staum 2016), but a choice can get a share for the company it keeps, and total may be below
first_order. So each result is attributed twice:

- basis ``all``: all specifications that have it, equally weighted;
- basis ``complete``: the largest complete cross that is left when levels are dropped, one by one
  that with the largest share of missing results (and put back where nothing is missing after all).

Of coinciding specifications (``same_as``) each counts where it stands in the cross, since weights
are of choices; but a level none of whose specifications is a problem of its own (m20, which is m07
with effective data) is left out.

Results: ``ln_growth`` (of positive finite growth), ``growth`` (finite), and ``rank`` of growth
among all specifications (mid-ranks, infinite and non-positive growth included: nothing that has a
growth is left out and no extreme dominates). ``own_ln_growth``, ``own_growth`` and ``own_rank`` are
the same of growth at the records' own allocation, which a specification has also where growth at
the best split is not identified.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.quantities.shapley import shapley_shares
from algoprog.robustness.tables import ATTRIBUTION, ATTRIBUTION_INTERACTIONS
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

RESULTS = ("ln_growth", "growth", "rank", "own_ln_growth", "own_growth", "own_rank")
BASES = ("all", "complete")


def explained_variances(values: Array, codes: Codes) -> Array:
    """v(S) (2^k,) of every set of choices; set s holds choice i where bit i of s is set.

    ``values`` (n,) are results, ``codes`` (n, k) the number of each one's level in each choice.
    """
    k = codes.shape[1]
    centred = values - values.mean()
    found = np.zeros(2**k)
    for subset in range(1, 2**k):
        key = np.zeros(len(values), dtype=np.int64)
        for i in range(k):
            if subset >> i & 1:
                key = key * (int(codes[:, i].max()) + 1) + codes[:, i]
        _, group = np.unique(key, return_inverse=True)
        counts = np.bincount(group)
        found[subset] = counts @ (np.bincount(group, centred) / counts) ** 2 / len(values)
    return found


def components(explained: Array) -> Array:
    """Variance (2^k,) of each set's own interaction: sum over T in S of (-1)^|S - T| v(T).

    Over a complete cross they are the components of the functional analysis of variance: not
    negative, and their sum is v(all).
    """
    found = explained.copy()
    subsets = np.arange(len(found))
    for i in range(len(found).bit_length() - 1):
        has = subsets >> i & 1 == 1
        found[has] -= found[subsets[has] ^ 1 << i]
    return found


def complete_cross(codes: Codes, there: NDArray[np.bool_]) -> list[set[int]]:
    """Levels of each choice whose full cross has a result everywhere.

    ``codes`` (n, k) are the specifications, each at most once, ``there`` (n,) which have a result.
    No choice loses its last level.
    """
    k = codes.shape[1]
    kept = [set(np.unique(codes[:, i]).tolist()) for i in range(k)]
    have = codes[there]

    def lacking(levels: list[set[int]]) -> tuple[int, NDArray[np.bool_]]:
        """How many of a cross's specifications have no result, and which of ``have`` are in it."""
        inside = np.ones(len(have), dtype=bool)
        for i, chosen in enumerate(levels):
            inside &= np.isin(have[:, i], list(chosen))
        return int(np.prod([len(chosen) for chosen in levels])) - int(inside.sum()), inside

    missing, inside = lacking(kept)
    dropped: list[tuple[int, int]] = []
    while missing:
        size = int(np.prod([len(chosen) for chosen in kept]))
        worst: tuple[float, int, int] | None = None
        for i in range(k):
            if len(kept[i]) < 2:
                continue
            expected = size // len(kept[i])
            present = np.bincount(have[inside, i], minlength=int(codes[:, i].max()) + 1)
            for level in sorted(kept[i]):
                share = 1.0 - present[level] / expected
                # of equals the choice with more levels, which loses the smaller part of its cross
                candidate = (share, len(kept[i]), i)
                if worst is None or candidate[:2] > worst[:2]:
                    worst, at = candidate, (i, level)
        if worst is None:
            return [set() for _ in range(k)]
        kept[at[0]].discard(at[1])
        dropped.append(at)
        missing, inside = lacking(kept)
    for i, level in dropped:
        again = [chosen | {level} if j == i else chosen for j, chosen in enumerate(kept)]
        if not lacking(again)[0]:
            kept = again
    return kept


def _results(multiverse: pl.DataFrame) -> dict[str, Array]:
    """Each result (n,), NaN where a specification does not have it."""
    own = _of_growth(multiverse, "growth_own_allocation", ("fitted", "not_identified"))
    return _of_growth(multiverse, "growth", ("fitted",)) | {
        f"own_{name}": values for name, values in own.items()
    }


def _of_growth(
    multiverse: pl.DataFrame, column: str, statuses: tuple[str, ...]
) -> dict[str, Array]:
    """Results of a column of growth, of specifications that came to one of these statuses."""
    there = multiverse["status"].is_in(statuses).to_numpy()
    growth = multiverse[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    growth = np.where(there, growth, np.nan)
    finite = np.where(np.isfinite(growth), growth, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.where(finite > 0, np.log(finite), np.nan)
    ranks = pl.Series(growth, nan_to_null=True).rank("average").to_numpy()
    return {"ln_growth": logarithm, "growth": finite, "rank": ranks.astype(float)}


def _codes(multiverse: pl.DataFrame, choices: list[str]) -> tuple[Codes, list[list[str]]]:
    names = [multiverse[choice].unique(maintain_order=True).to_list() for choice in choices]
    columns = [
        multiverse[choice].replace_strict(levels, range(len(levels)), return_dtype=pl.Int64)
        for choice, levels in zip(choices, names, strict=True)
    ]
    return np.column_stack([column.to_numpy() for column in columns]), names


def _check(multiverse: pl.DataFrame, choices: list[str]) -> None:
    if not choices or multiverse.is_empty():
        fix = "give at least one choice, and one specification"
        raise InputError("config.yaml", "multiverse.choices", None, fix)
    if multiverse.select(choices).is_duplicated().any():
        raise AssertionError("a combination of levels is there twice")


def _own(multiverse: pl.DataFrame, choices: list[str]) -> pl.DataFrame:
    """Without the levels none of whose specifications is a problem of its own."""
    for choice in choices:
        alone = pl.col("same_as").is_null().any().over(choice)
        multiverse = multiverse.filter(alone)
    return multiverse


def attribution(multiverse: pl.DataFrame, choices: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `attribution` and `attribution_interactions`.

    Parameters
    ----------
    multiverse : the table of that name (choices, growth, status, same_as).
    choices : its choices.

    Returns
    -------
    attribution : result, basis, choice, first_order, shapley, total, n_levels, levels_left_out (of
        the choice in this basis), n (results attributed), n_left_out (specifications without the
        result or outside the cross), variance (of the result). Shares are blank where nothing
        varies.
    attribution_interactions : the components of the complete basis: result, choices (a main effect
        or the set that interacts, joined by " x "), order, share, n; largest first; they sum to 1.
    """
    _check(multiverse, choices)
    own = _own(multiverse, choices)
    codes, names = _codes(own, choices)
    k = len(choices)
    rows, parts = [], []
    for result, values in _results(own).items():
        for basis in BASES:
            there = ~np.isnan(values)
            if basis == "complete":
                kept = complete_cross(codes, there)
                there &= np.all([np.isin(codes[:, i], list(kept[i])) for i in range(k)], axis=0)
            n = int(there.sum())
            explained = explained_variances(values[there], codes[there]) if n else np.zeros(2**k)
            variance = float(explained[-1])
            key = {"result": result, "basis": basis, "n": n, "variance": variance}
            key["n_left_out"] = len(multiverse) - n
            shapley = shapley_shares(-explained)
            for i, choice in enumerate(choices):
                present = [names[i][code] for code in np.unique(codes[there, i])]
                every = multiverse[choice].unique(maintain_order=True).to_list()
                row = {**key, "choice": choice, "n_levels": len(present)}
                row["levels_left_out"] = ", ".join(x for x in every if x not in present)
                if variance > 0:
                    row["first_order"] = explained[1 << i] / variance
                    row["shapley"] = shapley[i]
                    row["total"] = 1.0 - explained[(2**k - 1) ^ (1 << i)] / variance
                rows.append(row)
            if basis == "complete" and variance > 0:
                parts += [{"result": result, "n": n} | part for part in _parts(choices, explained)]
    interactions = frame_of(ATTRIBUTION_INTERACTIONS, parts)
    position = pl.col("result").replace_strict(RESULTS, range(len(RESULTS)), return_dtype=pl.Int64)
    interactions = interactions.sort(position, -pl.col("share"), "order", "choices")
    return frame_of(ATTRIBUTION, rows), interactions


def _parts(choices: list[str], explained: Array) -> list[dict[str, Any]]:
    """Of each set of choices its own part of the variance: names, order and share."""
    k = len(choices)
    shares = components(explained) / float(explained[-1])
    return [
        {
            "choices": " x ".join(choices[i] for i in members),
            "order": order,
            "share": shares[sum(1 << i for i in members)],
        }
        for order in range(1, k + 1)
        for members in combinations(range(k), order)
    ]
