"""Where the result tables that estimates of ours come from have growth, its interval and dates.

All is read as growth, which has no pole: an interval of doubling times around no growth has none
that a reader could convert. This module imports nothing heavy, for the configuration reads it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The columns of a table that make an estimate.

    Attributes
    ----------
    value, low, high : the pace and the ends of its interval.
    unit : theirs, of :data:`algoprog.synthesis.units.UNITS`, or ``doublings`` a year.
    level : of the interval, in per cent; or the column that has it.
    share : whether that column has it as a share.
    opened, until : columns of the first and last day it is of; blank where there are none.
    note : column of what to know of it, and of why there is no number; blank where there is none.
    """

    value: str
    low: str
    high: str
    unit: str = "growth"
    level: float | str = 95.0
    share: bool = False
    opened: str = ""
    until: str = ""
    note: str = ""


_POINT = Layout("growth_point", "growth_ci95_low", "growth_ci95_high")
_MEDIAN = Layout("growth_median", "growth_ci95_low", "growth_ci95_high")

LAYOUTS: dict[str, Layout] = {
    "headline_answers": _POINT,
    "doubling_times": _POINT,
    "own_allocation": _POINT,
    "bayes_doubling_times": _POINT,
    "study_growth": _POINT,
    "joint_fits": _POINT,
    "pooled_doubling_times": _MEDIAN,
    "model_average": _MEDIAN,
    "bayes_model_average": _MEDIAN,
    "headline_interval": Layout(
        "growth_point", "growth_low", "growth_high", level="level", note="reason"
    ),
    "direct_observation": Layout("growth", "growth_ci95_low", "growth_ci95_high", note="note"),
    "record_rates": Layout(
        "rate",
        "rate_fifths_low",
        "rate_fifths_high",
        unit="doublings",
        opened="opened",
        until="until",
        note="note",
    ),
    "capability_rates": Layout("growth", "growth_low", "growth_high", level="level", share=True),
    "bayes_capability": Layout("median", "ci95_low", "ci95_high"),
    "sweep_totals": Layout("total", "ci95_low", "ci95_high", unit="times"),
}


@dataclass(frozen=True)
class Covered:
    """The columns of a table of simulated coverage.

    Attributes
    ----------
    columns : by level of the interval in per cent, the column of its coverage.
    """

    columns: dict[int, str]


COVERAGES: dict[str, Covered] = {
    "coverage": Covered({90: "coverage90", 95: "coverage95"}),
    "record_coverage": Covered({95: "covered"}),
    "capability_coverage": Covered({95: "coverage"}),
}
