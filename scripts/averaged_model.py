"""Held-out errors by paper and draws of growth of one variant at every delta."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.model.model import Model
    from algoprog.model.variant import Variants
    from algoprog.records.sample import Sample
    from algoprog.robustness.averaging import averaged

    call = snakemake.params.call
    (rows,) = snakemake.input.rows
    (variant,) = Variants(call["variants"]).values()
    sample = Sample.read(rows, call["sample_name"], call["benchmarks"])
    of = (call["deltas"], call["response"], call["seed"], call["replicates"])
    held_out, draws = averaged(Model.of(variant, sample), *of)
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
