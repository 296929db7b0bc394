"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import (
    FIT,
    common,
    ends,
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

TEMPORAL_HOLD_OUT = Table(
    "temporal_hold_out",
    group=CROSS_VALIDATION_GROUP,
    row="model fitted to the records before a year, and its errors on those from then on",
    key=("cutoff", "model", "delta", "estimator"),
    part="temporal_hold_out",
    columns=(
        integer("cutoff", "calendar year: records before it are fitted, the others predicted"),
        text("model", "name of the variant, or of a baseline fitted by least squares"),
        *common("delta", "estimator"),
        integer("n_train", "records fitted"),
        integer("n_test", "records predicted"),
        integer("n_unknown", "later records on benchmarks that no fitted record is on, left out"),
        number("rmse", "root mean squared error of the response", "nats"),
        number("bias", "mean error; positive where loss turns out higher than predicted", "nats"),
        integer("rank", "place by error among the models of this year and estimator; 1 is least"),
        number(
            "difference",
            "mean squared error less the reference variant’s at the same δ; negative is better",
            "nats²",
        ),
        *ends("the difference, papers resampled", "nats²", "difference_"),
        *common("reason"),
    ),
)

HOLD_OUT_DIFFERENCES = Table(
    "hold_out_differences",
    group=CROSS_VALIDATION_GROUP,
    row="model out of time, and the simple law that it is compared with",
    key=("cutoff", "model", "delta", "estimator", "against"),
    part="temporal_hold_out",
    columns=(
        integer("cutoff", "calendar year: records before it are fitted, the others predicted"),
        text("model", "name of the variant"),
        *common("delta", "estimator"),
        text("against", "name of the baseline, fitted by least squares to the same records"),
        number(
            "difference",
            "mean squared error less the baseline’s; negative where the variant is better",
            "nats²",
        ),
        *ends("the difference, papers resampled", "nats²", "difference_"),
    ),
)

RANKING = Table(
    "ranking",
    group=CROSS_VALIDATION_GROUP,
    row="model, a variant with its δ or a simple law, ranked by what it predicts",
    key=("estimator", "model", "delta"),
    part="ranking",
    columns=(
        *common("estimator"),
        text("model", "name of the variant, or of a baseline fitted by least squares"),
        *common("delta"),
        text("scheme", "how rows were held out: `papers`, `rows` or `published_split`"),
        number("held_out", "mean squared held-out error of this scheme", "nats²"),
        integer("held_out_rank", "place by it among the models of this estimator; 1 is the least"),
        integer("cutoffs", "years out of time in which the model was fitted"),
        number("out_of_time", "mean over these years of the mean squared error", "nats²"),
        integer("out_of_time_rank", "place by it, among models fitted in every year"),
    ),
)

TABLES = (CROSS_VALIDATION, TEMPORAL_HOLD_OUT, HOLD_OUT_DIFFERENCES, RANKING)
