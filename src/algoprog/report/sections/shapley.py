"""What progress is made of: Shapley shares in the fall of predicted loss, and predicted losses."""

from __future__ import annotations

from algoprog.report.figures import shapley as figure
from algoprog.report.inputs import ESTIMATORS, Inputs, Row
from algoprog.report.reading import agreeing, first_agreeing
from algoprog.report.section import Section


def shapley(inputs: Inputs) -> Row | None:
    """Return shares from the first system to each later system, and predicted losses."""
    table = inputs.rows("shapley")
    dates = {name: spec.published for name, spec in inputs.settings.shapley.systems.items()}
    present = {row["from_system"] for row in table} | {row["to_system"] for row in table}
    systems = [name for name in sorted(dates, key=lambda name: dates[name]) if name in present]
    if len(systems) < 2:
        return None
    lines = []
    for system in systems[1:]:
        line: Row = {"system": system, "date": dates[system]}
        for name, analysis in inputs.headlines.items():
            pair = {"from_system": systems[0], "to_system": system}
            line[name] = {row["factor"]: row for row in agreeing(table, analysis.key | pair)}
        lines.append(line)
    factors = {f for line in lines for f in line["converged"] if f != figure.COMPUTE}
    losses = _losses(inputs, {name: dates[name] for name in systems})
    return {
        "first": systems[0],
        "rows": lines,
        "factors": {name: said for name, said in figure.FACTORS.items() if name in factors},
        "losses": losses if any(loss[name] for loss in losses for name in ESTIMATORS) else None,
    }


def _losses(inputs: Inputs, dates: dict[str, str]) -> list[Row]:
    """Return the predicted loss of each system, by both estimators."""
    table, losses = inputs.rows("predicted_loss"), []
    for system, date in dates.items():
        loss: Row = {"system": system, "date": date}
        for name, analysis in inputs.headlines.items():
            loss[name] = first_agreeing(table, analysis.key | {"system": system})
        losses.append(loss)
    return losses


SECTION = Section("shapley", shapley, (figure.FIGURE,))
