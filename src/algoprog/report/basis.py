"""What a bootstrap analysis rests on."""

from __future__ import annotations

from algoprog.report.inputs import Inputs, Row


def basis(inputs: Inputs, name: str) -> Row:
    """Return a bootstrap analysis with its numbers of rows, papers and draws."""
    analysis = inputs.analysis(name)
    sample = inputs.samples[analysis.sample]
    draws = inputs.draws[name].height if name in inputs.draws else 0
    counts = {"rows": sample.height, "papers": sample["paper"].n_unique(), "draws": draws}
    return {"name": name, **analysis.key, **counts}
