"""Download a source's address again; say which snapshot is in use then."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.histories.acquire import history_origin
    from algoprog.records.acquisition import refresh
    from algoprog.records.snapshots import Policy
    from algoprog.records.sources import origin
    from algoprog.records.specification import Source

    call = snakemake.params.call
    source = Source.of(call["name"], call["spec"])
    policy = Policy(**snakemake.params.policy)
    if call["benchmarks"] is None:
        expected = history_origin(call["name"], call["spec"])
    else:
        expected = origin(source, call["benchmarks"])
    outcome = refresh(expected, policy, Path(snakemake.params.directory))
    rows = outcome.snapshot.sidecar.rows
    line = f"source {source.name}: {rows:,} rows, downloaded {outcome.snapshot.taken}"
    with job.writing(snakemake.output.line) as path:
        path.write_text(f"{outcome.warning or line}\n", encoding="utf-8")
