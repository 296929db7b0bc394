"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.robustness.evidence_tables import (
    ENDOGENEITY,
    ENDOGENEITY_COVARIATES,
    ENDOGENOUS_COMPUTE,
    IDENTIFICATION,
    MINIMA,
    PENALTY,
    SETTLING,
)
from algoprog.robustness.interval_tables import (
    CONFIDENCE_SETS,
    COVERAGE,
    HEADLINE_INTERVAL,
    PROFILE_RANGES,
    PROFILES,
)
from algoprog.tables.columns import (
    EVERY_BENCHMARK,
    common,
    doubling,
    growth_ends,
    integer,
    months_interval,
    number,
    text,
    truth,
)
from algoprog.tables.declaration import Group, Table

SENSITIVITY_GROUP = Group("sensitivity", "One choice at a time")
MULTIVERSE_GROUP = Group("multiverse", "All choices at once")


OWN_ENDS = ("ci95_low", "ci95_high", "growth_ci95_low", "growth_ci95_high")
# Growth at the records' own allocation, beside that in closed form.
_OWN = (
    number("own_point", "doubling time where the records are, own allocation", "months"),
    number("own_ci95_low", "lower end of its 95 % interval", "months"),
    number("own_ci95_high", "upper end of its 95 % interval", "months"),
    number("own_growth_point", "growth where the records are, own allocation", "per year"),
    number("own_growth_ci95_low", "lower end of its 95 % interval", "per year"),
    number("own_growth_ci95_high", "upper end of its 95 % interval", "per year"),
)


SENSITIVITY = Table(
    "sensitivity",
    group=SENSITIVITY_GROUP,
    row="headline fitted again with one choice changed",
    key=("check", "setting", "benchmark", "estimator", "resampling"),
    ordered=("estimator",),
    part="sensitivity",
    columns=(
        text("check", "the choice, of `sensitivity` in the configuration; `headline` itself first"),
        text("setting", "what it was changed to"),
        *common("estimator", "resampling"),
        EVERY_BENCHMARK,
        *common(
            "variant",
            "delta",
            "response",
            "n",
            "papers",
            "p",
            "objective",
            "subgradient",
            "converged",
            "point",
        ),
        *doubling(),
        number("change_months", "doubling time less the headline’s", "months"),
        number("change_growth", "growth less the headline’s", "per year"),
        number("relative_change", "that over the headline’s growth"),
        number("compute_share", "Shapley share of compute in the fall of loss"),
        number("compute_share_ci95_low", "lower end of its 95 % interval"),
        number("compute_share_ci95_high", "upper end of its 95 % interval"),
        *_OWN,
        number("own_change_months", "that doubling time less the headline’s", "months"),
        number("own_change_growth", "that growth less the headline’s", "per year"),
        number("own_relative_change", "that over the headline’s growth where its records are"),
        number("draws_certified", "share of the draws whose fit has its certificate"),
        number("huber_k", "where the Huber loss turns linear; blank with squared loss", "nats"),
        number("correlation", "correlation of errors within a paper; blank where none is fitted"),
        *common("reason"),
    ),
)
INFLUENCE = Table(
    "influence",
    group=SENSITIVITY_GROUP,
    row="paper, or record, left out of the headline’s sample",
    key=("unit", "rank"),
    columns=(
        text("unit", "`paper` or `record`"),
        integer("rank", "place by size of the change of growth; 1 is the largest"),
        text("name", "title of the paper, or system (benchmark)"),
        integer("rows", "rows left out with it"),
        number("growth_without", "growth without it", "per year"),
        number("doubling_without", "doubling time without it", "months"),
        number("change_growth", "growth without it less that with it", "per year"),
        number("change_months", "doubling time without it less that with it", "months"),
        *common("converged"),
        number("growth_point", "growth on the whole sample", "per year"),
        number("jackknife_error", "jackknife standard error of growth over all units", "per year"),
        number("own_growth_without", "growth where the records are, without it", "per year"),
        number("own_doubling_without", "doubling time of that growth", "months"),
        number("own_change_growth", "that growth less growth there with it", "per year"),
        number("own_change_months", "that doubling time less the doubling time with it", "months"),
        number("own_growth_point", "growth where the records are, on the whole sample", "per year"),
        number("own_jackknife_error", "its jackknife standard error over all units", "per year"),
    ),
)
MULTIVERSE = Table(
    "multiverse",
    group=MULTIVERSE_GROUP,
    row="specification: one level of every choice",
    key=("id",),
    ordered=(),
    part="multiverse",
    columns=(
        text("id", "digest of the specification’s settings"),
        *common(
            "n",
            "papers",
            "p",
            "objective",
            "mse",
            "r2",
            "subgradient",
            "converged",
            "n_starts",
            "n_at_best",
        ),
        number("growth_closed_form", "growth in closed form", "per year"),
        number("growth_optimal_scaling", "growth by optimal scaling", "per year"),
        number("growth_own_allocation", "growth at the own allocation of its records", "per year"),
        number("growth", "growth in closed form or, without one, by optimal scaling", "per year"),
        number("doubling_time", "its doubling time; inf where growth is not positive", "months"),
        number("compute_share", "Shapley share of compute in the fall of loss"),
        *common("not_identified"),
        text("status", "fitted, not_identified, not_converged, no_progress or not_fitted"),
        *common("reason"),
        text("problem", "digest of the problem that was solved"),
        text("same_as", "id of the first specification that is the same problem; blank for it"),
    ),
    others=text("choice", "level of this choice, of `multiverse.choices` in the configuration"),
)
MULTIVERSE_ACCOUNT = Table(
    "multiverse_account",
    group=MULTIVERSE_GROUP,
    row="outcome of specifications",
    key=("status", "reason"),
    part="multiverse",
    columns=(
        text("status", "as in `multiverse`"),
        *common("reason"),
        integer("n", "specifications with this outcome"),
        integer("n_coinciding", "those of them that are the same problem as another"),
    ),
)
MULTIVERSE_INTERVALS = Table(
    "multiverse_intervals",
    group=MULTIVERSE_GROUP,
    row="specification that is drawn again",
    key=("id",),
    part="multiverse",
    columns=(
        text("id", "id of the specification, as in `multiverse`"),
        number("growth", "growth at the estimate", "per year"),
        number("doubling_time", "doubling time at the estimate", "months"),
        *months_interval(),
        *growth_ends(),
        number(
            "growth_own_allocation", "growth at the records’ own allocation, estimated", "per year"
        ),
        *(column for column in _OWN if column.name in {f"own_{name}" for name in OWN_ENDS}),
        integer("n_converged", "draws whose fit has its certificate"),
        text("status", "as in `multiverse`"),
        *common("reason"),
    ),
)
ATTRIBUTION = Table(
    "attribution",
    group=MULTIVERSE_GROUP,
    row="choice, and result whose spread is shared out",
    key=("result", "basis", "choice"),
    ordered=("result", "basis"),
    part="multiverse",
    columns=(
        text(
            "result",
            "`ln_growth`, `growth`, or `rank` of growth; `own_...` of that where its records are",
        ),
        text("basis", "`all` specifications with the result, or the largest `complete` cross"),
        text("choice", "the choice"),
        number("first_order", "share of the variance that it explains by itself"),
        number("shapley", "its share with interactions split evenly; sums to 1 over choices"),
        number("total", "its share with all its interactions"),
        integer("n_levels", "levels of it in the basis"),
        text("levels_left_out", "levels that are not"),
        integer("n", "specifications in the basis"),
        integer("n_left_out", "specifications that are not"),
        number("variance", "variance of the result over the basis"),
    ),
)
ATTRIBUTION_INTERACTIONS = Table(
    "attribution_interactions",
    group=MULTIVERSE_GROUP,
    row="set of choices, on the complete cross",
    key=("result", "choices"),
    ordered=("result",),
    part="multiverse",
    columns=(
        text("result", "as in `attribution`"),
        text("choices", "the choices, joined by ` x `"),
        integer("order", "how many they are"),
        number("share", "share of the variance that is theirs together and of no smaller set"),
        integer("n", "specifications in the cross"),
    ),
)
MODEL_WEIGHTS = Table(
    "model_weights",
    group=MULTIVERSE_GROUP,
    row="model that is averaged",
    key=("sample", "response", "variant", "delta"),
    ordered=("sample", "response"),
    part="multiverse",
    columns=(
        *common("sample", "response", "variant", "delta", "n"),
        number("mse", "mean squared error of papers left out", "nats²"),
        number("weight", "probability of predicting papers best, by Bayesian bootstrap"),
        *common("growth_point"),
        truth("certified", "whether every fit behind it has its certificate"),
    ),
)
MODEL_AVERAGE = Table(
    "model_average",
    group=MULTIVERSE_GROUP,
    row="weighting of models",
    key=("sample", "response", "weighting"),
    part="multiverse",
    columns=(
        *common("sample", "response"),
        text(
            "weighting", "`pseudo_bma` (as in `model_weights`), `equal`, or the `best` model alone"
        ),
        integer("n_models", "models averaged"),
        number("effective_models", "1 / sum of squared weights"),
        *common("point"),
        *doubling(),
    ),
)

TABLES = (
    HEADLINE_INTERVAL,
    CONFIDENCE_SETS,
    SENSITIVITY,
    INFLUENCE,
    MULTIVERSE,
    MULTIVERSE_ACCOUNT,
    MULTIVERSE_INTERVALS,
    ATTRIBUTION,
    ATTRIBUTION_INTERACTIONS,
    MODEL_WEIGHTS,
    MODEL_AVERAGE,
    COVERAGE,
    PROFILES,
    PROFILE_RANGES,
    MINIMA,
    PENALTY,
    ENDOGENEITY,
    ENDOGENEITY_COVARIATES,
    ENDOGENOUS_COMPUTE,
    IDENTIFICATION,
    SETTLING,
)
