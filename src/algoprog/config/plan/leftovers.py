"""What a run that failed or was killed has left missing, and the next run must make again.

Snakemake deletes the output of a job that fails. Where a later output is there from the run before,
it asks for the missing one no more: the next run would say that nothing is to be done, and results
of other inputs would pass for those of the present ones. So what was once made and is missing is
asked for by itself, and its error, or its work, comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from algoprog.config.plan.facts import sample_paths
from algoprog.config.plan.plan import Plan
from algoprog.config.plan.records import STORED

SAMPLE_KINDS = ("", ".excluded", ".steps", ".warnings")


def of_samples(plan: Plan) -> Iterator[str]:
    """Yield the files between the sources and the samples."""
    for source in plan.records.sources:
        yield f"data/processed/sources/{source}.parquet"
    for name in (*STORED, "record_warnings"):
        yield f"data/processed/{name}.parquet"
    for kind in SAMPLE_KINDS:
        yield from sample_paths(plan.facts.samples, kind)


def of_results(plan: Plan) -> Iterator[str]:
    """Yield the files between the samples and the tables of the main job."""
    for kind in ("fits", "parameters", "minima"):
        yield from plan.fits.paths(kind)
    yield from plan.draws.fit_paths(plan.draws.analyses)
    yield from plan.draws.paths(plan.draws.analyses)
    if plan.facts.config.cross_validation.enabled:
        yield from plan.fits.held_out_paths
    if plan.facts.config.temporal_hold_out.enabled:
        yield from plan.fits.out_of_time_paths
    yield from plan.sensitivity.paths
    if plan.facts.config.audit.enabled:
        yield from plan.audit.noise_paths
    if plan.facts.config.capability.enabled:
        yield "data/processed/capability.json"


def missing(planned: Iterator[str], made: Callable[[str], bool]) -> list[str]:
    """Return the files that a run has ``made`` and that are there no more."""
    return [path for path in dict.fromkeys(planned) if made(path)]
