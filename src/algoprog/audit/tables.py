"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.estimators import tables as estimators
from algoprog.quantities import tables as quantities
from algoprog.records.tables import SAMPLE_STEPS
from algoprog.resampling import tables as resampling
from algoprog.tables.columns import (
    Columns,
    integer,
    number,
    text,
)
from algoprog.tables.declaration import Group, Table, by_name

# The tables that published numbers and defects are looked up in.
READ = by_name((SAMPLE_STEPS, *estimators.TABLES, *resampling.TABLES, *quantities.TABLES))

# The published analyses that are audited, in the order of the tables.
PAPER, CAPABILITY = "ho_2024", "rosetta_2025"
_ANALYSIS = text(
    "analysis",
    "the published analysis: `ho_2024` (the paper), `rosetta_2025` (capability across benchmarks)",
)

AUDIT_GROUP = Group("audit", "The audit")


def _triple(name: str, of: str) -> Columns:
    return (
        number(name, of),
        number(f"{name}_low", f"{of}: lower end of the interval"),
        number(f"{name}_high", f"{of}: upper end of the interval"),
    )


REPRODUCTION = Table(
    "reproduction",
    group=AUDIT_GROUP,
    row="published number",
    key=("analysis", "id"),
    ordered=("analysis", "section"),
    part="audit",
    columns=(
        _ANALYSIS,
        text("id", "name of the number in the file of published numbers"),
        text("section", "where the paper prints it"),
        text("quantity", "what it is"),
        text("unit", "its unit; blank if none"),
        number("level", "level of its interval; blank without", "%"),
        *_triple("published", "as printed"),
        *_triple("ours_published", "ours by the published procedure"),
        *_triple("noise", "standard error that the procedure has when only rounding changes"),
        *_triple("monte_carlo", "standard error from resting on no more draws"),
        *_triple("ours_converged", "ours by the converged estimator"),
        *_triple(
            "relative_difference",
            "(ours by the published procedure − printed) over the size of the printed",
        ),
        text("agreement", "exact, close, differs or not determined, by stated tolerances"),
        text("verdict", "the same, or the number of the defect that explains a difference"),
        text("note", "what a reader should know of it"),
    ),
)
DEFECTS = Table(
    "defects",
    group=AUDIT_GROUP,
    row="number that shows a defect of a published analysis",
    key=("analysis", "defect", "quantity"),
    ordered=("analysis", "defect"),
    part="audit",
    columns=(
        _ANALYSIS,
        integer("defect", "number of the defect among those of its analysis"),
        text("title", "what is wrong"),
        text("quantity", "what is compared"),
        text("unit", "its unit"),
        number("with_defect", "its value with the defect; of two that are named, the first"),
        number("without_defect", "its value without it; of two that are named, the second"),
    ),
)

TABLES = (
    REPRODUCTION,
    DEFECTS,
)
