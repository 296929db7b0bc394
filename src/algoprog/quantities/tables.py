"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import (
    ANALYSIS,
    EVERY_BENCHMARK,
    FIT,
    common,
    date,
    doubling,
    ends,
    growth_ends,
    integer,
    interval,
    months_interval,
    number,
    reworded,
    text,
    truth,
)
from algoprog.tables.declaration import Group, Table

DOUBLING_TIMES_GROUP = Group("doubling_times", "Doubling times")
SHAPLEY_GROUP = Group("shapley", "What progress is made of")
TRANSFORMER_GROUP = Group("transformer", "The transformer")
ERA_SPLIT_GROUP = Group("era_split", "Eras")
FRONTIERS_GROUP = Group("frontiers", "Frontiers and effective compute")
OBSERVATION_GROUP = Group("observation", "Without a fitted model")

_SAVED = text("quantity", "what is saved: parameters, data, or compute (both)")
_COMPUTE_KIND = text("compute", "`recorded` training compute, or also `inferred` as 6·N·D·epochs")
_DEFINITION = text("definition", "`closed_form`, `optimal_scaling` or `own_allocation`")
_DIRECTION = text(
    "direction",
    "how compute is spent: `alike` on parameters and data, on `parameters` alone, on "
    "`data` alone, or along the records’ `trend` of ln D on ln N",
)
_WITHIN = truth(
    "allocation_within_records",
    "whether records of about the same compute are split like the compute-optimal splits "
    "that the definition rests on (`allocation_ratios`); blank where no optimum is known",
)
# Columns that tables of the Bayesian fit have as well.
CAUSE = (
    text("from_system", "earlier system of the pair"),
    text("to_system", "later system of the pair"),
    text(
        "factor",
        "parameters, data, parameter_efficiency, data_efficiency, architecture; "
        "compute = parameters + data",
    ),
)
FORM = (
    text("form", "`multiplier` σ(γ), penalised at γ = 0; `factor` exp(−κ), at no effect"),
    number("compute", "training compute at which the gain is taken", "FLOP"),
)
GAIN = (
    number("reduction", "share of loss that the transformer takes off"),
    *ends("the reduction", prefix="reduction_"),
    number("gain", "compute-equivalent gain: compute without the transformer over that with it"),
    *ends("the gain", prefix="gain_"),
    integer("n_draws", "draws"),
    number("share_unbounded", "share of the draws with a gain beyond every bound"),
    number("share_undefined", "share of the draws in which no gain exists"),
)

DOUBLING_TIMES = Table(
    "doubling_times",
    group=DOUBLING_TIMES_GROUP,
    row="doubling time of a fit by one definition",
    key=(*ANALYSIS, "definition", "quantity", "benchmark"),
    columns=(
        *common(*ANALYSIS),
        _DEFINITION,
        _SAVED,
        EVERY_BENCHMARK,
        *common("point"),
        *doubling(),
        _WITHIN,
    ),
)
ALLOCATION_RATIOS = Table(
    "allocation_ratios",
    group=DOUBLING_TIMES_GROUP,
    row="fit, benchmark and amount of compute, split in the fit’s best way",
    key=(*FIT, "benchmark", "place"),
    columns=(
        *common(*FIT),
        EVERY_BENCHMARK,
        text(
            "place",
            "where compute is taken: at the 10, 50 and 90 % quantiles of the records’ compute "
            "(`records_low`, `records_middle`, `records_high`), or as `optimal_scaling` has it",
        ),
        number("compute", "that compute", "FLOP"),
        number("year", "calendar year of the algorithms"),
        number(
            "optimal",
            "tokens per parameter of least predicted loss; blank where every split is as good",
        ),
        truth("within", "whether they are among those of the nearest records"),
        integer("n_nearest", "records nearest in compute, 6·N·D"),
        number("nearest_compute_low", "their least compute", "FLOP"),
        number("nearest_compute_high", "their largest compute", "FLOP"),
        number("nearest_low", "their least tokens per parameter"),
        number("nearest_median", "the median of their tokens per parameter"),
        number("nearest_high", "their largest tokens per parameter"),
    ),
)
OWN_ALLOCATION = Table(
    "own_allocation",
    group=DOUBLING_TIMES_GROUP,
    row="fit, direction and group of records, growth taken where the records are",
    key=(*ANALYSIS, "direction", "benchmark", "period"),
    columns=(
        *common(*ANALYSIS),
        _DIRECTION,
        EVERY_BENCHMARK,
        text("period", "`all` records, or those published `since_` a year"),
        integer("n", "records over which growth is taken"),
        *common("point"),
        *doubling(),
        number("share_refused", "share of the draws whose loss does not fall with compute"),
    ),
)
LOCAL_GROWTH = Table(
    "local_growth",
    group=DOUBLING_TIMES_GROUP,
    row="record of the headline’s sample",
    key=("source", "source_row", "benchmark"),
    columns=(
        text("source", "name of the source, of `sources` in the configuration"),
        integer("source_row", "number of the system’s entry in the source"),
        *common("system", "benchmark"),
        date("published", "date of publication"),
        number("compute", "6·N·D", "FLOP"),
        number("tokens_per_parameter", "tokens of the training set per parameter"),
        number("growth", "growth of effective compute at this record", "per year"),
        number("doubling_time", "its doubling time; inf where growth is not positive", "months"),
    ),
)
GROWTH_BY_SIZE = Table(
    "growth_by_size",
    group=DOUBLING_TIMES_GROUP,
    row="fit at the headline’s sample and δ, and systems of a class of sizes; N and D scaled alike",
    key=(*ANALYSIS, "parameters_from"),
    columns=(
        *common(*ANALYSIS),
        number("parameters_from", "least number of parameters of the class", "count"),
        number("parameters_to", "number below which they are; inf of the largest", "count"),
        integer("n", "records of the class, over which growth is taken"),
        *common("point"),
        *doubling(),
        number("share_refused", "share of the draws whose loss does not fall with compute"),
    ),
)
HEADLINE_ANSWERS = Table(
    "headline_answers",
    group=DOUBLING_TIMES_GROUP,
    row="answer of the headline’s analyses by a definition",
    key=("role", "definition", "direction", "method"),
    ordered=(),
    columns=(
        text(
            "role",
            "`headline`; the same in another `direction` or by another `definition`; or what the "
            "`published` procedure gives",
        ),
        _DEFINITION,
        reworded((_DIRECTION,), direction=f"of own allocation, {_DIRECTION.meaning}")[0],
        text("method", "of ends at 90 and 95 %, as in `headline_interval`; blank without draws"),
        truth("quoted", "whether the ends stand beside the estimate, as in `headline_interval`"),
        integer("pieces", "of an `inverted` set, the most at a level; its outermost ends are here"),
        *common(*ANALYSIS),
        EVERY_BENCHMARK,
        *common("point"),
        *doubling(),
        _WITHIN,
    ),
)
HEADLINE_VARIANTS = Table(
    "headline_variants",
    group=DOUBLING_TIMES_GROUP,
    row="variant with progress, at the headline’s sample, δ and estimator",
    key=("variant",),
    columns=(
        *common("sample", "variant", "delta", "estimator", "point", "growth_point"),
        integer("cutoffs", "years out of time at which it and the reference were fitted"),
        number("out_of_time", "mean squared error of later records, averaged over them", "nats²"),
        number("reference", "the same of the variant without progress", "nats²"),
        integer("better_in", "years in which it has less error than the reference"),
        integer("rank", "place by that error among variants fitted in every year; 1 is the least"),
        truth(
            "counted",
            "whether it predicts better than the reference, and so counts in the range of answers",
        ),
    ),
)
POOLED_DOUBLING_TIMES = Table(
    "pooled_doubling_times",
    group=DOUBLING_TIMES_GROUP,
    row="pool of models and definition, draws of doubling times put together",
    key=("name", "pool", "definition"),
    part="pools",
    columns=(
        text("name", "name of the pool, of `pools` in the configuration"),
        text("scheme", "scheme of cross-validation that ranks the models"),
        *common("estimator", "resampling"),
        text("pool", "`top10`, … by held-out error, or `distinct` variants among them"),
        text("definition", "`optimal_scaling` or `own_allocation`"),
        integer("n_sets", "sets of draws put together"),
        *months_interval(),
        *growth_ends(),
    ),
)
SHAPLEY = Table(
    "shapley",
    group=SHAPLEY_GROUP,
    row="cause of the fall of predicted loss from one system to another",
    key=(*ANALYSIS, "from_system", "to_system", "factor"),
    part="shapley",
    columns=(
        *common(*ANALYSIS),
        *CAUSE,
        number("share", "the cause’s share of the fall; the four causes sum to 1"),
        number("share_perplexity", "the same share of the fall of predicted perplexity"),
        number(
            "share_log_compute",
            "of parameters, data and compute: what they rose over what effective compute rose (at "
            "growth at the records' own allocation), in logarithms",
        ),
        number("reduction", "fall of predicted loss between the two systems", "nats"),
        *interval("the share"),
        number("share_not_reduced", "share of the draws in which loss does not fall"),
    ),
)
PREDICTED_LOSS = Table(
    "predicted_loss",
    group=SHAPLEY_GROUP,
    row="system whose loss a fit predicts",
    key=(*ANALYSIS, "system"),
    part="shapley",
    columns=(
        *common(*ANALYSIS, "system"),
        number("loss", "predicted loss on the baseline benchmark", "nats per token"),
        *interval("the loss", "nats"),
    ),
)
TRANSFORMER = Table(
    "transformer",
    group=TRANSFORMER_GROUP,
    row="model with an effect of the transformer, and compute",
    key=(*ANALYSIS, "form", "compute"),
    part="transformer",
    columns=(
        *common(*ANALYSIS),
        *FORM,
        number("parameter", "γ, or κ, at the estimate"),
        *common("objective", "converged", "share_draws_converged"),
        *GAIN,
    ),
)
ERA_SPLIT = Table(
    "era_split",
    group=ERA_SPLIT_GROUP,
    row="era of a fit whose pace of progress may change at a year",
    key=(*ANALYSIS, "form", "year", "era", "definition", "quantity", "benchmark"),
    part="era_split",
    columns=(
        *common(*ANALYSIS),
        text("form", "`jump` (level and pace change, as published) or `kink` (pace alone)"),
        integer("year", "first calendar year of the later era"),
        text("era", "`before`, `after`, or `change` of growth between them"),
        text("definition", "`closed_form`, or `own_allocation` over the records of each era"),
        _SAVED,
        EVERY_BENCHMARK,
        *common("objective", "converged", "share_draws_converged"),
        number("point", "doubling time at the estimate; blank for a change", "months"),
        *doubling(),
    ),
)
FRONTIERS = Table(
    "frontiers",
    group=FRONTIERS_GROUP,
    row="point of a line of equal perplexity",
    key=("perplexity", "year", "dataset_tokens"),
    columns=(
        number("perplexity", "perplexity reached on the baseline benchmark", "per token"),
        number("year", "calendar year of the algorithms"),
        number("dataset_tokens", "training data D", "tokens"),
        number("parameters", "parameters N that reach it; blank where none do", "count"),
    ),
)
EFFECTIVE_COMPUTE = Table(
    "effective_compute",
    group=FRONTIERS_GROUP,
    row="year",
    key=("estimator", "resampling", "year"),
    columns=(
        *common("estimator", "resampling"),
        number("year", "calendar year"),
        number("physical", "training compute relative to the first year"),
        number(
            "algorithmic", "its multiple by algorithms at the records' own allocation, 1 at first"
        ),
        number("effective", "physical × algorithmic"),
        *interval("the algorithmic gain"),
    ),
)
ALLOCATION = Table(
    "allocation",
    group=OBSERVATION_GROUP,
    row="system, or compute split by a rule, under a scaling law taken as true",
    key=("law", "system", "compute"),
    columns=(
        text("law", "the law taken as true"),
        text("system", "the system, or the rule that split the compute"),
        number("compute", "training compute", "FLOP"),
        number("parameters", "parameters it chose", "count"),
        number("dataset_tokens", "training data it chose", "tokens"),
        number("loss", "its loss under the law", "nats per token"),
        number("optimal_parameters", "parameters of the best split of that compute", "count"),
        number("optimal_dataset_tokens", "training data of the best split", "tokens"),
        number("optimal_loss", "loss of the best split", "nats per token"),
        number("gain", "compute over that with which the best split reaches the same loss"),
        number("extra_compute", "of a rule: factor of compute by which it reaches the best loss"),
    ),
)
DIRECT_OBSERVATION = Table(
    "direct_observation",
    group=OBSERVATION_GROUP,
    row="reference system and kind of compute",
    key=("compute", "reference"),
    columns=(
        text("reference", "the system whose perplexity later ones reach"),
        _COMPUTE_KIND,
        number("factor", "largest ratio of perplexities that counts as the same"),
        integer("n", "systems in the line, the reference among them"),
        number("doubling_time_months", "doubling time, 12 ln 2 / growth", "months"),
        number("standard_error", "its standard error, by the delta method", "months"),
        number("ci95_low", "lower end of the 95 % interval of the doubling time", "months"),
        number("ci95_high", "upper end of the 95 % interval of the doubling time", "months"),
        number("growth", "fall of ln compute, by ordinary least squares", "per year"),
        number("growth_standard_error", "its standard error", "per year"),
        number("growth_ci95_low", "lower end of its 95 % t interval", "per year"),
        number("growth_ci95_high", "upper end of its 95 % t interval", "per year"),
        number("growth_without_reference", "growth without the reference itself", "per year"),
        number("growth_without_one_low", "least growth without any one of the systems", "per year"),
        number(
            "growth_without_one_high", "largest growth without any one of the systems", "per year"
        ),
        text("most_influential", "the system without which growth changes most"),
        text("note", "why there is no line; blank where there is one"),
    ),
)
COMPUTE_REDUCTIONS = Table(
    "compute_reductions",
    group=OBSERVATION_GROUP,
    row="pair of systems, the later one as good with less compute",
    key=("compute", "rank"),
    columns=(
        _COMPUTE_KIND,
        integer("rank", "place by ratio; 1 is the largest"),
        text("reference", "earlier system"),
        text("successor", "later system"),
        date("reference_published", "date of the earlier"),
        date("successor_published", "date of the later"),
        number("reference_perplexity", "test perplexity of the earlier", "per token"),
        number("successor_perplexity", "test perplexity of the later", "per token"),
        number("reference_compute", "training compute of the earlier", "FLOP"),
        number("successor_compute", "training compute of the later", "FLOP"),
        number("ratio", "compute of the earlier over that of the later"),
        number("doubling_time_months", "time between them over log2 of the ratio", "months"),
        text("note", "where recorded compute and 6NDe of one differ more than ten times, both"),
    ),
)

TABLES = (
    DOUBLING_TIMES,
    ALLOCATION_RATIOS,
    OWN_ALLOCATION,
    LOCAL_GROWTH,
    GROWTH_BY_SIZE,
    HEADLINE_ANSWERS,
    HEADLINE_VARIANTS,
    POOLED_DOUBLING_TIMES,
    SHAPLEY,
    PREDICTED_LOSS,
    TRANSFORMER,
    ERA_SPLIT,
    FRONTIERS,
    EFFECTIVE_COMPUTE,
    ALLOCATION,
    DIRECT_OBSERVATION,
    COMPUTE_REDUCTIONS,
)
