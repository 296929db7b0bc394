"""Every published number beside ours, and what is wrong with the published analysis."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.audit.audit import audit_table, read_evidence
    from algoprog.audit.defects import defects_table
    from algoprog.audit.reproduction import read_published
    from algoprog.audit.tables import DEFECTS, REPRODUCTION
    from algoprog.tables.csv import write_table

    evidence = read_evidence(snakemake.input, **snakemake.params.call)
    path = Path(snakemake.input.published)
    published = read_published(path.read_bytes(), snakemake.input.published)
    held_out = pl.read_parquet(snakemake.input.held_out)
    with job.writing(snakemake.output.reproduction) as path:
        write_table(path, REPRODUCTION, audit_table(published, evidence))
    with job.writing(snakemake.output.defects) as path:
        write_table(path, DEFECTS, defects_table(evidence, held_out, snakemake.params.systems))
