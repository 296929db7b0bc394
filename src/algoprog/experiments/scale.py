"""Elasticities of the record and of the sweeps by size of system, and the rates they imply.

The elasticity is -dL/d ln C in nats where N and D both grow as the root of compute. Dividing the
record's rate, -dL/dt in nats a year, by a sweep's elasticity in place of the record's gives the
growth of effective compute that the rate would mean on that sweep's law. The comparison is
indicative only: laws of sweeps are extrapolated beyond their runs, and nats are per token of
different tokenizers. The module knows a record's fit and sweeps' laws; it knows no tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from algoprog.common.intervals import doubling_months
from algoprog.experiments.joint import JointFit
from algoprog.experiments.laws import Law, Runs
from algoprog.experiments.record import RecordModel, System


@dataclass(frozen=True)
class AtScale:
    """One system: the record's rate (nats a year), and an elasticity (nats) by law.

    ``law`` is a sweep's name or ``record``; ``months`` is the doubling time that the record's rate
    means under the law; ``extrapolated`` says whether the system lies beyond the sweep's runs.
    """

    system: System
    law: str
    rate: float
    elasticity: float
    months: float
    extrapolated: bool


def by_scale(
    model: RecordModel,
    fit: JointFit,
    systems: list[System],
    laws: Mapping[str, tuple[Law, Runs]],
) -> list[AtScale]:
    """Return elasticities of the record and of each law at each system, and implied months."""
    points = model.at(systems)
    theta = fit.theta[None]
    rates = points.fall(theta, "t")[0].tolist()
    own = points.elasticity(theta)[0].tolist()
    found = []
    for i, system in enumerate(systems):
        found.append(_at(system, "record", rates[i], own[i], False))
        for name, (law, runs) in laws.items():
            n, d = np.array([system.parameters]), np.array([system.tokens])
            inside = all(
                column.min() <= value <= column.max()
                for column, value in ((runs.parameters, n[0]), (runs.tokens, d[0]))
            )
            elasticity = float(law.elasticity(n, d)[0])
            found.append(_at(system, name, rates[i], elasticity, not inside))
    return found


def _at(system: System, law: str, rate: float, elasticity: float, extrapolated: bool) -> AtScale:
    growth = rate / elasticity if elasticity > 0 else float("nan")
    return AtScale(system, law, rate, elasticity, float(doubling_months(growth)), extrapolated)
