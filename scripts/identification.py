"""Which records identify the answer, and what would settle it."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness.endogeneity import Fitted
    from algoprog.robustness.endogenous_compute import World
    from algoprog.robustness.evidence_tables import IDENTIFICATION, SETTLING
    from algoprog.robustness.identification import identification_table
    from algoprog.robustness.settling import Addition, settling_table
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    model = Model.of(Variant.of(call["variant"], call["spec"]), sample)
    fitted = Fitted.of(model, call["response"], call["delta"])
    table = identification_table(fitted, call["tokens"])
    scenarios = {name: rebuild(one, Addition) for name, one in call["scenarios"].items()}
    with job.writing(snakemake.output.identification) as path:
        write_table(path, IDENTIFICATION, table)
    with job.writing(snakemake.output.settling) as path:
        write_table(path, SETTLING, settling_table(World.of(fitted), scenarios, call["data_sets"]))
