"""The sample of stage 2: versions with a capability, a date and a training compute."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability.dates import DAYS
from algoprog.capability.records_of import generic_quicksort
from algoprog.capability.response import ResponseFit
from algoprog.common.rows import Plain

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Distilled = Literal["published", "corrected", "sure_only", "kept"]

# Laboratories that changed their name, or of which one belongs to the other.
ORGANISATIONS = {
    "Google DeepMind": "Google",
    "DeepMind": "Google",
    "Google Research": "Google",
    "Microsoft Research": "Microsoft",
    "Z.ai (Zhipu AI)": "Zhipu AI",
    "Cohere for AI": "Cohere",
}


def year_of(day: datetime.date) -> float:
    """Return the date in years, year + day of the year / 365.25."""
    return day.year + day.timetuple().tm_yday / DAYS


def organisation_of(names: str | None) -> str:
    """Return the organisation named first, under its present name; "" where unknown."""
    first = (names or "").split(",")[0].strip()
    return ORGANISATIONS.get(first, first)


@dataclass(frozen=True)
class ComputeSample:
    """Versions in stage 2, one element of each array for each.

    day          of release, as a number of days; `t` in years
    ln_compute   natural logarithm of the training compute in FLOP
    capability   from stage 1
    family       of the published k ("" outside), `recipe` of our wider families
    model, organisation  clusters ("" where unknown stands for itself)
    position     index among the versions of stage 1
    rank         place in the published order by day, in which versions without compute took part
    """

    version: tuple[str, ...]
    model: tuple[str, ...]
    family: tuple[str, ...]
    recipe: tuple[str, ...]
    organisation: tuple[str, ...]
    day: Integers
    t: Array
    ln_compute: Array
    capability: Array
    position: Integers
    rank: Integers

    def __len__(self) -> int:
        return len(self.version)

    def subset(self, keep: Flags | Integers) -> ComputeSample:
        """Return the versions that a mask or indices select, in that order."""
        index = np.flatnonzero(keep) if keep.dtype == bool else keep
        parts: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            parts[field.name] = (
                tuple(value[i] for i in index) if isinstance(value, tuple) else value[index]
            )
        return replace(self, **parts)

    def with_capability(self, capability: Array) -> ComputeSample:
        """Return the sample with the capabilities of another fit of the same versions."""
        return replace(self, capability=capability[self.position])

    def members(self, families: tuple[str, ...]) -> list[tuple[str, Integers]]:
        """Return each family (here or of the same length) with at least one version, sorted."""
        names = np.array(families)
        return [(str(n), np.flatnonzero(names == n)) for n in np.unique(names) if n]


def version_facts(versions: pl.DataFrame) -> Mapping[str, Plain]:
    """Return what the register knows of each version, by name."""
    return {row["model_version"]: row for row in versions.iter_rows(named=True)}


def is_distilled(facts: Plain, rule: Distilled) -> bool:
    """Return whether a version counts as distilled.

    published  by the flag as the published join finds it, no entry being no
    corrected  by the flag of the right name
    sure_only  by the flag where its confidence is high
    kept       never: distilled versions stay in
    """
    if rule == "kept":
        return False
    if rule == "published":
        return facts.get("distilled_as_joined") == 1
    sure = rule == "corrected" or facts.get("distilled_confidence") == "high"
    return facts.get("distilled") == 1 and sure


def compute_sample(
    fit: ResponseFit, versions: pl.DataFrame, distilled: Distilled = "published"
) -> ComputeSample:
    """Return the versions of the fit with a date and a compute that do not count as distilled."""
    facts = version_facts(versions)
    rank = _published_ranks(fit, facts, distilled)
    known = [
        (i, name, facts[name])
        for i, name in enumerate(fit.pairs.versions)
        if name in facts
        and facts[name]["training_compute"] is not None
        and facts[name]["released"] is not None
        and not is_distilled(facts[name], distilled)
    ]
    rows = [row for _, _, row in known]
    position = np.array([i for i, _, _ in known], dtype=np.int64)
    return ComputeSample(
        version=tuple(name for _, name, _ in known),
        model=tuple(row["model"] or name for _, name, row in known),
        family=tuple(row.get("family") or "" for row in rows),
        recipe=tuple(row.get("recipe") or "" for row in rows),
        organisation=tuple(organisation_of(row["organisation"]) for row in rows),
        day=np.array([row["released"].toordinal() for row in rows], dtype=np.int64),
        t=np.array([year_of(row["released"]) for row in rows]),
        ln_compute=np.log(np.array([row["training_compute"] for row in rows])),
        capability=fit.capability[position],
        position=position,
        rank=rank[position],
    )


def _published_ranks(
    fit: ResponseFit, facts: Mapping[str, Plain], distilled: Distilled
) -> Integers:
    """Return the place of each version in the first of the two published sorts by day."""
    names = fit.pairs.versions
    dated = [
        i
        for i, name in enumerate(names)
        if (row := facts.get(name)) and row["released"] and not is_distilled(row, distilled)
    ]
    start = np.array(sorted(dated, key=lambda i: -fit.capability[i]), dtype=np.int64)
    days = np.array([facts[names[i]]["released"].toordinal() for i in start], dtype=np.float64)
    rank = np.full(len(names), -1, dtype=np.int64)
    rank[start[generic_quicksort(days)]] = np.arange(len(start))
    return rank
