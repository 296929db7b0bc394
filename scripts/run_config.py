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
    lines = Path(given.warnings).read_text(encoding="utf-8").splitlines()
    warnings = [*snakemake.params.warnings, *lines]
    text = run_config(snakemake.params.config, map(pointed, paths), warnings)
    with job.writing(snakemake.output.run_config) as path:
        path.write_text(text, encoding="utf-8")
