"""Every published number beside ours, and what is wrong with the published analysis."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.audit.audit import audit_table
    from algoprog.audit.defects import defects_table, with_capability_defects
    from algoprog.audit.evidence import AuditSettings, read_evidence
    from algoprog.audit.reproduction import read_published, with_capability
    from algoprog.audit.tables import DEFECTS, REPRODUCTION
    from algoprog.common.settings import rebuild
    from algoprog.quantities.shapley import Systems
    from algoprog.tables.csv import write_table

    call = {**snakemake.params.call}
    settings = rebuild(call.pop("settings"), AuditSettings)
    evidence = read_evidence(snakemake.input, **call, settings=settings)
    name = snakemake.input.published
    published = read_published(Path(name).read_bytes(), name)
    held_out = pl.read_parquet(snakemake.input.held_out)
    systems = Systems(snakemake.params.systems)
    table, defects = audit_table(published, evidence), defects_table(evidence, held_out, systems)
    table = with_capability(table, *map(pl.read_parquet, snakemake.input.capability_reproduction))
    defects = with_capability_defects(
        defects, *map(pl.read_parquet, snakemake.input.capability_defects)
    )
    with job.writing(snakemake.output.reproduction) as path:
        write_table(path, REPRODUCTION, table)
    with job.writing(snakemake.output.defects) as path:
        write_table(path, DEFECTS, defects)
