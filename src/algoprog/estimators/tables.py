"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import (
    ANALYSIS,
    FIT,
    common,
    interval,
    number,
    text,
)
from algoprog.tables.declaration import Group, Table

FITS_GROUP = Group("fits", "Fits")

FITS = Table(
    "fits",
    group=FITS_GROUP,
    row="fit",
    key=FIT,
    columns=(
        *common(
            *FIT,
            "n",
            "p",
            "objective",
            "mse",
            "r2",
            "subgradient",
            "converged",
            "n_starts",
            "n_at_best",
        ),
        number(
            "gap", "objective of the next best minimum less the best one; blank if one", "nats²"
        ),
        *common("response", "not_identified"),
    ),
)
PARAMETERS = Table(
    "parameters",
    group=FITS_GROUP,
    row="parameter of a fit, for each resampling it has draws of",
    key=(*ANALYSIS, "term"),
    ordered=ANALYSIS,
    columns=(
        *common(*ANALYSIS),
        text("term", "name of the parameter, as the paper has it"),
        number("estimate", "estimate"),
        number("standard_error", "standard error at the minimum; blank where it is not certified"),
        *interval("the parameter"),
    ),
)

TABLES = (
    FITS,
    PARAMETERS,
)
