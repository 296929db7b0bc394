"""Where the page comes from: sources, versions, run times, configuration."""

from __future__ import annotations

import yaml

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def provenance(inputs: Inputs) -> Row:
    """Return the record of the run, as data and as it is, and the run times of its stages."""
    return {
        "record": yaml.safe_load(inputs.record),
        "text": inputs.record,
        "stages": inputs.run_times,
        "jobs": sum(row["jobs"] for row in inputs.run_times),
        "seconds": sum(row["seconds"] for row in inputs.run_times),
    }


SECTION = Section("provenance", provenance)
