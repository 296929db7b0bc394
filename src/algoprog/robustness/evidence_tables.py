"""Tables of what the records can tell: the penalty, local minima, unobserved quality, leverage."""

from __future__ import annotations

from algoprog.tables.columns import Columns, common, integer, number, text
from algoprog.tables.declaration import Group, Table

EVIDENCE_GROUP = Group("evidence", "What the records determine")


def _both() -> Columns:
    """Doubling times of a fit by two definitions, with their growth."""
    return (
        number("closed_form", "doubling time in closed form, blank where it has none", "months"),
        number("growth_closed_form", "its growth of effective compute", "per year"),
        number(
            "own_allocation",
            "doubling time at the records’ own allocation, N and D scaled alike",
            "months",
        ),
        number("growth_own_allocation", "its growth of effective compute", "per year"),
    )


MINIMA = Table(
    "minima",
    group=EVIDENCE_GROUP,
    row="distinct local minimum of a converged fit, within 5 % of the best",
    key=("sample", "variant", "delta", "minimum"),
    columns=(
        *common("sample", "variant", "delta"),
        integer("minimum", "its place by objective; 1 is the fit"),
        number("excess", "its objective over the best, less 1"),
        *_both(),
    ),
)
PENALTY = Table(
    "penalty",
    group=EVIDENCE_GROUP,
    row="δ, and the units, origins and parameters that the penalty is of",
    key=("sample", "variant", "delta", "setting", "estimator"),
    part="evidence",
    columns=(
        *common("sample", "variant", "delta"),
        text(
            "setting",
            "`as_fitted`; `decades`: t in tens of years; `means`: t, ln N, ln D from their means; "
            "`counts`: ln N and ln D themselves; `slopes`: levels are free; `standardised`: slopes "
            "of variables in their standard deviations, levels free",
        ),
        *common("estimator", "response", "objective", "mse", "converged"),
        *_both(),
    ),
)
