"""What every table of results.duckdb holds: its key, and what each column means, in which unit.

The one place for these words: they become the comments in the databases, the labels of
``snakemake --report`` and docs/read-the-tables.md, which ``python -m
algoprog.tables.documentation`` prints. It imports nothing heavy, for the configuration reads it in
every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from algoprog.records.fields import FIELDS

Columns = Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A result table.

    group    what it belongs to: a heading of the documents, a caption of the Snakemake report
    row      what one row is of
    key      columns that identify a row
    columns  meaning and unit by name, in order
    others   meaning of columns that the configuration names; None where it names none
    """

    group: str
    row: str
    key: tuple[str, ...]
    columns: Columns
    others: str | None = None

    def meaning(self, column: str) -> str:
        """What `column` holds; KeyError for one that is not of this table."""
        if column not in self.columns and self.others is not None:
            return self.others
        return self.columns[column]


GROUPS = {
    "records": "The record",
    "fits": "Fits",
    "cross_validation": "Cross-validation",
    "doubling_times": "Doubling times",
    "shapley": "What progress is made of",
    "transformer": "The transformer",
    "era_split": "Eras",
    "frontiers": "Frontiers and effective compute",
    "observation": "Without a fitted model",
    "audit": "The audit",
    "sensitivity": "One choice at a time",
    "multiverse": "All choices at once",
    "coverage": "Do the intervals hold",
    "bayes": "The Bayesian fit",
}

# What a column of this name means in every table that has it and says nothing else.
COMMON = {
    "sample": "name of the sample, of `samples` in the configuration",
    "variant": "name of the model, of `variants` in the configuration (m01 … m20)",
    "delta": "weight δ of the penalty on the sum of absolute parameters",
    "estimator": "`converged` (minimum of the objective) or `published` (the paper’s procedure)",
    "resampling": "what a bootstrap draws: `papers` (whole ones) or `rows`; `none` without draws",
    "response": "perplexity explained: each row’s `own`, or the system’s `first_available`",
    "benchmark": "test set (wt103, wt2, ptb, …)",
    "system": "name of the system",
    "n": "rows fitted",
    "papers": "papers these rows are from",
    "p": "parameters of the model",
    "objective": "mean squared residual plus penalty at the estimate (nats²)",
    "mse": "mean squared residual (nats²)",
    "r2": "1 − mean squared error / variance of the response",
    "subgradient": "size of the smallest subgradient at the estimate, relative; certified to 1e-8",
    "converged": "whether the estimate has its certificate",
    "n_starts": "starts of the solver",
    "n_at_best": "starts that reached the best value",
    "not_identified": "parameters that the rows do not determine, comma-separated; blank if none",
    "share_draws_converged": "share of the draws whose fit has its certificate",
    "reason": "why there is no number; blank where there is one",
}
_FIT = ("sample", "variant", "delta", "estimator")
_ANALYSIS = (*_FIT, "resampling")
# The benchmark of a doubling time, which most variants have in common.
_EVERY = {"benchmark": "test set; `all` where growth is the same on each"}
_POINT = {
    "point": "doubling time at the estimate (months; inf where growth is not positive)",
}
_GROWTH_POINT = {"growth_point": "growth of effective compute at the estimate (per year)"}


def _of(*names: str) -> dict[str, str]:
    return {name: COMMON[name] for name in names}


def _ends(of: str, prefix: str = "") -> dict[str, str]:
    """Median and interval ends of draws; `of` says of what, with its unit."""
    ends = {f"{prefix}median": f"median of the draws of {of}"}
    for level in (50, 90, 95):
        ends[f"{prefix}ci{level}_low"] = f"lower end of the {level} % interval of {of}"
        ends[f"{prefix}ci{level}_high"] = f"upper end of the {level} % interval of {of}"
    return ends


def _interval(of: str, nonpositive: str = "share of the draws that are not positive") -> Columns:
    return _ends(of) | {"n_draws": "draws", "share_nonpositive": nonpositive}


def _doubling(of: str = "the doubling time (months)") -> dict[str, str]:
    """The interval of a doubling time, and that of the growth rate, which has no pole."""
    return {
        **_interval(of, "share of the draws without progress (growth ≤ 0)"),
        **_GROWTH_POINT,
        **_ends("growth (per year)", "growth_"),
    }


def _covered(level: int) -> dict[str, str]:
    return {
        f"coverage{level}": f"share of the {level} % intervals that hold the true growth",
        f"coverage{level}_error": "its Monte-Carlo standard error",
        f"misses_fast{level}": "share of intervals wholly above the truth (progress too fast)",
        f"misses_slow{level}": "share of intervals wholly below the truth (progress too slow)",
        f"mean_length{level}": "mean length of the intervals in growth (per year)",
        f"median_length{level}": "median length of the intervals in growth (per year)",
        f"infinite{level}": "share of the intervals without an upper end in months",
        f"loss{level}": "of the profile: relative loss of fit at which that share is covered",
    }


def _triple(name: str, of: str) -> dict[str, str]:
    return {
        name: of,
        f"{name}_low": f"{of}: lower end of the interval",
        f"{name}_high": f"{of}: upper end of the interval",
    }


_SOURCE = {
    "source": "name of the source, of `sources` in the configuration",
    "source_row": "number of the system’s entry in the source",
}
_KEPT = {
    "kept_source": "source whose record is used",
    "other_source": "source whose record stands behind it",
}
_SYSTEMS = {
    "from_system": "earlier system of the pair",
    "to_system": "later system of the pair",
    "factor": "parameters, data, parameter_efficiency, data_efficiency, architecture; "
    "compute = parameters + data",
}
_COMPUTE_KIND = {
    "compute": "`recorded` training compute, or also `inferred` as 6·N·D·epochs",
}
_MODEL = {**_of("sample", "variant", "delta"), **_EVERY}

TABLES: dict[str, Table] = {
    "exclusions": Table(
        "records",
        "record that a sample leaves out",
        ("sample", "source", "source_row", "benchmark"),
        {
            **_of("sample"),
            **_SOURCE,
            **_of("system", "benchmark"),
            "reason": "the exclusion that took it out, in the words of the configuration",
        },
    ),
    "sample_steps": Table(
        "records",
        "step by which a sample is drawn, in order",
        ("sample", "step"),
        {
            **_of("sample"),
            "step": "what was done",
            "systems": "systems left after it",
            "rows": "records left after it",
        },
    ),
    "joined": Table(
        "records",
        "field of a record that a join filled, or could not",
        ("source", "source_row", "lookup", "field"),
        {
            **_SOURCE,
            **_of("system"),
            "lookup": "the source the value was looked up in",
            "field": "the field to fill",
            "matched_name": "name of the system there",
            "own_value": "what the record itself has",
            "value": "what was found",
            "status": "what came of it",
        },
    ),
    "conflicts": Table(
        "records",
        "field on which two sources disagree about one evaluation",
        ("system", "benchmark", "field", "kept_source", "other_source", "other_row"),
        {
            **_of("system", "benchmark"),
            "field": "the field they disagree on",
            "kept_source": _KEPT["kept_source"],
            "kept_row": "entry there",
            "kept_value": "value there",
            "other_source": _KEPT["other_source"],
            "other_row": "entry there",
            "other_value": "value there",
            "relative_difference": "difference of two numbers over the one that is kept",
        },
    ),
    "duplicates": Table(
        "records",
        "pair of sources with evaluations in common, and per source that repeats some",
        ("kept_source", "other_source"),
        {
            **_KEPT,
            "agreeing": "evaluations in both that agree",
            "conflicting": "evaluations in both that disagree",
        },
    ),
    "fits": Table(
        "fits",
        "fit",
        _FIT,
        {
            **_of(*_FIT, "n", "p", "objective", "mse", "r2", "subgradient", "converged"),
            **_of("n_starts", "n_at_best"),
            "gap": "objective of the next best minimum less the best one (nats²); blank if one",
            **_of("response", "not_identified"),
        },
    ),
    "parameters": Table(
        "fits",
        "parameter of a fit, for each resampling it has draws of",
        (*_ANALYSIS, "term"),
        {
            **_of(*_ANALYSIS),
            "term": "name of the parameter, as the paper has it",
            "estimate": "estimate",
            "standard_error": "standard error at the minimum; blank where it is not certified",
            **_interval("the parameter"),
        },
    ),
    "cross_validation": Table(
        "cross_validation",
        "model and scheme of holding out",
        (*_FIT, "scheme"),
        {
            **_of(*_FIT),
            "scheme": "`published_split`, or leaving out each of the `rows` or `papers`",
            "n": "rows predicted while held out",
            "mse": "mean squared held-out error (nats²)",
            "r2": "1 − held-out error / variance of the response",
            "rank": "place by held-out error within estimator and scheme; 1 is the least",
            "n_fits": "fits made",
            "n_converged": "fits with a certificate",
            "n_at_best_min": "fewest starts, over the fits, that reached the best value",
        },
    ),
    "doubling_times": Table(
        "doubling_times",
        "doubling time of a fit by one definition",
        (*_ANALYSIS, "definition", "quantity", "benchmark"),
        {
            **_of(*_ANALYSIS),
            "definition": "`closed_form` or `optimal_scaling`",
            "quantity": "what is saved: parameters, data, or compute (both)",
            **_EVERY,
            **_POINT,
            **_doubling(),
        },
    ),
    "headline_interval": Table(
        "doubling_times",
        "interval of the headline's doubling time, of a level",
        ("sample", "variant", "delta", "benchmark", "level"),
        {
            **_MODEL,
            "level": "share of truths that it is to hold (%)",
            "method": "`profile` (fits no worse than a critical loss), else `percentile` of draws",
            "critical_loss": "of the profile: relative loss of fit accepted",
            **_POINT,
            "low": "shortest doubling time in the interval (months)",
            "high": "longest doubling time in the interval (months)",
            **_GROWTH_POINT,
            "growth_low": "least growth in the interval (per year); blank beyond the profile",
            "growth_high": "largest growth in the interval (per year); blank beyond the profile",
            "reason": "why the percentiles are quoted; blank where the profile is",
        },
    ),
    "pooled_doubling_times": Table(
        "doubling_times",
        "pool of models, draws of doubling times by optimal scaling put together",
        ("name", "pool"),
        {
            "name": "name of the pool, of `pools` in the configuration",
            "scheme": "scheme of cross-validation that ranks the models",
            **_of("estimator", "resampling"),
            "pool": "`top10`, … by held-out error, or `distinct` variants among them",
            "n_sets": "sets of draws put together",
            **_interval("the doubling time (months)", "share of the draws without progress"),
            **_ends("growth (per year)", "growth_"),
        },
    ),
    "shapley": Table(
        "shapley",
        "cause of the fall of predicted loss from one system to another",
        (*_ANALYSIS, "from_system", "to_system", "factor"),
        {
            **_of(*_ANALYSIS),
            **_SYSTEMS,
            "share": "the cause’s share of the fall; the four causes sum to 1",
            "reduction": "fall of predicted loss between the two systems (nats)",
            **_interval("the share"),
            "share_not_reduced": "share of the draws in which loss does not fall",
        },
    ),
    "predicted_loss": Table(
        "shapley",
        "system whose loss a fit predicts",
        (*_ANALYSIS, "system"),
        {
            **_of(*_ANALYSIS, "system"),
            "loss": "predicted loss on the baseline benchmark (nats per token)",
            **_interval("the loss (nats)"),
        },
    ),
    "transformer": Table(
        "transformer",
        "model with an effect of the transformer, and compute",
        (*_ANALYSIS, "form", "compute"),
        {
            **_of(*_ANALYSIS),
            "form": "`multiplier` σ(γ), penalised at γ = 0; `factor` exp(−κ), at no effect",
            "compute": "training compute at which the gain is taken (FLOP)",
            "parameter": "γ, or κ, at the estimate",
            **_of("objective", "converged", "share_draws_converged"),
            "reduction": "share of loss that the transformer takes off",
            **_ends("the reduction", "reduction_"),
            "gain": "compute-equivalent gain: compute without the transformer over that with it",
            **_ends("the gain", "gain_"),
            "n_draws": "draws",
            "share_unbounded": "share of the draws with a gain beyond every bound",
            "share_undefined": "share of the draws in which no gain exists",
        },
    ),
    "era_split": Table(
        "era_split",
        "era of a fit whose pace of progress may change at a year",
        (*_ANALYSIS, "form", "year", "era", "quantity", "benchmark"),
        {
            **_of(*_ANALYSIS),
            "form": "`jump` (level and pace change, as published) or `kink` (pace alone)",
            "year": "first calendar year of the later era",
            "era": "`before`, `after`, or `change` of growth between them",
            "definition": "`closed_form`",
            "quantity": "what is saved: parameters, data, or compute (both)",
            **_EVERY,
            **_of("objective", "converged", "share_draws_converged"),
            "point": "doubling time at the estimate (months); blank for a change",
            **_doubling(),
        },
    ),
    "frontiers": Table(
        "frontiers",
        "point of a line of equal perplexity",
        ("perplexity", "year", "dataset_tokens"),
        {
            "perplexity": "perplexity reached on the baseline benchmark (per token)",
            "year": "calendar year of the algorithms",
            "dataset_tokens": "training data D (tokens)",
            "parameters": "parameters N that reach it (count); blank where none do",
        },
    ),
    "effective_compute": Table(
        "frontiers",
        "year",
        ("estimator", "resampling", "year"),
        {
            **_of("estimator", "resampling"),
            "year": "calendar year",
            "physical": "training compute relative to the first year",
            "algorithmic": "what algorithms multiply it by, relative to the first year",
            "effective": "physical × algorithmic",
            **_interval("the algorithmic gain"),
        },
    ),
    "allocation": Table(
        "observation",
        "system, or compute split by a rule, under a scaling law taken as true",
        ("law", "system", "compute"),
        {
            "law": "the law taken as true",
            "system": "the system, or the rule that split the compute",
            "compute": "training compute (FLOP)",
            "parameters": "parameters it chose (count)",
            "dataset_tokens": "training data it chose (tokens)",
            "loss": "its loss under the law (nats per token)",
            "optimal_parameters": "parameters of the best split of that compute (count)",
            "optimal_dataset_tokens": "training data of the best split (tokens)",
            "optimal_loss": "loss of the best split (nats per token)",
            "gain": "compute over that with which the best split reaches the same loss",
            "extra_compute": "of a rule: factor of compute by which it reaches the best loss",
        },
    ),
    "direct_observation": Table(
        "observation",
        "reference system and kind of compute",
        ("compute", "reference"),
        {
            "reference": "the system whose perplexity later ones reach",
            **_COMPUTE_KIND,
            "factor": "largest ratio of perplexities that counts as the same",
            "n": "systems in the line, the reference among them",
            "doubling_time_months": "doubling time, 12 ln 2 / growth (months)",
            "standard_error": "its standard error, by the delta method (months)",
            "ci95_low": "lower end of the 95 % interval of the doubling time (months)",
            "ci95_high": "upper end of the 95 % interval of the doubling time (months)",
            "growth": "fall of ln compute per year, by ordinary least squares",
            "growth_standard_error": "its standard error (per year)",
            "growth_ci95_low": "lower end of its 95 % t interval (per year)",
            "growth_ci95_high": "upper end of its 95 % t interval (per year)",
            "growth_without_reference": "growth without the reference itself (per year)",
            "growth_without_one_low": "least growth without any one of the systems (per year)",
            "growth_without_one_high": "largest growth without any one of the systems (per year)",
            "most_influential": "the system without which growth changes most",
            "note": "why there is no line; blank where there is one",
        },
    ),
    "compute_reductions": Table(
        "observation",
        "pair of systems, the later one as good with less compute",
        ("compute", "rank"),
        {
            **_COMPUTE_KIND,
            "rank": "place by ratio; 1 is the largest",
            "reference": "earlier system",
            "successor": "later system",
            "reference_published": "date of the earlier",
            "successor_published": "date of the later",
            "reference_perplexity": "test perplexity of the earlier (per token)",
            "successor_perplexity": "test perplexity of the later (per token)",
            "reference_compute": "training compute of the earlier (FLOP)",
            "successor_compute": "training compute of the later (FLOP)",
            "ratio": "compute of the earlier over that of the later",
            "doubling_time_months": "months between them over log2 of the ratio",
            "note": "where recorded compute and 6NDe of one differ more than ten times, both",
        },
    ),
    "reproduction": Table(
        "audit",
        "published number",
        ("id",),
        {
            "id": "name of the number in the file of published numbers",
            "section": "where the paper prints it",
            "quantity": "what it is",
            "unit": "its unit; blank if none",
            "level": "level of its interval (%); blank without",
            **_triple("published", "as printed"),
            **_triple("ours_published", "ours by the published procedure"),
            **_triple("noise", "standard error that the procedure has when only rounding changes"),
            **_triple("monte_carlo", "standard error from resting on no more draws"),
            **_triple("ours_converged", "ours by the converged estimator"),
            **_triple(
                "relative_difference",
                "(ours by the published procedure − printed) over the size of the printed",
            ),
            "agreement": "exact, close, differs or not determined, by stated tolerances",
            "verdict": "the same, or the number of the defect that explains a difference",
            "note": "what a reader should know of it",
        },
    ),
    "defects": Table(
        "audit",
        "number that shows a defect of the published analysis",
        ("defect", "quantity"),
        {
            "defect": "number of the defect",
            "title": "what is wrong",
            "quantity": "what is compared",
            "unit": "its unit",
            "with_defect": "its value with the defect",
            "without_defect": "its value without it",
        },
    ),
    "sensitivity": Table(
        "sensitivity",
        "headline fitted again with one choice changed",
        ("check", "setting", "benchmark", "estimator", "resampling"),
        {
            "check": "the choice, of `sensitivity` in the configuration; `headline` itself first",
            "setting": "what it was changed to",
            **_of("estimator", "resampling"),
            **_EVERY,
            **_of("variant", "delta", "response", "n", "papers", "p", "objective"),
            **_of("subgradient", "converged"),
            **_POINT,
            **_doubling(),
            "change_months": "doubling time less the headline’s (months)",
            "change_growth": "growth less the headline’s (per year)",
            "relative_change": "that over the headline’s growth",
            "compute_share": "Shapley share of compute in the fall of loss",
            "compute_share_ci95_low": "lower end of its 95 % interval",
            "compute_share_ci95_high": "upper end of its 95 % interval",
            "draws_certified": "share of the draws whose fit has its certificate",
            "huber_k": "where the Huber loss turns linear (nats); blank with squared loss",
            "correlation": "correlation of errors within a paper; blank where none is fitted",
            **_of("reason"),
        },
    ),
    "influence": Table(
        "sensitivity",
        "paper, or record, left out of the headline’s sample",
        ("unit", "rank"),
        {
            "unit": "`paper` or `record`",
            "rank": "place by size of the change of growth; 1 is the largest",
            "name": "title of the paper, or system (benchmark)",
            "rows": "rows left out with it",
            "growth_without": "growth without it (per year)",
            "doubling_without": "doubling time without it (months)",
            "change_growth": "growth without it less that with it (per year)",
            "change_months": "doubling time without it less that with it (months)",
            **_of("converged"),
            "growth_point": "growth on the whole sample (per year)",
            "jackknife_error": "jackknife standard error of growth over all units (per year)",
        },
    ),
    "multiverse": Table(
        "multiverse",
        "specification: one level of every choice",
        ("id",),
        {
            "id": "digest of the specification’s settings",
            **_of("n", "papers", "p", "objective", "mse", "r2", "subgradient", "converged"),
            **_of("n_starts", "n_at_best"),
            "growth_closed_form": "growth in closed form (per year)",
            "growth_optimal_scaling": "growth by optimal scaling (per year)",
            "growth": "growth in closed form or, without one, by optimal scaling (per year)",
            "doubling_time": "its doubling time (months; inf where growth is not positive)",
            "compute_share": "Shapley share of compute in the fall of loss",
            **_of("not_identified"),
            "status": "fitted, not_identified, not_converged, no_progress or not_fitted",
            **_of("reason"),
            "problem": "digest of the problem that was solved",
            "same_as": "id of the first specification that is the same problem; blank for it",
        },
        others="level of this choice, of `multiverse.choices` in the configuration",
    ),
    "multiverse_account": Table(
        "multiverse",
        "outcome of specifications",
        ("status", "reason"),
        {
            "status": "as in `multiverse`",
            **_of("reason"),
            "n": "specifications with this outcome",
            "n_coinciding": "those of them that are the same problem as another",
        },
    ),
    "multiverse_intervals": Table(
        "multiverse",
        "specification that is drawn again",
        ("id",),
        {
            "id": "id of the specification, as in `multiverse`",
            "growth": "growth at the estimate (per year)",
            "doubling_time": "doubling time at the estimate (months)",
            **_interval("the doubling time (months)", "share of the draws without progress"),
            **_ends("growth (per year)", "growth_"),
            "n_converged": "draws whose fit has its certificate",
            "status": "as in `multiverse`",
            **_of("reason"),
        },
    ),
    "attribution": Table(
        "multiverse",
        "choice, and result whose spread is shared out",
        ("result", "basis", "choice"),
        {
            "result": "`ln_growth`, `growth`, or `rank` of growth",
            "basis": "`all` specifications with the result, or the largest `complete` cross",
            "choice": "the choice",
            "first_order": "share of the variance that it explains by itself",
            "shapley": "its share with interactions split evenly; sums to 1 over choices",
            "total": "its share with all its interactions",
            "n_levels": "levels of it in the basis",
            "levels_left_out": "levels that are not",
            "n": "specifications in the basis",
            "n_left_out": "specifications that are not",
            "variance": "variance of the result over the basis",
        },
    ),
    "attribution_interactions": Table(
        "multiverse",
        "set of choices, on the complete cross",
        ("result", "choices"),
        {
            "result": "as in `attribution`",
            "choices": "the choices, joined by ` x `",
            "order": "how many they are",
            "share": "share of the variance that is theirs together and of no smaller set",
            "n": "specifications in the cross",
        },
    ),
    "model_weights": Table(
        "multiverse",
        "model that is averaged",
        ("sample", "response", "variant", "delta"),
        {
            **_of("sample", "response", "variant", "delta", "n"),
            "mse": "mean squared error of papers left out (nats²)",
            "weight": "probability of predicting papers best, by Bayesian bootstrap",
            **_GROWTH_POINT,
            "certified": "whether every fit behind it has its certificate",
        },
    ),
    "model_average": Table(
        "multiverse",
        "weighting of models",
        ("sample", "response", "weighting"),
        {
            **_of("sample", "response"),
            "weighting": "`pseudo_bma` (as in `model_weights`), `equal`, or the `best` model alone",
            "n_models": "models averaged",
            "effective_models": "1 / sum of squared weights",
            **_POINT,
            **_doubling(),
        },
    ),
    "coverage": Table(
        "coverage",
        "interval on simulated data of a known doubling time",
        ("sample", "variant", "delta", "doubling_months", "estimator", "resampling", "method"),
        {
            **_of("sample", "variant", "delta"),
            "doubling_months": "true doubling time (months)",
            **_of("estimator", "resampling"),
            "method": "percentile, basic, studentised, bca; or profile, without resampling",
            "n_data_sets": "data sets simulated",
            "growth": "true growth (per year)",
            "median_error": "median error of estimated growth (per year)",
            "mean_error": "mean error of estimated growth (per year)",
            "rmse": "root mean squared error of estimated growth (per year)",
            **_covered(90),
            **_covered(95),
            "n_draws": "bootstrap draws in all",
            "n_not_converged": "fits without a certificate among them",
        },
    ),
    "profiles": Table(
        "coverage",
        "growth imposed on a model",
        ("sample", "variant", "delta", "benchmark", "growth"),
        {
            **_MODEL,
            "growth": "growth imposed (per year)",
            "doubling_time_months": "its doubling time (months)",
            "objective": "least objective at that growth (nats²)",
            "relative_loss": "that over the least objective of all, less 1",
            "subgradient": "smallest subgradient under the constraint, relative",
            "certified": "whether it is a minimum and has the growth asked for",
        },
    ),
    "profile_ranges": Table(
        "coverage",
        "loss of fit that is accepted of a model",
        ("sample", "variant", "delta", "benchmark", "loss"),
        {
            **_MODEL,
            "loss": "relative loss of fit accepted",
            "growth_low": "least growth within it (per year)",
            "growth_high": "largest growth within it (per year)",
            "doubling_time_low": "shortest doubling time within it (months)",
            "doubling_time_high": "longest doubling time within it (months)",
            **_of("reason"),
        },
    ),
}

_NAMED = {
    "name": "name of the fit, of `bayes` in the configuration",
    "passed": "whether its diagnostics are within their limits",
}
_KEYED = _of("sample", "variant", "estimator", "resampling", "delta")
_QUANTITY = {"quantity": "what is compared", "unit": "its unit"}
_ELPD = {
    f"{name}{unit}{end}": text.format(unit=unit)
    for unit in ("rows", "papers")
    for name, end, text in (
        ("elpd_", "", "expected log density of {unit} left out (nats)"),
        ("elpd_", "_error", "its standard error (nats)"),
        ("", "_above_0.7", "{unit} with Pareto k above 0.7, that is, refused by the shortcut"),
        ("", "_pareto_k", "largest Pareto k of the {unit}"),
    )
}
TABLES |= {
    "bayes_fits": Table(
        "bayes",
        "Bayesian fit",
        ("name",),
        {
            "name": _NAMED["name"],
            **_of("sample", "variant"),
            "change": "what the variant is changed by; blank if by nothing",
            "prior_width": "width of the priors relative to the headline's",
            "engine": "program that drew",
            **_of("n", "p"),
            "n_chains": "chains",
            "n_draws": "draws kept of all chains",
            "rhat": "largest R-hat over parameters; 1 where chains agree",
            "ess_bulk": "least effective sample size of a middle",
            "ess_tail": "least effective sample size of a tail",
            "divergences": "divergent transitions",
            "depth_reached": "transitions that reached the largest tree",
            "energy": "least energy fraction of missing information over chains",
            "passed": _NAMED["passed"],
            **_ELPD,
            "pooled": "whether it is among the models averaged",
            "weight": "its stacking weight; blank if it is not",
        },
    ),
    "bayes_parameters": Table(
        "bayes",
        "parameter of a Bayesian fit",
        ("name", "term"),
        {
            **_NAMED,
            **_of("variant"),
            "term": "name of the parameter; tau, sigma_…, nu are of the errors",
            "role": "what the prior takes it for",
            **_interval("the parameter"),
            "prior_median": "median of its prior",
            "prior_ci90_low": "lower end of the 90 % interval of its prior",
            "prior_ci90_high": "upper end of the 90 % interval of its prior",
        },
    ),
    "bayes_doubling_times": Table(
        "bayes",
        "posterior doubling time of a fit by one definition",
        ("name", "definition", "quantity", "benchmark"),
        {
            **_NAMED,
            **TABLES["doubling_times"].columns,
            "point": "posterior median of the doubling time (months)",
            "growth_point": "posterior median of growth (per year)",
        },
    ),
    "bayes_model_average": Table(
        "bayes",
        "weighting of the fits that pass",
        ("definition", "weighting"),
        {
            "definition": "`closed_form` or `optimal_scaling`",
            "weighting": "by `stacking` weights over papers, or `equal`",
            "n_models": "models averaged",
            "weight_left_out": "weight of models without a doubling time of the definition",
            **_interval("the doubling time (months)", "share of the draws without progress"),
            **_ends("growth (per year)", "growth_"),
        },
    ),
    "bayes_shapley": Table(
        "bayes",
        "cause of the fall of predicted loss, by the headline's posterior",
        ("name", "from_system", "to_system", "factor"),
        {
            **_NAMED,
            **_KEYED,
            **_SYSTEMS,
            "share": "posterior median of the cause’s share of the fall",
            **_interval("the share"),
            "share_not_reduced": "share of the draws in which loss does not fall",
        },
    ),
    "bayes_transformer": Table(
        "bayes",
        "Bayesian fit with the transformer's effect, and compute",
        ("name", "compute"),
        {
            **_NAMED,
            **_KEYED,
            **{
                name: text
                for name, text in TABLES["transformer"].columns.items()
                if name not in {*_ANALYSIS, "parameter", "objective", "converged"}
                and name != "share_draws_converged"
            },
        },
    ),
    "bayes_against_bootstrap": Table(
        "bayes",
        "quantity by the posterior and by the bootstrap",
        ("name", "quantity"),
        {
            **_NAMED,
            **_of("variant"),
            **_QUANTITY,
            **_ends("the posterior", "posterior_"),
            **_ends("the bootstrap", "bootstrap_"),
            "width_ratio": "width of the posterior's 90 % interval over that of the bootstrap's",
            "overlap": "length of what the two share over that of what they cover together",
            "differs": "whether either median is outside of the other's 90 % interval",
            "in_words": "the same in a sentence",
        },
    ),
    "bayes_prior_sensitivity": Table(
        "bayes",
        "quantity under wider or narrower priors",
        ("name", "quantity"),
        {
            **_NAMED,
            "prior_width": "width of the priors relative to the headline's",
            **_QUANTITY,
            **_interval("the quantity"),
            "shift": "median less the headline's, in widths of its 90 % interval",
            "width_ratio": "width of the 90 % interval over that of the headline's",
        },
    ),
    "bayes_checks": Table(
        "bayes",
        "statistic of data drawn from a fit beside that of the data",
        ("name", "check", "benchmark", "statistic"),
        {
            "name": _NAMED["name"],
            **_of("variant"),
            "check": "what the data are drawn from: prior or posterior",
            "benchmark": "test set; `all` together",
            "statistic": "the statistic, of losses (nats)",
            "observed": "its value in the data",
            **_interval("the statistic in data drawn"),
            "share_at_least": "share of the data drawn in which it is at least as large",
        },
    ),
    "bayes_calibration": Table(
        "bayes",
        "quantity over simulated data sets",
        ("kind", "quantity"),
        {
            "kind": "what the data are simulated from",
            "quantity": "the quantity",
            "n_data_sets": "data sets simulated",
            "coverage50": "share of the 50 % intervals that hold the truth",
            "coverage90": "share of the 90 % intervals that hold the truth",
            "coverage90_error": "its Monte-Carlo standard error",
            "mean_error": "mean of posterior median less truth",
            "share_divergent": "share of the data sets with a divergence",
            "chi_square": "Pearson's statistic of the ranks against uniformity",
            "p_value": "its p-value",
            "p_adjusted": "that adjusted for the number of quantities by Holm's method",
            "uniform": "whether uniformity stands",
        },
    ),
    "bayes_ranks": Table(
        "bayes",
        "bin of the ranks of the truth among posterior draws",
        ("quantity", "bin"),
        {
            "quantity": "the quantity",
            "bin": "number of the bin",
            "n": "data sets whose truth ranks in it",
            "expected": "the same under uniformity",
            "low": "lower end of its central 99 % under uniformity",
            "high": "upper end of its central 99 % under uniformity",
        },
    ),
}

_RECORD = {name: field.meaning for name, field in FIELDS.items()}
_EVALUATION = ("source", "source_row", "benchmark")
_UNSEEN = {"url", "include", "outlier", "uncertain"}  # what no analysis uses of a record
# The tables of data/processed/evaluations.duckdb.
RECORD_TABLES: dict[str, Table] = {
    "evaluations": Table("records", "evaluation", _EVALUATION, _RECORD),
    "superseded": Table(
        "records",
        "evaluation that a source before its own has, or its own before",
        _EVALUATION,
        {
            **_RECORD,
            "kept_source": _KEPT["kept_source"],
            "kept_row": "entry there",
        },
    ),
    "corrections": Table(
        "records",
        "field of a record that was corrected",
        ("correction", *_EVALUATION, "field"),
        {
            "correction": "its name, of `corrections` in the configuration",
            **_SOURCE,
            **_of("benchmark"),
            "field": "the field",
            "old": "value in the source",
            "new": "value used",
            "reason": "why",
        },
    ),
    "sources": Table(
        "records",
        "source",
        ("source",),
        {
            "source": _SOURCE["source"],
            "kind": "how it is read",
            "role": "whether it holds evaluations, or fills fields of others’",
            "location": "where it is read from",
            "entries": "systems it gave",
            "evaluations": "evaluations it gave",
        },
    ),
    "samples": Table(
        "records",
        "row of a sample",
        ("sample", "row"),
        {
            **_of("sample"),
            "row": "place in the sample, from 0",
            **{name: _RECORD[name] for name in _RECORD if name not in _UNSEEN},
            "perplexity_first_available": "perplexity on the system’s first benchmark (per token)",
        },
    ),
    "sample_steps": replace(
        TABLES["sample_steps"],
        key=("sample", "number"),
        columns={"number": "place of the step, from 0", **TABLES["sample_steps"].columns},
    ),
    **{name: TABLES[name] for name in ("exclusions", "joined", "conflicts", "duplicates")},
}


def comments(name: str, table: Table, columns: Iterable[str]) -> Iterator[str]:
    """DuckDB statements that put the words of `table` on the table `name` with these columns.

    Raises KeyError for a column that is not in `table`.
    """
    key = ", ".join(table.key)
    yield _comment("TABLE", f'"{name}"', f"One row per {table.row}. Key: {key}.")
    for column in columns:
        yield _comment("COLUMN", f'"{name}"."{column}"', table.meaning(column))


def _comment(kind: str, name: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{quoted}'"


def markdown(tables: Mapping[str, Table] = TABLES) -> str:
    """docs/read-the-tables.md: every table by group, with its key and columns."""
    lines = [
        "# Read the tables",
        "",
        "Every number of the report is in a table: `results/tables/<name>.csv` (UTF-8, full",
        "precision, blank = no value, `inf` = infinite) and the table of the same name in",
        "`results/results.duckdb`, where the texts below are comments (`SELECT * FROM",
        "duckdb_columns()`). [Ten questions in SQL](query.md) show how to ask them.",
        "",
        "Intervals are percentiles of bootstrap draws. Growth g per year is a doubling time of",
        "12 ln 2 / g months, with a pole at g = 0: quantiles of the `converged` estimator are of g",
        "and mapped, `published` ones are of the ratios, as in the paper; `growth_…` columns have",
        "no pole. Tables of other targets (`make multiverse`, `make bayes`, …) are there when",
        "those have run. Written by `make docs` from `src/algoprog/tables/documentation.py`.",
    ]
    for group, title in GROUPS.items():
        lines += ["", f"## {title}"]
        for name, table in tables.items():
            if table.group != group:
                continue
            key = ", ".join(f"`{column}`" for column in table.key)
            lines += ["", f"### {name}", "", f"One row per {table.row}. Key: {key}.", ""]
            lines += ["| column | meaning |", "|---|---|"]
            lines += [f"| `{column}` | {text} |" for column, text in _shortened(table.columns)]
            if table.others is not None:
                lines.append(f"| any other | {table.others} |")
    return "\n".join(lines) + "\n"


def _shortened(columns: Columns) -> Iterator[tuple[str, str]]:
    """Columns with those of an interval's ends in one line."""
    for column, text in columns.items():
        if column.endswith("ci50_low") and column.replace("50_low", "90_low") in columns:
            prefix = column.removesuffix("ci50_low")
            of = text.partition("interval of ")[2]
            yield f"{prefix}ci50_low … {prefix}ci95_high", f"50, 90 and 95 % interval of {of}"
        elif not ("ci50_" in column or "ci90_" in column or "ci95_" in column) or (
            column.replace("ci95_", "ci50_") not in columns
        ):
            yield column, text


if __name__ == "__main__":
    print(markdown(), end="")
