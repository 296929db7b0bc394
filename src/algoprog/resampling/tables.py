"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import (
    FIT,
    common,
    integer,
    number,
    text,
)
from algoprog.tables.declaration import Group, Table

CROSS_VALIDATION_GROUP = Group("cross_validation", "Cross-validation")

CROSS_VALIDATION = Table(
    "cross_validation",
    group=CROSS_VALIDATION_GROUP,
    row="model and scheme of holding out",
    key=(*FIT, "scheme"),
    part="cross_validation",
    columns=(
        *common(*FIT),
        text("scheme", "`published_split`, or leaving out each of the `rows` or `papers`"),
        integer("n", "rows predicted while held out"),
        number("mse", "mean squared held-out error", "nats²"),
        number("r2", "1 − held-out error / variance of the response"),
        integer("rank", "place by held-out error within estimator and scheme; 1 is the least"),
        integer("n_fits", "fits made"),
        integer("n_converged", "fits with a certificate"),
        integer("n_at_best_min", "fewest starts, over the fits, that reached the best value"),
    ),
)

TABLES = (CROSS_VALIDATION,)
