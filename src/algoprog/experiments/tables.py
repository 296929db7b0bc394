"""The result tables of controlled sweeps and of studies: what a row is, its key, its columns."""

from __future__ import annotations

from algoprog.tables.columns import (
    common,
    doubling,
    ends,
    integer,
    number,
    text,
    truth,
)
from algoprog.tables.declaration import Group, Table

SWEEPS = Group("sweeps", "Controlled sweeps beside the record")
STUDIES = Group("studies", "Other benchmarks")

_SWEEP = text("sweep", "name of the sweep, of `sweeps.runs` in the configuration")
_EVALUATION = text("evaluation", "evaluation set of the sweep’s losses")
_LEVEL = text(
    "irreducible",
    "the record’s irreducible loss: `none`, `common` to all benchmarks, or each benchmark’s `own`",
)
_LOSS_UNIT = "nats per token of the sweep’s tokenizer"
_DRAWS = integer("n_draws", "draws")

SWEEP_LAWS = Table(
    "sweep_laws",
    group=SWEEPS,
    part="sweeps",
    row="sweep and evaluation set: the law E + A·N^−α + B·D^−β of least Huber loss of ln L",
    key=("sweep", "evaluation"),
    columns=(
        _SWEEP,
        _EVALUATION,
        text("tokenizer", "tokenizer of the sweep, of whose tokens losses are"),
        integer("n", "runs fitted"),
        number("E", "irreducible loss; 0 where the fit puts it at its bound", _LOSS_UNIT),
        *ends("E", _LOSS_UNIT, "E_"),
        number("A", "level of the parameters’ term"),
        number("B", "level of the data’s term"),
        number("alpha", "exponent of parameters"),
        *ends("the exponent of parameters", prefix="alpha_"),
        number("beta", "exponent of training tokens"),
        *ends("the exponent of training tokens", prefix="beta_"),
        number("gamma", "exponent of compute-optimal loss in compute, αβ/(α+β)"),
        *ends("the exponent in compute", prefix="gamma_"),
        number("alpha_variance", "variance of α over resampled runs"),
        number("beta_variance", "variance of β over resampled runs"),
        number("covariance", "covariance of α and β over resampled runs"),
        number("objective", "sum of Huber’s loss of ln L, threshold 0.001"),
        number("rms", "root of the mean squared residual of ln L"),
        number("gradient", "largest relative component of the gradient; certified to 1e-8"),
        *common("converged", "n_starts", "n_at_best"),
        _DRAWS,
        *common("share_draws_converged"),
    ),
)

_RECIPES = (
    text("worse", "recipes whose compute is saved, a name of `sweeps.curves.recipes`"),
    text("better", "recipes that save it"),
)

SWEEP_FRONTIERS = Table(
    "sweep_frontiers",
    group=SWEEPS,
    part="sweeps",
    row="recipe and protocol of learning rates: ln(L − E) = ln A − b·ln C on the frontier of runs",
    key=("recipe", "protocol"),
    columns=(
        text("recipe", "name of `sweeps.curves.recipes`"),
        text("protocol", "protocol of learning rates, or `best` of all of them"),
        integer("n", "points of the frontier"),
        integer("runs", "training runs"),
        number("E", "irreducible loss, imposed", "nats"),
        number("A", "level", "nats"),
        number("b", "exponent of compute"),
        *ends("the exponent of compute", prefix="b_"),
        number("low", "least compute of the frontier’s points", "FLOP"),
        number("high", "largest compute of the frontier’s points", "FLOP"),
        _DRAWS,
    ),
)

SWEEP_GAINS = Table(
    "sweep_gains",
    group=SWEEPS,
    part="sweeps",
    row="two recipes and a compute: how many times the compute the worse needs for the same loss",
    key=("worse", "better", "compute"),
    columns=(
        *_RECIPES,
        number("compute", "compute of the better recipe", "FLOP"),
        number("gain", "compute-equivalent gain of the frontiers’ laws"),
        number("low", "lower end of its 95 % interval, whole runs resampled"),
        number("high", "upper end of its 95 % interval"),
        number("read_off", "the gain read off the curves without a law; blank beyond them"),
        number("slope", "d ln gain / d ln compute"),
        truth("extrapolated", "whether a recipe has no runs at the compute it would need"),
        _DRAWS,
    ),
)

SWEEP_TOTALS = Table(
    "sweep_totals",
    group=SWEEPS,
    part="sweeps",
    row="the published total gain 2012 to 2023 by a protocol of learning rates for each recipe",
    key=("worse", "better", "worse_protocol", "better_protocol"),
    columns=(
        *_RECIPES,
        text("worse_protocol", "protocol of the worse recipe; `printed` is of printed constants"),
        text("better_protocol", "protocol of the better recipe"),
        number("compute", "compute the total is extrapolated to", "FLOP"),
        number("total", "gain of the frontiers times the factor that does not depend on compute"),
        *ends("the total, whole runs resampled"),
        number("invariant", "the factor that does not depend on compute"),
        _DRAWS,
    ),
)

JOINT_FITS = Table(
    "joint_fits",
    group=SWEEPS,
    part="sweeps",
    row="fit of the record with a sweep’s exponents free, as a prior or imposed, and a definition",
    key=("sweep", "kind", "irreducible", "definition"),
    columns=(
        _SWEEP,
        text(
            "kind",
            "`free` (no sweep), `prior`, `imposed`, or `joint` (one pair of exponents for both, "
            "the record counted by papers)",
        ),
        _LEVEL,
        text(
            "definition",
            "`closed_form` of compute, or `own_allocation`: growth at the records’ own",
        ),
        number("alpha", "exponent of parameters"),
        number("beta", "exponent of data"),
        number("E", "the record’s irreducible loss on the baseline", "nats"),
        *common("objective", "mse", "converged", "point"),
        *doubling(),
        number("share_refused", "share of the draws in which loss does not fall with compute"),
        number("deviance_by_rows", "deviance against the free fit, each row an observation"),
        number("deviance_by_papers", "deviance against the free fit, each paper an observation"),
        *common("share_draws_converged"),
    ),
)

SWEEP_CONFLICT = Table(
    "sweep_conflict",
    group=SWEEPS,
    part="sweeps",
    row="sweep, test and part of the record: whether its exponents and the sweep’s agree",
    key=("sweep", "test", "records", "irreducible", "counted"),
    columns=(
        _SWEEP,
        text(
            "test",
            "`imposing` (deviance of imposed exponents), `wald` (distance of the estimates), "
            "`joint` (deviance of common exponents), `held_out` (squared error of whole papers)",
        ),
        text("records", "`all`, or `large` (those of `sweeps.record.large`)"),
        _LEVEL,
        text("counted", "what counts as an observation: `rows` or `papers`"),
        integer("n", "rows"),
        integer("papers", "papers these rows are from"),
        number("statistic", "deviance or distance on 2 degrees of freedom; of `held_out`, nats²"),
        number("standard_error", "of a held-out error’s change, over papers", "nats²"),
        number("p", "chance of a statistic as large, were the exponents the same"),
        number("E", "the record’s irreducible loss with the exponents imposed", "nats"),
    ),
)

SWEEP_SCALE = Table(
    "sweep_scale",
    group=SWEEPS,
    part="sweeps",
    row="system and law: how fast loss falls with compute there (indicative only)",
    key=("system", "law"),
    columns=(
        text("system", "a system of `shapley.systems`"),
        text("law", "`record`, or the sweep’s name"),
        number("parameters", "parameters", "count"),
        number("tokens", "training tokens", "count"),
        number("rate", "fall of loss with time in the record at its date", "nats per year"),
        number("elasticity", "fall of loss with ln compute, N and D both as its root", "nats"),
        number("months", "doubling time: the record’s rate over this elasticity", "months"),
        truth("extrapolated", "whether the system lies beyond the sweep’s runs"),
    ),
)

STUDY_GROWTH = Table(
    "study_growth",
    group=STUDIES,
    part="studies",
    row="study and sample: the law y = a − b·ln C − c·t and the growth it means",
    key=("study", "sample"),
    columns=(
        text("study", "name of the study, of `studies` in the configuration"),
        text("sample", "name of its sample"),
        text("role", "`estimate` (the study’s first sample) or `check`"),
        text("score", "column of the score"),
        text("metric", "metric of the benchmark"),
        text("unit", "unit of the score"),
        text("transform", "what makes the response y of the metric"),
        number("floor", "error rate taken off before the transform"),
        text("scale", "column that is the scale C"),
        text("clustered", "column whose values are resampled whole"),
        integer("n", "rows fitted"),
        integer("clusters", "clusters these rows are from"),
        truth("few_clusters", "whether there are so few that the interval of draws is too narrow"),
        number("elasticity", "b, fall of y with ln C"),
        number("rate", "c, fall of y with time", "per year"),
        number("level", "a, where t counts from the year 2000"),
        *common("r2", "point"),
        *doubling(),
        number("share_not_falling_with_scale", "share of the draws with b ≤ 0"),
    ),
)

STUDY_SETS = Table(
    "study_sets",
    group=STUDIES,
    part="studies",
    row="piece of a set of doubling times that a restricted wild cluster bootstrap accepts",
    key=("study", "sample", "level", "piece"),
    columns=(
        text("study", "name of the study"),
        text("sample", "name of its sample"),
        integer("level", "level of the set", "%"),
        integer("piece", "number of the piece"),
        number("low", "shortest doubling time of the piece; 0 where growth is unbounded", "months"),
        number("high", "longest doubling time; inf without progress", "months"),
        number("growth_low", "least growth of the piece; -inf beyond the grid", "per year"),
        number("growth_high", "largest growth of the piece; inf beyond the grid", "per year"),
        integer("draws", "draws of the wild bootstrap"),
    ),
)

STUDY_SYSTEMS = Table(
    "study_systems",
    group=STUDIES,
    part="studies",
    row="row of a study’s file that a sample has",
    key=("study", "sample", "line"),
    columns=(
        text("study", "name of the study"),
        text("sample", "name of its sample"),
        integer("line", "line of the row in the study’s file"),
        text("cluster", "its cluster: paper, recipe"),
        number("year", "its date", "calendar years"),
        number("scale", "its scale C: training compute, or another column"),
        number("score", "its score, in the unit of the study’s file"),
        number("expected", "the score by the sample’s law at this scale and date"),
    ),
)

SWEEP_CHECKPOINTS = Table(
    "sweep_checkpoints",
    group=SWEEPS,
    part="sweeps",
    row="checkpoint on the frontier of a recipe under every protocol of learning rates",
    key=("recipe", "compute"),
    columns=(
        text("recipe", "recipe, of `sweeps.curves.recipes`"),
        number("compute", "spent up to the checkpoint", "FLOP"),
        number("loss", "at the checkpoint", "nats per token"),
    ),
)

TABLES = (
    SWEEP_LAWS,
    SWEEP_FRONTIERS,
    SWEEP_CHECKPOINTS,
    SWEEP_GAINS,
    SWEEP_TOTALS,
    JOINT_FITS,
    SWEEP_CONFLICT,
    SWEEP_SCALE,
    STUDY_GROWTH,
    STUDY_SETS,
    STUDY_SYSTEMS,
)
