"""What leaving out each paper and record changes."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness.influence import influence_table
    from algoprog.robustness.tables import INFLUENCE
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    (rows,) = snakemake.input.rows
    sample = Sample.read(rows, call["sample_name"], call["benchmarks"])
    model = Model.of(Variant.of(call["variant"], call["spec"]), sample)
    with job.writing(snakemake.output.influence) as path:
        table = influence_table(model, call["delta"], call["response"])
        write_table(path, INFLUENCE, table)
