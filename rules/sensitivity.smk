# The headline with one choice changed, check by check, and without each paper and record.


rule check:
    input:
        evaluations="data/processed/evaluations.parquet",
        code=code("check"),
    output:
        rows="results/sensitivity/{estimator}/{checks}.parquet",
    log:
        "logs/check/{estimator}/{checks}.log",
    benchmark:
        "logs/benchmarks/check/{estimator}/{checks}.tsv"
    threads: 1
    params:
        call=lambda wildcards: dict(
            names=CHECK_JOBS[wildcards.checks],
            estimator=wildcards.estimator,
            seed=CONFIG.seed,
            systems=systems_of(SENSITIVITY["systems"]),
            **planning(CHECK_JOBS[wildcards.checks]),
        ),
    script:
        "../scripts/check.py"


rule sensitivity:
    input:
        rows=expand(
            "results/sensitivity/{estimator}/{checks}.parquet",
            estimator=SENSITIVITY["replicates"],
            checks=CHECK_JOBS,
        ),
        code=code("sensitivity"),
    output:
        sensitivity=table("sensitivity"),
    log:
        "logs/sensitivity.log",
    benchmark:
        "logs/benchmarks/sensitivity.tsv"
    localrule: True
    threads: 1
    params:
        call=planning(),
    script:
        "../scripts/sensitivity.py"


rule influence:
    input:
        rows=sample_files([HEADLINE.sample]),
        code=code("influence"),
    output:
        influence=table("influence"),
    log:
        "logs/influence.log",
    benchmark:
        "logs/benchmarks/influence.tsv"
    threads: 1
    params:
        call=dict(
            variant=HEADLINE.variant,
            spec=SETTINGS["variants"][HEADLINE.variant],
            delta=HEADLINE.delta,
            response=CONFIG.samples[HEADLINE.sample].response.converged,
            sample_name=HEADLINE.sample,
            benchmarks=MODEL_BENCHMARKS,
        ),
    script:
        "../scripts/influence.py"
