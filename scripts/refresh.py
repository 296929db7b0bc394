"""Download a source's address again; say which snapshot is in use then."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.addresses import expected
    from algoprog.records.acquisition import refresh
    from algoprog.records.snapshots import Policy

    there = expected(**snakemake.params.call)
    policy = Policy(**snakemake.params.policy)
    outcome = refresh(there, policy, Path(snakemake.params.directory))
    rows = outcome.snapshot.sidecar.rows
    line = f"source {there.source}: {rows:,} rows, downloaded {outcome.snapshot.taken}"
    with job.writing(snakemake.output.line) as path:
        path.write_text(f"{outcome.warning or line}\n", encoding="utf-8")
