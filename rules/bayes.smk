# Bayesian fits in Stan, and their calibration. Not part of the main job: `make bayes`,
# `make calibration`. Nothing else needs Stan. What runs it can have an environment of its own, with
# CmdStan (--software-deployment-method conda).


rule bayes_compile:
    input:
        program=lambda wildcards: os.path.relpath(PACKAGE / PLAN.bayes.program(wildcards.part)),
        code=code("bayes_compile"),
    output:
        program="results/{part}/program",
        engine="results/{part}/engine.json",
    log:
        "logs/bayes_compile/{part}.log",
    benchmark:
        "logs/benchmarks/bayes_compile/{part}.tsv"
    wildcard_constraints:
        part="bayes|bayes_capability",
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=PLAN.bayes.compile,
        program=of(PLAN.bayes.program),
    script:
        "../scripts/bayes_compile.py"


rule bayes_chain:
    input:
        unpack(of(PLAN.bayes.ranking)),
        program="results/bayes/program",
        engine="results/bayes/engine.json",
        rows=PLAN.bayes.sample_paths,
        code=code("bayes_chain"),
    output:
        draws=temp("results/bayes/chains/{fit}.{chain}.parquet"),
    log:
        "logs/bayes_chain/{fit}.{chain}.log",
    benchmark:
        "logs/benchmarks/bayes_chain/{fit}.{chain}.tsv"
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=of(PLAN.bayes.model),
        run=of(PLAN.bayes.chain),
    script:
        "../scripts/bayes_chain.py"


rule bayes_fit:
    input:
        unpack(of(PLAN.bayes.ranking)),
        chains=PLAN.bayes.chain_paths,
        engine="results/bayes/engine.json",
        rows=PLAN.bayes.sample_paths,
        code=code("bayes_fit"),
    output:
        fit="results/bayes/fits/{fit}.fit.parquet",
        draws="results/bayes/fits/{fit}.draws.parquet",
        held_out="results/bayes/fits/{fit}.held_out.parquet",
    log:
        "logs/bayes_fit/{fit}.log",
    benchmark:
        "logs/benchmarks/bayes_fit/{fit}.tsv"
    threads: 1
    params:
        call=of(PLAN.bayes.model),
        run=of(PLAN.bayes.fit),
    script:
        "../scripts/bayes_fit.py"


rule bayes_tables:
    input:
        fits=PLAN.bayes.paths("fit"),
        posteriors=PLAN.bayes.paths("draws"),
        held_out=PLAN.bayes.paths("held_out"),
        analysis_fits=PLAN.draws.fit_paths(PLAN.bayes.compared.values()),
        draws=PLAN.draws.paths(PLAN.bayes.compared.values()),
        rows=PLAN.bayes.sample_paths,
        code=code("bayes_tables"),
    output:
        **{name: table(name) for name in tables_of("bayes")},
    log:
        "logs/bayes_tables.log",
    benchmark:
        "logs/benchmarks/bayes_tables.tsv"
    threads: 1
    params:
        compared=PLAN.bayes.compared,
        call=PLAN.bayes.tables,
        of=PLAN.bayes.quantities,
    script:
        "../scripts/bayes_tables.py"


rule bayes_capability_chain:
    input:
        **PLAN.capability.registers,
        checked="data/processed/capability.json",
        scores=PLAN.capability.scores,
        program="results/bayes_capability/program",
        engine="results/bayes_capability/engine.json",
        code=code("bayes_capability_chain"),
    output:
        draws=temp("results/bayes_capability/chains/{chain}.parquet"),
    log:
        "logs/bayes_capability_chain/{chain}.log",
    benchmark:
        "logs/benchmarks/bayes_capability_chain/{chain}.tsv"
    wildcard_constraints:
        chain="[0-9]+",
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        reading=PLAN.capability.reading,
        call=of(PLAN.bayes.joint_chain),
    script:
        "../scripts/bayes_capability_chain.py"


rule bayes_capability:
    input:
        **PLAN.capability.registers,
        checked="data/processed/capability.json",
        scores=PLAN.capability.scores,
        chains=PLAN.bayes.joint_chain_paths,
        engine="results/bayes_capability/engine.json",
        code=code("bayes_capability"),
    output:
        bayes_capability=table("bayes_capability"),
    log:
        "logs/bayes_capability.log",
    benchmark:
        "logs/benchmarks/bayes_capability.tsv"
    threads: 1
    params:
        reading=PLAN.capability.reading,
        call=PLAN.bayes.joint,
    script:
        "../scripts/bayes_capability.py"


rule bayes_calibration_shard:
    input:
        unpack(of(PLAN.bayes.posterior)),
        program="results/bayes/program",
        engine="results/bayes/engine.json",
        rows=PLAN.bayes.sample_paths,
        code=code("bayes_calibration_shard"),
    output:
        shard="results/calibration/{kind}/{first}-{last}.parquet",
    log:
        "logs/bayes_calibration_shard/{kind}/{first}-{last}.log",
    benchmark:
        "logs/benchmarks/bayes_calibration_shard/{kind}/{first}-{last}.tsv"
    wildcard_constraints:
        kind="prior|known",
        first="[0-9]+",
        last="[0-9]+",
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=PLAN.bayes.model("headline"),
        known=PLAN.bayes.known,
        run=of(PLAN.bayes.calibration_shard),
    script:
        "../scripts/bayes_calibration_shard.py"


rule bayes_calibration:
    input:
        shards=PLAN.bayes.calibration_paths,
        code=code("bayes_calibration"),
    output:
        bayes_calibration=table("bayes_calibration"),
        bayes_ranks=table("bayes_ranks"),
    log:
        "logs/bayes_calibration.log",
    benchmark:
        "logs/benchmarks/bayes_calibration.tsv"
    threads: 1
    params:
        call=PLAN.bayes.calibration,
    script:
        "../scripts/bayes_calibration.py"
