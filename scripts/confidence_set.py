"""The growths of one analysis that a restricted wild cluster bootstrap accepts."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness.confidence_sets import SetOf, confidence_sets

    call = snakemake.params.call
    (rows,) = snakemake.input.rows
    sample = Sample.read(rows, call["sample_name"], call["benchmarks"])
    model = Model.of(Variant.of(call["variant"], call["spec"]), sample)
    with job.writing(snakemake.output.rows) as path:
        confidence_sets(model, rebuild(call["asked"], SetOf)).write_parquet(path)
