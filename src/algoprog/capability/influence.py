"""What the rate rests on: one unit left out at a time, the ridge, and the link of old and new."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability.compute import (
    ComputeSample,
    compute_sample,
    organisation_of,
    version_facts,
)
from algoprog.capability.hierarchical import fit_hierarchical, strata
from algoprog.capability.identity import identity
from algoprog.capability.rates import family_gains, joint_rate
from algoprog.capability.response import ResponseFit, ResponseModel, Start, fit_response

Flags = NDArray[np.bool_]

RIDGES = (0.0, 0.01, 0.1, 1.0)
LINKS = ("MMLU", "MATH level 5")  # old benchmarks that new versions are still tested on
NEW_SINCE = datetime.date(2023, 1, 1)


@dataclass(frozen=True)
class Rates:
    """The three estimates that are followed, as growth (ln of times a year), and the identity.

    published  way A; joint way H; hierarchical the likelihood's
    """

    n: int
    s_c: float
    s_f: float
    k: float
    published: float
    joint: float
    hierarchical: float

    @classmethod
    def of(cls, sample: ComputeSample) -> Rates:
        """Return the estimates of a sample; k is NaN without a family."""
        parts = identity(sample, family_gains(sample))
        fit = fit_hierarchical(strata(sample), ((0.5, -4.0),))
        return cls(
            len(sample), parts.s_c, parts.s_f, parts.k,
            parts.growth, joint_rate(sample).growth, fit.growth,
        )  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """The estimates without a unit of a kind (benchmark, organisation, family, model)."""

    kind: str
    unit: str
    pairs: int
    rates: Rates


def without_pairs(fit: ResponseFit, keep: Flags, versions: pl.DataFrame) -> Rates:
    """Return the estimates when both stages are refitted to the pairs kept."""
    pairs = fit.pairs.subset(keep)
    model = fit.model
    if model.anchor not in pairs.benchmarks:  # any unit will do: the rate is invariant
        counts = np.bincount(pairs.benchmark)
        model = replace(model, anchor=pairs.benchmarks[int(counts.argmax())])
    return Rates.of(compute_sample(fit_response(pairs, model), versions))


def leave_out(fit: ResponseFit, sample: ComputeSample, versions: pl.DataFrame) -> Iterator[LeftOut]:
    """Return the estimates without each benchmark, and each unit of versions with compute."""
    pairs = fit.pairs
    for b, name in enumerate(pairs.benchmarks):
        keep = pairs.benchmark != b
        yield LeftOut("benchmark", name, int((~keep).sum()), without_pairs(fit, keep, versions))
    facts = version_facts(versions)
    organisation = [organisation_of(facts[v]["organisation"]) if v in facts else ""
                    for v in pairs.versions]  # fmt: skip
    model = [(facts.get(v) or {}).get("model") or v for v in pairs.versions]
    recipe = [(facts.get(v) or {}).get("recipe") or "" for v in pairs.versions]
    inside = set(sample.version)
    for kind, labels in (("organisation", organisation), ("family", recipe), ("model", model)):
        units = {
            label for label, v in zip(labels, pairs.versions, strict=True) if label and v in inside
        }
        names = np.array(labels)
        for unit in sorted(units):
            keep = names[pairs.version] != unit
            rates = without_pairs(fit, keep, versions)
            yield LeftOut(kind, unit, int((~keep).sum()), rates)


def ridge_path(
    fit: ResponseFit, versions: pl.DataFrame, ridges: Sequence[float] = RIDGES
) -> list[tuple[float, ResponseFit, Rates]]:
    """Return the fit and the estimates at each ridge, every fit from several starts."""
    made = []
    for ridge in ridges:
        model: ResponseModel = replace(fit.model, ridge=ridge)
        other = fit_response(fit.pairs, model, start=Start.of(fit), more_starts=3)
        made.append((ridge, other, Rates.of(compute_sample(other, versions))))
    return made


@dataclass(frozen=True)
class Linkage:
    """How thinly early and late benchmarks are tied together, in versions.

    only_old   no benchmark of 2023 or later
    only_new   none older, the linking benchmarks apart
    both       at least two of each
    """

    versions: int
    only_old: int
    only_new: int
    both: int


def linkage(
    fit: ResponseFit,
    released: Callable[[str], datetime.date | None],
    since: datetime.date = NEW_SINCE,
) -> Linkage:
    """Return the counts; a benchmark without a date counts as new (the newest have none)."""
    pairs = fit.pairs
    new = np.array([(released(b) or since) >= since for b in pairs.benchmarks])
    link = np.isin(np.array(pairs.benchmarks), LINKS)
    M = len(pairs.versions)
    count_new = np.bincount(pairs.version, new[pairs.benchmark], M)
    count_old = np.bincount(pairs.version, ~new[pairs.benchmark], M)
    unlinked = np.bincount(pairs.version, (~new & ~link)[pairs.benchmark], M)
    return Linkage(
        M,
        int((count_new == 0).sum()),
        int((unlinked == 0).sum()),
        int(((count_new >= 2) & (count_old >= 2)).sum()),
    )
