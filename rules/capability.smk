# Capability across benchmarks: item response over all scores, then capability against compute and
# date. The registers are small, so that everything but the multiverse is one job.


# Whether all can be read, so that a mistake costs no table that is there.
rule capability_registers:
    input:
        **PLAN.capability.registers,
        scores=PLAN.capability.scores,
        code=code("capability_registers"),
    output:
        checked="data/processed/capability.json",
    log:
        "logs/capability_registers.log",
    benchmark:
        "logs/benchmarks/capability_registers.tsv"
    localrule: True
    threads: 1
    params:
        reading=PLAN.capability.reading,
    script:
        "../scripts/capability_registers.py"


rule capability:
    input:
        **PLAN.capability.registers,
        checked="data/processed/capability.json",
        scores=PLAN.capability.scores,
        code=code("capability"),
    output:
        **{name: table(name) for name in tables_of("capability")},
        reproduction="results/capability/reproduction.parquet",
        defects="results/capability/defects.parquet",
    log:
        "logs/capability.log",
    benchmark:
        "logs/benchmarks/capability.tsv"
    threads: 1
    params:
        reading=PLAN.capability.reading,
        simulated=PLAN.capability.simulated,
    script:
        "../scripts/capability.py"


rule capability_multiverse:
    input:
        **PLAN.capability.registers,
        checked="data/processed/capability.json",
        scores=PLAN.capability.scores,
        code=code("capability_multiverse"),
    output:
        capability_multiverse=table("capability_multiverse"),
        capability_attribution=table("capability_attribution"),
    log:
        "logs/capability_multiverse.log",
    benchmark:
        "logs/benchmarks/capability_multiverse.tsv"
    threads: 1
    params:
        reading=PLAN.capability.reading,
    script:
        "../scripts/capability_multiverse.py"
