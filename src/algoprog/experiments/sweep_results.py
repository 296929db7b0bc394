"""The tables of sweeps by themselves: laws, frontiers, gains, and the published total.

The module joins registers with the functions that compute; it knows none of their equations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import percentiles
from algoprog.common.levels import INTERVAL_ENDS
from algoprog.experiments import tables
from algoprog.experiments.frontiers import (
    Checkpoints,
    PowerLaw,
    draw_frontiers,
    extrapolated,
    fit_frontier,
    gain_slope,
    log_gain,
    read_off,
)
from algoprog.experiments.laws import (
    CERTIFICATE,
    Law,
    LawDraws,
    Runs,
    compute_exponent,
    draw_laws,
    fit_law,
)
from algoprog.experiments.register import Curves, read_curves, read_published, read_runs
from algoprog.experiments.settings import Sweeps
from algoprog.experiments.totals import Published
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Contents = Mapping[str, bytes]

BEST = "best"  # of all protocols of learning rates: the frontier of all their runs


def evaluation_runs(settings: Sweeps, contents: Contents, sweep: str) -> dict[str, Runs]:
    """Return the runs of a sweep by the evaluation sets that have a law.

    Raises
    ------
    InputError
        for a register that cannot be read, or an evaluation set that it does not have.
    """
    from algoprog.common.errors import InputError

    one = settings.runs[sweep]
    found = read_runs(contents[one.file], one.source(sweep))
    for evaluation in one.evaluations:
        if evaluation not in found:
            place = f"sweeps.runs.{sweep}.evaluations"
            fix = f"{one.file} has {', '.join(found)}"
            raise InputError("config.yaml", place, evaluation, fix)
    return {evaluation: found[evaluation] for evaluation in one.evaluations}


def law_table(settings: Sweeps, contents: Contents, seed: int) -> pl.DataFrame:
    """Return the table `sweep_laws`."""
    rows = []
    for sweep, one in settings.runs.items():
        for evaluation, runs in evaluation_runs(settings, contents, sweep).items():
            law = fit_law(runs)
            draws = draw_laws(runs, law, settings.draws.laws, (seed, "sweep", sweep, evaluation))
            key = {"sweep": sweep, "evaluation": evaluation, "tokenizer": one.tokenizer}
            rows.append(key | _law_row(law, draws))
    return frame_of(tables.SWEEP_LAWS, rows)


def _law_row(law: Law, draws: LawDraws) -> dict[str, Any]:
    drawn = draws.constants
    gamma = compute_exponent(drawn[:, 3], drawn[:, 4])
    alpha, beta = law.exponents
    covariance = draws.covariance
    return {
        **law.constants,
        "n": law.n,
        "gamma": float(compute_exponent(alpha, beta)),
        **percentiles(drawn[:, 0]).columns("E_"),
        **percentiles(drawn[:, 3]).columns("alpha_"),
        **percentiles(drawn[:, 4]).columns("beta_"),
        **percentiles(gamma).columns("gamma_"),
        "alpha_variance": float(covariance[0, 0]),
        "beta_variance": float(covariance[1, 1]),
        "covariance": float(covariance[0, 1]),
        "objective": law.objective,
        "rms": law.rms,
        "gradient": law.gradient,
        "converged": law.gradient <= CERTIFICATE,
        "n_starts": law.n_starts,
        "n_at_best": law.n_at_best,
        "n_draws": len(drawn),
        "share_draws_converged": float(draws.converged.mean()),
    }


def _protocols(settings: Sweeps, curves: Curves, recipe: str) -> dict[str, Checkpoints]:
    """The checkpoints of a recipe by protocol of learning rates, and of all of them."""
    names = settings.curves.recipes[recipe]
    known = {p for r, p in zip(curves.recipe, curves.protocol, strict=True) if r in names}
    protocols = [protocol for protocol in settings.curves.protocols if protocol in known]
    found = {protocol: curves.of(names, [protocol]) for protocol in protocols}
    return {**found, BEST: curves.of(names, protocols)}


def frontier_tables(settings: Sweeps, contents: Contents, seed: int) -> dict[str, pl.DataFrame]:
    """Return `sweep_frontiers`, `sweep_checkpoints`, `sweep_gains` and `sweep_totals`, by name."""
    curves = read_curves(contents[settings.curves.file], settings.curves.file)
    points = {recipe: _protocols(settings, curves, recipe) for recipe in settings.curves.recipes}
    level, draws = settings.curves.irreducible, settings.draws.frontiers
    laws = {
        (recipe, protocol): fit_frontier(one, level)
        for recipe, by_protocol in points.items()
        for protocol, one in by_protocol.items()
    }
    drawn = {
        (recipe, protocol): draw_frontiers(
            points[recipe][protocol], level, draws, (seed, "frontier", recipe, protocol)
        )
        for recipe, protocol in laws
    }
    return {
        "sweep_frontiers": frame_of(
            tables.SWEEP_FRONTIERS,
            [
                _frontier_row(*key, law, drawn[key], points[key[0]][key[1]].runs)
                for key, law in laws.items()
            ],
        ),
        "sweep_checkpoints": frame_of(tables.SWEEP_CHECKPOINTS, list(_checkpoint_rows(points))),
        "sweep_gains": frame_of(tables.SWEEP_GAINS, _gain_rows(settings, points, laws, drawn)),
        "sweep_totals": frame_of(tables.SWEEP_TOTALS, _total_rows(settings, contents, laws, drawn)),
    }


def _checkpoint_rows(
    points: Mapping[str, Mapping[str, Checkpoints]],
) -> Iterator[dict[str, Any]]:
    for recipe, by_protocol in points.items():
        front = by_protocol[BEST].frontier()
        for compute, loss in zip(front.compute.tolist(), front.loss.tolist(), strict=True):
            yield {"recipe": recipe, "compute": compute, "loss": loss}


def _frontier_row(
    recipe: str, protocol: str, law: PowerLaw, drawn: list[PowerLaw], runs: int
) -> dict[str, Any]:
    exponents = np.array([one.exponent for one in drawn])
    return {
        "recipe": recipe,
        "protocol": protocol,
        "n": law.n,
        "runs": runs,
        "E": law.irreducible,
        "A": float(np.exp(law.log_level)),
        "b": law.exponent,
        **percentiles(exponents).columns("b_"),
        "low": law.low,
        "high": law.high,
        "n_draws": len(drawn),
    }


def _gain_rows(
    settings: Sweeps,
    points: Mapping[str, Mapping[str, Checkpoints]],
    laws: Mapping[tuple[str, str], PowerLaw],
    drawn: Mapping[tuple[str, str], list[PowerLaw]],
) -> list[dict[str, Any]]:
    rows = []
    recipes = list(settings.curves.recipes)
    for i, worse in enumerate(recipes):
        for better in recipes[i + 1 :]:
            first, second = laws[worse, BEST], laws[better, BEST]
            pairs = list(zip(drawn[worse, BEST], drawn[better, BEST], strict=True))
            for compute in settings.curves.computes:
                gains = np.array([float(log_gain(a, b, compute)) for a, b in pairs])
                ends = percentiles(gains)
                rows.append(
                    {
                        "worse": worse,
                        "better": better,
                        "compute": compute,
                        "gain": float(np.exp(log_gain(first, second, compute))),
                        "low": float(np.exp(ends.low[-1])),
                        "high": float(np.exp(ends.high[-1])),
                        "read_off": read_off(points[worse][BEST], points[better][BEST], compute),
                        "slope": gain_slope(first, second),
                        "extrapolated": extrapolated(first, second, compute),
                        "n_draws": len(gains),
                    }
                )
    return rows


def _total_rows(
    settings: Sweeps,
    contents: Contents,
    laws: Mapping[tuple[str, str], PowerLaw],
    drawn: Mapping[tuple[str, str], list[PowerLaw]],
) -> list[dict[str, Any]]:
    printed = Published(read_published(contents[settings.published], settings.published))
    worse, better = settings.curves.totals["worse"], settings.curves.totals["better"]
    common = {
        "worse": worse,
        "better": better,
        "compute": printed.compute,
        "invariant": printed.invariant,
    }
    theirs = printed.total(printed.frontier("lstm"), printed.frontier("transformer_2017"))
    as_printed = {"worse_protocol": "printed", "better_protocol": "printed"}
    rows: list[dict[str, Any]] = [common | as_printed | {"total": theirs, "n_draws": 0}]
    for one in [protocol for recipe, protocol in laws if recipe == worse]:
        for other in [protocol for recipe, protocol in laws if recipe == better]:
            first, second = (worse, one), (better, other)
            totals = printed.totals(drawn[first], drawn[second])
            row = common | {"worse_protocol": one, "better_protocol": other}
            row["total"] = printed.total(laws[first], laws[second])
            row["n_draws"] = len(totals)
            interval = percentiles(totals).columns()
            rows.append(row | {name: interval[name] for name in INTERVAL_ENDS})
    return rows
