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
    from algoprog.robustness.endogeneity import Law, endogeneity_tables
    from algoprog.robustness.endogenous_compute import World, endogenous_table
    from algoprog.tables.csv import write_table

    call, output = snakemake.params.call, snakemake.output
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    asked = {call["linear"]: (call["linear_spec"], 0.0)}
    asked[call["variant"]] = call["spec"], call["delta"]
    models = [(Model.of(Variant.of(name, spec), sample), at) for name, (spec, at) in asked.items()]
    laws = [Law.of(model, call["response"], at) for model, at in models]
    worlds = [World.of(model, call["response"], at) for model, at in models]
    bounds, covariates = endogeneity_tables(laws)
    simulated = endogenous_table(worlds, call["correlations"], call["data_sets"])
    with job.writing(output.endogeneity) as path:
        write_table(path, tables.ENDOGENEITY, bounds)
    with job.writing(output.endogeneity_covariates) as path:
        write_table(path, tables.ENDOGENEITY_COVARIATES, covariates)
    with job.writing(output.endogenous_compute) as path:
        write_table(path, tables.ENDOGENOUS_COMPUTE, simulated)
