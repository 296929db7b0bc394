"""Numbers that show each defect of the published analysis: with it, and without it.

:mod:`algoprog.audit.known_defects` says what each defect is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import polars as pl

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.known_defects import DEFECTS as KNOWN
from algoprog.audit.tables import CAPABILITY, DEFECTS, PAPER
from algoprog.common.intervals import doubling_months, signed_months
from algoprog.quantities.shapley import (
    System,
    coalition_values,
    players_of,
    shapley_not_accumulating,
    shapley_shares,
)
from algoprog.tables.frames import frame_of

TOP = 10
ABOVE_MINIMUM = 1e-3  # a fit is said to stop above the minimum by more than this share

Shown = Iterator[tuple[str, str, float, float | None]]  # quantity, unit, with, without


def defects_table(
    evidence: Evidence, held_out: pl.DataFrame, systems: Sequence[System]
) -> pl.DataFrame:
    """Return the table `defects`: what each changes, as far as the configuration has computed it.

    Parameters
    ----------
    held_out : of :func:`~algoprog.audit.held_out.held_out_table`.
    systems : those that Shapley shares are between.
    """
    numbers: dict[int, Callable[[Evidence], Shown]] = {
        **NUMBERS,
        3: lambda evidence: _held_out(held_out, "m18"),
        4: lambda evidence: _not_accumulating(evidence, systems),
        10: lambda evidence: _held_out(held_out, "m14"),
    }
    rows: list[tuple[Any, ...]] = []
    for number, found in sorted(numbers.items()):
        # row by row: what comes before something that the configuration has not computed stays
        with suppress(NotComputedError):
            for shown in found(evidence):
                rows.append((PAPER, number, KNOWN[number].title, *shown))  # noqa: PERF401
    return frame_of(DEFECTS, rows)


def with_capability_defects(table: pl.DataFrame, *parts: pl.DataFrame) -> pl.DataFrame:
    """Return `defects` with those of capability's published analysis behind the paper's."""
    rows = [{"analysis": CAPABILITY, **row} for part in parts for row in part.iter_rows(named=True)]
    return pl.concat([table, frame_of(DEFECTS, rows)])


def _held_out(table: pl.DataFrame, case: str) -> Shown:
    for row in table.filter(pl.col("case") == case).iter_rows(named=True):
        quantity = f"held-out error of {row['variant']}, δ = {row['delta']:g}"
        yield quantity, "nats²", row["mse_with_defect"], row["mse_without_defect"]


def _stops_early(evidence: Evidence) -> Shown:
    key, minimum = evidence.published.fit_key, evidence.minimum()
    ours, least = evidence.row("fits", key), evidence.row("fits", minimum)
    model = f"{key['variant']}, δ = {key['delta']:g}"
    yield f"objective, {model}", "", ours["objective"], least["objective"]
    more = {"definition": "closed_form", "quantity": "compute"}
    times = [evidence.row("doubling_times", fit, **more) for fit in (key, minimum)]
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
    yield from _by_penalty(evidence)


def _by_penalty(evidence: Evidence) -> Shown:
    """Yield the optimiser's doubling time and the minimum's at each penalty, each row its own."""
    times = evidence.table("penalty").filter(pl.col("setting") == "as_fitted")
    minima = {row["delta"]: row for row in times.to_dicts() if row["estimator"] == "converged"}
    for row in times.filter(pl.col("estimator") == "published").sort("delta").to_dicts():
        if None in (row["closed_form"], minima[row["delta"]]["closed_form"]):
            continue
        said = f"doubling time, {row['variant']}, δ = {row['delta']:g}, own response"
        yield said, "months", row["closed_form"], minima[row["delta"]]["closed_form"]


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


def _not_accumulating(evidence: Evidence, systems: Sequence[System]) -> Shown:
    fit = evidence.published.fit_key | {"variant": "m13"}
    terms = evidence.table("parameters").filter(
        *(pl.col(name) == value for name, value in fit.items())
    )
    if terms.is_empty():
        raise NotComputedError("m13")
    surface = evidence.model(fit["sample"], "m13").surface
    estimates = dict(terms.select("term", "estimate").iter_rows())
    theta = np.array([[estimates[name] for name in surface.names]])
    known = sorted(systems, key=lambda system: system.year)
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
        pl.col("name") == evidence.settings.pools["published"],
        pl.col("pool").str.starts_with("top"),
        pl.col("definition") == "optimal_scaling",
    )
    if pool.is_empty():
        raise NotComputedError("pool")
    more = {"definition": "optimal_scaling", "quantity": "compute"}
    m07 = evidence.row("doubling_times", evidence.published.key, **more)
    for column, end in (("ci95_low", "lower"), ("ci95_high", "upper")):
        yield (
            f"{end} end, 95 %, of what is labelled “model 7”", "months",
            pool[column][0], m07[column],
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
        for compute in evidence.settings.transformer.computes if what == "gain" else [None]:
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
        fast = signed_months(row["growth_ci95_high"])
        yield (
            f"95 % interval of the doubling time in {quantity}, lower end", "months",
            row["ci95_low"], float(fast),
        )  # fmt: skip
        slow = doubling_months(row["growth_ci95_low"])
        yield (
            f"95 % interval of the doubling time in {quantity}, upper end", "months",
            row["ci95_high"], float(slow),
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
    corrected = evidence.settings.corrections
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


NUMBERS: dict[int, Callable[[Evidence], Shown]] = {
    1: _stops_early,
    2: _other_perplexity,
    5: _swapped,
    6: _resampled_rows,
    7: _one_split,
    8: _penalised,
    9: _ratios,
    11: _noise,
    12: _exchanged,
}
