"""What the gains of a track are made of: the largest ones, and kinds of innovation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.histories.fields import CATEGORIES, UNLABELLED
from algoprog.histories.history import History
from algoprog.histories.tables import GAINS, SHARES
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

COUNTINGS = ("primary", "split")
_TAIL = 0.025


def gains_table(histories: Iterable[History], records: pl.DataFrame) -> pl.DataFrame:
    """Return the table `record_gains`: every record of every history, with its share and rank.

    `records` are the entries of all tracks, for how their dates are known and their sources.
    """
    about = {
        (row["track"], row["entry"]): (row["date_precision"], row["source"])
        for row in records.iter_rows(named=True)
    }
    rows: list[dict[str, Any]] = []
    for history in histories:
        order = np.argsort(-history.gains, kind="stable")
        rank = np.empty(len(order), dtype=int)
        rank[order] = np.arange(1, len(order) + 1)
        for i, step in enumerate(history.steps):
            entry = step.entry
            precision, source = about[history.track.name, entry.name]
            rows.append(
                {
                    "track": history.track.name,
                    "measure": history.measure,
                    "entry": entry.name,
                    "published": entry.published,
                    "date_precision": precision,
                    "reference": step.reference,
                    "level": step.level,
                    "factor": 2.0**step.gain if history.relative else None,
                    "gain": step.gain,
                    "share": step.gain / history.total,
                    "rank": int(rank[i]),
                    "label": entry.label or None,
                    "category": entry.category,
                    "categories": ";".join(entry.categories),
                    "source": source,
                }
            )
    return frame_of(GAINS, rows)


def membership(history: History, counting: str) -> tuple[tuple[str, ...], Array]:
    """Return the kinds of innovation and the part of each record that is of each kind (n, k).

    ``primary`` counts a record as its first kind; ``split`` divides it evenly over all it names.
    A record names what changed, not what each part was worth.
    """
    kinds = (*CATEGORIES, UNLABELLED)
    parts = np.zeros((len(history.steps), len(kinds)))
    for i, step in enumerate(history.steps):
        named = step.entry.categories if counting == "split" else (step.entry.category,)
        for kind in named:
            parts[i, kinds.index(kind)] += 1.0 / len(named)
    there = np.flatnonzero(parts.sum(axis=0))
    return tuple(kinds[k] for k in there), parts[:, there]


def shares(gains: Array, parts: Array, draws: int, seed: int) -> tuple[Array, Array, Array]:
    """Return the share of each kind in the gains, and the ends of its 95 % interval (k,).

    ``share = sum of g in the kind / sum g``. The interval is that of percentiles over `draws`
    resamples of the innovations, with replacement.
    """
    n = len(gains)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=draws)
    weighted = times * gains
    drawn = (weighted @ parts) / weighted.sum(axis=1, keepdims=True)
    low, high = np.quantile(drawn, [_TAIL, 1 - _TAIL], axis=0)
    return gains @ parts / gains.sum(), low, high


def shares_table(histories: Iterable[History], draws: int, seed: int) -> pl.DataFrame:
    """Return the table `record_shares` of every history with two gains or more."""
    rows: list[dict[str, Any]] = []
    for history in histories:
        if len(history.steps) < 2:
            continue
        for counting in COUNTINGS:
            kinds, parts = membership(history, counting)
            name = seed_of(seed, "record_shares", history.track.name, history.measure, counting)
            point, low, high = shares(history.gains, parts, draws, name)
            rows += [
                {
                    "track": history.track.name,
                    "measure": history.measure,
                    "counting": counting,
                    "category": kind,
                    "n": int((parts[:, k] > 0).sum()),
                    "share": float(point[k]),
                    "ci95_low": float(low[k]),
                    "ci95_high": float(high[k]),
                    "n_draws": draws,
                }
                for k, kind in enumerate(kinds)
            ]
    return frame_of(SHARES, rows)
