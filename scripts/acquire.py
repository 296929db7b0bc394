"""Read the records of one source."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.records.snapshots import Policy
    from algoprog.records.sources import read_content, reading
    from algoprog.records.specification import Source

    call = snakemake.params.call
    source = Source.of(call["name"], call["spec"])
    content = read_content(source, Path(), Policy(**snakemake.params.policy))
    found = reading(source, call["benchmarks"], content)
    with job.writing(snakemake.output.records) as path:
        found.records.write_parquet(path)
    with job.writing(snakemake.output.warnings) as path:
        found.warnings.write_parquet(path)
