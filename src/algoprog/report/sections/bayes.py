"""Another route: what the report says of the Bayesian fit.

No table of it belongs to the main job: what rests on a table that is not there is None, and
``missing`` names the targets that make it. Sentences are the template's: here is which numbers they
speak of.
"""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from algoprog.bayes.names import HEADLINE
from algoprog.common.intervals import doubling_months
from algoprog.report.figures import (
    bayes_against_bootstrap,
    bayes_checks,
    bayes_model_average,
    bayes_prior_sensitivity,
    bayes_ranks,
)
from algoprog.report.inputs import Inputs, Row, Tables
from algoprog.report.reading import first_agreeing
from algoprog.report.section import Section

# The target that makes each table.
TARGETS = {"bayes_fits": "bayes", "bayes_calibration": "calibration"}
# What coverage of a 90 % interval counts as calibrated.
COVERED = (0.85, 0.95)
NARROW, WIDE = 2 / 3, 1.5  # ratios of widths between which two intervals are as wide
COMPUTE = "growth of effective compute"


def bayes(inputs: Inputs) -> Row:
    """Return what the Bayesian fits say; a part without its tables is None."""
    tables = inputs.tables
    made = "bayes_fits" in tables
    return {
        "missing": [target for table, target in TARGETS.items() if table not in tables],
        "fits": _fits(tables["bayes_fits"]) if made else None,
        "against": _against(tables) if made else None,
        "own": _doubling(inputs, "own_allocation") if made else None,
        "growth": _doubling(inputs, "closed_form") if made else None,
        "average": _average(inputs.rows("bayes_model_average")) if made else None,
        "sensitivity": _sensitivity(tables["bayes_prior_sensitivity"]) if made else None,
        "checks": _checks(tables["bayes_checks"]) if made else None,
        "calibration": _calibration(inputs) if "bayes_calibration" in tables else None,
    }


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
    """Return rows beside each other; those that differ with what moves them: the prior, or not."""
    rows = bayes_against_bootstrap.compared(tables["bayes_against_bootstrap"])
    wider = _widest(tables["bayes_prior_sensitivity"])
    prior = {(r["name"], r["term"]): r for r in tables["bayes_parameters"].to_dicts()}
    for row in rows:
        row["label"] = bayes_against_bootstrap.line_name(row)
        row |= _moved(
            row,
            wider.get(row["quantity"]) if row["name"] == HEADLINE else None,
            prior.get((row["name"], row["quantity"])),
        )
    known = [row for row in rows if row["width_ratio"] is not None]
    return {
        "rows": rows,
        "n": len(rows),
        "differ": [row for row in rows if row["differs"]],
        "narrower": [row for row in known if row["width_ratio"] < NARROW],
        "wider": [row for row in known if row["width_ratio"] > WIDE],
        "like": [row for row in known if NARROW <= row["width_ratio"] <= WIDE],
        "growth": first_agreeing(rows, {"label": COMPUTE}),
    }


def _moved(row: Row, wide: Row | None, before: Row | None) -> Row:
    """Return whether wider priors agree with the bootstrap, and whether the prior excludes it.

    ``wide`` is the quantity under the widest priors, ``before`` its prior.
    """
    theirs = row["bootstrap_median"]
    return {
        "wider_agrees": wide and (
            wide["ci90_low"] <= theirs <= wide["ci90_high"]
            and row["bootstrap_ci90_low"] <= wide["median"] <= row["bootstrap_ci90_high"]
        ),
        "width": wide and wide["prior_width"],
        "prior_excludes": before is not None and not (
            before["prior_ci90_low"] <= theirs <= before["prior_ci90_high"]
        ),
    }  # fmt: skip


def _widest(table: pl.DataFrame) -> dict[str, Row]:
    """Return rows of the widest priors by quantity; none where the headline's are the widest."""
    width = max(table["prior_width"], default=1.0)
    return {r["quantity"]: r for r in table.to_dicts() if r["prior_width"] == width > 1}


def _doubling(inputs: Inputs, definition: str) -> Row | None:
    """Return the headline's doubling time of effective compute by a definition."""
    key = {"name": HEADLINE, "definition": definition, "quantity": "compute"}
    return first_agreeing(inputs.rows("bayes_doubling_times"), key)


def _average(rows: list[Row]) -> Row:
    main, own = (
        first_agreeing(rows, {"definition": definition, "weighting": "stacking"})
        for definition in ("closed_form", "own_allocation")
    )
    return {"rows": rows, "main": main, "own": own}


def _sensitivity(table: pl.DataFrame) -> Row | None:
    """Return widths of the priors, and what moves most with them."""
    moved = table.filter(pl.col("shift").is_not_null(), pl.col("prior_width") != 1.0)
    if moved.is_empty():
        return None
    most = moved.sort(pl.col("shift").abs(), descending=True, maintain_order=True)
    growth = table.filter(pl.col("quantity") == COMPUTE).sort("prior_width")
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
    """Return statistics of the headline's model outside the 90 % of replicates, and shares held."""
    ours = table.filter(pl.col("name") == HEADLINE)
    seen = ours.filter(pl.col("median").is_not_null())
    out = (pl.col("observed") < pl.col("ci90_low")) | (pl.col("observed") > pl.col("ci90_high"))
    return {
        check: {
            "n": seen.filter(pl.col("check") == check).height,
            "outside": seen.filter(pl.col("check") == check, out).to_dicts(),
            "inside": {
                level: ours.filter(
                    pl.col("check") == check, pl.col("statistic") == f"inside {level} %"
                )["observed"][0]
                for level in (50, 90)
            },
        }
        for check in ("prior", "posterior")
    }


def _calibration(inputs: Inputs) -> Row:
    """Return coverage of the known doubling time, and which ranks are not uniform by the test."""
    rows = inputs.rows("bayes_calibration")
    known = first_agreeing(rows, {"kind": "known"})
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
        **asdict(inputs.settings.bayes.calibration),
    }


SECTION = Section(
    "bayes",
    bayes,
    (
        bayes_against_bootstrap.FIGURE,
        bayes_model_average.FIGURE,
        bayes_prior_sensitivity.FIGURE,
        bayes_checks.FIGURE,
        bayes_ranks.FIGURE,
    ),
)
