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
# How compute is spent, in words, by `direction` of `own_allocation`.
DIRECTIONS = {
    "alike": "parameters and data scaled alike",
    "parameters": "parameters alone",
    "data": "data alone",
    "trend": "along the records’ own trend of data on parameters",
}


def law(code: str) -> str:
    """Return a law in words with its code: "the paper’s preferred law, m07"."""
    return f"{LAWS[code]}, {code}" if code in LAWS else f"the law {code}"


def model(code: str) -> str:
    """Return what a model of the hold-out out of time is called: a law, or a baseline."""
    if code in BASELINES:
        return BASELINES[code]
    return f"{LAWS[code]} ({code})" if code in LAWS else code
