# What others published and what this run finds, side by side.
from algoprog.config.plan.changes import LOG
from algoprog.config.plan.shipped import shipped_stamps


rule estimates:
    input:
        files=PLAN.estimates.files,
        tables=PLAN.estimates.tables,
        shipped=PLAN.estimates.shipped(SHIPPED),
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


# Tables that came with the project, for nobody has computed them here with the present inputs,
# settings and code (algoprog.config.plan.shipped). One job unpacks all: to start one takes longer.
if SHIPPED:

    rule shipped_table:
        input:
            packed=list(SHIPPED.values()),
            code=code("shipped_table"),
        output:
            tables=expand("results/shipped/{table}.csv", table=SHIPPED),
        log:
            "logs/shipped_table.log",
        benchmark:
            "logs/benchmarks/shipped_table.tsv"
        localrule: True
        threads: 1
        script:
            "../scripts/shipped_table.py"


rule shipped_tables:
    input:
        stamps=shipped_stamps(SHIPPED),
        code=code("shipped_tables"),
    output:
        shipped_tables=table("shipped_tables"),
    log:
        "logs/shipped_tables.log",
    benchmark:
        "logs/benchmarks/shipped_tables.tsv"
    localrule: True
    threads: 1
    params:
        used=sorted(SHIPPED),
    script:
        "../scripts/shipped_tables.py"
