"""The tables `estimates` and `estimates_left_out`, and which estimates measure the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from algoprog.synthesis.estimate import Estimate
from algoprog.synthesis.ours import Absent, Span
from algoprog.synthesis.settings import Words
from algoprog.synthesis.tables import ESTIMATES, ESTIMATES_LEFT_OUT
from algoprog.tables.frames import frame_of


def estimate_table(estimates: Iterable[Estimate], words: Words) -> pl.DataFrame:
    """Return the table `estimates`: by domain, quantity and definition, as `words` order them."""
    orders = (words.domains, words.quantities, words.definitions, words.settings)
    codes = [list(order) for order in orders]

    def place(one: Estimate) -> tuple[Any, ...]:
        of = (one.domain, one.quantity, one.definition, one.setting)
        ranks = tuple(order.index(code) for order, code in zip(codes, of, strict=True))
        return (*ranks, one.whose != "published")

    return frame_of(ESTIMATES, [one.row for one in sorted(estimates, key=place)])


def left_out_table(absent: Iterable[Absent]) -> pl.DataFrame:
    """Return the table `estimates_left_out`."""
    return frame_of(ESTIMATES_LEFT_OUT, [asdict(one) for one in absent])


def span(days: pl.Series) -> Span:
    """Return the first and last of days; None of none."""
    known = days.drop_nulls()
    if known.is_empty():
        return None, None
    return known.min(), known.max()  # type: ignore[return-value]


def periods(tables: Mapping[str, pl.DataFrame], sample: pl.DataFrame) -> dict[str, Span]:
    """Return first and last day of the headline's sample, and of capability's versions."""
    found = {"sample": span(sample["published"])}
    if "capability_models" in tables:
        versions = tables["capability_models"].filter("in_rates")
        found["capability"] = span(versions["released"])
    return found


@dataclass(frozen=True)
class Same:
    """Estimates of one thing: equal domain, quantity and definition.

    ``settings`` are those that they differ in; of one thing they are then, but not of one
    population of systems.
    """

    domain: str
    quantity: str
    definition: str
    settings: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def of(self, whose: str) -> list[Mapping[str, Any]]:
        """Return those of others (``published``) or ours (``ours``)."""
        return [row for row in self.rows if row["whose"] == whose]

    def range(self, whose: str) -> tuple[float, float] | None:
        """Return the shortest and the longest doubling time in months; None where there is none."""
        months = [row["months"] for row in self.of(whose) if row["months"] is not None]
        return (min(months), max(months)) if months else None


def same_things(rows: Iterable[Mapping[str, Any]]) -> list[Same]:
    """Return the groups of rows of `estimates` with equal domain, quantity and definition."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        key = row["domain"], row["quantity"], row["definition"]
        groups.setdefault(key, []).append(row)
    return [
        Same(
            *key, settings=tuple(dict.fromkeys(one["setting"] for one in group)), rows=tuple(group)
        )
        for key, group in groups.items()
    ]
