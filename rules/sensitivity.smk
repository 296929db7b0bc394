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
        call=of(PLAN.sensitivity.call),
    script:
        "../scripts/check.py"


rule sensitivity:
    input:
        rows=PLAN.sensitivity.paths,
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
        call=PLAN.sensitivity.planned(),
    script:
        "../scripts/sensitivity.py"


rule influence:
    input:
        rows=sample_paths([PLAN.facts.headline.sample]),
        code=code("influence"),
    output:
        influence=table("influence"),
    log:
        "logs/influence.log",
    benchmark:
        "logs/benchmarks/influence.tsv"
    threads: 1
    params:
        call=PLAN.sensitivity.influence,
    script:
        "../scripts/influence.py"
