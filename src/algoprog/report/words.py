"""What the page calls a model in words, beside the code it has in the tables."""

from __future__ import annotations

# Laws that the page speaks of; every other law is called by its code.
LAWS = {
    "m07": "the paper’s preferred law",
    "m14": "the law whose elasticities change with the year",
    "m16": "the law without progress",
    "m18": "the law of compute alone",
}
# Baselines of the hold-out out of time, by their names in `temporal_hold_out`.
BASELINES = {
    "mean": "mean of each benchmark",
    "loss_on_t": "least squares of loss on date",
    "loss_on_c": "least squares of loss on ln compute",
    "loss_on_c_t": "least squares of loss on ln compute and date",
    "loss_on_n_d_t": "least squares of loss on ln N, ln D and date",
    "log_loss_on_t": "least squares of ln loss on date",
    "log_loss_on_c": "least squares of ln loss on ln compute",
    "log_loss_on_c_t": "least squares of ln loss on ln compute and date",
    "log_loss_on_n_d_t": "least squares of ln loss on ln N, ln D and date",
}
# On which benchmark the perplexity is that a law explains, by `response`; and what it is called.
BENCHMARKS = {
    "own": "each row’s own benchmark",
    "first_available": "the first available benchmark",
}
RESPONSES = {
    "own": "perplexity on each row’s benchmark",
    "first_available": "first available perplexity",
}
# Worlds of the configuration in which data of known growth are simulated.
WORLDS = {
    "plain": "effects of papers",
    "by_benchmark": "errors by benchmark",
    "residuals": "the records’ own residuals",
    "half": "progress half in data",
    "of_data": "progress all in data",
}
# What the levels of a choice of the multiverse are, where they are counted.
LEVELS = {
    "variant": "laws",
    "delta": "weights δ of the penalty",
    "models_per_paper": "limits on the systems of one paper",
    "response": "responses",
    "tokens": "measures of training data",
    "outliers": "treatments of outliers",
    "rows": "sets of rows",
    "estimator": "estimators",
}
# How compute is spent, in words, by `direction` of `own_allocation`.
DIRECTIONS = {
    "alike": "parameters and data scaled alike",
    "parameters": "parameters alone",
    "data": "data alone",
    "trend": "along the records’ own trend of data on parameters",
}
# What the words of the page mean; `docs/glossary.md` says the same, and explains more words.
GLOSSARY = {
    "allocation, split of compute": "how compute is divided between parameters and training data",
    "benchmark": (
        "a test set: WikiText-103 (wt103), WikiText-2 (wt2), Penn Treebank (ptb), or your own"
    ),
    "certificate": (
        "proof that a fit is a minimum: its smallest subgradient is at most 10⁻⁸, relative "
        "to its terms"
    ),
    "closed form": (
        "the paper’s definition of the doubling time, from the parameters of a law alone; "
        "it holds at the split of compute that the law calls optimal"
    ),
    "compute, C": "training compute in FLOP, about 6ND",
    "compute-equivalent gain": "the factor of compute that would do the same for loss",
    "converged (estimator)": "the global minimum of the objective; the headline is fitted by it",
    "coverage": "how often an interval holds the truth, on simulated data",
    "δ (delta)": "weight of the penalty on the sum of absolute parameters",
    "doubling time": (
        "months in which effective compute doubles, that is, in which the compute needed "
        "for the same performance halves; ∞ means no progress"
    ),
    "effective compute": "physical compute times what algorithms multiply it by",
    "evaluation, record, row": "one system on one benchmark",
    "growth, g": (
        "pace of effective compute in natural log units per year; the doubling time is 12 "
        "ln 2 / g months"
    ),
    "held-out error": "mean squared error on rows left out of the fit (nats²)",
    "law, variant": (
        "a formula for loss in parameters, data and date; m01 to m20 are those of the paper"
    ),
    "loss": "ln perplexity, in nats per token",
    "model": "a law with its δ",
    "N, D": "parameters; tokens of the training set, seen once",
    "optimal scaling": "doubling time at the best split of a given compute",
    "own allocation": (
        "growth of effective compute at each record’s own size and training data; the "
        "definition of the headline"
    ),
    "pool": "the best models by held-out error, their refits put together",
    "published (estimator)": "the paper’s procedure to the letter",
    "refit, draw, replicate": "one fit to a random re-draw of the papers or rows",
    "response": "the perplexity explained: each row’s own, or the system’s first available",
    "sample": "the records an analysis is of",
    "Shapley share": "a cause’s part of a fall in loss, averaged over all orders of the causes",
    "specification": "one combination of the choices of the multiverse",
    "track": "one task with one target that anybody can check, and one cost of reaching it",
}


def world(name: str) -> str:
    """Return what a world of simulated data is called."""
    return WORLDS.get(name, name.replace("_", " "))


def law(code: str) -> str:
    """Return a law in words with its code: "the paper’s preferred law, m07"."""
    return f"{LAWS[code]}, {code}" if code in LAWS else f"the law {code}"


def model(code: str) -> str:
    """Return what a model of the hold-out out of time is called: a law, or a baseline."""
    if code in BASELINES:
        return BASELINES[code]
    return f"{LAWS[code]} ({code})" if code in LAWS else code
