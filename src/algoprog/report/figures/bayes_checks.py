"""What replicated samples of the headline's model look like, beside the observed sample."""

from __future__ import annotations

import polars as pl
from matplotlib.figure import Figure

from algoprog.bayes.names import HEADLINE
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty
from algoprog.report.figures.parts.rows import ends, number
from algoprog.report.figures.parts.scaled import (
    POSTERIOR,
    ScaledLine,
    brief,
    scale_by,
    scaled,
    scaled_forest,
)
from algoprog.report.figures.parts.style import styled


@styled
def predictive_checks(table: pl.DataFrame) -> Figure:
    """Draw statistics of replicated samples, the observed sample at 0.

    On each line 1 is half of the 90 % width over samples replicated after the data were seen; the
    observed value stands at the right of a wide page (nats).

    Parameters
    ----------
    table : the table `bayes_checks`.
    """
    seen = table.filter(pl.col("name") == HEADLINE, pl.col("median").is_not_null())
    if seen.is_empty():
        return empty("No replicated samples")
    lines = []
    for (benchmark, statistic), rows in seen.group_by(
        "benchmark", "statistic", maintain_order=True
    ):
        by_check = {row["check"]: row for row in rows.to_dicts()}
        after = by_check["posterior"]
        observed = number(after["observed"])
        scale = scale_by(observed, *ends(after, 90), "nats")
        both = scale and {
            f"{check} predictive": scaled(by_check[check], scale)
            for check in ("prior", "posterior")
        }
        lines.append(ScaledLine(f"{statistic}, {benchmark}", both, brief(observed)))
    axis = "half widths of the posterior predictive 90 % from what was observed"
    series = {"prior predictive": "sky", "posterior predictive": POSTERIOR}
    return scaled_forest(lines, series, axis)


FIGURE = PageFigure(
    "bayes_checks",
    "What samples simulated from prior and posterior look like, beside the observed one",
    predictive_checks,
    ("bayes_checks",),
)
