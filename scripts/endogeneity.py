"""How strong unobserved quality must be, and compute that follows it."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.records.sample import Sample
    from algoprog.robustness import evidence_tables as tables
    from algoprog.robustness.endogeneity import Fitted, Law, endogeneity_tables
    from algoprog.robustness.endogenous_compute import World, endogenous_table
    from algoprog.tables.csv import write_table

    call, output = snakemake.params.call, snakemake.output
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    asked = {call["linear"]: (call["linear_spec"], 0.0)}
    asked[call["variant"]] = call["spec"], call["delta"]
    fits = [
        Fitted.of(Model.of(Variant.of(name, spec), sample), call["response"], at)
        for name, (spec, at) in asked.items()
    ]
    bounds, covariates = endogeneity_tables([Law.of(fit) for fit in fits])
    worlds = [World.of(fit) for fit in fits]
    simulated = endogenous_table(worlds, call["correlations"], call["data_sets"])
    with job.writing(output.endogeneity) as path:
        write_table(path, tables.ENDOGENEITY, bounds)
    with job.writing(output.endogeneity_covariates) as path:
        write_table(path, tables.ENDOGENEITY_COVARIATES, covariates)
    with job.writing(output.endogenous_compute) as path:
        write_table(path, tables.ENDOGENOUS_COMPUTE, simulated)
