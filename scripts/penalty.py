"""The headline's law under other penalties, units and origins."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness.evidence_tables import PENALTY
    from algoprog.robustness.penalty import penalty_table
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    model = Model.of(Variant.of(call["variant"], call["spec"]), sample)
    with job.writing(snakemake.output.penalty) as path:
        write_table(path, PENALTY, penalty_table(model, call["response"], call["deltas"]))
