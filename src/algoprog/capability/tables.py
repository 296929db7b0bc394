"""The result tables of capability across benchmarks: what a row is, its key, its columns."""

from __future__ import annotations

from algoprog.tables.declaration import Column, Group, Table

GROUP = Group("capability", "Capability across benchmarks")
PART = "capability"
MULTIVERSE_PART = "multiverse"


def _text(name: str, meaning: str) -> Column:
    return Column(name, "text", "", meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "number", unit, meaning)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "integer", "", meaning)


_VERSION = _text("model_version", "name of the model version")
_BENCHMARK = _text("benchmark", "name of the benchmark")
_GROWTH = "growth of compute efficiency, ln of the rate"
_RATES = (
    _number("rate_published", "times a year", "by way A; blank without a family to find k in"),
    _number("rate_joint", "times a year", "by way H, the joint regression"),
    _number("rate_hierarchical", "times a year", "by the hierarchical model"),
)

RATES = Table(
    name="capability_rates",
    group=GROUP,
    part=PART,
    row="a way to estimate the rate, its versions, and how ties and distilled ones count",
    key=("way", "selection", "distilled", "ties", "carried"),
    ordered=("way", "selection", "distilled", "ties", "carried"),
    columns=(
        _text("way", "A to H as published (I is the rows with distilled versions kept), or ours"),
        _text("selection", "versions whose trend it is"),
        _text("distilled", "published (left out by the published flags) or kept"),
        _text("ties", "order of versions of one day: published, best_first, together (ours)"),
        _text("carried", "the errors that the interval carries"),
        Column("headline", "truth", "", "whether this is the headline of the section"),
        _count("n", "versions in the trend; bins, or choices of bins"),
        _number("k", "C per unit of ln FLOP", "gain of capability with compute"),
        _number("slope", "C a year", "the trend that is divided by k"),
        _number("r2", "", "R² of the trend"),
        _number("rate", "times a year", "how many times less compute a year later needs"),
        _number("rate_low", "times a year", "lower end of the interval of the rate"),
        _number("rate_high", "times a year", "upper end of the interval of the rate"),
        _number("level", "", "level of the interval"),
        _number("halving_years", "years", "halving time of compute; infinite without progress"),
        _number("growth", "a year", _GROWTH),
        _number("growth_low", "a year", "lower end of the interval of growth"),
        _number("growth_high", "a year", "upper end of the interval of growth"),
    ),
)
IDENTITY = Table(
    name="capability_identity",
    group=GROUP,
    part=PART,
    row="a refit of both stages: a change of the model, or a unit left out",
    key=("kind", "unit"),
    columns=(
        _text("kind", "none, ridge, guessing, score, distilled; or what is left out: benchmark, "
              "organisation, family, model"),
        _text("unit", "the change, or the unit left out"),
        _count("n", "versions of stage 2"),
        _number("s_c", "C a year", "trend of capability"),
        _number("s_f", "a year", "trend of ln compute"),
        _number("k", "C per unit of ln FLOP", "mean over families; blank without a family"),
        *_RATES,
    ),
)  # fmt: skip
MODELS = Table(
    name="capability_models",
    group=GROUP,
    part=PART,
    row="a model version of the fit",
    key=("model_version",),
    columns=(
        _VERSION,
        _text("model", "the model it is a version of"),
        _text("organisation", "first-named developer, under its present name"),
        Column("released", "date", "", "day of release"),
        _number("training_compute", "FLOP", "of the model; blank if unknown"),
        Column("distilled", "truth", "", "as the published join finds it"),
        Column("in_rates", "truth", "", "whether it is in the sample of stage 2"),
        _count("benchmarks", "benchmarks it has a score on"),
        _number("capability", "logits of Winogrande", "capability C"),
        _number("standard_error", "logits of Winogrande", "of C, pairs independent (sandwich)"),
        _number("clustered_error", "logits of Winogrande", "of C, pairs of a benchmark together"),
        _number("bar_down", "logits of Winogrande", "the published bar, downwards"),
        _number("bar_up", "logits of Winogrande", "the published bar, upwards"),
        Column("frontier", "truth", "", "whether none of its day or before is more capable"),
    ),
)
BENCHMARKS = Table(
    name="capability_benchmarks",
    group=GROUP,
    part=PART,
    row="a benchmark of the fit",
    key=("benchmark",),
    columns=(
        _BENCHMARK,
        _text("category", "what it tests"),
        Column("released", "date", "", "day of its release"),
        _number("guessing", "", "share that guessing solves"),
        _count("versions", "versions with a score"),
        _number("difficulty", "logits of Winogrande", "difficulty D; Winogrande is 0"),
        _number("standard_error", "logits of Winogrande", "of D (sandwich)"),
        _number("slope", "", "slope α; Winogrande is 1"),
        _number("slope_error", "", "standard error of the slope (sandwich)"),
        _number("bar_down", "logits of Winogrande", "the published bar, downwards"),
        _number("bar_up", "logits of Winogrande", "the published bar, upwards"),
        _number("rmse", "", "root mean square residual of its scores"),
    ),
)
FITS = Table(
    name="capability_fits",
    group=GROUP,
    part=PART,
    row="an item response fit",
    key=("fit",),
    columns=(
        _text("fit", "published, floor, weighted, all_dates, pooled (index), or a ridge"),
        _count("pairs", "pairs of version and benchmark"),
        _count("versions", "versions, or models if pooled"),
        _count("benchmarks", "benchmarks"),
        _number("cost", "", "half the sum of squares and penalty at the minimum"),
        _number("gradient", "", "largest component of the gradient among free parameters"),
        _count("iterations", "of the best start"),
        _count("starts", "starts made"),
        _count("agreeing", "starts that reached the least cost"),
        _count("at_bounds", "parameters at a bound"),
        Column("converged", "truth", "", "whether the gradient is as small as was asked"),
    ),
)
INDEX = Table(
    name="capability_index",
    group=GROUP,
    part=PART,
    row="a model of the fit behind the index",
    key=("model",),
    columns=(
        _text("model", "name of the model"),
        _text("organisation", "first-named developer, under its present name"),
        Column("released", "date", "", "release of its first version"),
        _number("index", "index points", "our index (Claude 3.5 Sonnet 130, GPT-5 150)"),
        _number("standard_error", "index points", "relative to Winogrande (sandwich)"),
        _number("published", "index points", "the published index"),
    ),
)
RESAMPLED = Table(
    name="capability_resampled",
    group=GROUP,
    part=PART,
    row="what is resampled, and a quantity",
    key=("clusters", "quantity"),
    columns=(
        _text("clusters", "versions, families, organisations, benchmarks, or all (the last three)"),
        _text("quantity", "s_C, s_F, k, or the growth by A, H, hierarchical (variances held)"),
        _number("median", "", "of the draws"),
        *(
            _number(f"ci{level}_{end}", "", f"{what} end of the central {level} % of the draws")
            for level in (50, 90, 95)
            for end, what in (("low", "lower"), ("high", "upper"))
        ),
        _count("n_draws", "draws"),
        _number("share_nonpositive", "", "share of the draws that are not positive"),
        _count("unconverged", "draws whose fit did not converge"),
    ),
)
COVERAGE = Table(
    name="capability_coverage",
    group=GROUP,
    part=PART,
    row="an interval of the rate",
    key=("method",),
    columns=(
        _text("method", "the way, and how its interval is made"),
        Column("headline", "truth", "", "whether this is the headline of the section"),
        _number("level", "", "what the interval claims"),
        _number("coverage", "", "share of simulated data sets in which it holds the truth"),
        _number("monte_carlo", "", "standard error of the share"),
        _number("below", "", "share in which the whole interval lies below the truth"),
        _number("width", "a year", "median width, of ln of the rate"),
        _count("data_sets", "simulated data sets"),
    ),
)
GROWTH = Table(
    name="capability_growth",
    group=GROUP,
    part=PART,
    row="a quantity of growth, of its test, or of the time horizon",
    key=("quantity",),
    columns=(
        _text("quantity", "what it is"),
        _number("value", "", "its value, in its unit"),
        _number("low", "", "lower end of its 95 % interval"),
        _number("high", "", "upper end of its 95 % interval"),
        _text("unit", "its unit"),
        _count("n", "versions it rests on"),
    ),
)
FORECAST = Table(
    name="capability_forecast",
    group=GROUP,
    part=PART,
    row="a month",
    key=("date",),
    columns=(
        Column("date", "date", "", "first day of the month"),
        _number("expected", "C", "the frontier’s line"),
        _number("mean_low", "C", "lower end of the 95 % interval of the mean (as published)"),
        _number("mean_high", "C", "upper end of the 95 % interval of the mean (as published)"),
        _number("low", "C", "lower end of the 95 % prediction interval of a new frontier version"),
        _number("high", "C", "upper end of the 95 % prediction interval of a new frontier version"),
    ),
)
BACK_TESTS = Table(
    name="capability_back_tests",
    group=GROUP,
    part=PART,
    row="a cut-off",
    key=("cutoff",),
    columns=(
        Column("cutoff", "date", "", "first day that is predicted"),
        _count("before", "frontier versions before it"),
        _count("after", "frontier versions after it"),
        _number("slope", "C a year", "of the line before it"),
        _number("bias", "C", "mean of observed less predicted"),
        _number("rmse", "C", "root mean square error"),
        _count("within_mean", "versions in the 95 % interval of the mean"),
        _count("within", "versions in the 95 % prediction interval"),
    ),
)
LEAST_COMPUTE = Table(
    name="capability_least_compute",
    group=GROUP,
    part=PART,
    row="a level of capability, and a record of least compute among versions that reach it",
    key=("capability", "distilled", "model_version"),
    ordered=("capability", "distilled", "date", "model_version"),
    columns=(
        _number("capability", "C", "the level"),
        _text("distilled", "published (left out) or kept"),
        _VERSION,
        _number("date", "years", "release"),
        _number("log10_compute", "log10 FLOP", "its training compute"),
        _number("fall", "OOM a year", "by the line through the level’s records; blank below 3"),
        _number("fall_error", "OOM a year", "standard error of the fall"),
    ),
)
LEFT_OUT = Table(
    name="capability_left_out",
    group=GROUP,
    part=PART,
    row="a score that is in no pair",
    key=("source", "line"),
    columns=(
        _text("source", "the source it stands in"),
        _count("line", "its line there"),
        _VERSION,
        _BENCHMARK,
        _number("score", "", "the score"),
        _text("reason", "why it is left out"),
    ),
)
CONFLICTS = Table(
    name="capability_conflicts",
    group=GROUP,
    part=PART,
    row="a pair of version and benchmark with several scores",
    key=("model_version", "benchmark"),
    columns=(
        _VERSION,
        _BENCHMARK,
        _count("count", "scores it has"),
        _number("used", "", "the score that is used, the largest"),
        _number("spread", "", "the largest less the smallest"),
    ),
)
_CHOICES = (
    _text("guessing", "none, floor (in the curve), rescaled (scores)"),
    _text("least_benchmarks", "benchmarks a version needs"),
    _text("benchmarks", "which are used"),
    _text("score", "of several scores of a pair"),
    _text("unit", "version or model"),
    _text("k", "how k is found"),
    _text("selection", "versions whose trend it is"),
    _text("distilled", "published (out), sure_only (out where sure), kept"),
    _text("period", "of the trend"),
)
MULTIVERSE = Table(
    name="capability_multiverse",
    group=GROUP,
    part=MULTIVERSE_PART,
    row="a specification",
    key=tuple(column.name for column in _CHOICES),
    columns=(
        *_CHOICES,
        _count("n", "versions in the trend"),
        _number("k_value", "C per unit of ln FLOP", "gain of capability with compute, k"),
        _number("growth", "a year", _GROWTH),
        _text("problem", "why there is no growth"),
    ),
)
ATTRIBUTION = Table(
    name="capability_attribution",
    group=GROUP,
    part=MULTIVERSE_PART,
    row="a choice of the multiverse",
    key=("choice",),
    columns=(
        _text("choice", "the choice"),
        _count("levels", "levels it has"),
        _number("first_order", "", "share of the variance of ln rate that its levels’ means make"),
        _number("shapley", "", "share with interactions shared equally"),
        _number("total", "", "share with all its interactions"),
        _count("n", "specifications with a growth"),
        _number("variance", "", "variance of ln rate over them"),
    ),
)

TABLES = (
    RATES, IDENTITY, MODELS, BENCHMARKS, FITS, INDEX, RESAMPLED, COVERAGE, GROWTH, FORECAST,
    BACK_TESTS, LEAST_COMPUTE, LEFT_OUT, CONFLICTS, MULTIVERSE, ATTRIBUTION,
)  # fmt: skip
