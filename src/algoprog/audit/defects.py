"""What is wrong with the published analysis, each shown by a number of ours.

It knows which two numbers show a defect: one with it, one without. Defects 1 to 7 are known
(docs/method.md, section 9); from 8 on they are this project's findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from algoprog.audit.audit import Evidence, NotComputedError
from algoprog.audit.tables import DEFECTS
from algoprog.common.intervals import MONTHS
from algoprog.model.formula import Formula
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.quantities.shapley import (
    System,
    coalition_values,
    players_of,
    shapley_not_accumulating,
    shapley_shares,
)
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.cross_validation import (
    cross_validate,
    leave_one_out_published,
    published_training_rows,
    self_normalised,
)
from algoprog.tables.frames import frame_of

Spec = Mapping[str, Any]

HELD_OUT_SCHEMA: dict[str, Any] = {
    "case": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    "mse_with_defect": pl.Float64,
    "mse_without_defect": pl.Float64,
}
TITLES = {
    1: "The optimiser stops early",
    2: "Some rows carry another benchmark’s perplexity",
    3: "The held-out error of m18 is an artefact",
    4: "The Shapley loop for m13 does not accumulate along an order",
    5: "A figure’s legend swaps “model 7” and “aggregated”",
    6: "Rows of one paper are resampled as if independent",
    7: "Variants are picked after one random split",
    8: "The penalty makes most of the transformer’s effect",
    9: "Intervals of doubling times are percentiles of ratios",
    10: "What m14 can predict depends on where its years are counted from",
    11: "The ranking of the ten best is within the procedure’s own noise",
    12: "The training compute of the two Gophers is exchanged",
}
TOP = 10
ABOVE_MINIMUM = 1e-3  # a fit is said to stop above the minimum by more than this share


def held_out_table(
    sample: pl.DataFrame,
    variants: Mapping[str, Spec],
    deltas: list[float],
    response: Mapping[str, str],
    sample_name: str,
    benchmarks: Spec,
) -> pl.DataFrame:
    """Held-out errors with and without defects 3 (case ``m18``) and 10 (case ``m14``).

    m18: the published split, the held-out row's compute divided by the least compute of the rows
    at hand, its own. m14: leaving out papers, with ln Y as it stands and less its value in the
    sample's first year, which is the same model but for what the penalty sees. Only the variants
    that are configured.
    """
    whole, known = Sample(sample_name, sample, Benchmarks.of(benchmarks)), Variants(variants)
    rows = []
    if "m18" in variants:
        model = Model.of(known["m18"], whole.take(published_training_rows(sample.height)))
        design, seen = model.design, model.observed(response["published"]).response
        for delta in deltas:
            right = leave_one_out_published(design, seen, delta)
            wrong = leave_one_out_published(
                design, seen, delta, evaluated=self_normalised(design, "alpha_compute")
            )
            rows.append(("m18", "m18", delta, wrong.mean_square, right.mean_square))
    if "m14" in variants:
        first = Model.of(known["m14"], whole).units.origin.first_year
        centred = tuple(
            {
                name: Formula(formula.replace("log(Y)", f"log(Y/{first!r})"))
                for name, formula in part.items()
            }
            for part in known["m14"].exponentials
        )
        both = [known["m14"], replace(known["m14"], name="centred", exponentials=centred)]
        for delta in deltas:
            found = cross_validate(whole, both, delta, "papers", response["converged"])
            rows.append(("m14", "m14", delta, *found["mse"].to_list()))
    return pl.DataFrame(rows, schema=HELD_OUT_SCHEMA, orient="row")


def defects_table(
    evidence: Evidence, held_out: pl.DataFrame, systems: Mapping[str, Spec]
) -> pl.DataFrame:
    """The table `defects`: what each changes, as far as the configuration has computed it.

    Parameters
    ----------
    held_out : of :func:`held_out_table`.
    systems : configuration of the systems that Shapley shares are between.
    """
    rows: list[tuple[Any, ...]] = []
    for number, found in (
        (1, _stops_early),
        (2, _other_perplexity),
        (4, lambda evidence: _not_accumulating(evidence, systems)),
        (5, _swapped),
        (6, _resampled_rows),
        (7, _one_split),
        (8, _penalised),
        (9, _ratios),
        (11, _noise),
        (12, _exchanged),
    ):
        # row by row: what comes before something that the configuration has not computed stays
        with suppress(NotComputedError):
            for shown in found(evidence):
                rows.append((number, TITLES[number], *shown))  # noqa: PERF401
    for number, case in ((3, "m18"), (10, "m14")):
        for row in held_out.filter(pl.col("case") == case).iter_rows(named=True):
            quantity = f"held-out error of {row['variant']}, δ = {row['delta']:g}"
            shown = (quantity, "nats²", row["mse_with_defect"], row["mse_without_defect"])
            rows.append((number, TITLES[number], *shown))
    return frame_of(DEFECTS, rows).sort("defect", maintain_order=True)


Shown = Iterator[tuple[str, str, float, float | None]]  # quantity, unit, with, without


def _stops_early(evidence: Evidence) -> Shown:
    key, minimum = evidence.published.fit_key, evidence.minimum()
    ours, least = evidence.row("fits", key), evidence.row("fits", minimum)
    model = f"{key['variant']}, δ = {key['delta']:g}"
    yield f"objective, {model}", "", ours["objective"], least["objective"]
    more = {"definition": "closed_form", "quantity": "compute"}
    times = [evidence.row("doubling_times", one, **more) for one in (key, minimum)]
    yield f"doubling time, {model}", "months", times[0]["point"], times[1]["point"]
    fits = evidence.table("fits")
    same = ["variant", "delta", "response"]
    minima = fits.filter(
        pl.col("estimator") == "converged", pl.col("sample") == minimum["sample"]
    ).select(*same, least="objective")
    theirs = fits.filter(
        pl.col("estimator") == "published", pl.col("sample") == key["sample"]
    ).join(minima, on=same)
    above = theirs.filter(pl.col("objective") > (1 + ABOVE_MINIMUM) * pl.col("least")).height
    yield f"fits more than 0.1 % above the minimum, of {theirs.height}", "fits", above, 0.0


def _other_perplexity(evidence: Evidence) -> Shown:
    sample = evidence.samples[evidence.published.key["sample"]]
    other = sample.filter(pl.col("perplexity") != pl.col("perplexity_first_available")).height
    yield "rows with another benchmark’s perplexity", "rows", other, 0.0
    more = {"definition": "closed_form", "quantity": "compute"}
    times = [
        evidence.row("doubling_times", key, **more)["point"]
        for key in (evidence.minimum(), evidence.headline.fit_key)
    ]
    yield "doubling time at the minimum", "months", times[0], times[1]


def _not_accumulating(evidence: Evidence, systems: Mapping[str, Spec]) -> Shown:
    fit = evidence.published.fit_key | {"variant": "m13"}
    terms = evidence.table("parameters").filter(
        *(pl.col(name) == value for name, value in fit.items())
    )
    if terms.is_empty():
        raise NotComputedError("m13")
    surface = evidence.model(fit["sample"], "m13").surface
    estimates = dict(terms.select("term", "estimate").iter_rows())
    theta = np.array([[estimates[name] for name in surface.names]])
    known = sorted((System.of(name, spec) for name, spec in systems.items()), key=lambda s: s.year)
    values = coalition_values(surface, theta, known, [(0, len(known) - 1)])
    shares = shapley_not_accumulating(values)[0, 0]
    pair = f"{known[0].name} to {known[-1].name}"
    yield f"sum of shares, m13, {pair}", "", float(shares.sum()), 1.0
    right = shapley_shares(values)[0, 0]
    for i, player in enumerate(players_of(surface)):
        yield f"share of {player.replace('_', ' ')}", "", float(shares[i]), float(right[i])


def _swapped(evidence: Evidence) -> Shown:
    """The legend is not a number; which interval is whose is."""
    pool = evidence.table("pooled_doubling_times").filter(
        pl.col("name") == evidence.settings["pools"]["published"],
        pl.col("pool").str.starts_with("top"),
    )
    if pool.is_empty():
        raise NotComputedError("pool")
    more = {"definition": "optimal_scaling", "quantity": "compute"}
    own = evidence.row("doubling_times", evidence.published.key, **more)
    for column, end in (("ci95_low", "lower"), ("ci95_high", "upper")):
        yield (
            f"{end} end, 95 %, of what is labelled “model 7”", "months",
            pool[column][0], own[column],
        )  # fmt: skip


def _resampled_rows(evidence: Evidence) -> Shown:
    more = {"definition": "closed_form", "quantity": "compute"}
    rows, papers = (
        evidence.row("doubling_times", {**evidence.headline.key, "resampling": unit}, **more)
        for unit in ("rows", "papers")
    )
    yield (
        "95 % interval of the headline, upper end",
        "months",
        rows["ci95_high"],
        papers["ci95_high"],
    )
    widths = [row["growth_ci95_high"] - row["growth_ci95_low"] for row in (rows, papers)]
    yield "width of the 95 % interval of growth", "per year", widths[0], widths[1]
    yield (
        "draws without progress", "share", rows["share_nonpositive"], papers["share_nonpositive"]
    )  # fmt: skip


def _one_split(evidence: Evidence) -> Shown:
    table = evidence.tables.get("cross_validation")
    if table is None:
        raise NotComputedError("cross_validation")
    key = evidence.published.key
    best, rank, n = {}, {}, {}
    for scheme in ("published_split", "papers"):
        rows = table.filter(pl.col("scheme") == scheme)
        if rows.is_empty():
            raise NotComputedError(scheme)
        best[scheme] = set(rows.sort("rank").head(TOP).select("variant", "delta").iter_rows())
        rank[scheme] = rows.filter(
            pl.col("variant") == key["variant"], pl.col("delta") == key["delta"]
        )["rank"][0]
        n[scheme] = rows["n"][0]
    yield "rows behind a score", "rows", n["published_split"], n["papers"]
    yield (
        f"rank of {key['variant']}, δ = {key['delta']:g}: one split; leaving out papers", "",
        rank["published_split"], rank["papers"],
    )  # fmt: skip
    both = len(best["published_split"] & best["papers"])
    yield f"of the {TOP} best leaving out papers, among the {TOP} best of the split", "", both, TOP


def _penalised(evidence: Evidence) -> Shown:
    for what, unit in (("reduction", "%"), ("gain", "times")):
        scale = 100.0 if unit == "%" else 1.0
        for compute in evidence.settings["transformer"]["computes"] if what == "gain" else [None]:
            pair = []
            for form in ("multiplier", "factor"):
                more = {"form": form} | ({"compute": compute} if compute else {})
                pair.append(
                    scale * evidence.row("transformer", evidence.headline.key, **more)[what]
                )
            at = f" at {compute:.0e} FLOP" if compute else ""
            name = {"reduction": "loss reduction", "gain": f"compute-equivalent gain{at}"}[what]
            yield f"{name}, converged", unit, pair[0], pair[1]


def _ratios(evidence: Evidence) -> Shown:
    for quantity in ("parameters", "data"):
        more = {"definition": "closed_form", "quantity": quantity}
        row = evidence.row("doubling_times", evidence.published.key, **more)
        right = MONTHS * np.log(2) / row["growth_ci95_high"]
        yield (
            f"95 % interval of the doubling time in {quantity}, lower end", "months",
            row["ci95_low"], float(right),
        )  # fmt: skip
        high = row["growth_ci95_low"]
        right = MONTHS * np.log(2) / high if high > 0 else np.inf
        yield (
            f"95 % interval of the doubling time in {quantity}, upper end", "months",
            row["ci95_high"], float(right),
        )  # fmt: skip


def _noise(evidence: Evidence) -> Shown:
    for (variant, delta), rows in evidence.scores.group_by("variant", "delta", maintain_order=True):
        mse = rows["mse"].to_numpy()
        ours = evidence.row(
            "cross_validation", {"variant": variant, "delta": delta}, scheme="published_split"
        )["mse"]
        yield (
            f"score of {variant}, δ = {delta:g}, starts or order of rows moved: highest; as is",
            "nats²", float(mse.max()), ours,
        )  # fmt: skip


def _exchanged(evidence: Evidence) -> Shown:
    """As our register has it against 6ND, which is within a third of what the paper states."""
    corrected = evidence.settings["corrections"]
    for name in ("gopher_280b", "gopher_7b"):
        if name not in corrected:
            raise NotComputedError(name)
        fixed = corrected[name]["set"]
        old = evidence.table("corrections").filter(
            pl.col("correction") == name, pl.col("field") == "training_compute"
        )["old"]
        if old.is_empty() or old[0] is None:
            raise NotComputedError(name)
        yield (
            f"training compute of {corrected[name]['match']['system']}", "FLOP",
            float(old[0]), float(fixed["training_compute"]),
        )  # fmt: skip
