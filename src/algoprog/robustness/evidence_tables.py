"""Tables of what the records can tell: the penalty, local minima, unobserved quality, leverage."""

from __future__ import annotations

from algoprog.tables.columns import (
    Columns,
    common,
    growth_ends,
    integer,
    months_interval,
    number,
    text,
)
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
_TREATED = (
    *common("variant", "delta"),
    text(
        "treatment",
        "what quality goes along with: `compute` given date, `parameters` or `data` given the "
        "other and date, `date` given both",
    ),
)
ENDOGENEITY = Table(
    "endogeneity",
    group=EVIDENCE_GROUP,
    row="law, treatment that unobserved quality goes along with, and growth that it would leave",
    key=("variant", "delta", "treatment", "target"),
    part="evidence",
    columns=(
        *_TREATED,
        text("target", "growth that is left: `half` of the estimate, or `none`"),
        *common("point", "growth_point"),
        text("quality", "whether quality `rises` or `falls` with the treatment"),
        number(
            "robustness_value",
            "least partial R², with treatment and with loss alike, that leaves no more",
        ),
        number(
            "treatment_alone",
            "least partial R² with the treatment, where quality is all that is left of loss",
        ),
        *common("reason"),
    ),
)
ENDOGENEITY_COVARIATES = Table(
    "endogeneity_covariates",
    group=EVIDENCE_GROUP,
    row="law, treatment and observed covariate that unobserved quality is measured by",
    key=("variant", "delta", "treatment", "covariate"),
    part="evidence",
    columns=(
        *_TREATED,
        text("covariate", "`architecture`, `vocabulary`, `epochs` or `benchmark`"),
        number("r2_treatment", "its partial R² with the treatment"),
        number("r2_loss", "its partial R² with loss, given the law"),
        number("low", "shortest doubling time if quality were as strong", "months"),
        number("high", "longest doubling time if quality were as strong", "months"),
        number("growth_low", "least growth if quality were as strong", "per year"),
        number("growth_high", "largest growth if quality were as strong", "per year"),
        *common("reason"),
    ),
)
_DEFINITION = text("definition", "`closed_form` or `own_allocation`")
ENDOGENOUS_COMPUTE = Table(
    "endogenous_compute",
    group=EVIDENCE_GROUP,
    row="simulated correlation of compute with latent quality, and what a fit makes of growth",
    key=("variant", "delta", "correlation", "definition"),
    part="evidence",
    columns=(
        *common("variant", "delta"),
        number("correlation", "of quality with ln C, given benchmark and date"),
        _DEFINITION,
        number("true_growth", "growth of the law that the data are drawn from", "per year"),
        number("true_months", "its doubling time", "months"),
        *months_interval(),
        *growth_ends(),
        number("ratio", "median growth over true growth"),
    ),
)
IDENTIFICATION = Table(
    "identification",
    group=EVIDENCE_GROUP,
    row="measure of which records identify the answer, and of what",
    key=("measure", "of"),
    part="evidence",
    columns=(
        text(
            "measure",
            "`modal_data`: records with the commonest D of a benchmark; `large_data`: those of a "
            "paper with more; `inflation`: of a variable’s variance given benchmark and others; "
            "`condition`: of the law’s columns, each of unit length; `estimate`",
        ),
        text("of", "benchmark, paper or variable; `all` records, or `without_large_data`"),
        integer("n", "records"),
        integer("papers", "papers these are from"),
        number("share", "share of the records"),
        number("value", "tokens (the commonest, largest, or limit), inflation, or condition"),
        *_both(),
    ),
)
SETTLING = Table(
    "settling",
    group=EVIDENCE_GROUP,
    row="further records or runs, simulated, and how far estimates then spread",
    key=("scenario", "definition"),
    part="evidence",
    columns=(
        text("scenario", "of `evidence.settling` in the configuration; `none` adds nothing"),
        _DEFINITION,
        integer("runs", "records or runs added"),
        number("true_growth", "growth of the law that the data are drawn from", "per year"),
        number("true_months", "its doubling time", "months"),
        *months_interval(),
        *growth_ends(),
        number("width", "of the 95 % range of growth", "per year"),
        number("ratio", "that width over the width without the addition"),
    ),
)
