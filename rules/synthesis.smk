# What others published and what this run finds, side by side.
from algoprog.config.plan.changes import LOG


rule estimates:
    input:
        files=PLAN.estimates.files,
        tables=PLAN.estimates.tables,
        rows=PLAN.estimates.rows,
        code=code("estimates"),
    output:
        estimates=table("estimates"),
        estimates_left_out=table("estimates_left_out"),
    log:
        "logs/estimates.log",
    benchmark:
        "logs/benchmarks/estimates.tsv"
    localrule: True
    threads: 1
    params:
        extras=PLAN.estimates.extras(),
        settings=PLAN.estimates.settings,
    script:
        "../scripts/estimates.py"


rule forecasts:
    input:
        register=CONFIG.estimates.forecasts,
        code=code("forecasts"),
    output:
        forecasts=table("forecasts"),
    log:
        "logs/forecasts.log",
    benchmark:
        "logs/benchmarks/forecasts.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/forecasts.py"


# What moved since the last run of this folder. Its log (results/changes) holds what that run found;
# asked twice, it adds nothing, so nothing runs again because of it.
rule changes:
    input:
        evaluations="data/processed/evaluations.parquet",
        rows=PLAN.changes.rows,
        headline_answers="results/tables/headline_answers.csv",
        headline_interval="results/tables/headline_interval.csv",
        estimates=PLAN.changes.estimates,
        files=PLAN.changes.files,
        code=code("changes"),
    output:
        changes=table("changes"),
        lines=ensure("results/changes.txt", non_empty=True),
    log:
        "logs/changes.log",
    benchmark:
        "logs/benchmarks/changes.tsv"
    localrule: True
    threads: 1
    params:
        log=LOG,
        call=PLAN.changes.call,
        settings=PLAN.changes.settings,
    script:
        "../scripts/changes.py"
