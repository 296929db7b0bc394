"""The fifteen defects and oddities of the published analysis, each with its size (section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from algoprog.capability.bins import distinct, fixed_capability_bins
from algoprog.capability.compute import compute_sample, version_facts
from algoprog.capability.coverage import Covered
from algoprog.capability.dates import years
from algoprog.capability.errors import SamplingErrors, capability_bars
from algoprog.capability.growth import forecast
from algoprog.capability.identity import identity, rate_with_k
from algoprog.capability.influence import LeftOut, Rates, linkage
from algoprog.capability.lines import regress
from algoprog.capability.published import CUT, VALIDATION, Published
from algoprog.capability.rates import (
    LN10,
    family_gains,
    joint_rate,
    mean_gain,
    pooled_rate_with_k,
    published_rates,
)
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import SampleRules

TITLES = {
    1: "The error of k is left out of the headline, and it is the largest",
    2: "The error of C is left out",
    3: "The link between early and late benchmarks is thin",
    4: "No guessing level",
    5: "The ridge is not neutral",
    6: "k is not one number",
    7: "Selection of versions, records and bins",
    8: "Versions of a model are counted as independent",
    9: "The largest of several scores is used",
    10: "Way H leaves out a covariance",
    11: "Ties are ordered by an unstable sort",
    12: "“Prediction” intervals are of the mean",
    13: "Outputs of one notebook come from different samples",
    14: "The caption of the cross-validation says 5 folds, and 10 are run",
    15: "The published interval seldom holds the truth in simulation",
}
NEAR_GUESSING = 0.05


@dataclass(frozen=True)
class Size:
    """A measure of a defect: with it (as published) and without it; one of them can be blank."""

    defect: int
    quantity: str
    unit: str
    with_defect: float | None
    without_defect: float | None


@dataclass(frozen=True)
class Found:
    """What the sizes are read from: the published analysis, refits without units, simulation."""

    published: Published
    errors: SamplingErrors
    left_out: tuple[LeftOut, ...]
    ridges: tuple[tuple[float, ResponseFit, Rates], ...]
    covered: Covered | None

    def without(self, kind: str, unit: str) -> float | None:
        """Return the published rate without a unit, times a year; None if it was not left out."""
        for left in self.left_out:
            if (left.kind, left.unit) == (kind, unit):
                return float(np.exp(left.rates.published))
        return None


def sizes(found: Found) -> list[Size]:
    """Return the sizes of all defects, in their order."""
    parts = (_errors, _link, _model, _selection, _scores, _intervals, _samples)
    made = [Size(*row) for part in parts for row in part(found)]
    return sorted(made, key=lambda size: size.defect)


Row = tuple[int, str, str, float | None, float | None]


def _errors(found: Found) -> Iterator[Row]:
    p = found.published
    gains = family_gains(p.compute)
    parts, A = identity(p.compute, gains), p.rates["A"]
    small = rate_with_k(p.compute, gains, small_sample=True)
    normal = rate_with_k(p.compute, gains, small_sample=False)
    yield 1, "standard error of ln rate: of the trend; of k", "a year", *_floats(
        parts.part_of_trend, parts.part_of_k
    )  # fmt: skip
    for end, name in (("rate_low", "lower"), ("rate_high", "upper")):
        what = f"{name} end of way A’s 95 % interval"
        yield 1, f"{what}, k normal", "x a year", *_floats(getattr(A, end), getattr(normal, end))
        yield 1, f"{what}, k by t, 2 degrees", "x a year", getattr(A, end), getattr(small, end)
    right = pooled_rate_with_k(p.compute, "published", corrected=True)
    wrong = p.rates["E"]
    yield 1, "width of way E’s interval of ln rate", "a year", *_floats(
        wrong.high - wrong.low, right.high - right.low
    )  # fmt: skip
    down, up = capability_bars(p.fit)
    yield 2, "median half width: of the published bars; of a 95 % interval of C", "C", *_floats(
        np.median((down + up) / 2), 1.96 * np.median(found.errors.capability)
    )  # fmt: skip
    yield 2, "parameters: free; effective, for 1,324 pairs", "", *_floats(
        len(p.fit.capability) + 2 * len(p.fit.difficulty) - 1, found.errors.effective_parameters
    )  # fmt: skip


def _floats(first: float, second: float) -> tuple[float, float]:
    return float(first), float(second)


def _link(found: Found) -> Iterator[Row]:
    p = found.published
    released = dict(p.registers.benchmarks.select("benchmark", "released").iter_rows())
    link, A = linkage(p.fit, released.get), p.rates["A"].rate
    yield 3, "versions without a benchmark of 2023 or later", "versions", None, link.only_old
    yield 3, "versions with none older, MMLU and MATH apart", "versions", None, link.only_new
    yield 3, "versions with two of each", "versions", None, link.both
    for kind, unit, name in (
        ("benchmark", "MMLU", "MMLU"),
        ("model", "Llama 2-70B", "Llama-2-70b"),
        ("model", "Llama 3.1-8B", "Llama-3.1-8B"),
        ("organisation", "DeepSeek", "DeepSeek"),
    ):
        rate = found.without(kind, unit)
        if rate is not None:
            yield 3, f"way A: with all; without {name}", "x a year", A, rate


def _model(found: Found) -> Iterator[Row]:
    p, A = found.published, found.published.rates["A"].rate
    pairs = p.fit.pairs
    near = pairs.score <= pairs.guessing[pairs.benchmark] + NEAR_GUESSING
    guessed = near & (pairs.guessing[pairs.benchmark] > 0)
    yield 4, "pairs within 0.05 of guessing or below", "pairs", None, int(guessed.sum())
    floor = fit_response(pairs, ResponseModel(floor=True))
    scaled = fit_response(p.sample(SampleRules(rescaled=True)).pairs)
    for fit, name in ((floor, "a floor at guessing"), (scaled, "rescaled scores")):
        rates = Rates.of(compute_sample(fit, p.registers.versions))
        yield 4, f"way A: as published; with {name}", "x a year", A, float(np.exp(rates.published))
        joint = p.rates["H"].rate
        yield 4, f"way H: as published; with {name}", "x a year", joint, float(np.exp(rates.joint))
    for ridge, _, rates in found.ridges:
        rate = float(np.exp(rates.published))
        yield 5, f"way A: at a ridge of 0.1; of {ridge:g}", "x a year", A, rate
    gains = family_gains(p.compute, p.compute.recipe)
    slopes = [gain.k for gain in gains]
    published = [gain.k for gain in p.gains.values()]
    yield 6, "smallest k: of 3 families; of all recipes", "C per e-fold", *_floats(
        min(published), min(slopes)
    )  # fmt: skip
    yield 6, "largest k: of 3 families; of all recipes", "C per e-fold", *_floats(
        max(published), max(slopes)
    )  # fmt: skip
    yield 6, "mean k: of 3 families; of all recipes", "C per e-fold", *_floats(
        mean_gain(tuple(p.gains.values())), mean_gain(gains)
    )  # fmt: skip


def _selection(found: Found) -> Iterator[Row]:
    p = found.published
    facts = version_facts(p.registers.versions)
    inside = [facts[name] for name in p.fit.pairs.versions]
    flags = [row for row in inside if row["distilled"] is not None]
    unsure = [row for row in flags if row["distilled_confidence"] != "high"]
    missing = [row for row in inside if row["distilled_as_joined"] is None]
    open_ = [row for row in inside if row["distilled_as_joined"] != 1]
    yield 7, "share of distilled flags of low or medium confidence", "", None, (
        len(unsure) / len(flags)
    )  # fmt: skip
    yield 7, "versions without a flag, counted as not distilled", "versions", None, len(missing)
    yield (
        7,
        "undistilled versions: in the fit; with compute",
        "versions",
        len(open_),
        len(p.compute),
    )
    kept = compute_sample(p.fit, p.registers.versions, "kept")
    with_kept = {rate.way: rate.rate for rate in published_rates(kept)}
    for way in ("A", "H"):
        yield 7, f"way {way}: without; with distilled versions", "x a year", p.rates[way].rate, (
            with_kept[way]
        )  # fmt: skip
    sizes_ = [len(found_.versions) for found_ in distinct(fixed_capability_bins(p.compute))]
    yield 7, "versions behind a line of way F: fewest; most", "versions", min(sizes_), max(sizes_)
    yield 8, "sample: versions; models with one compute each", "", len(p.compute), len(
        set(p.compute.model)
    )  # fmt: skip


def _scores(found: Found) -> Iterator[Row]:
    p, A = found.published, found.published.rates["A"].rate
    pairs = p.fit.pairs
    several = pairs.count > 1
    mean = p.sample(SampleRules(score="mean")).pairs
    gap = float((pairs.score - mean.score)[several].mean())
    rates = Rates.of(compute_sample(fit_response(mean), p.registers.versions))
    yield 9, "pairs with several scores", "pairs", None, int(several.sum())
    yield 9, "largest score above the mean of these", "score", None, gap
    yield 9, "way A: with the largest; with the mean score", "x a year", A, float(
        np.exp(rates.published)
    )  # fmt: skip
    z = p.compute
    fit = regress(z.capability, z.ln_compute / LN10, z.t - 2023)
    V = fit.covariance
    yield 10, "correlation of the two coefficients", "", None, float(
        V[1, 2] / np.sqrt(V[1, 1] * V[2, 2])
    )  # fmt: skip
    apart, together = p.rates["H"], joint_rate(z, covariance=True)
    for end, name in (("low", "lower"), ("high", "upper")):
        yield 10, f"{name} end of way H’s 95 % interval", "OOM a year", *_floats(
            getattr(apart, end) / LN10, getattr(together, end) / LN10
        )  # fmt: skip
    best = {rate.way: rate for rate in published_rates(z, "best_first")}
    for way in ("C", "D"):
        published = p.rates[way].rate
        yield 11, f"way {way}: unstable sort; most capable of a day first", "x a year", published, (
            best[way].rate
        )  # fmt: skip


def _intervals(found: Found) -> Iterator[Row]:
    p = found.published
    trend = p.dated.frontier_trend()
    at = forecast(trend, np.array([years(VALIDATION) + 4]))
    yield 12, "half width of the frontier’s interval four years on", "C", *_floats(
        at.mean_high[0] - at.expected[0], at.high[0] - at.expected[0]
    )  # fmt: skip
    if found.covered is not None:
        covered = found.covered
        for method in ("A published", "H published", "A with k (t)", "hierarchical, restricted"):
            share = 100 * covered.share(method)
            nominal = 100 * covered.level
            yield 15, f"{method}: nominal; simulated coverage", "%", nominal, share


def _samples(found: Found) -> Iterator[Row]:
    p = found.published
    two = p.sample(SampleRules(least_benchmarks=2))
    everything = p.sample(SampleRules(since=None)).pairs
    cut = p.sample(SampleRules(since=None, before=CUT, benchmarks_before=CUT)).pairs
    yield 13, "versions: more than 3 benchmarks; more than 1", "versions", *_floats(
        len(p.main.pairs.versions), len(two.pairs.versions)
    )  # fmt: skip
    yield 13, "frontier’s trend: since November 2022; all dates", "C a year", *_floats(
        p.dated.frontier_trend().slope, p.all_dates.frontier_trend().slope
    )  # fmt: skip
    yield 13, "pairs of the refit before July 2024, from all dates", "pairs", None, len(cut)
    yield 13, "pairs without the limit of dates", "pairs", None, len(everything)
    yield 14, "folds: in the caption; run", "folds", 5.0, 10.0
