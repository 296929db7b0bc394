"""What the report says of the Bayesian fit: rows and findings of ``bayes.html.j2``, its figures.

Everything comes from result tables. None of them belongs to the main job: what rests on a table
that is not there is None, and ``missing`` names the targets that make it. Sentences are the
template's: here is which numbers they speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from algoprog.bayes.names import HEADLINE
from algoprog.common.intervals import doubling_months
from algoprog.report.figures import bayes as bayes_figures
from algoprog.report.figures.headline import Drawing

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

# The target that makes each table.
TARGETS = {"bayes_fits": "bayes", "bayes_calibration": "calibration"}
# What coverage of a 90 % interval counts as calibrated.
COVERED = (0.85, 0.95)
NARROW, WIDE = 2 / 3, 1.5  # ratios of widths between which two intervals are as wide


def bayes(tables: Tables, config: Mapping[str, Any]) -> Row:
    """What ``bayes.html.j2`` is filled with; a part without its tables is None."""
    made = "bayes_fits" in tables
    return {
        "missing": [target for table, target in TARGETS.items() if table not in tables],
        "fits": _fits(tables["bayes_fits"]) if made else None,
        "against": _against(tables) if made else None,
        "growth": _growth(tables["bayes_doubling_times"]) if made else None,
        "average": _average(tables["bayes_model_average"]) if made else None,
        "sensitivity": _sensitivity(tables["bayes_prior_sensitivity"]) if made else None,
        "checks": _checks(tables["bayes_checks"]) if made else None,
        "calibration": _calibration(tables, config) if "bayes_calibration" in tables else None,
    }


def figures(tables: Tables, config: Mapping[str, Any]) -> Iterator[tuple[str, Drawing]]:
    """The figure of each table that is there, by name."""
    draw: dict[str, tuple[str, Callable[[pl.DataFrame, bool], Figure]]] = {
        "bayes_against_bootstrap": (
            "Posterior beside bootstrap, quantity by quantity",
            bayes_figures.against_bootstrap,
        ),
        "bayes_model_average": (
            "Growth and doubling time of every model, and averaged over models",
            lambda t, narrow: bayes_figures.model_average(
                t, tables["bayes_doubling_times"], tables["bayes_fits"], narrow
            ),
        ),
        "bayes_prior_sensitivity": (
            "The posterior under narrower and wider priors",
            bayes_figures.prior_sensitivity,
        ),
        "bayes_checks": (
            "What samples simulated from prior and posterior look like, beside the observed one",
            bayes_figures.predictive_checks,
        ),
        "bayes_ranks": (
            "Ranks of the truth among posterior draws, over simulated data sets",
            bayes_figures.ranks,
        ),
    }
    for name, (title, function) in draw.items():
        if name in tables:
            yield name, Drawing(title, partial(function, tables[name]))


def _fits(table: pl.DataFrame) -> Row:
    rows = table.to_dicts()
    weighed = [row for row in rows if row["weight"] is not None]
    return {
        "rows": rows,
        "headline": next(row for row in rows if row["name"] == HEADLINE),
        "engines": sorted(set(table["engine"])),
        "failed": [row for row in rows if not row["passed"]],
        "weights": sorted(weighed, key=lambda row: -row["weight"]),
        "worst_rhat": table["rhat"].max(),
        "divergences": table["divergences"].sum(),
        "unsure": [row for row in rows if row["papers_above_0.7"]],
    }


def _against(tables: Tables) -> Row:
    """Rows beside each other; those that differ with what moves them: the prior, or not it."""
    rows = bayes_figures.compared(tables["bayes_against_bootstrap"])
    wider = _widest(tables["bayes_prior_sensitivity"])
    prior = {(r["name"], r["term"]): r for r in tables["bayes_parameters"].to_dicts()}
    for row in rows:
        theirs = row["bootstrap_median"]
        own = wider.get(row["quantity"]) if row["name"] == HEADLINE else None
        before = prior.get((row["name"], row["quantity"]))
        row |= {"label": bayes_figures.line_name(row)}
        row["wider_agrees"] = own and (
            own["ci90_low"] <= theirs <= own["ci90_high"]
            and row["bootstrap_ci90_low"] <= own["median"] <= row["bootstrap_ci90_high"]
        )
        row["width"] = own and own["prior_width"]
        row["prior_excludes"] = before is not None and not (
            before["prior_ci90_low"] <= theirs <= before["prior_ci90_high"]
        )
    differ = [row for row in rows if row["differs"]]
    known = [row for row in rows if row["width_ratio"] is not None]
    return {
        "rows": rows,
        "n": len(rows),
        "differ": differ,
        "narrower": [row for row in known if row["width_ratio"] < NARROW],
        "wider": [row for row in known if row["width_ratio"] > WIDE],
        "like": [row for row in known if NARROW <= row["width_ratio"] <= WIDE],
        "growth": next(
            (r for r in rows if r["label"] == bayes_figures.COMPUTE),
            None,
        ),
    }


def _widest(table: pl.DataFrame) -> dict[str, Row]:
    """Rows of the widest priors by quantity; none where no priors are wider than the headline's."""
    width = max(table["prior_width"], default=1.0)
    return {r["quantity"]: r for r in table.to_dicts() if r["prior_width"] == width > 1}


def _growth(table: pl.DataFrame) -> Row | None:
    """The headline's doubling time of effective compute, as its row of `bayes_doubling_times`."""
    found = table.filter(
        pl.col("name") == HEADLINE,
        pl.col("definition") == "closed_form",
        pl.col("quantity") == "compute",
    ).to_dicts()
    return found[0] if found else None


def _average(table: pl.DataFrame) -> Row:
    rows = table.to_dicts()
    main = [r for r in rows if (r["definition"], r["weighting"]) == ("closed_form", "stacking")]
    return {"rows": rows, "main": main[0] if main else None}


def _sensitivity(table: pl.DataFrame) -> Row | None:
    """Widths of the priors, and what moves most with them."""
    moved = table.filter(pl.col("shift").is_not_null(), pl.col("prior_width") != 1.0)
    if moved.is_empty():
        return None
    most = moved.sort(pl.col("shift").abs(), descending=True, maintain_order=True)
    growth = table.filter(pl.col("quantity") == bayes_figures.COMPUTE).sort("prior_width")
    return {
        "widths": sorted(set(table["prior_width"])),
        "failed": sorted(set(table.filter(~pl.col("passed"))["prior_width"])),
        "most": most.row(0, named=True),
        "n": moved["quantity"].n_unique(),
        "still": moved.group_by("quantity")
        .agg((pl.col("shift").abs() <= 0.25).all().alias("still"))["still"]
        .sum(),
        "growth": [
            row | {"months": float(doubling_months(row["median"]))} for row in growth.to_dicts()
        ],
    }


def _checks(table: pl.DataFrame) -> Row:
    """Of the headline's model: statistics outside the 90 % of replicates, and shares held."""
    own = table.filter(pl.col("name") == HEADLINE)
    seen = own.filter(pl.col("median").is_not_null())
    out = (pl.col("observed") < pl.col("ci90_low")) | (pl.col("observed") > pl.col("ci90_high"))
    return {
        check: {
            "n": seen.filter(pl.col("check") == check).height,
            "outside": seen.filter(pl.col("check") == check, out).to_dicts(),
            "inside": {
                level: own.filter(
                    pl.col("check") == check, pl.col("statistic") == f"inside {level} %"
                )["observed"][0]
                for level in (50, 90)
            },
        }
        for check in ("prior", "posterior")
    }


def _calibration(tables: Tables, config: Mapping[str, Any]) -> Row:
    """Coverage of the known doubling time; which ranks are not uniform by the stated test."""
    rows = tables["bayes_calibration"].to_dicts()
    known = next((row for row in rows if row["kind"] == "known"), None)
    ranked = [row for row in rows if row["kind"] == "prior"]
    return {
        "known": known,
        "covered": COVERED,
        "holds": known and COVERED[0] <= known["coverage90"] <= COVERED[1],
        "rows": ranked,
        "n": ranked[0]["n_data_sets"] if ranked else 0,
        "not_uniform": [row for row in ranked if row["uniform"] is False],
        "least": min(ranked, key=lambda row: row["p_adjusted"], default=None),
        "coverage": (
            min((row["coverage90"] for row in ranked), default=None),
            max((row["coverage90"] for row in ranked), default=None),
        ),
        **config["bayes"]["calibration"],
    }
