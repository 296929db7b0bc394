"""The result tables of intervals: what they are of the headline's model, and whether they hold."""

from __future__ import annotations

from algoprog.quantities.tables import DOUBLING_TIMES_GROUP
from algoprog.tables.columns import EVERY_BENCHMARK, Columns, common, integer, number, text, truth
from algoprog.tables.declaration import Group, Table

COVERAGE_GROUP = Group("coverage", "Do the intervals hold")

_MODEL = (*common("sample", "variant", "delta"), EVERY_BENCHMARK)


def _covered(level: int) -> Columns:
    return (
        number(f"coverage{level}", f"share of the {level} % intervals that hold the true growth"),
        number(f"coverage{level}_error", "its Monte-Carlo standard error"),
        number(
            f"misses_fast{level}", "share of intervals wholly above the truth (progress too fast)"
        ),
        number(
            f"misses_slow{level}", "share of intervals wholly below the truth (progress too slow)"
        ),
        number(f"mean_length{level}", "mean length of the intervals in growth", "per year"),
        number(f"median_length{level}", "median length of the intervals in growth", "per year"),
        number(f"infinite{level}", "share of the intervals without an upper end in months"),
    )


HEADLINE_INTERVAL = Table(
    "headline_interval",
    group=DOUBLING_TIMES_GROUP,
    row="interval of the headline model's doubling time, by definition, method and level",
    key=("sample", "variant", "delta", "definition", "benchmark", "method", "level"),
    ordered=(),
    columns=(
        *_MODEL,
        text("definition", "`own_allocation`, or `closed_form`"),
        text(
            "method",
            "`percentile` of whole papers; `inverted` (a closed form: outermost ends of its set in "
            "`confidence_sets`); or `unpenalised` (own allocation: the law without its penalty, "
            "and a t of as many degrees of freedom as papers count)",
        ),
        truth(
            "quoted",
            "whether it stands beside the estimate; percentiles of a closed form do not where it "
            "has a set, for on simulated data they fail to hold the truth as often as promised",
        ),
        integer("level", "share of truths that it is to hold", "%"),
        integer("pieces", "pieces of the set; blank where it is none"),
        number("degrees", "degrees of freedom of an `unpenalised` interval"),
        number(
            "point", "estimate; of an `unpenalised` interval the law’s without penalty", "months"
        ),
        number("low", "shortest doubling time in the interval", "months"),
        number("high", "longest doubling time in the interval", "months"),
        *common("growth_point"),
        number("growth_low", "least growth in the interval; -inf beyond the grid", "per year"),
        number("growth_high", "largest growth in the interval; inf beyond the grid", "per year"),
        text("reason", "why percentiles of a closed form are quoted, or an interval has no ends"),
    ),
)
CONFIDENCE_SETS = Table(
    "confidence_sets",
    group=DOUBLING_TIMES_GROUP,
    row="piece of the set of growths that a restricted wild cluster bootstrap accepts",
    key=("analysis", "quantity", "level", "piece"),
    columns=(
        text("analysis", "of `bootstrap.analyses` in the configuration"),
        text("quantity", "growth of what, of `confidence_sets.sets` in the configuration"),
        *common("sample", "variant", "delta"),
        integer("level", "share of truths that it is to hold", "%"),
        integer("piece", "number of the piece, the slowest growth first"),
        *common("point"),
        number("low", "shortest doubling time of the piece; 0 beyond the grid", "months"),
        number(
            "high", "longest doubling time of the piece; inf where growth ends below 0", "months"
        ),
        *common("growth_point"),
        number("growth_low", "least growth of the piece; -inf beyond the grid", "per year"),
        number("growth_high", "largest growth of the piece; inf beyond the grid", "per year"),
        integer("draws", "draws for each growth that was tested"),
        text("reason", "why the law has no such growth; blank where there is a set"),
    ),
)
COVERAGE = Table(
    "coverage",
    group=COVERAGE_GROUP,
    row="interval on simulated data of a known doubling time",
    key=(
        *("sample", "variant", "delta", "world", "doubling_months", "estimator", "resampling"),
        *("definition", "method"),
    ),
    part="coverage",
    columns=(
        *common("sample", "variant", "delta"),
        text("world", "what the simulated data are like, of `coverage.worlds`"),
        number("doubling_months", "true doubling time in closed form", "months"),
        *common("estimator"),
        text("resampling", "what is resampled: `papers` or `rows`; or `signs` of papers"),
        text("definition", "growth in `closed_form`, or at the records’ `own_allocation`"),
        text(
            "method",
            "percentile, basic, studentised, bca; inverted (a set, from signs); or unpenalised (of "
            "the law without its penalty)",
        ),
        integer("n_data_sets", "data sets simulated"),
        number("growth", "true growth", "per year"),
        number("median_error", "median error of estimated growth", "per year"),
        number("mean_error", "mean error of estimated growth", "per year"),
        number("rmse", "root mean squared error of estimated growth", "per year"),
        *_covered(90),
        *_covered(95),
        integer("n_draws", "bootstrap draws in all"),
        integer("n_not_converged", "fits without a certificate among them"),
    ),
)
PROFILES = Table(
    "profiles",
    group=COVERAGE_GROUP,
    row="growth imposed on a model",
    key=("sample", "variant", "delta", "benchmark", "growth"),
    part="coverage",
    columns=(
        *_MODEL,
        number("growth", "growth imposed", "per year"),
        number("doubling_time_months", "its doubling time", "months"),
        number("objective", "least objective at that growth", "nats²"),
        number("relative_loss", "that over the least objective of all, less 1"),
        number("subgradient", "smallest subgradient under the constraint, relative"),
        truth("certified", "whether it is a minimum and has the growth asked for"),
    ),
)
PROFILE_RANGES = Table(
    "profile_ranges",
    group=COVERAGE_GROUP,
    row="loss of fit that is accepted of a model",
    key=("sample", "variant", "delta", "benchmark", "loss"),
    part="coverage",
    columns=(
        *_MODEL,
        number("loss", "relative loss of fit accepted"),
        number("growth_low", "least growth within it", "per year"),
        number("growth_high", "largest growth within it", "per year"),
        number("doubling_time_low", "shortest doubling time within it", "months"),
        number("doubling_time_high", "longest doubling time within it", "months"),
        *common("reason"),
    ),
)
