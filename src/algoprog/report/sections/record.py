"""The record: what is in the headline's sample, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from algoprog.report.figures import loss
from algoprog.report.inputs import Inputs, Row, Tables
from algoprog.report.section import Section

# How many disagreements of sources are shown.
CONFLICTS = 20


def record(inputs: Inputs) -> Row:
    """Return the headline's sample in numbers, its steps, and the reasons of what is left out."""
    sample = inputs.sample
    return {
        "composition": composition(sample, inputs.settings.labels),
        "papers": sample["paper"].n_unique(),
        "rows": sample.height,
        "first": sample["published"].min(),
        "last": sample["published"].max(),
        "steps": list(steps(inputs)),
        "exclusions": exclusion_counts(inputs),
        "disagreements": disagreements(inputs.tables),
    }


def composition(sample: pl.DataFrame, labels: Mapping[str, str]) -> list[Row]:
    """Return rows, systems and papers of a sample by benchmark, with the range of perplexity."""
    counts = sample.group_by("benchmark").agg(
        rows=pl.len(),
        systems=pl.struct("source", "source_row").n_unique(),
        papers=pl.col("paper").n_unique(),
        lowest=pl.col("perplexity").min(),
        highest=pl.col("perplexity").max(),
    )
    rows = {row["benchmark"]: row for row in counts.iter_rows(named=True)}
    return [{**rows[name], "label": label} for name, label in labels.items() if name in rows]


def steps(inputs: Inputs) -> Iterator[Row]:
    """Return what is left of the records after each step of the headline's sample."""
    table, name = inputs.tables["sample_steps"], inputs.converged.sample
    for row in table.filter(pl.col("sample") == name).iter_rows(named=True):
        step = row["step"]
        if step == "models_per_paper":
            said = inputs.settings.samples[name]
            on = " on each benchmark" if said.ranked_within == "benchmark" else ""
            reason = (
                f"what is beyond the first {said.models_per_paper} of a paper{on} by perplexity"
            )
        elif step in inputs.settings.exclusions:
            reason = inputs.settings.exclusions[step].reason
        else:
            reason = ""
        yield {**row, "reason": reason}


def exclusion_counts(inputs: Inputs) -> Row:
    """Return how many records each reason leaves out, by sample; the headline's sample first."""
    table = inputs.tables["exclusions"]
    names = sorted(inputs.samples, key=lambda name: name != inputs.converged.sample)
    counts = {
        (row[0], row[1]): row[2]
        for row in table.group_by("sample", "reason", maintain_order=True).len().iter_rows()
    }
    configured = [exclusion.reason for exclusion in inputs.settings.exclusions.values()]
    used = sorted(set(table["reason"]))
    reasons = [r for r in dict.fromkeys([*configured, *used]) if r in used]
    return {
        "samples": names,
        "rows": [
            {"reason": reason, "counts": [counts.get((name, reason), 0) for name in names]}
            for reason in reasons
        ],
        "total": [sum(counts.get((name, reason), 0) for reason in reasons) for name in names],
    }


def disagreements(tables: Tables) -> Row | None:
    """Return evaluations that several sources have; None if there are none.

    ``pairs`` of sources with how many agree; the ``rows`` of the largest conflicts, of ``total``.
    """
    pairs = tables.get("duplicates")
    if pairs is None or pairs.is_empty():
        return None
    size = pl.col("relative_difference").abs()
    conflicts = tables["conflicts"]
    largest = conflicts.sort(size, descending=True, nulls_last=True, maintain_order=True)
    return {
        "pairs": pairs.to_dicts(),
        "rows": largest.head(CONFLICTS).to_dicts(),
        "total": conflicts.height,
    }


SECTION = Section("record", record, (loss.FIGURE,))
