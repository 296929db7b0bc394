"""The configuration as used, versions, seed, and checksums of what was read."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.records.snapshots import pointed
    from algoprog.report.provenance import run_config

    given = snakemake.input
    paths = map(Path, [*given.sources, *given.published, *given.samples])
    text = run_config(inputs=map(pointed, paths), **snakemake.params.call)
    with job.writing(snakemake.output.run_config) as path:
        path.write_text(text, encoding="utf-8")
