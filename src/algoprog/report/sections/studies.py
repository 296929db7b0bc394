"""Other benchmarks: how fast the compute for a fixed score falls there."""

from __future__ import annotations

from algoprog.report.figures import study_scores
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import Study


def studies(inputs: Inputs) -> list[Row] | None:
    """Return the studies, each with its estimate, its checks and its accepted sets."""
    rows, sets = inputs.rows("study_growth"), inputs.rows("study_sets")
    found = []
    for name in dict.fromkeys(row["study"] for row in rows):
        own = [row for row in rows if row["study"] == name]
        estimate = next(row for row in own if row["role"] == "estimate")
        accepted = [
            row
            for row in sets
            if (row["study"], row["sample"], row["level"]) == (name, estimate["sample"], 95)
        ]
        found.append(
            {
                "name": name,
                "about": inputs.settings.studies.get(name, Study(name)),
                "estimate": estimate,
                "samples": own,
                "sets": accepted,
            }
        )
    return found or None


SECTION = Section("studies", studies, (study_scores.FIGURE,))
