"""The audit: which of our numbers stands beside each published number.

A published number is known by its id. :data:`PROCEDURES` gives, for each pattern of ids, the
function that finds ours: what must be added for another number is a function and a line there.
How two numbers are compared is :mod:`algoprog.audit.reproduction`'s.

Converged figures are the headline's: its sample and response, intervals of resampled papers. Where
a published number is of a single fit (an objective, an estimate), the converged number is the
minimum of the same objective on the same rows and response, for only these can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.procedures import doubling, fits, sample, shapley, transformer
from algoprog.audit.reproduction import Reproduced, Row, reproduction_table

NOT_COMPUTED = "not computed under this configuration"
UNKNOWN = "an id this version does not know"

# Ours beside a published number, or why there is none.
Procedure = Callable[[Row, Evidence], Reproduced | str]

PROCEDURES: dict[str, Procedure] = {
    r"sample\.(rows(_all|_long|_cluster)?|transformer_rows)": sample.count,
    r"m07\.doubling\.(params|data|compute|compute\.optimal_scaling)": doubling.of_quantity,
    r"m07\.\w+": fits.estimate,
    r"top10\.doubling\.compute": doubling.of_pool,
    r"headline\.abstract\.v1": doubling.abstract_of_the_first_version,
    r"headline\.abstract\.neurips": doubling.of_pool,
    r"shapley\.compute_share": shapley.compute_share,
    r"shapley\.loss\..+": shapley.loss,
    r"shapley\..+->.+\.\w+": shapley.share,
    r"transformer\.(objective|gamma)": transformer.of_fit,
    r"transformer\.reduction": transformer.reduction,
    r"transformer\.ceg\.\d+e\d+": transformer.gain,
    r"era\d{4}\.objective": fits.era_objective,
    r"cv\.(r2\.)?m\d\d\..+": fits.score,
}


def audit_table(published: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Return the table `reproduction`.

    A number of an id this module does not know, or that the configuration has not computed, is not
    determined, with the reason.

    Parameters
    ----------
    published : of :func:`~algoprog.audit.reproduction.read_published`.
    """
    ours: dict[str, Reproduced] = {}
    not_determined: dict[str, str] = {}
    for line in published.iter_rows(named=True):
        try:
            found = procedure_of(line["id"])(line, evidence)
        except NotComputedError:
            not_determined[line["id"]] = NOT_COMPUTED
        else:
            if isinstance(found, str):
                not_determined[line["id"]] = found
            else:
                ours[line["id"]] = found
    return reproduction_table(published, ours, not_determined)


def procedure_of(name: str) -> Procedure:
    """Return the procedure of the first pattern that an id fits."""
    for pattern, procedure in PROCEDURES.items():
        if re.fullmatch(pattern, name):
            return procedure
    return lambda line, evidence: UNKNOWN
