"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.quantities.tables import CAUSE, DOUBLING_TIMES, FORM, GAIN
from algoprog.tables.columns import (
    Columns,
    common,
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

BAYES_GROUP = Group("bayes", "The Bayesian fit")

_NAME = text("name", "name of the fit, of `bayes` in the configuration")
_PASSED = truth("passed", "whether its diagnostics are within their limits")
_NAMED = (_NAME, _PASSED)


def _held_out(units: str) -> Columns:
    return (
        number(f"elpd_{units}", f"expected log density of {units} left out", "nats"),
        number(f"elpd_{units}_error", "its standard error", "nats"),
        integer(
            f"{units}_above_0.7",
            f"{units} with Pareto k above 0.7, that is, refused by the shortcut",
        ),
        number(f"{units}_pareto_k", f"largest Pareto k of the {units}"),
    )


BAYES_FITS = Table(
    "bayes_fits",
    group=BAYES_GROUP,
    row="Bayesian fit",
    key=("name",),
    ordered=(),
    part="bayes",
    columns=(
        _NAME,
        *common("sample", "variant"),
        text("change", "what the variant is changed by; blank if by nothing"),
        number("prior_width", "width of the priors relative to the headline's"),
        text("engine", "program that drew"),
        *common("n", "p"),
        integer("n_chains", "chains"),
        integer("n_draws", "draws kept of all chains"),
        number("rhat", "largest R-hat over parameters; 1 where chains agree"),
        number("ess_bulk", "least effective sample size of a middle"),
        number("ess_tail", "least effective sample size of a tail"),
        integer("divergences", "divergent transitions"),
        integer("depth_reached", "transitions that reached the largest tree"),
        number("energy", "least energy fraction of missing information over chains"),
        _PASSED,
        *_held_out("rows"),
        *_held_out("papers"),
        truth("pooled", "whether it is among the models averaged"),
        number("weight", "its stacking weight; blank if it is not"),
    ),
)
BAYES_PARAMETERS = Table(
    "bayes_parameters",
    group=BAYES_GROUP,
    row="parameter of a Bayesian fit",
    key=("name", "term"),
    ordered=(),
    part="bayes",
    columns=(
        *_NAMED,
        *common("variant"),
        text("term", "name of the parameter; tau, sigma_…, nu are of the errors"),
        text("role", "what the prior takes it for"),
        *interval("the parameter"),
        number("prior_median", "median of its prior"),
        number("prior_ci90_low", "lower end of the 90 % interval of its prior"),
        number("prior_ci90_high", "upper end of the 90 % interval of its prior"),
    ),
)
BAYES_DOUBLING_TIMES = Table(
    "bayes_doubling_times",
    group=BAYES_GROUP,
    row="posterior doubling time of a fit by one definition",
    key=("name", "definition", "quantity", "benchmark"),
    part="bayes",
    columns=(
        *_NAMED,
        *reworded(
            DOUBLING_TIMES.columns,
            point="posterior median of the doubling time",
            growth_point="posterior median of growth",
        ),
    ),
)
BAYES_MODEL_AVERAGE = Table(
    "bayes_model_average",
    group=BAYES_GROUP,
    row="weighting of the fits that pass",
    key=("definition", "weighting"),
    part="bayes",
    columns=(
        text("definition", "`closed_form`, `optimal_scaling` or `own_allocation`"),
        text("weighting", "by `stacking` weights over papers, or `equal`"),
        integer("n_models", "models averaged"),
        number("weight_left_out", "weight of models without a doubling time of the definition"),
        *months_interval(),
        *growth_ends(),
    ),
)
BAYES_SHAPLEY = Table(
    "bayes_shapley",
    group=BAYES_GROUP,
    row="cause of the fall of predicted loss, by the headline's posterior",
    key=("name", "from_system", "to_system", "factor"),
    part="bayes",
    columns=(
        *_NAMED,
        *common("sample", "variant", "estimator", "resampling", "delta"),
        *CAUSE,
        number("share", "posterior median of the cause’s share of the fall"),
        *interval("the share"),
        number("share_not_reduced", "share of the draws in which loss does not fall"),
    ),
)
BAYES_TRANSFORMER = Table(
    "bayes_transformer",
    group=BAYES_GROUP,
    row="Bayesian fit with the transformer's effect, and compute",
    key=("name", "compute"),
    part="bayes",
    columns=(
        *_NAMED,
        *common("sample", "variant", "estimator", "resampling", "delta"),
        *FORM,
        *GAIN,
    ),
)
BAYES_AGAINST_BOOTSTRAP = Table(
    "bayes_against_bootstrap",
    group=BAYES_GROUP,
    row="quantity by the posterior and by the bootstrap",
    key=("name", "quantity"),
    ordered=(),
    part="bayes",
    columns=(
        *_NAMED,
        *common("variant"),
        text("quantity", "what is compared"),
        text("unit", "its unit"),
        *ends("the posterior", prefix="posterior_"),
        *ends("the bootstrap", prefix="bootstrap_"),
        number(
            "width_ratio", "width of the posterior's 90 % interval over that of the bootstrap's"
        ),
        number("overlap", "length of what the two share over that of what they cover together"),
        truth("differs", "whether either median is outside of the other's 90 % interval"),
        text("in_words", "the same in a sentence"),
    ),
)
BAYES_PRIOR_SENSITIVITY = Table(
    "bayes_prior_sensitivity",
    group=BAYES_GROUP,
    row="quantity under wider or narrower priors",
    key=("name", "quantity"),
    ordered=(),
    part="bayes",
    columns=(
        *_NAMED,
        number("prior_width", "width of the priors relative to the headline's"),
        text("quantity", "what is compared"),
        text("unit", "its unit"),
        *interval("the quantity"),
        number("shift", "median less the headline's, in widths of its 90 % interval"),
        number("width_ratio", "width of the 90 % interval over that of the headline's"),
    ),
)
BAYES_CHECKS = Table(
    "bayes_checks",
    group=BAYES_GROUP,
    row="statistic of data drawn from a fit beside that of the data",
    key=("name", "check", "benchmark", "statistic"),
    ordered=(),
    part="bayes",
    columns=(
        _NAME,
        *common("variant"),
        text("check", "what the data are drawn from: prior or posterior"),
        text("benchmark", "test set; `all` together"),
        text("statistic", "the statistic, of losses in nats"),
        number("observed", "its value in the data"),
        *interval("the statistic in data drawn"),
        number("share_at_least", "share of the data drawn in which it is at least as large"),
    ),
)
BAYES_CALIBRATION = Table(
    "bayes_calibration",
    group=BAYES_GROUP,
    row="quantity over simulated data sets",
    key=("kind", "quantity"),
    part="calibration",
    columns=(
        text("kind", "what the data are simulated from"),
        text("quantity", "the quantity"),
        integer("n_data_sets", "data sets simulated"),
        number("coverage50", "share of the 50 % intervals that hold the truth"),
        number("coverage90", "share of the 90 % intervals that hold the truth"),
        number("coverage90_error", "its Monte-Carlo standard error"),
        number("mean_error", "mean of posterior median less truth"),
        number("share_divergent", "share of the data sets with a divergence"),
        number("chi_square", "Pearson's statistic of the ranks against uniformity"),
        number("p_value", "its p-value"),
        number("p_adjusted", "that adjusted for the number of quantities by Holm's method"),
        truth("uniform", "whether uniformity stands"),
    ),
)
BAYES_RANKS = Table(
    "bayes_ranks",
    group=BAYES_GROUP,
    row="bin of the ranks of the truth among posterior draws",
    key=("quantity", "bin"),
    part="calibration",
    columns=(
        text("quantity", "the quantity"),
        integer("bin", "number of the bin"),
        integer("n", "data sets whose truth ranks in it"),
        number("expected", "the same under uniformity"),
        number("low", "lower end of its central 99 % under uniformity"),
        number("high", "upper end of its central 99 % under uniformity"),
    ),
)

BAYES_CAPABILITY = Table(
    "bayes_capability",
    group=BAYES_GROUP,
    row="quantity of scores and capability in one Bayesian model",
    key=("quantity",),
    ordered=(),
    part="bayes_capability",
    columns=(
        text(
            "quantity",
            "`growth of compute efficiency` (g / k, a year), `rate` (its exponential: times a "
            "year), `k` (logits per unit of ln FLOP), `g` (logits a year), and the standard "
            "deviations `sigma` of versions, `tau_b` of families’ levels, `tau_k` of families’ k",
        ),
        *interval("posterior"),
        integer("pairs", "scores used"),
        integer("versions", "versions with known compute"),
        text("engine", "program that drew"),
        integer("n_chains", "chains"),
        number("rhat", "largest R-hat over parameters; 1 where chains agree"),
        number("ess_bulk", "least effective sample size of a middle"),
        number("ess_tail", "least effective sample size of a tail"),
        integer("divergences", "divergent transitions"),
        number("energy", "least energy fraction of missing information over chains"),
        _PASSED,
    ),
)

TABLES = (
    BAYES_FITS,
    BAYES_PARAMETERS,
    BAYES_DOUBLING_TIMES,
    BAYES_MODEL_AVERAGE,
    BAYES_SHAPLEY,
    BAYES_TRANSFORMER,
    BAYES_AGAINST_BOOTSTRAP,
    BAYES_PRIOR_SENSITIVITY,
    BAYES_CHECKS,
    BAYES_CALIBRATION,
    BAYES_RANKS,
    BAYES_CAPABILITY,
)
