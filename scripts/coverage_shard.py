"""Judge the intervals of some simulated data sets."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness.coverage import Cell, coverage_shard

    call = snakemake.params.call
    (rows,) = snakemake.input.rows
    sample = Sample.read(rows, call["sample_name"], call["benchmarks"])
    model = Model.of(Variant.of(call["variant"], call["spec"]), sample)
    judged = coverage_shard(model, rebuild(call, Cell), call["first"], call["last"])
    with job.writing(snakemake.output.shard) as path:
        judged.write_parquet(path)
