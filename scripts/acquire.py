"""Read the records of one source."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.records.snapshots import Policy
    from algoprog.records.sources import read_content, read_source

    call = snakemake.params.call
    policy = Policy(**snakemake.params.policy)
    content = read_content(call["name"], call["spec"], Path(), policy)
    records = read_source(content=content, **call)
    with job.writing(snakemake.output.records) as path:
        records.write_parquet(path)
